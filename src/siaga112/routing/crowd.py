"""Everybody who waits for a person, in the order in which they are served.

Two lines: those who may need help, and those who only want information. The second line has a limit of its
own, so that however many ask, call-takers are left for an emergency.

Beside them the same calls stand in lines of those who may ring the same phones, so that nobody has to walk
along a line to find the first who may ring a phone that is free: a look at the heads is enough.
"""

from typing import Final

from siaga112.routing.call import Call, Stage
from siaga112.routing.choice import reach
from siaga112.routing.queue import Line
from siaga112.routing.words import Band, CallId

OVERFLOWS: Final = 3
"""The pressure from which on the overflow target is tried."""


class Crowd:
    """The calls that wait."""

    def __init__(self) -> None:
        self.waiting: Line[CallId] = Line()
        """Those who may need help."""
        self.asking: Line[CallId] = Line()
        """Those who want information, and a person for it."""
        self.informed: dict[CallId, None] = {}
        """Those of them whom a call-taker has, or is rung for."""
        self._alike: dict[tuple[bool, int], Line[CallId]] = {}
        """Whether they only ask, and how far they reach: the calls of which both are the same."""
        self._place: dict[CallId, tuple[bool, int]] = {}
        """In which of these lines each call stands."""
        self.overflowing: Line[CallId] = Line()
        """Those who may be offered to the overflow target."""

    def __len__(self) -> int:
        return len(self.waiting) + len(self.asking)

    def put(self, call: Call) -> None:
        """Take a call in or out, as it stands now."""
        asks = call.band == Band.INFORMATION or call.doubted
        mine, other = (self.asking, self.waiting) if asks else (self.waiting, self.asking)
        other.remove(call.id)
        if call.wants_agent:
            mine.put(call.id, call.place)
        else:
            mine.remove(call.id)
        self._put_beside_alike(call, (asks, reach(call)))
        self.informed.pop(call.id, None)
        if asks and any(one.stage is not Stage.DYING for one in call.legs):
            self.informed[call.id] = None

    def _put_beside_alike(self, call: Call, place: tuple[bool, int]) -> None:
        before = self._place.get(call.id)
        if before is not None and (before != place or not call.wants_agent):
            self._alike[before].remove(call.id)
            self.overflowing.remove(call.id)
            del self._place[call.id]
        if not call.wants_agent:
            return
        self._alike.setdefault(place, Line()).put(call.id, call.place)
        self._place[call.id] = place
        if call.overflow is not None and call.pressure >= OVERFLOWS and not place[0]:
            self.overflowing.put(call.id, call.place)
        else:
            self.overflowing.remove(call.id)

    def remove(self, call_id: CallId) -> None:
        """Take a call out."""
        self.waiting.remove(call_id)
        self.asking.remove(call_id)
        self.overflowing.remove(call_id)
        self.informed.pop(call_id, None)
        if (place := self._place.pop(call_id, None)) is not None:
            self._alike[place].remove(call_id)

    def heads(self, *, inform: bool) -> list[CallId]:
        """Give the first of those who may ring the same phones, each, in order.

        Where a head may ring none of the phones that are free, nor may anybody behind it.
        """
        found = []
        for (asks, _), line in self._alike.items():
            if (inform or not asks) and (key := line.first_key()) is not None:
                found.append((key, line.first() or CallId("")))
        return [name for _, name in sorted(found)]

    def fork(self) -> "Crowd":
        """Make an independent copy."""
        twin = Crowd()
        twin.waiting, twin.asking = self.waiting.fork(), self.asking.fork()
        twin.informed, twin._place = dict(self.informed), dict(self._place)
        twin._alike = {place: line.fork() for place, line in self._alike.items()}
        twin.overflowing = self.overflowing.fork()
        return twin
