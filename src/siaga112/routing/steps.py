"""How a call moves: one function a state, one case an event.

    offered ──► queued ◄──► ringing ──► connected ──► clearing ──► ended
       └───────────┴───────────┴────────────┴────────────▲

* A caller is in the queue from arrival on; a phone may ring before the caller is even in our hands.
* Only a person ends a talk. Whatever fails on our side sends the caller back into the queue, and when that
  fails too, to the dialplan's fallback; never to a hang-up, never to silence.
* `clearing` lasts until every leg is seen gone: a call has ended if and only if no leg of it is alive.

Every event is listed in every state, so that mypy names the states that have not decided about a new one.
"""

from dataclasses import dataclass
from typing import assert_never

from siaga112.routing.call import (
    Call,
    Caller,
    Clearing,
    Connected,
    Ended,
    Offered,
    Queued,
    Ringing,
)
from siaga112.routing.clearing import caller_gone, finish, hand_over, leg_gone, repeat
from siaga112.routing.commands import CallCommand, Claim
from siaga112.routing.entries import Arrived, Journaled, KeyHeard
from siaga112.routing.events import (
    AgentChosen,
    CallArrived,
    CallerEntered,
    CallEvent,
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
from siaga112.routing.failures import fail
from siaga112.routing.plan import Plan
from siaga112.routing.talking import end_talk, put_together
from siaga112.routing.turn import Turn
from siaga112.routing.waiting import (
    after_prompt,
    give_up_unanswered,
    look_after_waiting,
    pick_up,
    resume_waiting,
    ring,
    welcome,
)
from siaga112.routing.words import CALLER, ServedBy


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a call, what to do, and what to write down."""

    call: Call
    commands: tuple[CallCommand, ...]
    journal: tuple[Journaled, ...]


def arrive(event: CallArrived, plan: Plan, now: float) -> Step:
    """Begin a call: claim it, and put it into the queue at once."""
    caller = Caller(
        event.channel_id,
        event.number,
        event.number_source,
        event.restricted,
        event.dialled,
        event.recording,
    )
    call = Call(
        event.call_id,
        caller,
        plan.language,
        plan.timings,
        queued_at=now,
        phase=Offered(),
        arrive_by=now + plan.timings.arrival,
    )
    t = Turn(call, now)
    if event.must_claim:
        t.do(Claim(call.id, event.channel_id))
    t.note(
        Arrived(
            plan.centre,
            event.channel_id,
            event.number,
            event.number_source,
            event.restricted,
            event.dialled,
            plan.language,
            event.recording,
            call.band,
        )
    )
    return _step_of(t)


def step(call: Call, event: CallEvent, now: float) -> Step:
    """Let one event happen to a call at a time (Unix seconds); the same input gives the same output."""
    t = Turn(call, now)
    match call.phase:
        case Offered() | Queued():
            _waiting(t, event)
        case Ringing():
            _ringing(t, event)
        case Connected() as phase:
            _connected(t, phase, event)
        case Clearing() as phase:
            _clearing(t, phase, event)
        case Ended():
            _ended(event)
        case _:
            assert_never(call.phase)
    return _step_of(t)


def _step_of(t: Turn) -> Step:
    return Step(t.call, tuple(t.commands), tuple(t.journal))


def _waiting(t: Turn, event: CallEvent) -> None:
    """In the queue, and no phone rings."""
    match event:
        case CallerEntered():
            welcome(t)
        case AgentChosen():
            ring(t, event)
        case LegGone(leg=leg, why=why, cause=cause) if leg == CALLER:
            caller_gone(t, why, cause)
        case LegGone(leg=leg, why=why, cause=cause):
            leg_gone(t, leg, why, cause)
        case PromptEnded(n=n):
            after_prompt(t, n)
        case KeyPressed(leg=leg, digit=digit):
            t.note(KeyHeard(leg, digit))
        case HandOverOrdered(reason=reason):
            hand_over(t, reason)
        case CommandFailed():
            fail(t, event)
        case DeadlinePassed():
            look_after_waiting(t)
        case Resumed(answered=answered):
            resume_waiting(t, answered=answered)
        case LegRinging() | LegAnswered():
            pass  # Only of legs that are being hung up.
        case _:
            assert_never(event)


def _ringing(t: Turn, event: CallEvent) -> None:
    """In the queue, and a phone rings."""
    match event:
        case CallerEntered():
            welcome(t)
        case AgentChosen():
            ring(t, event)
        case LegAnswered(leg=leg):
            pick_up(t, leg)
        case LegGone(leg=leg, why=why, cause=cause) if leg == CALLER:
            caller_gone(t, why, cause)
        case LegGone(leg=leg, why=why, cause=cause):
            leg_gone(t, leg, why, cause)
        case PromptEnded(n=n):
            after_prompt(t, n)
        case KeyPressed(leg=leg, digit=digit):
            t.note(KeyHeard(leg, digit))
        case HandOverOrdered(reason=reason):
            hand_over(t, reason)
        case CommandFailed():
            fail(t, event)
        case DeadlinePassed():
            give_up_unanswered(t)
            look_after_waiting(t)
        case Resumed(answered=answered):
            resume_waiting(t, answered=answered)
        case LegRinging():
            pass  # The agent's state tells it.
        case _:
            assert_never(event)


def _connected(t: Turn, phase: Connected, event: CallEvent) -> None:
    """Caller and agent talk."""
    match event:
        case LegGone(leg=leg, why=why, cause=cause) if leg == CALLER:
            caller_gone(t, why, cause)
        case LegGone(leg=leg, why=why, cause=cause) if leg == phase.leg:
            end_talk(t, phase, why, cause)
        case LegGone(leg=leg, why=why, cause=cause):
            leg_gone(t, leg, why, cause)
        case KeyPressed(leg=leg, digit=digit):
            t.note(KeyHeard(leg, digit))
        case CommandFailed():
            fail(t, event)
        case Resumed(answered=answered, bridged=bridged):
            if not {CALLER, phase.leg} <= bridged:
                put_together(t, phase.leg, answer=not answered)
            repeat(t, at_once=True)
        case DeadlinePassed():
            repeat(t)
        case LegRinging() | LegAnswered() | CallerEntered():
            pass  # Said twice, or of legs that are being hung up.
        case PromptEnded() | AgentChosen() | HandOverOrdered():
            pass  # The prompt was cut by us; a call that talks is neither offered nor handed over.
        case _:
            assert_never(event)


def _clearing(t: Turn, phase: Clearing, event: CallEvent) -> None:
    """The outcome is known; wait until every leg is gone."""
    match event:
        case LegGone(leg=leg, why=why, cause=cause) if leg == CALLER:
            t.lose_caller(why, cause)
            finish(t)
        case LegGone(leg=leg, why=why, cause=cause):
            leg_gone(t, leg, why, cause)
            finish(t)
        case CallerEntered() if phase.served_by is ServedBy.FALLBACK:
            repeat(t, at_once=True)  # It came into our hands after we had given it up.
        case CommandFailed():
            fail(t, event)
        case DeadlinePassed():
            repeat(t)
        case Resumed():
            repeat(t, at_once=True)
        case CallerEntered() | LegRinging() | LegAnswered():
            pass  # Every leg has been told to go; the deadline says it again.
        case PromptEnded() | KeyPressed() | AgentChosen() | HandOverOrdered():
            pass  # Nothing is decided any more.
        case _:
            assert_never(event)


def _ended(event: CallEvent) -> None:
    """Nothing can happen to a call that has ended; a leg that is gone twice is gone."""
    match event:
        case LegGone() | CommandFailed() | PromptEnded() | KeyPressed() | DeadlinePassed():
            pass
        case CallerEntered() | AgentChosen() | LegRinging() | LegAnswered():
            pass
        case HandOverOrdered() | Resumed():
            pass
        case _:
            assert_never(event)
