"""What a failed command means for its call.

"Gone" is mostly news that an event tells too, and is settled as if it were that event. Whatever else fails
ends with a person or in the dialplan's fallback, never in silence.
"""

from typing import assert_never

from siaga112.routing import ids
from siaga112.routing.call import Clearing, Connected, Ended, Offered, Queued, Ringing
from siaga112.routing.clearing import (
    caller_gone,
    clear,
    end_offer,
    finish,
    hand_over,
    leg_gone,
    wait_if_none_rings,
)
from siaga112.routing.commands import (
    Admit,
    Announce,
    Answer,
    Beep,
    Claim,
    Confirm,
    Connect,
    Dismiss,
    DropBridge,
    HandOver,
    Hangup,
    Lease,
    Originate,
    Play,
    StartHold,
    StopPlay,
    Tap,
    Unbridge,
    Untap,
    Watch,
)
from siaga112.routing.events import CommandFailed
from siaga112.routing.guests import turn_away
from siaga112.routing.heard import EarLost
from siaga112.routing.holding import word_failed
from siaga112.routing.inviting import drop_out, leave, not_coming
from siaga112.routing.legs import AgentLeg, Stage
from siaga112.routing.listening import hear
from siaga112.routing.talking import requeue
from siaga112.routing.turn import Turn
from siaga112.routing.waiting import after_prompt
from siaga112.routing.words import (
    CALLER,
    ChannelId,
    EndedBy,
    Failure,
    LegId,
    OfferResult,
    Outcome,
    ServedBy,
    Why,
)


def fail(t: Turn, event: CommandFailed) -> None:
    """Settle a failed command."""
    gone = event.failure is Failure.GONE
    match event.command:
        case Claim():
            _claim_failed(t, event.failure)
        case Answer() if not isinstance(t.call.phase, Clearing | Ended):
            _answer_failed(t, gone=gone)
        case Play(n=n) if isinstance(t.call.phase, Queued | Ringing):
            after_prompt(t, n)
        case Originate(leg=leg):
            _originate_failed(t, leg, event.failure)
        case Hangup(leg=leg) if gone:
            _already_gone(t, leg)
        case Play(n=n) if isinstance(t.call.phase, Connected):
            word_failed(t, n, event.failure)
        case Connect(channels=channels) if isinstance(t.call.phase, Connected):
            _connect_failed(t, channels, event.failure)
        case Lease() if isinstance(t.call.phase, Connected) and not gone:
            # Left as it is, Asterisk would take the caller out of the talk.
            t.set(speak_at=t.now + t.call.timings.clearing)
        case HandOver() if gone and isinstance(t.call.phase, Clearing):
            t.lose_caller(Why.LEFT, None)
            finish(t)
        case Answer() | Play() | Connect():
            pass  # Too late to matter.
        case Hangup() | HandOver():
            pass  # The deadline says it again.
        case StopPlay() | StartHold() | Lease() | Announce():
            pass  # Comfort only; what it means for the legs, events tell.
        case Unbridge():
            pass  # Who is in a talk that they should not hear is taken out at the next look around.
        case DropBridge():
            pass  # An empty bridge is swept at the next look around.
        case Tap(n=n):
            _unheard(t, n)
        case Untap() | Beep():
            pass  # A tap that is left over is swept at the next look around; a beep is only said once.
        case Admit(channel_id=channel_id):
            turn_away(t, channel_id)
        case Confirm() | Watch() | Dismiss():
            pass  # Not about a call.
        case _:
            assert_never(event.command)


def _unheard(t: Turn, n: int) -> None:
    """The ear could not be laid to the line: a call without a flag, as any other."""
    if not isinstance(t.call.phase, Clearing | Ended):
        hear(t, EarLost(t.call.id, n))


def _claim_failed(t: Turn, failure: Failure) -> None:
    """Not ours: the dialplan goes on to its fallback. A lost answer may still mean that it is ours."""
    if failure is Failure.LOST or not isinstance(t.call.phase, Offered | Ringing):
        return
    t.lose_caller(Why.LEFT, None)
    clear(t, EndedBy.SYSTEM, Outcome.FAILED_TECHNICAL, ServedBy.FALLBACK)


def _answer_failed(t: Turn, *, gone: bool) -> None:
    if gone:
        caller_gone(t, Why.VANISHED, None)
    else:
        hand_over(t, "the call could not be answered", Outcome.FAILED_TECHNICAL)


def _originate_failed(t: Turn, leg_id: LegId, failure: Failure) -> None:
    """No phone rings, or we cannot know: then make sure that it does not."""
    leg = t.call.leg(leg_id)
    if leg is None:
        return
    if leg.invited is not None:
        _invitation_failed(t, leg, failure)
    elif failure is not Failure.LOST:
        leg_gone(t, leg_id, Why.UNREACHABLE, None)
        finish(t)
    elif leg in t.live():
        end_offer(t, leg, OfferResult.UNREACHABLE)
        wait_if_none_rings(t)


def _invitation_failed(t: Turn, leg: AgentLeg, failure: Failure) -> None:
    if failure is not Failure.LOST and isinstance(t.call.phase, Connected):
        leave(t, leg.leg, Why.UNREACHABLE, None)
    elif failure is not Failure.LOST:
        leg_gone(t, leg.leg, Why.UNREACHABLE, None)
        finish(t)
    elif leg in t.live() and leg.stage is Stage.DIALLING:
        not_coming(t, leg, OfferResult.UNREACHABLE)


def _connect_failed(t: Turn, channels: tuple[ChannelId, ...], failure: Failure) -> None:
    """Whoever could not be brought in is let go; a caller who could not waits again."""
    joining = {ids.leg_of_call(t.call.id, one) for one in channels}
    if not joining <= t.call.together:
        return  # It was about somebody who is gone, and what had to be done about that has been.
    if CALLER in joining:
        requeue(t, f"the bridge is {failure}")
        return
    for leg in [one for one in t.call.talkers if one.leg in joining]:
        drop_out(t, leg)


def _already_gone(t: Turn, leg: LegId) -> None:
    if leg != CALLER:
        leg_gone(t, leg, Why.HUNG_UP, None)
    elif isinstance(t.call.phase, Clearing):
        t.lose_caller(Why.HUNG_UP, None)
    finish(t)
