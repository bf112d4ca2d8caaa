"""Who is next: the waiting calls in order, and the free agents in order.

Both are priority queues with lazy deletion: adding, removing and looking at the first cost O(log n).
A call that comes back keeps the time at which it joined, and with it its place.
"""

from heapq import heapify, heappop, heappush
from typing import Generic, TypeVar

Name = TypeVar("Name", bound=str)
Key = tuple[float, ...]


class Line(Generic[Name]):
    """Names in the order of their keys; the smallest key is first, ties go by name."""

    def __init__(self) -> None:
        self._keys: dict[Name, Key] = {}
        self._heap: list[tuple[Key, Name]] = []

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, name: object) -> bool:
        return name in self._keys

    def put(self, name: Name, key: Key) -> None:
        """Add a name, or move it to another key."""
        if self._keys.get(name) == key:
            return
        self._keys[name] = key
        heappush(self._heap, (key, name))
        if len(self._heap) > 2 * len(self._keys) + 16:
            self._heap = [(key, name) for name, key in self._keys.items()]
            heapify(self._heap)

    def remove(self, name: Name) -> None:
        """Take a name out, if it is in."""
        self._keys.pop(name, None)

    def first(self) -> Name | None:
        """The name with the smallest key, or None."""
        while self._heap:
            key, name = self._heap[0]
            if self._keys.get(name) == key:
                return name
            heappop(self._heap)
        return None

    def first_key(self) -> Key | None:
        """The smallest key, or None."""
        name = self.first()
        return None if name is None else self._keys[name]

    def take(self, until: float) -> list[tuple[float, Name]]:
        """Take out those whose key has come, in order."""
        taken = []
        while (name := self.first()) is not None and self._keys[name][0] <= until:
            taken.append((self._keys.pop(name)[0], name))
        return taken

    def fork(self) -> "Line[Name]":
        """Make an independent copy."""
        twin: Line[Name] = Line()
        twin._keys, twin._heap = dict(self._keys), list(self._heap)
        return twin

    def in_order(self) -> list[Name]:
        """Every name in order; for views and tests, not for the hot path."""
        return sorted(self._keys, key=lambda name: (self._keys[name], name))
