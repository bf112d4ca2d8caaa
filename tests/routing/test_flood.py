"""A flood of silent calls beside callers who speak: who speaks waits behind nobody of whom nothing was heard.

But for those who have waited as long as anybody may. The callers, their patience and their talks are drawn;
the centre is the router alone.
"""

from collections.abc import Callable
from functools import partial
from heapq import heappop, heappush

from hypothesis import given, settings
from hypothesis import strategies as st

from siaga112.routing.call import Call, Hearing
from siaga112.routing.commands import HandOver, Originate
from siaga112.routing.events import LegAnswered, PromptEnded
from siaga112.routing.heard import ClassHeard, Line, VoiceHeard
from siaga112.routing.plan import Listening
from siaga112.routing.words import CALLER, AudioClass, Band, CallId, LegId, Why
from tests.routing.test_router import Desk, seat

RINGS, SPEAKS, FLAGGED, PROMPT = 1.0, 1.5, 8.0, 3.0
"""Seconds: a phone rings, a caller takes to speak, the ear to find silence, a prompt lasts."""


class Flood:
    """A centre that is called, and what is still to happen."""

    def __init__(self, takers: int, most: int) -> None:
        seats = [seat(str(101 + n)) for n in range(takers)]
        self.desk = Desk(*seats, listening=Listening(), most_calls=most)
        self.most = most
        self.talks: dict[CallId, float] = {}
        self._diary: list[tuple[float, int, Callable[[], None]]] = []
        self._written = 0

    def at(self, when: float, do: Callable[[], None]) -> None:
        """Have something happen at a time."""
        self._written += 1
        heappush(self._diary, (when, self._written, do))

    def live(self) -> None:
        """Let everything happen; whatever is decided meanwhile is looked at."""
        seen = len(self.desk.all)
        while self._diary:
            when, _, do = heappop(self._diary)
            while (due := self.desk.router.next_deadline()) is not None and due < when:
                self.desk.wait(max(0.0, due - self.desk.now))
                seen = self._look(seen)
            self.desk.wait(max(0.0, when - self.desk.now))
            do()
            seen = self._look(seen)

    def comes(self, n: int, *, speaks: bool, stays: float, talk: float) -> None:
        """A caller comes, who speaks or does not, and hangs up after a while or a talk."""
        calls = self.desk.router.calls
        silent = [one for one in calls.values() if one.suspect and one.waits]
        call = self.desk.call(n)
        if call not in calls:
            assert not silent, "nobody is refused while a silent call could make room"
            return
        self.talks[call] = talk
        now = self.desk.now
        self.at(now + stays, lambda: self._leaves(call))
        if speaks:
            self.at(now + SPEAKS, lambda: self._tell(call, VoiceHeard(call, 1, now + 1)))
            return
        self.at(now + FLAGGED, lambda: self._tell(call, ClassHeard(call, 1, line=Line(AudioClass.SILENT))))
        for prompt in range(1, 8):
            self.at(now + prompt * PROMPT, lambda: self._prompt_ends(call))

    def _tell(self, call: CallId, event: VoiceHeard | ClassHeard) -> None:
        if call in self.desk.router.calls:
            self.desk.tell(event)

    def _prompt_ends(self, call: CallId) -> None:
        known = self.desk.router.calls.get(call)
        if known is not None and isinstance(known.sound, Hearing):
            self.desk.tell(PromptEnded(call, known.sound.n))

    def _leaves(self, call: CallId, *, unanswered: bool = True) -> None:
        known = self.desk.router.calls.get(call)
        if known is None or (unanswered and known.talkers):
            return
        self.desk.gone(call, CALLER)
        for leg in known.legs:
            self.desk.gone(call, leg.leg)

    def _look(self, seen: int) -> int:
        for decision in self.desk.all[seen:]:
            for command in decision.commands:
                if isinstance(command, HandOver):
                    self.at(self.desk.now, partial(self.desk.gone, command.call_id, CALLER, Why.LEFT))
                elif isinstance(command, Originate):
                    self._rings(command.call_id, command.leg)
        return len(self.desk.all)

    def _rings(self, call_id: CallId, leg: LegId) -> None:
        call = self.desk.router.calls[call_id]
        flood = self.desk.router.surge.is_silent(self.desk.now, self.desk.router.plan)
        if call.band == Band.SUSPECT or (flood and call.unheard and call.band != Band.NEED):
            for other in self.desk.router.calls.values():
                assert not _speaks_and_waits(other) or _may_go_before(call, other), "who speaks goes first"

        def answers() -> None:
            known = self.desk.router.calls.get(call_id)
            if known is not None and known.leg(leg) is not None:
                self.desk.tell(LegAnswered(call_id, leg))
                self.at(self.desk.now + self.talks[call_id], lambda: self._leaves(call_id, unanswered=False))

        self.at(self.desk.now + RINGS, answers)


def _speaks_and_waits(call: Call) -> bool:
    return call.waits and call.band <= Band.NORMAL and call.ear is not None and call.ear.person


def _may_go_before(call: Call, other: Call) -> bool:
    return call.aged and call.rank_at <= other.rank_at


CALLERS = st.lists(
    st.tuples(
        st.floats(0, 40),
        st.sampled_from([False, False, False, True]),
        st.floats(2, 90),
        st.floats(0.5, 60),
    ),
    min_size=10,
    max_size=60,
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(callers=CALLERS, takers=st.integers(1, 4), most=st.sampled_from([5, 12, 100]))
def test_who_speaks_waits_behind_nobody_who_was_not_heard(
    callers: list[tuple[float, bool, float, float]], takers: int, most: int
) -> None:
    """Whoever floods a centre, and however long they stay: who speaks goes first, and gets in."""
    flood = Flood(takers, most)
    start = flood.desk.now
    for n, (after, speaks, stays, talk) in enumerate(callers):
        flood.at(start + after, partial(flood.comes, n, speaks=speaks, stays=stays, talk=talk))
    flood.live()
    assert not flood.desk.router.calls, "everybody has left or was served"
