"""A supervisor who barges in is one more in the talk: who is there for them, and what their going ends."""

import pytest

from siaga112.routing import ids, talks
from siaga112.routing.call import Clearing, Connected, Ended, Queued
from siaga112.routing.commands import (
    Admit,
    Command,
    Confirm,
    Connect,
    Dismiss,
    DropBridge,
    Hangup,
    Lease,
    Play,
    StopPlay,
    Unbridge,
)
from siaga112.routing.events import (
    Barged,
    CodeDialled,
    CommandFailed,
    GuestGone,
    LegAnswered,
    LegGone,
    LegSight,
    Resynced,
    Snapshot,
)
from siaga112.routing.legs import Guest
from siaga112.routing.revive import revive
from siaga112.routing.router import Router
from siaga112.routing.words import CALLER, AgentId, CallId, ChannelId, Confirmation, Failure, Watching, Why
from tests.routing.conversation import CALL, CHANNEL, Conversation
from tests.routing.test_desk import centre
from tests.routing.test_router import Desk
from tests.routing.test_steps import ONE, TWO, gone
from tests.routing.test_talks import TAKER, press, talking, three, told, transferring

CHIEF, PHONE = AgentId("300"), ChannelId("1760000000.99")
BARGED = Barged(CALL, CHIEF, TAKER, PHONE)
BEGAN = talks.Watched(CHIEF, TAKER, Watching.BARGE, PHONE)
ENDED = talks.WatchEnded(CHIEF, PHONE)


def joined(talk: Conversation | None = None) -> Conversation:
    """A supervisor is in a talk."""
    return (talk or talking()) >> BARGED << Admit(CALL, PHONE)


def watched(talk: Conversation) -> list[object]:
    """What the journal says of guests."""
    return [*told(talk, talks.Watched), *told(talk, talks.WatchEnded)]


def test_a_guest_goes_and_the_talk_goes_on() -> None:
    """Nothing is asked of anybody when a supervisor hangs up; both are in the journal."""
    talk = joined() >> GuestGone(CALL, PHONE)
    talk.ends_in(Connected)
    assert not talk.call.guests
    assert talk.call.together == {CALLER, ONE}
    assert watched(talk) == [BEGAN, ENDED]
    (talk >> GuestGone(CALL, PHONE)).ends_in(Connected)
    assert watched(talk) == [BEGAN, ENDED], "said twice, written once"


def test_the_call_takers_goodbye_ends_the_call_with_a_guest_in_it() -> None:
    """A guest is nobody whom the caller could stay with: both are hung up."""
    talk = joined() >> gone(ONE) << Hangup(CALL, CALLER, CHANNEL) << Dismiss(PHONE)
    talk.ends_in(Clearing)
    talk = talk >> gone(CALLER) << DropBridge
    talk.ends_in(Ended)
    assert watched(talk) == [BEGAN, ENDED]


def test_the_callers_goodbye_frees_the_guest() -> None:
    """No phone listens to silence."""
    talk = joined() >> gone(CALLER) << Hangup << Dismiss(PHONE) >> gone(ONE) << DropBridge
    talk.ends_in(Ended)


def test_a_guest_stays_while_one_of_ours_or_an_agency_talks() -> None:
    """The call-taker leaves, the agency stays; the agency leaves: the call ends, and with it the visit."""
    talk = joined(three()) >> gone(ONE)
    talk.ends_in(Connected)
    assert talk.call.guests == (Guest(CHIEF, PHONE, talk.now),)
    (talk >> gone(TWO) << Hangup(CALL, CALLER, CHANNEL) << Dismiss(PHONE)).ends_in(Clearing)


def test_a_guest_stays_with_who_takes_over() -> None:
    """A transfer lets the first call-taker go; somebody talks all the time."""
    talk = joined(transferring()) >> LegAnswered(CALL, TWO) << Hangup
    talk = talk << StopPlay << Connect << Lease
    talk.ends_in(Connected)
    assert talk.call.guests


def test_a_guest_is_not_left_with_a_phone_that_rings() -> None:
    """The call-taker has left before anybody took over: nobody is there for the guest."""
    (joined(transferring()) >> gone(ONE) << Dismiss(PHONE)).ends_in(Connected)


def test_a_guest_stays_with_the_call_taker_of_a_held_caller() -> None:
    """Hold takes out the caller, and nobody else."""
    talk = press(joined(), "*4") << Unbridge(CALL, CHANNEL) << Lease << Play
    talk.ends_in(Connected)
    assert talk.call.guests


def test_a_line_that_breaks_sends_the_caller_to_the_queue_and_the_guest_away() -> None:
    """A guest does not count as somebody who has the caller."""
    talk = joined() >> gone(ONE, Why.BROKEN, 41) << Unbridge << Lease << Play << Dismiss(PHONE)
    talk.ends_in(Queued)


@pytest.mark.parametrize("failure", Failure)
def test_a_bridge_that_does_not_take_the_guest(failure: Failure) -> None:
    """The supervisor hears that nothing came of it; the talk knows nothing of it."""
    talk = joined() >> CommandFailed(Admit(CALL, PHONE), failure)
    (talk << Confirm(PHONE, Confirmation.NOT_TALKING)).ends_in(Connected)
    assert talk.call.together == {CALLER, ONE}
    assert watched(talk) == [BEGAN, ENDED]


def test_a_refusal_that_comes_late_is_none_any_more() -> None:
    """The guest has been seen out already."""
    talk = joined() >> GuestGone(CALL, PHONE) >> CommandFailed(Admit(CALL, PHONE), Failure.GONE)
    talk.ends_in(Connected)


def barged() -> tuple[Desk, CallId]:
    """A supervisor is in the talk of 101, in a centre."""
    desk, call = centre()
    decision = desk.tell(CodeDialled(PHONE, "PJSIP/300", "*33101"))
    assert decision.commands == [Admit(call, PHONE)]
    return desk, call


def seen(desk: Desk, call: CallId, **desks: CallId | None) -> Snapshot:
    """What Asterisk has: caller and call-taker in the bridge, and phones that dialled a code."""
    legs = {(call, leg): LegSight(up=True, ours=True) for leg in (CALLER, ONE)}
    bridges = {call: frozenset({CALLER, ONE})}
    phones = frozenset(one.endpoint for one in desk.router.staff.agents.values())
    known = {ChannelId(name): where for name, where in desks.items()}
    busy = frozenset({"PJSIP/300"} if PHONE in known else ())
    return Snapshot(legs, (), bridges, phones, busy=busy, desks=known)


def look(desk: Desk, snapshot: Snapshot, *, routine: bool = True) -> list[Command]:
    """What comes of a look."""
    desk.wait(5)
    return list(desk.tell(Resynced(snapshot, desk.now, routine=routine)).commands)


def test_a_guest_who_hangs_up_is_known_by_the_channel() -> None:
    """Events name a phone that dialled a code as if it were a caller's."""
    desk, call = barged()
    desk.tell(LegGone(ids.call_id("35.79", PHONE), CALLER, Why.HUNG_UP))
    assert not desk.router.calls[call].guests
    assert desk.all[-1].journal[-1].entry == ENDED
    desk.gone(call, CALLER)
    desk.gone(call, ONE)
    assert not desk.router.calls


def test_two_guests_go_one_by_one() -> None:
    """Each is known by their own phone."""
    desk, call = barged()
    other = ChannelId("1760000000.100")
    desk.tell(CodeDialled(other, "PJSIP/300", "*33101"))
    desk.tell(LegGone(ids.call_id("35.79", PHONE), CALLER, Why.HUNG_UP))
    assert [one.channel_id for one in desk.router.calls[call].guests] == [other]
    desk.gone(call, CALLER)
    assert Dismiss(other) in desk.all[-1].commands


def restarted(desk: Desk, call: CallId) -> Desk:
    """The same centre after a daemon that knows only the journal."""
    journal = [one for decision in desk.all for one in decision.journal if one.call_id == call]
    again = Router(desk.router.plan)
    revived = revive(journal, desk.router.plan, desk.now)
    assert revived is not None
    again.restore([revived], {}, desk.now)
    desk.router = again
    return desk


def test_a_restarted_daemon_keeps_the_guest() -> None:
    """In the bridge: nothing is done. The phone is rung last, as before; when it goes, only it goes."""
    desk, call = barged()
    desk = restarted(desk, call)
    commands = look(desk, seen(desk, call, **{PHONE: call}), routine=False)
    assert not [one for one in commands if isinstance(one, Admit | Dismiss | Connect)]
    assert desk.router.staff.agents[CHIEF].watches
    desk.tell(LegGone(ids.call_id("35.79", PHONE), CALLER, Why.HUNG_UP))
    assert not desk.router.calls[call].guests


def test_a_restarted_daemon_misses_a_guest_who_left() -> None:
    """Hung up meanwhile: written down, and the talk goes on."""
    desk, call = barged()
    desk = restarted(desk, call)
    look(desk, seen(desk, call), routine=False)
    assert desk.router.calls[call].guests == ()
    assert ENDED in [one.entry for one in desk.all[-1].journal]


def test_a_guest_outside_of_the_bridge_is_brought_back() -> None:
    """Asterisk may say yes and do nothing: two looks in a row see it."""
    desk, call = barged()
    outside = seen(desk, call, **{PHONE: None})
    assert look(desk, outside) == []
    assert look(desk, outside) == [Admit(call, PHONE)]


def test_a_stranger_in_a_talk_is_hung_up_and_the_talk_is_not_touched() -> None:
    """A guest of whom the daemon that let them in could not write any more."""
    desk, call = centre()
    assert look(desk, seen(desk, call, **{PHONE: call}), routine=False)[-1] == Dismiss(PHONE)
    assert look(desk, seen(desk, call)) == []


def test_a_phone_that_waits_for_an_answer_to_its_code_in_vain_is_hung_up() -> None:
    """One look may see a code that is being dealt with; two looks do not."""
    desk, call = centre()
    assert look(desk, seen(desk, call, **{PHONE: None})) == []
    assert look(desk, seen(desk, call, other=None)) == []
    assert look(desk, seen(desk, call, other=None)) == [Dismiss(ChannelId("other"))]


def test_a_supervisor_may_only_barge_in_where_somebody_talks() -> None:
    """The same refusals as for the other codes."""
    desk, _ = centre()
    refused = Confirm(PHONE, Confirmation.NOT_TALKING)
    assert desk.tell(CodeDialled(PHONE, "PJSIP/300", "*33102")).commands == [refused]
    not_allowed = Confirm(PHONE, Confirmation.NOT_ALLOWED)
    assert desk.tell(CodeDialled(PHONE, "PJSIP/102", "*33101")).commands == [not_allowed]
