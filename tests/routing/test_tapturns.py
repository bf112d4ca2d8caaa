"""When a caller is listened to: after the phone rang, a few callers a second, who waits before who talks."""

import pytest

from siaga112.routing.commands import Originate, Tap
from siaga112.routing.events import ConnectionDropped, KeyPressed, LegAnswered, LegSight, Resynced, Snapshot
from siaga112.routing.plan import Listening
from siaga112.routing.words import CALLER, CallId, LegId
from tests.routing.test_router import START, Desk, seat

ONE = LegId(1)


class Listeners(Desk):
    """A centre that listens, and when it began to listen to whom."""

    def taps(self) -> list[CallId]:
        """Who is listened to, in order."""
        return [one.call_id for done in self.all for one in done.commands if isinstance(one, Tap)]

    def begun_by(self, call_id: CallId, seconds: float) -> bool:
        """Whether somebody listens to a call so long from now."""
        self.wait(seconds)
        return call_id in self.taps()


def rush(calls: int, takers: int = 1) -> tuple[Listeners, list[CallId]]:
    """So many calls within as many milliseconds, and so many call-takers."""
    desk = Listeners(*(seat(str(101 + n)) for n in range(takers)), listening=Listening())
    return desk, [desk.call(n) for n in range(1, calls + 1)]


def test_first_a_phone_rings_then_somebody_listens() -> None:
    """The tap is not in the way of what the caller waits for."""
    desk, (one,) = rush(1)
    kinds = [type(x) for done in desk.all for x in done.commands]
    assert Originate in kinds
    assert not desk.begun_by(one, 0.2)
    assert desk.begun_by(one, 0.1)


def test_a_tap_gives_way_to_a_call_that_has_just_come() -> None:
    """Whoever comes in the moment of a turn is rung for first; the turn comes a moment later."""
    desk, (first,) = rush(1)
    desk.wait(0.2485)
    desk.call(2, enter=False)
    assert not desk.begun_by(first, 0.005)
    assert desk.begun_by(first, 0.01)


def test_callers_who_come_in_a_rush_take_turns() -> None:
    """Ten taps a second and not one more, in the order of the calls, and nobody is forgotten."""
    desk, calls = rush(25)
    counts = []
    for _ in range(3):
        before = len(desk.taps())
        desk.wait(1.0)
        counts.append(len(desk.taps()) - before)
    assert max(counts) <= 10
    assert desk.taps() == calls


def test_whoever_waited_for_their_turn_is_not_asked_later_for_that() -> None:
    """Eight seconds after the answer, if six of them were listened to; a rush may take that long, too."""
    desk, _ = rush(40)
    desk.wait(5.0)
    taps = [one for done in desk.all for one in done.commands if isinstance(one, Tap)]
    after = [one.decides_at - START for one in taps]
    assert len(after) == 40
    assert after[:20] == pytest.approx([8.25] * 20, abs=0.1)
    assert after[-1] == pytest.approx(0.25 + 3.9 + 6, abs=0.1)


def test_who_waits_goes_before_who_has_a_call_taker() -> None:
    """A call-taker hears whether anybody is there; of who waits only the ear can know."""
    desk, (first, talks, *wait) = rush(6, takers=2)
    desk.tell(LegAnswered(talks, ONE))
    desk.wait(2.0)
    assert desk.taps() == [first, *wait, talks]


def test_who_has_left_or_pressed_a_key_is_passed_over() -> None:
    """Their turn goes to whoever comes next."""
    desk, (gone, there, third) = rush(3)
    desk.gone(gone, CALLER)
    desk.tell(KeyPressed(there, CALLER, "7"))
    desk.wait(2.0)
    assert desk.taps() == [third]


def test_after_an_interruption_callers_take_turns_too() -> None:
    """A restart with many calls in progress does not open all their taps at once, nor any of them twice."""
    desk, calls = rush(15)
    desk.tell(ConnectionDropped())
    legs = {(one, CALLER): LegSight(up=True, ours=True) for one in calls}
    desk.tell(Resynced(Snapshot(legs, (), {}, frozenset({"PJSIP/101"})), desk.now))
    began = desk.now
    desk.wait(5.0)
    assert sorted(desk.taps()) == sorted(calls)
    assert began > START


def test_the_plan_says_how_many_a_second() -> None:
    """`begun_per_second` of the plan."""
    desk = Listeners(seat("101"), listening=Listening(begun_per_second=1.0))
    for n in range(1, 5):
        desk.call(n)
    desk.wait(2.5)
    assert len(desk.taps()) == 3
