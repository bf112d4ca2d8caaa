"""Whom a code means, what becomes of the agents it is about, and supervisors who take part unasked."""

import pytest

from siaga112.routing import ids
from siaga112.routing.commands import Confirm, Originate, Watch
from siaga112.routing.entries import Journaled
from siaga112.routing.events import CodeDialled, KeyPressed, LegAnswered, PhonesSeen
from siaga112.routing.plan import Agency, Tier, Timings
from siaga112.routing.talks import CodeRefused, Invited, Watched
from siaga112.routing.words import (
    CALLER,
    AgentId,
    CallId,
    ChannelId,
    Confirmation,
    LegId,
    Refusal,
    Watching,
)
from tests.routing.test_router import ONE, Desk, seat

TWO = LegId(2)
PMI = Agency(AgentId("pmi"), "2", seats=(AgentId("201"), AgentId("202")))
POLICE = Agency(AgentId("polres"), "10", endpoint="PJSIP/110@trunk", shown=False)


def centre(**plan: object) -> tuple[Desk, CallId]:
    """A call in which 101 talks; 102, two seats of an agency and a supervisor are there."""
    others = (seat("102"), seat("201", Tier.OPD), seat("202", Tier.OPD), seat("300", Tier.SUPERVISOR))
    agencies = {"2": PMI, "10": POLICE}
    told: dict[str, object] = {"agencies": agencies, "timings": Timings(wrap_up=0)} | plan
    desk = Desk(seat("101"), *others, **told)
    call = desk.call(1)
    desk.tell(LegAnswered(call, ONE))
    return desk, call


def press(desk: Desk, call: CallId, keys: str, leg: LegId = ONE) -> None:
    """Press keys in a talk."""
    for key in keys:
        desk.tell(KeyPressed(call, leg, key))


def lines(desk: Desk, kind: type) -> list[Journaled]:
    """What was written down of a kind."""
    return [x for one in desk.all for x in one.journal if isinstance(x.entry, kind)]


def state(desk: Desk, agent: str) -> str:
    """How an agent looks."""
    return desk.router.staff.seen(AgentId(agent)).state


def test_an_agency_is_its_first_seat_that_can_be_rung() -> None:
    """201's phone is gone, so 202's rings; the journal names the agency and the seat."""
    desk, call = centre()
    phones = frozenset(f"PJSIP/{n}" for n in (101, 102, 202, 300))
    desk.tell(PhonesSeen(phones))
    press(desk, call, "*32#")
    assert desk.rung() == ["101", "202"]
    entry = lines(desk, Invited)[0].entry
    assert isinstance(entry, Invited)
    assert (entry.agency, entry.agent_id, entry.inside) == ("pmi", "202", True)
    assert state(desk, "202") == "reserved"


def test_an_outside_number_is_not_shown_the_callers() -> None:
    """An operator turns calls away that show a number which is not the centre's."""
    desk, call = centre()
    press(desk, call, "*310#")
    (rung,) = [x for x in desk.all[-1].commands if isinstance(x, Originate)]
    assert (rung.endpoint, rung.caller_number) == ("PJSIP/110@trunk", None)


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ("99", Refusal.UNKNOWN),
        ("101", Refusal.BUSY),
        ("102", Refusal.UNREACHABLE),
        ("2", Refusal.UNREACHABLE),
    ],
)
def test_a_code_of_nobody_or_of_a_phone_that_cannot_be_rung(code: str, refusal: Refusal) -> None:
    """Refused at once, and why stands in the journal."""
    desk, call = centre()
    desk.tell(PhonesSeen(frozenset({"PJSIP/101"})))
    press(desk, call, f"*2{code}#")
    assert desk.rung() == ["101"]
    assert lines(desk, CodeRefused)[0].entry == CodeRefused(AgentId("101"), code, refusal)


def test_a_colleague_who_takes_over_is_on_call_and_the_first_is_free() -> None:
    """The seats' states follow the talk; nobody has two calls."""
    desk, call = centre()
    press(desk, call, "*2102#")
    desk.tell(LegAnswered(call, TWO))
    assert (state(desk, "101"), state(desk, "102")) == ("on_call", "on_call")
    desk.gone(call, ONE)
    assert (state(desk, "101"), state(desk, "102")) == ("available", "on_call")
    desk.call(2)
    assert desk.rung() == ["101", "102", "101"]


@pytest.mark.parametrize(("wish", "before"), [("*11", "available"), ("*12", "paused"), ("*13", "logged_out")])
def test_a_colleague_who_does_not_answer_is_as_before(wish: str, before: str) -> None:
    """Nobody is not responding, or ready against their wish, because a colleague rang."""
    desk, call = centre()
    desk.tell(CodeDialled(ChannelId("y"), "PJSIP/102", wish))
    press(desk, call, "*2102#")
    assert state(desk, "102") == "reserved"
    desk.wait(13)
    assert state(desk, "102") == before
    desk.gone(call, TWO)
    assert state(desk, "102") == before


def test_rest_after_a_call_goes_on_after_a_colleagues_call_in_vain() -> None:
    """Wrap-up lasts as long as it would have."""
    desk, call = centre(timings=Timings(wrap_up=60))
    other = desk.call(2)
    desk.tell(LegAnswered(other, ONE))
    desk.gone(other, ONE)
    assert state(desk, "102") == "wrap_up"
    press(desk, call, "*2102#")
    desk.wait(13)
    assert state(desk, "102") == "wrap_up"
    desk.gone(call, TWO)
    desk.wait(60)
    assert state(desk, "102") == "available"


def test_the_second_who_is_asked_for_is_not_in_two_talks() -> None:
    """A phone that is rung for one call cannot be asked into another."""
    desk, call = centre()
    other = desk.call(2)
    press(desk, call, "*3102#")
    assert lines(desk, CodeRefused)[0].entry == CodeRefused(AgentId("101"), "102", Refusal.BUSY)
    assert desk.router.staff.agents[AgentId("102")].phone == (other, ONE)


@pytest.mark.parametrize(
    ("code", "how"),
    [("*31101", Watching.LISTEN), ("*32101", Watching.WHISPER)],
)
def test_a_supervisor_watches_a_talk(code: str, how: Watching) -> None:
    """The phone hears the call-taker's leg; who did it, and how, stands in the call's journal."""
    desk, call = centre()
    decision = desk.tell(CodeDialled(ChannelId("y"), "PJSIP/300", code))
    assert decision.commands == [Watch(ChannelId("y"), how, ids.agent_channel(call, ONE))]
    (line,) = decision.journal
    assert (line.call_id, line.entry) == (call, Watched(AgentId("300"), AgentId("101"), how))
    assert line.seq == desk.router.calls[call].journaled


@pytest.mark.parametrize(
    ("endpoint", "code", "answer"),
    [
        ("PJSIP/102", "*31101", Confirmation.NOT_ALLOWED),
        ("PJSIP/201", "*33101", Confirmation.NOT_ALLOWED),
        ("PJSIP/300", "*31102", Confirmation.NOT_TALKING),
        ("PJSIP/300", "*31999", Confirmation.NOT_TALKING),
        ("PJSIP/999", "*31101", Confirmation.UNKNOWN),
    ],
)
def test_nobody_else_watches_and_nobody_who_does_not_talk(
    endpoint: str, code: str, answer: Confirmation
) -> None:
    """Refused in words; the talk's journal knows nothing of it."""
    desk, _ = centre()
    decision = desk.tell(CodeDialled(ChannelId("y"), endpoint, code))
    assert decision.commands == [Confirm(ChannelId("y"), answer)]
    assert not decision.journal


def test_a_call_that_only_rings_cannot_be_watched() -> None:
    """Whoever is being rung is in no talk."""
    desk, call = centre()
    desk.gone(call, CALLER)
    desk.gone(call, ONE)
    desk.call(2)
    decision = desk.tell(CodeDialled(ChannelId("y"), "PJSIP/300", "*31102"))
    assert decision.commands == [Confirm(ChannelId("y"), Confirmation.NOT_TALKING)]


def test_a_supervisor_in_a_talk_is_rung_last() -> None:
    """While they take part in a talk another supervisor is rung first; afterwards they are as before."""
    desk, _ = centre()
    ready = frozenset(one.endpoint for one in desk.router.staff.agents.values())
    desk.tell(CodeDialled(ChannelId("z"), "PJSIP/300", "*11"))
    desk.tell(CodeDialled(ChannelId("y"), "PJSIP/300", "*31101"))
    watcher = desk.router.staff.agents[AgentId("300")]
    assert watcher.choosable
    assert not desk.router.staff.free.lines[Tier.SUPERVISOR]
    assert desk.router.staff.free.silent.first() == "300"
    desk.tell(PhonesSeen(ready, busy=frozenset({"PJSIP/300"})))
    assert desk.router.staff.free.silent.first() == "300"
    desk.tell(PhonesSeen(ready))
    assert desk.router.staff.free.lines[Tier.SUPERVISOR].first() == "300"
