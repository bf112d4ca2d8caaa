"""Whose line the ear is laid to next, and when: callers take turns, a few a second.

To open a tap is as much work for Asterisk as the call itself, and when calls come in a rush phones are to be
rung first. Who waits unanswered goes before who has a call-taker, who hears for themselves whether anybody is
there; else who came first. Whoever has left or pressed a key until then needs no tap.
"""

from typing import Final

from siaga112.routing.call import Call, Connected
from siaga112.routing.queue import Line
from siaga112.routing.words import CallId

_GIVES_WAY: Final = 0.01
"""Seconds for which nobody's turn comes after a call has arrived: its phone is to ring first."""


class TapTurns:
    """The callers who are to be listened to and are not yet."""

    def __init__(self) -> None:
        self._waiting: Line[CallId] = Line()
        self._talking: Line[CallId] = Line()
        self._next_at = 0.0

    def put(self, call: Call) -> None:
        """Take a call in or out, as it stands now."""
        wanted_at = None if call.ear is None else call.ear.wanted_at
        if wanted_at is None:
            self.remove(call.id)
            return
        talks = isinstance(call.phase, Connected)
        line, other = (self._talking, self._waiting) if talks else (self._waiting, self._talking)
        other.remove(call.id)
        line.put(call.id, (wanted_at,))

    def remove(self, call_id: CallId) -> None:
        """Take a call out."""
        self._waiting.remove(call_id)
        self._talking.remove(call_id)

    def give_way(self, now: float) -> None:
        """A call has arrived."""
        self._next_at = max(self._next_at, now + _GIVES_WAY)

    @property
    def due(self) -> float | None:
        """When `take` wants to be called next."""
        keys = [key for line in (self._waiting, self._talking) if (key := line.first_key()) is not None]
        return max(self._next_at, min(keys)[0]) if keys else None

    def take(self, now: float, begun_per_second: float) -> CallId | None:
        """Say whose turn it is now, if anybody's."""
        if now < self._next_at:
            return None
        for line in (self._waiting, self._talking):
            key, first = line.first_key(), line.first()
            if key is not None and key[0] <= now:
                self._next_at = now + 1 / begun_per_second
                return first
        return None

    def fork(self) -> "TapTurns":
        """Make an independent copy."""
        twin = TapTurns()
        twin._waiting, twin._talking = self._waiting.fork(), self._talking.fork()
        twin._next_at = self._next_at
        return twin
