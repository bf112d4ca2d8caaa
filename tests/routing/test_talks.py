"""Codes during a talk: hold, transfer, three in a talk; who comes, who leaves, and who has the caller."""

import pytest

from siaga112.routing import entries, talks
from siaga112.routing.call import Clearing, Connected, Ended, Queued
from siaga112.routing.commands import (
    Announce,
    Connect,
    DropBridge,
    HandOver,
    Hangup,
    Lease,
    Originate,
    Play,
    StartHold,
    StopPlay,
    Unbridge,
)
from siaga112.routing.entries import Entry
from siaga112.routing.events import (
    Asked,
    CommandFailed,
    DeadlinePassed,
    HandOverOrdered,
    KeyPressed,
    LegAnswered,
    LegGone,
    PromptEnded,
    Resumed,
    Target,
    TargetNamed,
)
from siaga112.routing.ids import agent_channel
from siaga112.routing.plan import LEASE
from siaga112.routing.steps import step
from siaga112.routing.words import (
    CALLER,
    AgentId,
    Disposition,
    Failure,
    LegId,
    OfferResult,
    Outcome,
    Prompt,
    Purpose,
    Refusal,
    Why,
)
from tests.routing import test_steps
from tests.routing.conversation import CALL, CHANNEL, Conversation
from tests.routing.test_steps import ONE, TWO, gone

TAKER, PMI = AgentId("101"), AgentId("pmi")
AGENCY = Target(PMI, "PJSIP/pmi", "pmi", inside=False)
COLLEAGUE = Target(AgentId("102"), "PJSIP/102")
REGION = Target(AgentId("next"), "PJSIP/112@next", "next", inside=False, region=True)


def talking() -> Conversation:
    """Caller and taker talk, and the greeting is over."""
    return test_steps.talking() >> PromptEnded(CALL, 1)


def press(talk: Conversation, keys: str, leg: LegId = ONE) -> Conversation:
    """Press keys; none of them but the last may have something done."""
    for key in keys[:-1]:
        talk = talk >> KeyPressed(CALL, leg, key)
    return talk >> KeyPressed(CALL, leg, keys[-1])


def named(target: Target | Refusal, purpose: Purpose = Purpose.TRANSFER, leg: LegId = ONE) -> TargetNamed:
    """The router looked the code up."""
    return TargetNamed(CALL, Asked(leg, purpose, "1"), target)


def held() -> Conversation:
    """A caller on hold, with the taker in the bridge."""
    return press(talking(), "*4") << Unbridge(CALL, CHANNEL) << Lease(CALL, CHANNEL, LEASE) << Play


def transferring(target: Target = AGENCY) -> Conversation:
    """A caller who hears music while somebody is rung who shall take over."""
    return talking() >> named(target) << Unbridge << Lease << Play << Originate << Announce


def joining() -> Conversation:
    """A talk into which an agency is rung."""
    return talking() >> named(AGENCY, Purpose.JOIN) << Originate << Announce


def three() -> Conversation:
    """Caller, taker and agency."""
    return joining() >> LegAnswered(CALL, TWO) << Connect(CALL, (agent_channel(CALL, TWO),))


def told(talk: Conversation, kind: type[Entry]) -> list[Entry]:
    """The journal's entries of a kind."""
    return [one.entry for one in talk.journal if isinstance(one.entry, kind)]


def test_a_caller_on_hold_hears_a_word_and_music_and_comes_back() -> None:
    """Out of the bridge, the lease in force again; back in, what is heard cut first, the lease ended."""
    talk = held() >> PromptEnded(CALL, 2) << StartHold
    assert talk.call.held == ONE
    talk = press(talk, "*4") << Connect(CALL, (CHANNEL,)) << Lease(CALL, CHANNEL, 0)
    talk.ends_in(Connected)
    assert [one.kind for one in told(talk, talks.Held) + told(talk, talks.Resumed)] == ["held", "resumed"]


def test_who_comes_back_during_the_word_does_not_stall_the_bridge() -> None:
    """Asterisk makes a bridge wait for a prompt: it is stopped before."""
    (press(held(), "*4") << StopPlay(CALL, 2) << Connect << Lease).ends_in(Connected)


def test_a_caller_on_hold_is_spoken_to_and_the_lease_renewed() -> None:
    """Nobody who talks holds the lease, so we do: every twenty seconds."""
    talk = held() >> PromptEnded(CALL, 2) << StartHold
    assert talk.call.deadline == talk.now + 20
    talk = talk.after(20) >> DeadlinePassed() << Lease(CALL, CHANNEL, LEASE) << Play
    talk.ends_in(Connected)


def test_the_caller_who_leaves_from_hold_ends_the_call() -> None:
    """The taker's leg goes too."""
    talk = held() >> gone(CALLER) << Hangup >> gone(ONE) << DropBridge
    talk.ends_in(Ended)
    assert talk.last.outcome is Outcome.ANSWERED  # type: ignore[union-attr]


def test_a_taker_who_hangs_up_on_a_caller_on_hold_does_not_end_the_call() -> None:
    """A caller who hears music has heard no goodbye: first in line again."""
    talk = held() >> gone(ONE) << StopPlay << Unbridge << Lease << Play
    talk.ends_in(Queued)
    assert talk.last == entries.PromptStarted(3, Prompt.RECONNECT)
    assert told(talk, entries.Requeued)


def test_a_code_asks_the_router_who_is_meant() -> None:
    """The call knows no plan: it asks, and goes on when it is told."""
    talk = press(talking(), "*21")
    done = step(talk.call, KeyPressed(CALL, ONE, "#"), talk.now)
    assert done.asked == Asked(ONE, Purpose.TRANSFER, "1")
    assert not done.commands


def test_a_transfer_that_is_answered_lets_the_taker_go() -> None:
    """The caller and who picked up are together before the taker is hung up; the talk goes on."""
    talk = transferring() >> LegAnswered(CALL, TWO) << Hangup(CALL, ONE, agent_channel(CALL, ONE))
    talk = talk << StopPlay << Connect(CALL, (CHANNEL, agent_channel(CALL, TWO))) << Lease(CALL, CHANNEL, 0)
    talk = talk >> gone(ONE)
    talk.ends_in(Connected)
    assert talk.call.together == {CALLER, TWO}
    assert told(talk, talks.Left) == [talks.Left(ONE, TAKER)]
    talk = talk >> gone(TWO) << Hangup(CALL, CALLER, CHANNEL) >> gone(CALLER) << DropBridge
    talk.ends_in(Ended)
    assert talk.last.outcome is Outcome.ANSWERED  # type: ignore[union-attr]


def test_only_a_call_that_stays_in_another_region_is_transferred_to_it() -> None:
    """The plan marks the centre; what counts is who has the caller at the end."""
    talk = transferring(REGION) >> LegAnswered(CALL, TWO) << Hangup << StopPlay << Connect << Lease
    talk = talk >> gone(ONE) >> gone(CALLER) << Hangup >> gone(TWO) << DropBridge
    assert talk.last.outcome is Outcome.TRANSFERRED_REGION  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("why", "result"),
    [
        (Why.BUSY, OfferResult.BUSY),
        (Why.REJECTED, OfferResult.BUSY),
        (Why.NO_ANSWER, OfferResult.RONA),
        (Why.UNREACHABLE, OfferResult.UNREACHABLE),
    ],
)
def test_a_target_that_does_not_take_the_call_gives_the_caller_back(why: Why, result: OfferResult) -> None:
    """Together again, and both are told; the journal says which agency it was and how it ended."""
    talk = transferring() >> gone(TWO, why) << StopPlay << Connect(CALL, (CHANNEL,)) << Lease
    (talk << Announce(CALL, 4, Prompt.DESK_FAILED, "id")).ends_in(Connected)
    assert told(talk, talks.InviteEnded) == [talks.InviteEnded(TWO, PMI, "pmi", result)]
    assert talk.call.together == {CALLER, ONE}


def test_a_target_that_rings_on_is_given_up_after_twelve_seconds() -> None:
    """The caller is back within fifteen."""
    talk = transferring() >> PromptEnded(CALL, 2) << StartHold
    assert talk.call.deadline == talk.now + 12
    talk = talk.after(12) >> DeadlinePassed() << Hangup << Connect(CALL, (CHANNEL,)) << Lease << Announce
    talk.ends_in(Connected)
    assert talk.call.held is None


def test_a_phone_that_asterisk_cannot_ring_gives_the_caller_back_at_once() -> None:
    """Refused: unreachable. Not answered at all: it may ring, so it is hung up."""
    talk = transferring()
    originate = Originate(CALL, TWO, PMI, "PJSIP/pmi", CHANNEL, None, 14)
    refused = talk >> CommandFailed(originate, Failure.REFUSED)
    (refused << StopPlay << Connect << Lease << Announce).ends_in(Connected)
    talk = transferring() >> CommandFailed(originate, Failure.LOST)
    (talk << Hangup << StopPlay << Connect << Lease << Announce).ends_in(Connected)


def test_the_transfer_goes_on_without_the_taker() -> None:
    """Blind: hung up while it rings. Who picks up has the caller; who does not, sends them to the queue."""
    talk = transferring() >> gone(ONE)
    talk.ends_in(Connected)
    came = talk >> LegAnswered(CALL, TWO) << StopPlay
    (came << Connect(CALL, (CHANNEL, agent_channel(CALL, TWO))) << Lease).ends_in(Connected)
    talk = transferring() >> gone(ONE) >> gone(TWO, Why.BUSY) << StopPlay << Unbridge << Lease << Play
    talk.ends_in(Queued)
    assert talk.last == entries.PromptStarted(4, Prompt.RECONNECT)
    assert talk.call.place[0] == 0


def test_hold_takes_a_transfer_back_that_still_rings() -> None:
    """`*4`: the phone stops ringing, the caller is back."""
    talk = press(transferring(), "*4") << Hangup << StopPlay << Connect << Lease
    talk.ends_in(Connected)
    ended = talks.InviteEnded(TWO, PMI, "pmi", OfferResult.RING_CANCELLED)
    assert told(talk, talks.InviteEnded) == [ended]


def test_an_agency_is_one_more_and_any_of_them_may_leave() -> None:
    """Three talk; the taker leaves, and later the agency, whose goodbye ends the call."""
    talk = three() >> gone(ONE)
    talk.ends_in(Connected)
    assert talk.call.phase == Connected(TWO, PMI)
    talk = talk >> gone(TWO) << Hangup(CALL, CALLER, CHANNEL)
    talk.ends_in(Clearing)


def test_a_line_that_breaks_beside_others_ends_nothing() -> None:
    """Taker and caller talk on when the agency's line fails; the last line that fails sends to the queue."""
    talk = three() >> gone(TWO, Why.BROKEN, 41)
    talk.ends_in(Connected)
    (talk >> gone(ONE, Why.BROKEN, 41) << Unbridge << Lease << Play).ends_in(Queued)


def test_who_asked_may_leave_before_the_agency_picks_up() -> None:
    """The caller hears music meanwhile, not silence."""
    talk = joining() >> gone(ONE) << Unbridge << Lease << Play
    talk.ends_in(Connected)
    talk = talk >> LegAnswered(CALL, TWO) << StopPlay
    (talk << Connect(CALL, (CHANNEL, agent_channel(CALL, TWO))) << Lease).ends_in(Connected)


def test_a_warm_transfer() -> None:
    """On hold, the agency alone with the taker, who hangs up: the caller comes in."""
    talk = held() >> PromptEnded(CALL, 2) << StartHold
    talk = talk >> named(AGENCY, Purpose.JOIN) << Originate << Announce
    talk = talk >> LegAnswered(CALL, TWO) << Connect(CALL, (agent_channel(CALL, TWO),))
    assert talk.call.together == {ONE, TWO}
    (talk >> gone(ONE) << Connect(CALL, (CHANNEL,)) << Lease(CALL, CHANNEL, 0)).ends_in(Connected)
    assert talk.call.together == {CALLER, TWO}


def test_an_agency_that_ends_its_part_leaves_the_caller_on_hold_with_the_taker() -> None:
    """Who put them on hold is still there, and brings them back."""
    talk = held() >> named(AGENCY, Purpose.JOIN) << Originate << Announce
    talk = talk >> LegAnswered(CALL, TWO) << Connect
    talk = talk >> gone(TWO)
    talk.ends_in(Connected)
    assert talk.call.together == {ONE}


@pytest.mark.parametrize(
    ("target", "prompt"),
    [
        (Refusal.UNKNOWN, Prompt.DESK_REFUSED),
        (Refusal.BUSY, Prompt.DESK_FAILED),
        (Refusal.UNREACHABLE, Prompt.DESK_FAILED),
        (Target(TAKER, "PJSIP/101"), Prompt.DESK_REFUSED),
    ],
)
def test_a_code_that_comes_to_nothing_is_said_and_written_down(
    target: Target | Refusal, prompt: Prompt
) -> None:
    """The talk is left as it is: nobody is put on hold for nothing."""
    talk = talking() >> named(target) << Announce(CALL, 2, prompt, "id")
    talk.ends_in(Connected)
    expected = target if isinstance(target, Refusal) else Refusal.PRESENT
    assert told(talk, talks.CodeRefused) == [talks.CodeRefused(TAKER, "1", expected)]


def test_one_is_rung_at_a_time() -> None:
    """The same code twice, or another one, while somebody is rung: refused, and the first rings on."""
    talk = joining() >> named(COLLEAGUE, Purpose.JOIN)
    talk.ends_in(Connected)
    assert [one.refusal for one in told(talk, talks.CodeRefused)] == [Refusal.ANOTHER_RINGS]  # type: ignore[union-attr]


def test_not_everybody_fits_into_one_talk() -> None:
    """Four of ours and the agencies'; the fifth is refused."""
    talk = talking()
    for n in (2, 3, 4):
        other = Target(AgentId(str(n)), f"PJSIP/{n}", str(n), inside=False)
        talk = talk.after(3) >> named(other, Purpose.JOIN) << Originate << Announce
        talk = talk >> LegAnswered(CALL, LegId(n)) << Connect
    talk = talk.after(3) >> named(AGENCY, Purpose.JOIN) << Announce
    assert talk.last == entries.PromptStarted(talk.call.prompts, Prompt.DESK_REFUSED)
    assert talk.call.offers == 4


@pytest.mark.parametrize("keys", ["*1", "*9", "*2#", "*3#", "**0", "*2123456789", "*#"])
def test_keys_that_are_no_code_are_refused(keys: str) -> None:
    """Whatever is pressed: said once, written down, and nothing else."""
    talk = press(talking(), keys) << Announce
    talk.ends_in(Connected)
    assert len(told(talk, talks.CodeRefused)) == 1
    assert talk.call.together == {CALLER, ONE}


def test_a_flood_of_keys_speaks_once() -> None:
    """Forty refused codes in a moment: one word, forty entries; the talk goes on."""
    talk = press(talking(), "*9") << Announce
    for _ in range(39):
        talk = press(talk, "*9")
    talk.ends_in(Connected)
    assert len(told(talk, talks.CodeRefused)) == 40


def test_a_code_is_forgotten_when_it_is_not_finished() -> None:
    """A star of a minute ago does not make a transfer of a key of now."""
    talk = press(talking(), "*21").after(11)
    done = step(talk.call, KeyPressed(CALL, ONE, "#"), talk.now)
    assert (done.asked, done.commands) == (None, ())


def test_a_star_begins_anew() -> None:
    """Whoever mistyped presses the star again."""
    talk = press(press(talking(), "*2"), "*7")
    assert talk.last == entries.Classified(Disposition.PRANK, TAKER)


def test_whoever_of_ours_talks_may_say_what_the_call_was_and_the_agency_may_not() -> None:
    """A colleague's codes are obeyed; an agency's keys and the caller's are only written down."""
    talk = transferring(COLLEAGUE) >> LegAnswered(CALL, TWO) << Hangup << StopPlay << Connect << Lease
    talk = press(talk, "*8", TWO)
    assert talk.last == entries.Classified(Disposition.INFORMATION, AgentId("102"))
    talk = press(three(), "*4", TWO)
    assert talk.last == entries.KeyHeard(TWO, "4")
    assert talk.call.held is None


def test_a_bridge_that_does_not_take_who_comes_lets_them_go() -> None:
    """The others talk on; when it does not take the caller, the caller waits first in line."""
    failed = CommandFailed(Connect(CALL, (agent_channel(CALL, TWO),)), Failure.REFUSED)
    talk = three() >> failed << Hangup(CALL, TWO, agent_channel(CALL, TWO))
    talk.ends_in(Connected)
    failed = CommandFailed(Connect(CALL, (CHANNEL,)), Failure.GONE)
    (talking() >> failed << Hangup << Unbridge << Lease << Play).ends_in(Queued)


def test_what_failed_for_somebody_who_is_gone_ends_no_talk() -> None:
    """News of a bridge that is late: the taker it was about has been let go."""
    talk = transferring() >> LegAnswered(CALL, TWO) << Hangup << StopPlay << Connect << Lease
    late = CommandFailed(Connect(CALL, (CHANNEL, agent_channel(CALL, ONE))), Failure.LOST)
    (talk >> late).ends_in(Connected)


def test_after_an_interruption_a_caller_on_hold_is_kept_on_hold() -> None:
    """Out of the bridge for sure, spoken to again, and the lease renewed."""
    seen = Resumed(CALL, answered=True, bridged=frozenset({CALLER, ONE}))
    talk = held() >> seen << Unbridge << StopPlay << Lease(CALL, CHANNEL, LEASE) << Play
    talk.ends_in(Connected)


def test_when_draining_a_caller_with_nobody_goes_to_the_fallback() -> None:
    """Who talks talks on; who hears music with nobody in the talk is handed over."""
    order = HandOverOrdered(CALL, "draining")
    (held() >> order).ends_in(Connected)
    talk = transferring() >> gone(ONE) >> order << StopPlay << HandOver << Hangup
    talk.ends_in(Clearing)


def test_a_leg_nobody_knows_changes_nothing() -> None:
    """News of a leg that is no more, and answers of who was given up."""
    talk = transferring() >> LegGone(CALL, LegId(7), Why.HUNG_UP) >> LegAnswered(CALL, LegId(7))
    talk.ends_in(Connected)
    assert talk.call.held == ONE
