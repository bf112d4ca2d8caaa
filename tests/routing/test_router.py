"""Who is rung for whom, and when: the queue, the agents and the clock together."""

from dataclasses import replace

import pytest

from siaga112.routing import ids
from siaga112.routing.agent import Agent, LoggedOut, OnCall, step
from siaga112.routing.call import Connected, Hearing, Ringing
from siaga112.routing.callers import Memory
from siaga112.routing.commands import Claim, Confirm, HandOver, Hangup, Originate, Play
from siaga112.routing.crowd import Sort
from siaga112.routing.decision import Decision
from siaga112.routing.entries import AFTERWARDS, Classified, Ended, NumberBlocked, OfferEnded, OfferMade
from siaga112.routing.events import (
    CallArrived,
    CallerEntered,
    CodeDialled,
    ConnectionDropped,
    DeadlinePassed,
    KeyPressed,
    LegAnswered,
    LegGone,
    LegSight,
    PhonesSeen,
    PlanChanged,
    PromptEnded,
    Resynced,
    Snapshot,
    Wish,
)
from siaga112.routing.happenings import Chosen, PhoneRang
from siaga112.routing.heard import ClassHeard, EarLost, VoiceHeard
from siaga112.routing.heard import Line as CallersLine
from siaga112.routing.legs import Stage
from siaga112.routing.plan import Block, IvrMode, Listening, Misuse, Plan, Seat, Surge, Tier, Timings
from siaga112.routing.queue import Line
from siaga112.routing.revive import revive
from siaga112.routing.router import Router
from siaga112.routing.surge import SurgeWatch
from siaga112.routing.words import (
    CALLER,
    OVERFLOW,
    AgentId,
    AudioClass,
    Band,
    CallId,
    ChannelId,
    Confirmation,
    Disposition,
    LegId,
    NumberSource,
    OfferResult,
    Outcome,
    Prompt,
    QueueState,
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

    def code(self, agent: str, code: str) -> Confirmation:
        """An agent dials a feature code; what they hear."""
        (command,) = self.tell(CodeDialled(ChannelId("x"), f"PJSIP/{agent}", code)).commands
        assert isinstance(command, Confirm)
        return command.confirmation

    def played(self, call_id: CallId) -> list[str]:
        """What a caller heard."""
        plays = [x for one in self.all for x in one.commands if isinstance(x, Play)]
        return [x.prompt for x in plays if x.call_id == call_id]

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


def test_a_phone_that_rang_long_in_vain_is_not_the_next() -> None:
    """Impatient callers give up one by one: a phone that nobody picks up does not get all of them."""
    desk = Desk(seat("101"), seat("102"))
    first = desk.call(1)
    desk.wait(5)
    desk.gone(first, CALLER)
    desk.gone(first, ONE)
    second = desk.call(2)
    assert desk.rung() == ["101", "102"]
    desk.wait(1)
    desk.gone(second, CALLER)
    desk.gone(second, ONE)
    desk.call(3)
    assert desk.rung() == ["101", "102", "102"], "whose caller left soon is the next all the same"


def test_who_missed_a_call_is_rung_after_who_did_not() -> None:
    """A phone that was not picked up costs more than a queue: until it is, others who are free go first."""
    desk = Desk(seat("101"), seat("102"))
    first = desk.call(1)
    desk.wait(8)
    desk.gone(first, ONE, Why.NO_ANSWER)
    desk.tell(CodeDialled(ChannelId("x"), "PJSIP/101", "*11"))
    desk.tell(LegAnswered(first, LegId(2)))
    desk.gone(first, CALLER)
    desk.gone(first, LegId(2))
    desk.wait(1)
    second, third = desk.call(2), desk.call(3)
    assert desk.rung() == ["101", "102", "102", "101"], "who missed a call has been idle longer, and is last"
    for call in (third, second):
        desk.tell(LegAnswered(call, ONE))
    for call in (third, second):
        desk.gone(call, CALLER)
        desk.gone(call, ONE)
    desk.call(4)
    assert desk.rung()[4:] == ["101"], "one call that was picked up, and all is as before"


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
    """What is past is past, and nobody keeps it: the next call that ends lets it go."""
    desk = Desk()
    desk.gone(desk.call(1, "0812"), CALLER)
    desk.wait(601)
    assert desk.router.calls[desk.call(2, "0812")].attempt == 1
    desk.gone(desk.call(3, "0899"), CALLER)
    assert list(desk.router.callers.pasts) == ["0899"]


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


def asks(desk: Desk, n: int) -> CallId:
    """A caller who wants information, and a person for it."""
    call = desk.call(n)
    desk.tell(KeyPressed(call, CALLER, "2"))
    for leg in desk.router.calls[call].legs:
        if leg.stage is Stage.DYING:
            desk.gone(call, leg.leg)
    return call


def test_information_leaves_call_takers_for_an_emergency() -> None:
    """Of two call-takers one may be given to who only asks; however many ask, an emergency rings at once."""
    desk = Desk(seat("101"), seat("102"))
    asking = [asks(desk, n) for n in (1, 2, 3)]
    assert len(desk.router.crowd.informed) == 1
    assert len(desk.router.crowd.asking) == 2
    emergency = desk.call(9)
    assert desk.router.calls[emergency].legs, "the emergency rings at once"
    for call in asking:
        desk.gone(call, CALLER)
    assert not desk.router.crowd.asking


def test_a_call_taker_alone_answers_who_asks_too() -> None:
    """The share is never less than one."""
    desk = Desk(seat("101"))
    call = asks(desk, 1)
    assert desk.router.calls[call].legs


def test_an_emergency_takes_a_phone_that_rings_for_information() -> None:
    """Nobody else is free: it rings for the emergency once it is silent, and who asked keeps the place."""
    desk = Desk(seat("101"))
    asking = asks(desk, 1)
    emergency = desk.call(2)
    (leg,) = desk.router.calls[asking].legs
    assert leg.stage is Stage.DYING
    third = desk.call(3)
    desk.gone(asking, leg.leg)
    assert [bool(desk.router.calls[one].legs) for one in (emergency, third, asking)] == [True, False, False]
    desk.gone(emergency, CALLER)
    desk.gone(emergency, ONE)
    desk.gone(third, CALLER)
    desk.gone(third, ONE)
    assert desk.router.calls[asking].legs, "who asked has waited longest of those who are left"
    ends = [x.entry.result for one in desk.all for x in one.journal if isinstance(x.entry, OfferEnded)]
    assert set(ends) == {OfferResult.RING_CANCELLED}, "nobody is held to have missed a call"


def test_what_an_emergency_does_not_take() -> None:
    """A phone that it may not ring yet itself; the ring of who has waited as long as anybody may."""
    desk = Desk(seat("201", Tier.OPD))
    patient = asks(desk, 1)
    desk.wait(13)
    assert desk.rung() == ["201"]
    desk.call(2)
    assert [x.stage for x in desk.router.calls[patient].legs] == [Stage.DIALLING]
    old = Desk(seat("101"), timings=Timings(wrap_up=0, ring=60))
    patient = asks(old, 1)
    old.wait(46)
    old.call(2)
    assert [x.stage for x in old.router.calls[patient].legs] == [Stage.DIALLING]


def test_who_asks_rings_no_more_than_one_phone() -> None:
    """However long the wait: the others may be needed."""
    desk = Desk(*(seat(str(n)) for n in range(101, 107)), overflow="PJSIP/112@neighbour")
    call = asks(desk, 1)
    for _ in range(80):
        desk.wait(1)
        legs = [x for x in desk.router.calls[call].legs if x.stage is not Stage.DYING]
        assert len(legs) <= 1
        for leg in desk.router.calls[call].legs:
            if leg.stage is Stage.DYING:
                desk.gone(call, leg.leg)
    assert OVERFLOW not in desk.rung(), "no other centre is asked for information"


def test_who_asks_never_goes_before_who_cannot_speak() -> None:
    """Not even after a long wait; before an emergency that came much later, yes."""
    desk = Desk()
    asking = asks(desk, 1)
    desk.wait(50)
    normal, silent = desk.call(2), desk.call(3)
    desk.tell(KeyPressed(silent, CALLER, "5"))
    crowd, calls = desk.router.crowd, desk.router.calls
    assert sorted((normal, asking, silent), key=lambda one: calls[one].place) == [silent, asking, normal]
    assert crowd.heads(dict.fromkeys(Sort, True), flood=False)[0] == silent


def test_some_are_better_at_some_calls() -> None:
    """Who is good at information gets an emergency only if nobody else is free."""
    clerk = replace(seat("101"), bands=frozenset({Band.INFORMATION}))
    desk = Desk(clerk, seat("102"), information_share=1.0)
    first = desk.call(1)
    assert desk.rung() == ["102"], "the clerk has waited longer, and is for something else"
    desk.call(2)
    assert desk.rung() == ["102", "101"], "nobody waits for a better one"
    assert desk.router.calls[first].legs


def test_an_offer_of_which_nothing_is_heard_frees_its_phone() -> None:
    """No state lasts for ever: whose phone we lost sight of is unreachable, then ready again."""
    times = Timings()
    ready = Agent(AgentId("101"), "PJSIP/101", Wish.READY, reachable=True)
    lost = step(ready, Chosen(CallId("c"), ONE), times, START)
    assert lost.deadline == START + 18
    rings = step(lost, PhoneRang(), times, START + 1)
    assert rings.deadline == lost.deadline
    out = step(rings, DeadlinePassed(), times, START + 18)
    assert (out.state_name, out.reason, out.phone) == ("not_responding", "unreachable", None)
    assert step(out, DeadlinePassed(), times, START + 28).state_name == "available"


def test_a_phone_that_belongs_to_no_call_is_freed_by_the_next_look() -> None:
    """The reconciler mends it and says so; there is no other way into that state."""
    desk = Desk(seat("101"))
    lost = replace(desk.router.staff.agents[AgentId("101")], state=OnCall(), phone=(CallId("nowhere"), ONE))
    desk.router.staff.agents[AgentId("101")] = lost
    phones = frozenset({"PJSIP/101"})
    done = desk.tell(Resynced(Snapshot({}, (), {}, phones), desk.now, routine=True))
    assert done.mended == [("nowhere", "PhoneFree")]
    assert desk.router.staff.agents[AgentId("101")].state_name == "available"


def test_ready_twice_is_ready_once() -> None:
    """*11 on a phone that is ready changes nothing, not even whose turn it is."""
    desk = Desk(seat("101"), seat("102"))
    again = desk.tell(CodeDialled(ChannelId("y"), "PJSIP/101", "*11"), after=5)
    assert again.agents == []
    desk.call(1)
    assert desk.rung() == ["101"]


def test_many_times_what_is_usual_is_a_mass_event() -> None:
    """By the hour before: six a minute are nothing to a city, and an earthquake to a regency."""
    plan = Plan("35.79", surge=Surge(times=5, least=6))
    city, regency = SurgeWatch(), SurgeWatch()
    for second in range(0, 3600, 30):
        city.arrived(START + second, 0, plan)
    assert city.usual(START + 3600) == 2
    for second in range(0, 30, 5):
        for watch in (city, regency):
            watch.arrived(START + 3600 + second, 0, plan)
    assert not city.is_on(START + 3630, plan)
    assert regency.is_on(START + 3630, plan)


BLOCK = Block(enabled=True, wait=60, reasons={"1": "threats"})


def blocked(**plan: object) -> Desk:
    """A supervisor has answered a call of 0812 and blocked it; a call-taker is ready too."""
    desk = Desk(seat("104", Tier.SUPERVISOR), **{"block": BLOCK} | plan)
    call = desk.call(1, "0812")
    desk.wait(30)
    leg = desk.router.calls[call].legs[0].leg
    desk.tell(LegAnswered(call, leg))
    desk.gone(call, CALLER)
    desk.gone(call, leg)
    desk.code("104", "*71")
    return desk


def test_a_blocked_caller_reaches_a_person_by_a_key() -> None:
    """No phone rings at first; key 1 makes it a call like any other."""
    desk = blocked()
    entry = next(x for one in desk.all for x in one.journal if isinstance(x.entry, NumberBlocked))
    assert entry.entry == NumberBlocked(AgentId("104"), "threats", entry.at + 24 * 3600)
    assert entry.seq > AFTERWARDS
    desk.router.staff.agents[AgentId("104")] = replace(
        desk.router.staff.agents[AgentId("104")], state=LoggedOut()
    )
    call = desk.call(2, "0812")
    assert (desk.router.calls[call].band, desk.router.calls[call].waits) == (Band.FLAGGED, False)
    assert desk.played(call) == [Prompt.FLAGGED]
    desk.wait(25)
    assert set(desk.played(call)) == {Prompt.FLAGGED}, "told again and again, not that all are busy"
    desk.tell(KeyPressed(call, CALLER, "1"))
    assert (desk.router.calls[call].band, desk.router.calls[call].waits) == (Band.NORMAL, True)


@pytest.mark.parametrize("key", ["5", "1"])
def test_no_block_stands_against_a_call_for_help(key: str) -> None:
    """Also who cannot speak."""
    desk = blocked()
    call = desk.call(2, "0812")
    desk.tell(KeyPressed(call, CALLER, key))
    assert desk.router.calls[call].waits


def test_a_blocked_caller_who_presses_nothing_is_served_later() -> None:
    """After the plan's time in the last band like any other; nobody is ever hung up on."""
    desk = blocked()
    made = len(desk.rung())
    call = desk.call(2, "0812")
    desk.wait(59)
    assert len(desk.rung()) == made
    desk.wait(2)
    assert desk.router.calls[call].band == Band.FLAGGED
    assert len(desk.rung()) == made + 1


def test_a_block_ends_by_itself_by_an_order_and_in_a_mass_event() -> None:
    """Three ways back, and the memory of a restarted router agrees."""
    for lift in ("*70", "*91", "wait"):
        desk = blocked()
        assert desk.router.callers.is_blocked("0812", desk.now)
        if lift == "wait":
            desk.wait(24 * 3600 + 1)
        else:
            desk.code("104", lift)
        call = desk.call(2, "0812")
        assert desk.router.calls[call].waits, lift
    known = {one.name: one for decision in blocked().all for one in decision.memory}
    after = Router(Plan("35.79", block=BLOCK))
    after.restore([], {}, START + 60, known.values())
    assert after.callers.is_blocked("0812", START + 60)


def test_who_may_order_what() -> None:
    """Only a supervisor, with a reason of the plan, where the plan allows it, about a number."""
    desk = Desk(seat("101"), seat("104", Tier.SUPERVISOR), block=BLOCK)
    assert desk.code("101", "*71") is Confirmation.NOT_ALLOWED
    assert desk.code("101", "*91") is Confirmation.NOT_ALLOWED
    assert desk.code("104", "*72") is Confirmation.NOT_ALLOWED
    assert desk.code("104", "*71") is Confirmation.NO_NUMBER
    assert desk.code("104", "*91") is Confirmation.SURGE_ON
    assert desk.code("104", "*90") is Confirmation.SURGE_OFF
    off = Desk(seat("104", Tier.SUPERVISOR), surge_by_hand=True)
    assert off.code("104", "*71") is Confirmation.NOT_ALLOWED
    assert off.code("104", "*90") is Confirmation.SURGE_ON, "the plan says so: the plan must end it"


def test_a_mass_event_that_was_declared_outlives_a_restart() -> None:
    """Until it is called off."""
    desk = Desk(seat("104", Tier.SUPERVISOR))
    for code, is_on in (("*91", True), ("*90", False)):
        desk.code("104", code)
        after = Router(desk.router.plan)
        known = {one.name: one for decision in desk.all for one in decision.memory}
        live = [one for one in known.values() if one.until > desk.now]
        after.restore([], {}, desk.now, live)
        assert after.surge.is_on(desk.now, after.plan) is is_on


def test_a_verdict_can_be_taken_back() -> None:
    """The later one counts, and a call that was no prank after all costs its number nothing."""
    desk = Desk(seat("101"), misuse=Misuse(threshold=0.5))
    call = desk.call(1, "0812")
    desk.tell(LegAnswered(call, ONE))
    for digit in "*7":
        desk.tell(KeyPressed(call, ONE, digit))
    assert desk.router.callers.score("0812", desk.router.plan, desk.now) > 0.9
    for digit in "*8":
        desk.tell(KeyPressed(call, ONE, digit))
    assert desk.router.callers.score("0812", desk.router.plan, desk.now) == 0
    said = [x.entry for one in desk.all for x in one.journal if isinstance(x.entry, Classified)]
    assert [one.disposition for one in said] == [Disposition.PRANK, Disposition.INFORMATION]


def test_a_restart_forgets_no_number() -> None:
    """Who called, who had the call, and what call-takers found of a number outlive the router."""
    desk = Desk(seat("101"), seat("102"), misuse=Misuse(threshold=0.5))
    call = desk.call(1, "0812")
    desk.tell(LegAnswered(call, ONE))
    for digit in "*7":
        desk.tell(KeyPressed(call, ONE, digit))
    desk.gone(call, CALLER)
    desk.gone(call, ONE)
    known = {one.name: one for decision in desk.all for one in decision.memory}
    assert known["0812"].until == pytest.approx(desk.now + 24 * 3600, abs=1)
    after = Router(desk.router.plan)
    after.restore([], {}, desk.now, known.values())
    assert after.callers.pasts == desk.router.callers.pasts
    assert after.callers.scores == desk.router.callers.scores
    desk.router = after
    again = desk.call(2, "0812")
    assert (after.calls[again].attempt, after.calls[again].band) == (2, Band.FLAGGED)
    assert after.calls[again].preferred == "101"


def test_a_memory_of_another_version_does_no_harm() -> None:
    """What cannot be understood is forgotten, and the rest is known."""
    router = Router(Plan("35.79"))
    memory = Memory("0812", START + 9, {"past": {"colour": "red"}, "score": {"at": START}, "new": 1})
    router.restore([], {}, START, [memory])
    assert router.callers.past("0812", router.plan, START) is None


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


def test_silent_calls_make_room_for_who_may_speak() -> None:
    """A full centre sets the last aside of who was asked in vain, then of those of whom nothing is heard.

    They are recorded as refused and hear what to press; who spoke, pressed a key or rings a phone stays.
    """
    desk, silent = flooded(2, 5)
    desk.tell(KeyPressed(silent[0], CALLER, "1"))
    ask_in_vain(desk, silent[1:])
    early, late = silent[1:3], silent[3:]
    assert {desk.router.calls[one].band for one in (*early, *late)} == {Band.SUSPECT}
    fresh = [desk.call(200 + n) for n in range(2)]
    desk.wait(_TURNS)
    for one in fresh:
        desk.tell(ClassHeard(one, 1, line=CallersLine(AudioClass.SILENT)))
    desk.tell(PlanChanged(replace(desk.router.plan, most_calls=len(desk.router.calls))))
    gone = []
    for n in range(7):
        before = len(desk.all)
        come = desk.call(300 + n)
        desk.tell(VoiceHeard(come, 1, 0.5), after=_TURNS)
        done = [x for one in desk.all[before:] for x in one.commands]
        gone += [x.call_id for x in done if isinstance(x, HandOver) and x.aside]
        for one in gone[-1:]:
            desk.gone(one, CALLER, Why.LEFT)
        assert (come in desk.router.calls) == (n < 6), "at last everybody may need help, and the limit holds"
    assert gone == [*reversed(late), *reversed(early), *reversed(fresh)]
    assert {desk.outcome(one) for one in gone} == {Outcome.REFUSED}
    assert silent[0] in desk.router.calls


def ask_in_vain(desk: Desk, silent: list[CallId]) -> None:
    """They hear the question to its end, and give no sign."""
    for _prompt in ("greeting", "question"):
        desk.wait(9)
        for one in silent:
            sound = desk.router.calls[one].sound
            if isinstance(sound, Hearing):
                desk.tell(PromptEnded(one, sound.n))
    desk.wait(21)


def test_who_is_set_aside_stays_so_after_a_restart() -> None:
    """A hand-over that is said again says the same."""
    desk, silent = flooded(1, 1)
    desk.tell(PlanChanged(replace(desk.router.plan, most_calls=2)))
    desk.call(300)
    lines = [x for one in desk.all for x in one.journal if x.call_id == silent[0]]
    again = Router(desk.router.plan)
    revived = revive(lines, desk.router.plan, desk.now)
    assert revived is not None
    again.restore([revived], {}, desk.now)
    sight = {(silent[0], CALLER): LegSight(up=True, ours=True)}
    told = again.handle(Resynced(Snapshot(sight, (), {}, frozenset()), desk.now), desk.now + 1)
    assert [x.aside for x in told.commands if isinstance(x, HandOver)] == [True]


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


def test_nobody_walks_along_the_line() -> None:
    """Whoever may ring a phone that is free is found by looking at the heads, however long the line is."""
    desk = Desk(replace(seat("101"), tier=Tier.SUPERVISOR), overflow="PJSIP/112@neighbour")
    for number in range(40):
        desk.call(number)
    late = desk.call(99)
    assert len(heads(desk)) == 1
    assert not desk.rung(), "a supervisor is not rung for calls that came just now"
    desk.tell(KeyPressed(late, CALLER, "5"))
    assert heads(desk) == [late]
    times = desk.router.plan.timings
    desk.wait(times.supervisors)
    assert set(desk.rung()) == {"101"}
    desk.wait(times.overflow)
    assert desk.rung().count(OVERFLOW) == 41, "each was offered to the neighbour, once"


def heads(desk: Desk) -> list[CallId]:
    """Those at whom the router looks when a phone is free."""
    return desk.router.crowd.heads(dict.fromkeys(Sort, True), flood=False)


_TURNS = 1.5
"""Seconds after which everybody here has had their turn to be listened to."""


def flooded(seats: int, ghosts: int) -> tuple[Desk, list[CallId]]:
    """A centre with an ear, whose call-takers all talk, and so many callers of whom nothing is heard."""
    names = [seat(str(101 + n)) for n in range(seats)]
    desk = Desk(*names, listening=Listening())
    for n in range(seats):
        talking = desk.call(n)
        desk.tell(LegAnswered(talking, LegId(1)))
        desk.tell(VoiceHeard(talking, 1, 0.0), after=_TURNS)
    silent = [desk.call(100 + n) for n in range(ghosts)]
    desk.wait(_TURNS)
    for one in silent:
        desk.tell(ClassHeard(one, 1, line=CallersLine(AudioClass.SILENT)))
    return desk, silent


def frees(desk: Desk, n: int) -> None:
    """The talk of a call-taker ends."""
    call = ids.call_id("35.79", ChannelId(f"1760000000.{n}"))
    desk.tell(LegGone(call, CALLER, Why.HUNG_UP))
    desk.tell(LegGone(call, LegId(1), Why.HUNG_UP))


def test_a_flood_of_silent_calls_keeps_nobody_from_help() -> None:
    """Whoever speaks goes before all who were not heard, however long those have waited."""
    desk, _ = flooded(3, 6)
    caller = desk.call(50)
    desk.tell(VoiceHeard(caller, 1, 0.5), after=_TURNS)
    frees(desk, 0)
    assert desk.router.calls[caller].legs
    assert heads_in_flood(desk)


def test_in_a_flood_call_takers_are_left_for_who_speaks() -> None:
    """The unheard get their share of the call-takers, one at least; the others wait for those who speak."""
    desk, silent = flooded(3, 12)
    for n in range(3):
        frees(desk, n)
    served = [one for one in silent if desk.router.calls[one].legs]
    assert served == silent[:1], "a third listens to who came first"
    late = desk.call(50)
    assert not desk.router.calls[late].legs, "nobody knows yet whether anybody is there"
    desk.tell(VoiceHeard(late, 1, 0.5), after=_TURNS)
    assert desk.router.calls[late].legs


@pytest.mark.parametrize("key", ["1", "5"])
def test_in_a_flood_a_key_is_a_sign_of_life(key: str) -> None:
    """Who cannot speak can press: they are heard at once, and 5 goes before everybody."""
    desk, silent = flooded(2, 12)
    desk.tell(KeyPressed(silent[7], CALLER, key))
    frees(desk, 0)
    assert desk.router.calls[silent[7]].legs


def test_few_silent_callers_are_no_flood() -> None:
    """At other times a suspicion alone moves nobody, and keeps no call-taker from them."""
    desk, silent = flooded(3, 5)
    caller = desk.call(50)
    desk.tell(VoiceHeard(caller, 1, 0.5), after=_TURNS)
    for n in range(3):
        frees(desk, n)
    assert [one for one in silent if desk.router.calls[one].legs] == silent[:3]


def test_without_an_ear_there_is_no_flood() -> None:
    """Where nobody listens, or the ear was lost, nobody stands back for not being heard."""
    desk, silent = flooded(2, 12)
    for one in silent:
        desk.tell(EarLost(one, 1))
    frees(desk, 0)
    frees(desk, 1)
    assert [one for one in silent if desk.router.calls[one].legs] == silent[:2]


def test_in_a_flood_the_unheard_age_to_the_heard() -> None:
    """After the longest wait nobody who comes later goes first, but who cannot speak always does."""
    desk, silent = flooded(2, 12)
    desk.wait(46)
    caller, need = desk.call(50), desk.call(51)
    desk.tell(VoiceHeard(caller, 1, 0.5), after=_TURNS)
    desk.tell(KeyPressed(need, CALLER, "5"))
    assert heads_in_flood(desk)[0] == need
    desk.tell(LegGone(need, CALLER, Why.HUNG_UP))
    assert heads_in_flood(desk)[0] == silent[0]


def heads_in_flood(desk: Desk) -> list[CallId]:
    """At whom the router looks while a flood is on; it is."""
    assert desk.router.surge.is_silent(desk.now, desk.router.plan)
    return desk.router.crowd.heads(dict.fromkeys(Sort, True), flood=True)


def test_how_the_queue_stands_is_told_when_it_changes() -> None:
    """Nobody on duty, ready, full, a mass event, no Asterisk: each is told once, with its time."""
    desk = Desk(seat("101"), most_calls=2)
    desk.tell(CodeDialled(ChannelId("x"), "PJSIP/101", "*12"))
    desk.tell(CodeDialled(ChannelId("x"), "PJSIP/101", "*11"))
    one, two = desk.call(1), desk.call(2)
    desk.gone(two, CALLER)
    desk.router.surge.order(on=True)
    desk.wait(20)
    desk.router.surge.order(on=False)
    desk.gone(one, CALLER)
    desk.tell(ConnectionDropped())
    told = [x.queue for x in desk.all if x.queue is not None]
    full = [QueueState.DIVERSION_REQUESTED, QueueState.ACTIVE]
    assert told == [
        QueueState.INACTIVE,
        QueueState.ACTIVE,
        QueueState.INACTIVE,
        QueueState.ACTIVE,
        *full,
        *full,
        QueueState.DISABLED,
    ]
    assert desk.router.queue_seen == (QueueState.DISABLED, desk.now)
