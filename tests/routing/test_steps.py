"""How a call moves, state by state."""

import pytest

from siaga112.routing import entries
from siaga112.routing.call import Clearing, Connected, Ended, Offered, Queued, Ringing
from siaga112.routing.commands import (
    Answer,
    Claim,
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
from siaga112.routing.events import (
    CallerEntered,
    CommandFailed,
    DeadlinePassed,
    HandOverOrdered,
    KeyPressed,
    LegAnswered,
    LegGone,
    LegRinging,
    PromptEnded,
    Resumed,
)
from siaga112.routing.words import (
    CALLER,
    EndedBy,
    Failure,
    LegId,
    OfferResult,
    Outcome,
    Prompt,
    ServedBy,
    Why,
)
from tests.routing.conversation import CALL, CHANNEL, START, Conversation, chosen, play

ONE, TWO = LegId(1), LegId(2)


def gone(leg: LegId, why: Why = Why.HUNG_UP, cause: int | None = 16) -> LegGone:
    """A leg is gone."""
    return LegGone(CALL, leg, why, cause)


def queued() -> Conversation:
    """A caller who waits and hears the greeting."""
    return play() >> CallerEntered(CALL) << Answer << Play


def ringing() -> Conversation:
    """One whose call rings the first agent's phone."""
    return queued() >> chosen(101) << Originate


def talking() -> Conversation:
    """One who talks."""
    return ringing() >> LegAnswered(CALL, ONE) << StopPlay << Connect << Lease


def test_a_call_is_claimed_and_a_phone_rings_before_the_caller_is_ours() -> None:
    """The claim and the first ring go out together: nothing waits for the caller's channel to arrive."""
    talk = play(must_claim=True) << Claim(CALL, CHANNEL)
    (talk >> chosen(101) << Originate).ends_in(Ringing)


def test_a_caller_in_our_hands_is_answered_and_greeted() -> None:
    """Answer at once, speak at once; the call is in the queue already."""
    queued().ends_in(Queued)
    assert isinstance(queued().last, entries.PromptStarted)


def test_the_first_greeting_is_followed_by_the_waiting_prompt_and_the_hold_sound() -> None:
    """Never silence: greeting, a word that it may take a while, then the hold sound."""
    talk = queued() >> PromptEnded(CALL, 1) << Play
    (talk >> PromptEnded(CALL, 2) << StartHold).ends_in(Queued)


def test_a_prompt_that_is_not_the_current_one_changes_nothing() -> None:
    """The end of an earlier prompt is old news."""
    (queued() >> PromptEnded(CALL, 7)).ends_in(Queued)


def test_while_a_phone_rings_the_greeting_gives_way_to_the_hold_sound() -> None:
    """A caller whose call rings is not told that everybody is busy."""
    (ringing() >> PromptEnded(CALL, 1) << StartHold).ends_in(Ringing)


def test_an_answer_cuts_the_prompt_and_connects() -> None:
    """The prompt goes first: Asterisk makes the bridge wait for it."""
    talking().ends_in(Connected)


def test_an_agent_may_answer_before_the_caller_is_ours() -> None:
    """The talk begins the moment the caller's channel arrives."""
    talk = play() >> chosen(101) << Originate
    talk = talk >> LegAnswered(CALL, ONE)
    (talk >> CallerEntered(CALL) << Answer << Connect << Lease).ends_in(Connected)


def test_the_first_of_two_answers_wins() -> None:
    """The other phone stops ringing and is told that somebody else answered."""
    talk = ringing() >> chosen(102) << Originate
    other = Hangup(CALL, TWO, f"s112.{CALL}.agent.2", elsewhere=True)  # type: ignore[arg-type]
    talk = talk >> LegAnswered(CALL, ONE) << other << StopPlay << Connect << Lease
    (talk >> LegAnswered(CALL, TWO)).ends_in(Connected)


@pytest.mark.parametrize(
    ("why", "result"),
    [
        (Why.BUSY, OfferResult.BUSY),
        (Why.REJECTED, OfferResult.BUSY),
        (Why.NO_ANSWER, OfferResult.RONA),
        (Why.UNREACHABLE, OfferResult.UNREACHABLE),
        (Why.VANISHED, OfferResult.UNREACHABLE),
    ],
)
def test_a_phone_that_does_not_take_the_call_sends_it_back(why: Why, result: OfferResult) -> None:
    """The caller waits on at the old place, and the offer's end is written down."""
    talk = ringing() >> gone(ONE, why)
    talk.ends_in(Queued)
    ended = [one.entry for one in talk.journal if isinstance(one.entry, entries.OfferEnded)]
    assert [one.result for one in ended] == [result]


def test_a_ring_has_an_end() -> None:
    """After eight seconds the phone is given up; the caller keeps the place."""
    talk = ringing().after(8)
    assert talk.call.deadline == talk.now
    (talk >> DeadlinePassed() << Hangup).ends_in(Queued)
    assert talk.last == entries.OfferEnded(ONE, talk.call.legs[0].agent_id, OfferResult.RONA)


def test_a_hang_up_without_effect_is_repeated() -> None:
    """A leg that should be gone is told again until it is."""
    talk = ringing().after(8) >> DeadlinePassed() << Hangup
    (talk.after(3) >> DeadlinePassed() << Hangup).ends_in(Queued)
    (talk >> gone(ONE)).ends_in(Queued)


def test_a_late_answer_of_a_phone_that_was_given_up_is_not_taken() -> None:
    """Its hang-up is under way already."""
    talk = ringing().after(8) >> DeadlinePassed() << Hangup
    (talk >> LegAnswered(CALL, ONE)).ends_in(Queued)


def test_a_waiting_caller_is_spoken_to_and_the_lease_renewed() -> None:
    """Every twenty seconds a word; the dialplan takes the caller back when we no longer say that we live."""
    talk = queued() >> PromptEnded(CALL, 1) << Play
    talk = talk >> PromptEnded(CALL, 2) << StartHold
    talk = talk.after(20) >> DeadlinePassed() << Lease << Play
    assert entries.PromptStarted(3, Prompt.WAIT_AGAIN) in [one.entry for one in talk.journal]


@pytest.mark.parametrize("phase", [queued, ringing, talking])
def test_a_caller_who_leaves_ends_the_call_when_every_leg_is_gone(phase: object) -> None:
    """Clearing lasts exactly as long as a leg lives."""
    talk: Conversation = phase()  # type: ignore[operator]
    talk = talk >> gone(CALLER)
    if talk.call.legs:
        assert isinstance(talk.call.phase, Clearing)
        talk = talk << Hangup >> gone(ONE)
    if talk.open:
        talk = talk << DropBridge
    talk.ends_in(Ended)
    assert isinstance(talk.last, entries.Ended)
    assert talk.last.by is EndedBy.CALLER


def test_a_leg_that_is_gone_twice_is_gone() -> None:
    """Asterisk tells it up to three times."""
    talk = queued() >> gone(CALLER)
    (talk >> gone(CALLER) >> gone(CALLER, Why.LEFT)).ends_in(Ended)


def test_the_agents_goodbye_ends_the_call() -> None:
    """The caller is hung up only after a person has ended the talk."""
    talk = talking() >> gone(ONE)
    talk = talk << Hangup(CALL, CALLER, CHANNEL) >> gone(CALLER) << DropBridge
    talk.ends_in(Ended)
    assert talk.last == entries.Ended(EndedBy.AGENT, Outcome.ANSWERED, ServedBy.DAEMON, 16)


def test_an_agents_line_that_breaks_sends_the_caller_back_with_a_word() -> None:
    """A broken line is nobody's goodbye."""
    talk = talking() >> gone(ONE, Why.BROKEN, 41) << StopPlay << Unbridge << Lease << Play
    talk.ends_in(Queued)
    assert talk.last == entries.PromptStarted(2, Prompt.RECONNECT)


def test_a_lease_that_could_not_be_ended_is_ended_again() -> None:
    """Left as it is, Asterisk would take the caller out of the talk after 45 s."""
    talk = talking() >> CommandFailed(Lease(CALL, CHANNEL, 0), Failure.LOST)
    assert talk.call.deadline == START + 3
    (talk.after(3) >> DeadlinePassed() << Lease(CALL, CHANNEL, 0)).ends_in(Connected)


def test_keys_are_written_down() -> None:
    """Each key of the caller stands in the journal, in a talk too."""
    assert (talking() >> KeyPressed(CALL, CALLER, "5")).last == entries.KeyHeard(CALLER, "5")


def test_a_claim_that_came_too_late_leaves_the_call_to_the_fallback() -> None:
    """The dialplan serves it; the phone that was rung on speculation stops."""
    talk = play(must_claim=True) << Claim >> chosen(101) << Originate
    claim = Claim(CALL, CHANNEL)
    talk = talk >> CommandFailed(claim, Failure.GONE) << Hangup >> gone(ONE)
    talk.ends_in(Ended)
    assert talk.last == entries.Ended(EndedBy.SYSTEM, Outcome.FAILED_TECHNICAL, ServedBy.FALLBACK, None)


def test_a_call_that_never_comes_into_our_hands_is_handed_over() -> None:
    """Whatever became of it, the dialplan's fallback is where it is safe."""
    talk = play(must_claim=True) << Claim
    (talk.after(3) >> DeadlinePassed() << HandOver).ends_in(Clearing)
    (talk >> gone(CALLER, Why.LEFT, None)).ends_in(Ended)


def test_a_bridge_that_fails_sends_the_caller_back_and_at_last_to_the_fallback() -> None:
    """Three talks that cannot begin are enough: a person must hear this caller."""
    talk = talking()
    failed = CommandFailed(Connect(CALL, (CHANNEL,)), Failure.REFUSED)
    for leg in (2, 3):
        talk = talk >> PromptEnded(CALL, leg - 1)
        talk = talk >> failed << Hangup << Unbridge << Lease << Play
        talk = talk >> gone(LegId(leg - 1)) >> chosen(100 + leg) << Originate
        talk = talk >> LegAnswered(CALL, LegId(leg)) << StopPlay << Connect << Lease
    talk = talk >> failed << Hangup << StopPlay << Unbridge
    (talk << Lease << HandOver).ends_in(Clearing)


def test_a_phone_that_cannot_be_rung_costs_nothing() -> None:
    """Asterisk refuses at once: the call waits on, the agent is unreachable."""
    call = ringing()
    originate = Originate(CALL, ONE, call.call.legs[0].agent_id, "PJSIP/101", CHANNEL, None, 10)
    (call >> CommandFailed(originate, Failure.REFUSED)).ends_in(Queued)


def test_a_ring_of_which_nothing_is_known_is_ended() -> None:
    """No answer to the originate: it may ring, so it is hung up, and another phone is tried."""
    call = ringing()
    originate = Originate(CALL, ONE, call.call.legs[0].agent_id, "PJSIP/101", CHANNEL, None, 10)
    (call >> CommandFailed(originate, Failure.LOST) << Hangup).ends_in(Queued)


def test_a_hand_over_stops_what_is_heard_and_what_rings() -> None:
    """Draining: the caller goes to the fallback, which is told by nobody else."""
    talk = ringing() >> HandOverOrdered(CALL, "draining") << StopPlay << HandOver << Hangup
    talk = talk >> gone(ONE) >> gone(CALLER, Why.LEFT, None)
    talk.ends_in(Ended)
    assert talk.last == entries.Ended(EndedBy.SYSTEM, Outcome.OVERFLOWED, ServedBy.FALLBACK, None)


def test_a_talk_is_never_handed_over() -> None:
    """Whoever talks, talks on."""
    (talking() >> HandOverOrdered(CALL, "draining")).ends_in(Connected)


def test_after_an_interruption_a_waiting_caller_is_spoken_to_again() -> None:
    """What was last said may have been lost with the connection, even the answer."""
    talk = (
        queued() >> Resumed(CALL, answered=False, bridged=frozenset()) << StopPlay << Answer << Lease << Play
    )
    talk.ends_in(Queued)


def test_after_an_interruption_a_talk_is_put_together_again() -> None:
    """A bridge that lost a leg is mended; a whole one is left alone."""
    whole = Resumed(CALL, answered=True, bridged=frozenset({CALLER, ONE}))
    (talking() >> whole).ends_in(Connected)
    half = Resumed(CALL, answered=True, bridged=frozenset({ONE}))
    (talking() >> half << StopPlay << Connect << Lease).ends_in(Connected)
    half = Resumed(CALL, answered=True, bridged=frozenset({CALLER}))
    (talking() >> half << Connect).ends_in(Connected)


@pytest.mark.parametrize("phase", [play, queued, ringing, talking])
def test_a_ringing_tone_changes_nothing_of_the_call(phase: object) -> None:
    """That a phone rings is its agent's news."""
    talk: Conversation = phase()  # type: ignore[operator]
    before = talk.call
    assert (talk >> LegRinging(CALL, ONE)).call == before


def test_arrived_is_waiting() -> None:
    """A call is in the queue from its arrival on."""
    assert play().call.waits
    play().ends_in(Offered)
