"""What a failed command means for its call.

"Gone" is mostly news that an event tells too, and is settled as if it were that event. Whatever else fails
ends with a person or in the dialplan's fallback, never in silence.
"""

from typing import assert_never

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
    Answer,
    Beep,
    Claim,
    Confirm,
    Connect,
    DropBridge,
    HandOver,
    Hangup,
    Lease,
    Originate,
    Play,
    StartHold,
    StopPlay,
    Tap,
    Untap,
)
from siaga112.routing.events import CommandFailed
from siaga112.routing.heard import EarLost
from siaga112.routing.listening import hear
from siaga112.routing.talking import requeue
from siaga112.routing.turn import Turn
from siaga112.routing.waiting import after_prompt
from siaga112.routing.words import (
    CALLER,
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
        case Connect() if isinstance(t.call.phase, Connected):
            requeue(t, f"the bridge is {event.failure}")
        case Lease(seconds=0) if isinstance(t.call.phase, Connected) and not gone:
            # Left as it is, Asterisk would take the caller out of the talk.
            t.change_leg(t.call.phase.leg, until=t.now + t.call.timings.clearing)
        case HandOver() if gone and isinstance(t.call.phase, Clearing):
            t.lose_caller(Why.LEFT, None)
            finish(t)
        case Answer() | Play() | Connect():
            pass  # Too late to matter.
        case Hangup() | HandOver():
            pass  # The deadline says it again.
        case StopPlay() | StartHold() | Lease():
            pass  # Comfort only; what it means for the legs, events tell.
        case DropBridge():
            pass  # An empty bridge is swept at the next look around.
        case Tap(n=n):
            _unheard(t, n)
        case Untap() | Beep():
            pass  # A tap that is left over is swept at the next look around; a beep is only said once.
        case Confirm():
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
    if failure is not Failure.LOST:
        leg_gone(t, leg_id, Why.UNREACHABLE, None)
        finish(t)
    elif leg in t.live():
        end_offer(t, leg, OfferResult.UNREACHABLE)
        wait_if_none_rings(t)


def _already_gone(t: Turn, leg: LegId) -> None:
    if leg != CALLER:
        leg_gone(t, leg, Why.HUNG_UP, None)
    elif isinstance(t.call.phase, Clearing):
        t.lose_caller(Why.HUNG_UP, None)
    finish(t)
