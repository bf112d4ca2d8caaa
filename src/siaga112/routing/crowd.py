"""Everybody who waits for a person, in the order in which they are served.

Those who only want information have a limit of their own, so that however many ask, call-takers are left for
an emergency. In a flood of silent calls the same holds for those of whom nothing was heard yet, and whoever
was heard goes before them. Where there is no room for one more, somebody makes it of whom nothing was heard.

The calls stand in lines of those who are served alike and may ring the same phones. So nobody has to walk
along a line to find the first who may ring a phone that is free: a look at the heads is enough.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

from siaga112.routing.call import Call, Ringing
from siaga112.routing.choice import reach
from siaga112.routing.legs import Stage
from siaga112.routing.queue import Key, Line
from siaga112.routing.words import Band, CallId

OVERFLOWS: Final = 3
"""The pressure from which on the overflow target is tried."""


class Sort(StrEnum):
    """How a call is served."""

    NEED = "need"
    """May need help."""
    ASK = "ask"
    """Wants information, and a person for it."""
    UNHEARD = "unheard"
    """May need help, and has given no sign of life yet."""


def sort(call: Call) -> Sort:
    """Say how a call is served."""
    if call.band == Band.INFORMATION:
        return Sort.ASK
    return Sort.UNHEARD if call.unheard and call.band != Band.NEED else Sort.NEED


class Crowd:
    """The calls that wait."""

    def __init__(self) -> None:
        self.waiting: Line[CallId] = Line()
        """Those who may need help."""
        self.asking: Line[CallId] = Line()
        """Those who want information, and a person for it."""
        self.overflowing: Line[CallId] = Line()
        """Those who may be offered to the overflow target."""
        self.informed: dict[CallId, None] = {}
        """Those who want information whom a call-taker has, or is rung for."""
        self.calling: dict[CallId, None] = {}
        """Those of them for whom a phone still rings, and who have not waited too long."""
        self.listened: dict[CallId, None] = {}
        """The same of those of whom nothing was heard yet."""
        self.suspects: dict[CallId, None] = {}
        """Those who wait and may be silent or ghost calls."""
        self.mute: dict[CallId, None] = {}
        """Those of them who were asked for a sign of life and gave none, the latest last."""
        self._alike: dict[tuple[Sort, int], Line[CallId]] = {}
        """By how they are served, and how far they reach."""
        self._stands: dict[CallId, tuple[Sort, int]] = {}

    def __len__(self) -> int:
        return len(self.waiting) + len(self.asking)

    def put(self, call: Call) -> None:
        """Take a call in or out, as it stands now."""
        kind = sort(call)
        if call.wants_agent:
            self._stand(call, kind)
        else:
            self._leave(call.id)
        _mark(self.suspects, call.id, wanted=call.wants_agent and call.suspect)
        served = any(one.stage is not Stage.DYING for one in call.legs)
        _mark(self.mute, call.id, wanted=call.waits and call.suspect and call.band == Band.SUSPECT)
        _mark(self.informed, call.id, wanted=served and kind is Sort.ASK)
        rings = isinstance(call.phase, Ringing) and any(one.stage is Stage.DIALLING for one in call.legs)
        _mark(self.calling, call.id, wanted=rings and kind is Sort.ASK and not call.aged)
        _mark(self.listened, call.id, wanted=served and kind is Sort.UNHEARD)

    def remove(self, call_id: CallId) -> None:
        """Take a call out."""
        self._leave(call_id)
        for marked in (self.suspects, self.mute, self.informed, self.calling, self.listened):
            marked.pop(call_id, None)

    def _stand(self, call: Call, kind: Sort) -> None:
        place, stood = (kind, reach(call)), self._stands.get(call.id)
        if stood is not None and stood != place:
            self._leave(call.id)
        self._stands[call.id] = place
        (self.asking if kind is Sort.ASK else self.waiting).put(call.id, call.place)
        self._alike.setdefault(place, Line()).put(call.id, call.place)
        if call.overflow is not None and call.pressure >= OVERFLOWS and kind is not Sort.ASK:
            self.overflowing.put(call.id, call.place)
        else:
            self.overflowing.remove(call.id)

    def _leave(self, call_id: CallId) -> None:
        for line in (self.waiting, self.asking, self.overflowing):
            line.remove(call_id)
        stood = self._stands.pop(call_id, None)
        if stood is not None:
            self._alike[stood].remove(call_id)

    def least_likely(self) -> Iterator[CallId]:
        """Give those of whom nothing was heard: first who was asked for a sign of life, the latest first."""
        yield from reversed(self.mute)
        yield from reversed(self.suspects)

    def heads(self, served: Mapping[Sort, bool], *, flood: bool) -> list[CallId]:
        """Give the first of those who are served alike and may ring the same phones, each, in order.

        Where a head may ring none of the phones that are free, nor may anybody behind it.

        Args:
            served: Who may be served just now.
            flood: Whether a flood of silent calls is on.
        """
        found: list[tuple[Key, CallId]] = []
        for (kind, _), line in self._alike.items():
            first = line.first() if served[kind] else None
            if first is not None:
                key = line.first_key() or ()
                found.append((_behind(key) if flood and kind is Sort.UNHEARD else key, first))
        return [name for _, name in sorted(found)]

    def fork(self) -> "Crowd":
        """Make an independent copy."""
        twin = Crowd()
        twin.waiting, twin.asking = self.waiting.fork(), self.asking.fork()
        twin.overflowing = self.overflowing.fork()
        twin.informed, twin.calling = dict(self.informed), dict(self.calling)
        twin.listened = dict(self.listened)
        twin.suspects, twin.mute = dict(self.suspects), dict(self.mute)
        twin._stands = dict(self._stands)
        twin._alike = {place: line.fork() for place, line in self._alike.items()}
        return twin


def _behind(key: Key) -> Key:
    """Where the unheard stand in a flood: behind the heard, and who has waited too long level with them."""
    band, *rest = key
    return (Band.NORMAL if band == Band.NEED else max(band, Band.SUSPECT), *rest)


def _mark(marked: dict[CallId, None], call_id: CallId, *, wanted: bool) -> None:
    if wanted:
        marked[call_id] = None
    else:
        marked.pop(call_id, None)
