"""Rows that are on the disk and, so that nobody has to read them again, in memory too.

Knows which row replaces which, and which of them were shipped. Does not know the file.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from itertools import islice

from siaga112.store.unsaved import Name, Spooled

_SHARE = 32
"""Of shipped rows, what part the disk is told of at a time if they are many."""


class Held:
    """Rows in the order of their ids, each in its last version.

    Attributes:
        live: By id, those that are still to be shipped.
        names: By table and key, the id of the last version that the disk has, or had when last written to.
    """

    def __init__(self) -> None:
        self.live: dict[int, Spooled] = {}
        self.names: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._order: deque[int] = deque()
        self._leaving: deque[Spooled] = deque()
        self._done: list[Spooled] = []

    def add(self, rows: Iterable[Spooled]) -> None:
        """Take rows that are on the disk now; a newer version takes the place of the older one."""
        live = self.live
        for row in rows:
            names, number = self.names[row.table], row.id
            if (older := names.get(row.key)) is not None:
                live.pop(older, None)
            names[row.key] = number
            live[number] = row
            self._order.append(number)

    def knows(self, name: Name) -> bool:
        """Say whether the disk has a version of a row."""
        table, key = name
        return key in self.names[table]

    def supersede(self, name: Name, by: int) -> None:
        """Note that the disk has a version of a row that was shipped, so that no older one is."""
        table, key = name
        names = self.names[table]
        if (older := names.get(key)) is not None:
            self.live.pop(older, None)
        names[key] = by

    def remove(self, ids: Iterable[int]) -> list[int]:
        """Take rows out that were shipped; gives the ids that are not here.

        The rows of one batch come in the order of their ids; those of another may come before them.
        """
        live = self.live
        found, others = [], []
        for number in ids:
            row = live.pop(number, None)
            if row is None:
                others.append(number)
            else:
                found.append(row)
        overtaken = found and self._leaving and found[0] < self._leaving[-1]
        self._leaving += found
        if overtaken:
            self._leaving = deque(sorted(self._leaving))
        return others

    @property
    def leaving(self) -> Spooled | None:
        """The first row that was shipped, and of which the disk is not told yet."""
        return self._leaving[0] if self._leaving else None

    def leave(self, few: int | None = None) -> list[Spooled]:
        """Take the next rows of which the disk is told: they were shipped. A few, more of many, or all."""
        leaving = self._leaving
        most = len(leaving) if few is None else max(few, len(leaving) // _SHARE)
        told = [leaving.popleft() for _ in range(min(most, len(leaving)))]
        self._done += told
        return told

    def first(self) -> Spooled | None:
        """The row that has waited longest."""
        order, live = self._order, self.live
        while order and order[0] not in live:
            order.popleft()
        return live[order[0]] if order else None

    def take(self, limit: int, after: int) -> list[Spooled]:
        """List the rows that have waited longest, of those with an id above `after`."""
        self.first()
        live = self.live
        waiting = (live[number] for number in self._order if number > after and number in live)
        return [*islice(waiting, limit)]

    def out_of_order(self, upto: int) -> list[int]:
        """List the rows that were shipped though an older one was not."""
        return [row.id for row in self._done if row.id > upto]

    def forget(self) -> None:
        """Forget what was shipped: the disk knows it."""
        for row in self._done:
            names = self.names[row.table]
            if names.get(row.key) == row.id:
                del names[row.key]
        self._done.clear()

    def clear(self) -> Sequence[Spooled]:
        """Forget everything; gives what was still to be shipped."""
        rows = [self.live[number] for number in self._order if number in self.live]
        self.__init__()  # type: ignore[misc]
        return rows
