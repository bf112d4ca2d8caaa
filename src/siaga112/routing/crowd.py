"""Everybody who waits for a person, in the order in which they are served.

Two lines: those who may need help, and those who only want information. The second line has a limit of its
own, so that however many ask, call-takers are left for an emergency.
"""

from collections.abc import Mapping

from siaga112.routing.call import Call, Stage
from siaga112.routing.queue import Line
from siaga112.routing.words import Band, CallId


class Crowd:
    """The calls that wait."""

    def __init__(self) -> None:
        self.waiting: Line[CallId] = Line()
        """Those who may need help."""
        self.asking: Line[CallId] = Line()
        """Those who want information, and a person for it."""
        self.informed: dict[CallId, None] = {}
        """Those of them whom a call-taker has, or is rung for."""

    def __len__(self) -> int:
        return len(self.waiting) + len(self.asking)

    def put(self, call: Call) -> None:
        """Take a call in or out, as it stands now."""
        asks = call.band == Band.INFORMATION
        mine, other = (self.asking, self.waiting) if asks else (self.waiting, self.asking)
        other.remove(call.id)
        if call.wants_agent:
            mine.put(call.id, call.place)
        else:
            mine.remove(call.id)
        self.informed.pop(call.id, None)
        if asks and any(one.stage is not Stage.DYING for one in call.legs):
            self.informed[call.id] = None

    def remove(self, call_id: CallId) -> None:
        """Take a call out."""
        self.waiting.remove(call_id)
        self.asking.remove(call_id)
        self.informed.pop(call_id, None)

    def first(self, *, inform: bool) -> CallId | None:
        """Who is next; without `inform`, of those who may need help."""
        need, want = self.waiting.first_key(), self.asking.first_key() if inform else None
        if want is None or (need is not None and need <= want):
            return self.waiting.first()
        return self.asking.first()

    def in_order(self, calls: Mapping[CallId, Call], *, inform: bool) -> list[CallId]:
        """Everybody in order; looked at only when the first may not take whoever is free."""
        names = [*self.waiting.in_order(), *(self.asking.in_order() if inform else ())]
        return sorted(names, key=lambda name: (calls[name].place, name))

    def fork(self) -> "Crowd":
        """Make an independent copy."""
        twin = Crowd()
        twin.waiting, twin.asking = self.waiting.fork(), self.asking.fork()
        twin.informed = dict(self.informed)
        return twin
