"""Who is rung for whom, and when: the queue, the agents and the clock together."""

from dataclasses import replace

import pytest

from siaga112.routing import ids
from siaga112.routing.call import Connected, Ringing
from siaga112.routing.commands import Claim, Hangup, Originate
from siaga112.routing.entries import Ended, OfferMade
from siaga112.routing.events import (
    CallArrived,
    CallerEntered,
    CodeDialled,
    ConnectionDropped,
    KeyPressed,
    LegAnswered,
    LegGone,
    LegSight,
    PhonesSeen,
    PlanChanged,
    Resynced,
    Snapshot,
)
from siaga112.routing.plan import IvrMode, Misuse, Plan, Seat, Surge, Tier, Timings
from siaga112.routing.queue import Line
from siaga112.routing.router import Decision, Router
from siaga112.routing.words import (
    CALLER,
    OVERFLOW,
    AgentId,
    Band,
    CallId,
    ChannelId,
    LegId,
    NumberSource,
    Outcome,
    Suspicion,
    Why,
)

START = 1_760_000_000.0
ONE = LegId(1)


def seat(name: str, tier: Tier = Tier.CALL_TAKER, *languages: str) -> Seat:
    """A seat whose phone bears its name."""
    return Seat(AgentId(name), f"PJSIP/{name}", tier=tier, languages=frozenset(languages))


class Desk:
    """A router with everybody ready, and what it wanted done."""

    def __init__(self, *seats: Seat, **plan: object) -> None:
        told: dict[str, object] = {"ivr": IvrMode.SHORT, "timings": Timings(wrap_up=0)} | plan
        self.router = Router(Plan("35.79", seats={one.agent_id: one for one in seats}, **told))  # type: ignore[arg-type]
        self.now = START
        self.all: list[Decision] = []
        phones = frozenset(one.endpoint for one in seats)
        self.tell(Resynced(Snapshot({}, (), {}, phones), self.now))
        for one in seats:
            self.tell(CodeDialled(ChannelId("x"), one.endpoint, "*11"))

    def tell(self, event: object, after: float = 0.001) -> Decision:
        """Let something happen a moment later."""
        self.wait(after)
        decision = self.router.handle(event, self.now)  # type: ignore[arg-type]
        self.all.append(decision)
        return decision

    def wait(self, seconds: float) -> None:
        """Let time pass, every deadline included."""
        end = self.now + seconds
        while (due := self.router.next_deadline()) is not None and due <= end:
            self.now = max(self.now, due)
            self.all.append(self.router.tick(self.now))
        self.now = end

    def call(self, n: int, number: str | None = None, *, enter: bool = True) -> CallId:
        """A call comes in, and into our hands."""
        channel = ChannelId(f"1760000000.{n}")
        call_id = ids.call_id("35.79", channel)
        who = number or f"08{n}"
        facts = {"restricted": False, "dialled": "112", "recording": None, "must_claim": True}
        self.tell(CallArrived(call_id, channel, who, NumberSource.PAI, **facts))  # type: ignore[arg-type]
        if enter:
            self.tell(CallerEntered(call_id))
        return call_id

    def rung(self) -> list[str]:
        """Whose phones were rung, in order."""
        return [x.agent_id for one in self.all for x in one.commands if isinstance(x, Originate)]

    def gone(self, call_id: CallId, leg: LegId, why: Why = Why.HUNG_UP) -> None:
        """A leg is gone."""
        self.tell(LegGone(call_id, leg, why))

    def outcome(self, call_id: CallId) -> Outcome:
        """How a call ended."""
        lines = [x for one in self.all for x in one.journal if x.call_id == call_id]
        return next(x.entry.outcome for x in lines if isinstance(x.entry, Ended))


def test_nobody_waits_beside_a_free_call_taker() -> None:
    """The ring and the claim go out in one decision, and the ring first: it is what the caller waits for."""
    desk = Desk(seat("101"))
    desk.call(1, enter=False)
    assert [type(one) for one in desk.all[-1].commands] == [Originate, Claim]


def test_the_longest_idle_is_rung() -> None:
    """Whoever has waited longest for a call gets it; a cancelled ring does not count as work."""
    desk = Desk(seat("101"), seat("102"))
    first = desk.call(1)
    desk.gone(first, CALLER)
    desk.gone(first, ONE)
    desk.call(2)
    assert desk.rung() == ["101", "101"]


def test_bands_go_before_time() -> None:
    """Who cannot speak overtakes; among equals the first comes first."""
    desk = Desk(seat("101"))
    busy = desk.call(1)
    desk.tell(LegAnswered(busy, ONE))
    normal, silent = desk.call(2), desk.call(3)
    desk.tell(KeyPressed(silent, CALLER, "5"))
    desk.gone(busy, CALLER)
    desk.gone(busy, ONE)
    assert desk.router.calls[silent].offers == 1
    assert desk.router.calls[normal].offers == 0


def test_nobody_waits_too_long_behind_higher_bands() -> None:
    """After 45 s a call of a low band goes before every newer one, whatever that one's band is."""
    desk = Desk(seat("101"))
    busy = desk.call(1)
    desk.tell(LegAnswered(busy, ONE))
    old = desk.call(2)
    desk.tell(KeyPressed(old, CALLER, "2"))
    assert desk.router.calls[old].band == Band.INFORMATION
    desk.wait(46)
    newer = desk.call(3)
    desk.gone(busy, CALLER)
    desk.gone(busy, ONE)
    assert (desk.router.calls[old].offers, desk.router.calls[newer].offers) == (1, 0)


def test_two_missed_rings_ring_everybody() -> None:
    """After two phones that nobody picked up, every ready phone rings; the first answer wins."""
    desk = Desk(*(seat(str(101 + n)) for n in range(4)))
    call = desk.call(1)
    desk.wait(8)
    desk.gone(call, LegId(1), Why.NO_ANSWER)
    desk.wait(8)
    desk.gone(call, LegId(2), Why.NO_ANSWER)
    assert desk.rung() == ["101", "102", "103", "104"]
    desk.tell(LegAnswered(call, LegId(4)))
    stopped = [x for x in desk.all[-1].commands if isinstance(x, Hangup)]
    assert [(x.leg, x.elsewhere) for x in stopped] == [(3, True)]
    assert isinstance(desk.router.calls[call].phase, Connected)


def test_agencies_then_supervisors_then_whoever_was_silent() -> None:
    """As a call waits, more phones ring: OPD seats at 12 s, supervisors at 30 s, then the silent ones."""
    desk = Desk(seat("101"), seat("201", Tier.OPD), seat("301", Tier.SUPERVISOR))
    call = desk.call(1)
    desk.wait(8.5)
    desk.gone(call, LegId(1), Why.NO_ANSWER)
    assert desk.rung() == ["101"]
    desk.wait(4)
    assert desk.rung() == ["101", "201"]
    desk.wait(9)
    desk.gone(call, LegId(2), Why.NO_ANSWER)
    desk.wait(9)
    assert desk.rung()[2:] == ["301", "101", "201"]


def test_another_centre_is_asked_once_and_we_keep_going() -> None:
    """At 60 s the overflow target rings; if it takes the call the outcome says so."""
    desk = Desk(overflow="PJSIP/112@tetangga")
    call = desk.call(1)
    desk.wait(61)
    assert desk.rung() == [OVERFLOW]
    desk.gone(call, LegId(1), Why.BUSY)
    desk.wait(30)
    assert desk.rung() == [OVERFLOW]
    other = desk.call(2)
    desk.wait(61)
    desk.tell(LegAnswered(other, ONE))
    desk.gone(other, CALLER)
    desk.gone(other, ONE)
    assert desk.outcome(other) is Outcome.OVERFLOWED


def test_a_language_is_a_wish() -> None:
    """Who speaks English is rung first for an English caller; if nobody does, anybody is."""
    desk = Desk(seat("101"), seat("102", Tier.CALL_TAKER, "en"))
    busy = desk.call(1)
    english = desk.call(2)
    desk.gone(english, CALLER)
    desk.gone(english, ONE)
    desk.tell(LegAnswered(busy, ONE))
    assert desk.rung() == ["101", "102"]
    alone = Desk(seat("101"))
    speaker = alone.call(1, enter=False)
    alone.tell(KeyPressed(speaker, CALLER, "9"))
    assert alone.rung() == ["101"]


def test_a_caller_who_comes_back_keeps_the_place_and_the_call_taker() -> None:
    """The wait of the first attempt counts; whoever talked to them before is rung if free."""
    desk = Desk(seat("101"), seat("102"))
    first = desk.call(1, "0812")
    desk.tell(LegAnswered(first, ONE))
    desk.gone(first, CALLER)
    desk.gone(first, ONE)
    desk.call(2, "0899")
    again = desk.call(3, "0812")
    assert desk.router.calls[again].attempt == 2
    assert desk.rung() == ["101", "102", "101"]


def test_waiting_is_credited() -> None:
    """Who gave up waiting and calls again stands where they stood."""
    desk = Desk()
    early = desk.call(1, "0812")
    desk.wait(5)
    other = desk.call(2, "0899")
    desk.gone(early, CALLER)
    back = desk.call(3, "0812")
    assert desk.router.waiting.in_order() == [back, other]


def test_a_talk_that_broke_comes_back_first() -> None:
    """A line that failed in the middle of a talk puts the next call of that number into the first band."""
    desk = Desk(seat("101"))
    call = desk.call(1, "0812")
    desk.tell(LegAnswered(call, ONE))
    desk.gone(call, CALLER, Why.BROKEN)
    desk.gone(call, ONE)
    again = desk.call(2, "0812")
    assert desk.router.calls[again].band == Band.NEED


def test_a_new_caller_after_ten_minutes_is_new() -> None:
    """What is past is past."""
    desk = Desk()
    desk.gone(desk.call(1, "0812"), CALLER)
    desk.wait(601)
    assert desk.router.calls[desk.call(2, "0812")].attempt == 1


def test_misuse_costs_waiting_time_and_fades() -> None:
    """Verdicts of call-takers put a number into the last band for a day, never out."""
    desk = Desk(seat("101"), misuse=Misuse(threshold=1.5))
    for n in (1, 2):
        call = desk.call(n, "0812")
        leg = LegId(desk.router.calls[call].offers)
        desk.tell(LegAnswered(call, leg))
        for digit in "*7*7*7":
            desk.tell(KeyPressed(call, leg, digit))
        desk.gone(call, leg)
        desk.gone(call, CALLER)
    third = desk.call(3, "0812")
    assert desk.router.calls[third].suspicion is Suspicion.ABUSE_FLAGGED
    assert desk.router.calls[third].band == Band.FLAGGED
    desk.gone(third, CALLER)
    desk.gone(third, ONE)
    desk.wait(24 * 3600)
    assert desk.router.calls[desk.call(4, "0812")].suspicion is Suspicion.NONE


@pytest.mark.parametrize("surge", [Surge(waiting=2, arrivals=99), Surge(waiting=99, arrivals=3)])
def test_a_mass_event_begins_and_ends(surge: Surge) -> None:
    """Many waiting or many arriving begin it; five calm minutes end it."""
    desk = Desk(surge=surge)
    early = [desk.call(n) for n in (1, 2)]
    late = desk.call(3)
    heard = [desk.router.surge.is_on(desk.now, desk.router.plan), *early]
    assert heard[0]
    for call in (*early, late):
        desk.gone(call, CALLER)
    desk.wait(301)
    assert not desk.router.surge.is_on(desk.now, desk.router.plan)


def test_too_many_calls_are_left_to_the_fallback_and_recorded() -> None:
    """Beyond the limit nothing is claimed: the dialplan serves it, and the row says refused."""
    desk = Desk(most_calls=1)
    desk.call(1)
    refused = desk.call(2, enter=False)
    assert desk.all[-1].commands == []
    assert desk.outcome(refused) is Outcome.REFUSED
    assert refused not in desk.router.calls


def test_an_answered_leg_of_no_call_is_hung_up() -> None:
    """Nobody is left waiting in a call that is no more."""
    desk = Desk(seat("101"))
    call = ids.call_id("35.79", "1760000000.9")
    assert desk.tell(LegAnswered(call, ONE)).commands == [Hangup(call, ONE, ids.agent_channel(call, ONE))]


def test_a_phone_that_cannot_be_reached_is_not_rung() -> None:
    """Ready is not enough; and a phone that comes back takes the next call."""
    desk = Desk(seat("101"))
    desk.tell(PhonesSeen(frozenset()))
    call = desk.call(1)
    assert desk.rung() == []
    desk.tell(PhonesSeen(frozenset({"PJSIP/101"})))
    assert desk.rung() == ["101"]
    assert isinstance(desk.router.calls[call].phase, Ringing)


def test_offers_are_numbered() -> None:
    """Each ring of a call has its own number, which is its leg's too."""
    desk = Desk(seat("101"), seat("102"))
    call = desk.call(1)
    desk.gone(call, ONE, Why.BUSY)
    made = [x.entry for one in desk.all for x in one.journal if isinstance(x.entry, OfferMade)]
    assert [(x.leg, x.agent_id) for x in made] == [(1, "101"), (2, "102")]


def test_a_line_forgets_what_moved_or_left() -> None:
    """A name that was put elsewhere or taken out is not found at its old place."""
    line: Line[str] = Line()
    line.put("a", (1.0,))
    line.put("b", (2.0,))
    line.put("a", (3.0,))
    assert (line.first(), line.first_key()) == ("b", (2.0,))
    line.remove("b")
    assert (line.first(), line.in_order(), len(line)) == ("a", ["a"], 1)
    for n in range(100):
        line.put("a", (float(n),))
    assert line.first_key() == (99.0,)


def test_an_answer_that_was_not_heard_is_found_by_the_next_look() -> None:
    """The agent picked up while the socket was down: the talk begins as soon as we see it."""
    desk = Desk(seat("101"))
    call = desk.call(1)
    desk.tell(ConnectionDropped())
    legs = {(call, CALLER): LegSight(up=True, ours=True), (call, ONE): LegSight(up=True, ours=True)}
    desk.wait(0.5)
    desk.tell(Resynced(Snapshot(legs, (), {}, frozenset({"PJSIP/101"})), desk.now))
    assert isinstance(desk.router.calls[call].phase, Connected)


def test_a_role_changes_with_the_plan() -> None:
    """A call-taker who becomes a supervisor by a new plan is not rung at once any more."""
    desk = Desk(seat("101"))
    seats = {AgentId("101"): seat("101", Tier.SUPERVISOR)}
    desk.tell(PlanChanged(replace(desk.router.plan, seats=seats)))
    desk.call(1)
    assert desk.rung() == []
    desk.wait(31)
    assert desk.rung() == ["101"]
