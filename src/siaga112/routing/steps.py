"""How a call moves: one function a state, one case an event.

    offered ──► queued ◄──► ringing ──► connected ──► clearing ──► ended
       └───────────┴───────────┴────────────┴────────────▲

* A caller is in the queue from arrival on; a phone may ring before the caller is even in our hands.
* Only a person ends a talk. Whatever fails on our side sends the caller back into the queue, and when that
  fails too, to the dialplan's fallback; never to a hang-up, never to silence.
* `clearing` lasts until every leg is seen gone: a call has ended if and only if no leg of it is alive.

Every event is listed in every state, so that mypy names the states that have not decided about a new one.
"""

from typing import assert_never

from siaga112.routing.asking import answer_by_key
from siaga112.routing.call import Call, Clearing, Connected, Ended, Offered, Queued, Ringing
from siaga112.routing.clearing import caller_gone, finish, hand_over, leg_gone, repeat
from siaga112.routing.codes import press_in_talk
from siaga112.routing.commands import Play, StopPlay
from siaga112.routing.events import (
    AgentChosen,
    Barged,
    CallerEntered,
    CallEvent,
    CommandFailed,
    DeadlinePassed,
    GuestGone,
    HandOverOrdered,
    KeyPressed,
    LegAnswered,
    LegGone,
    LegRinging,
    PromptEnded,
    Resumed,
    RingWithdrawn,
    TapAllowed,
    TargetNamed,
)
from siaga112.routing.failures import fail
from siaga112.routing.guests import let_in, let_in_again, lose_guest, see_out
from siaga112.routing.heard import Heard
from siaga112.routing.holding import after_word, look_after_talk, mend_hold
from siaga112.routing.inviting import come_in, give_up_rung, invite, leave
from siaga112.routing.ivr import press
from siaga112.routing.listening import hear, listen_to_talk, look_at_ear, one_press
from siaga112.routing.talking import mend
from siaga112.routing.tap import open_ear, want_ear
from siaga112.routing.turn import Step, Turn
from siaga112.routing.waiting import (
    after_prompt,
    give_up_unanswered,
    look_after_waiting,
    pick_up,
    resume_waiting,
    ring,
    welcome,
    withdraw,
)
from siaga112.routing.words import CALLER, Failure, ServedBy


def step(call: Call, event: CallEvent, now: float) -> Step:
    """Let one event happen to a call at a time (Unix seconds); the same input gives the same output."""
    t = Turn(call, now)
    _note_ended_prompt(t, event)
    pressed = one_press(t, event)
    if pressed is None:
        return t.done()
    _move(t, pressed)
    if t.call.guests:
        see_out(t)
    return t.done()


def _move(t: Turn, event: CallEvent) -> None:
    call = t.call
    match call.phase:
        case Offered() | Queued():
            _waiting(t, event)
        case Ringing():
            _ringing(t, event)
        case Connected():
            _connected(t, event)
        case Clearing() as phase:
            _clearing(t, phase, event)
        case Ended():
            _ended(event)
        case _:
            assert_never(call.phase)


def _note_ended_prompt(t: Turn, event: CallEvent) -> None:
    """Know which prompts cannot play any more, in whatever state the call is."""
    match event:
        case PromptEnded(n=n) | CommandFailed(Play(n=n) | StopPlay(n=n), Failure.GONE | Failure.REFUSED):
            t.set(playing=tuple(one for one in t.call.playing if one != n))
        case _:
            pass


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
        case KeyPressed(leg=leg, digit=digit) if leg == CALLER:
            if not answer_by_key(t, digit):
                press(t, digit)
        case HandOverOrdered(reason=reason, outcome=outcome):
            hand_over(t, reason, outcome)
        case CommandFailed():
            fail(t, event)
        case DeadlinePassed():
            look_after_waiting(t)
            look_at_ear(t)
        case TapAllowed():
            open_ear(t)
        case Heard():
            hear(t, event)
        case Resumed(answered=answered, bridged=bridged):
            resume_waiting(t, bridged, answered=answered)
        case LegRinging() | LegAnswered() | KeyPressed() | TargetNamed() | RingWithdrawn():
            pass  # Only of legs that are being hung up.
        case Barged() | GuestGone():
            pass  # There are guests where somebody talks, and nowhere else.
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
        case KeyPressed(leg=leg, digit=digit) if leg == CALLER:
            if not answer_by_key(t, digit):
                press(t, digit)
        case HandOverOrdered(reason=reason, outcome=outcome):
            hand_over(t, reason, outcome)
        case CommandFailed():
            fail(t, event)
        case DeadlinePassed():
            give_up_unanswered(t)
            look_after_waiting(t)
            look_at_ear(t)
        case TapAllowed():
            open_ear(t)
        case Heard():
            hear(t, event)
        case Resumed(answered=answered, bridged=bridged):
            resume_waiting(t, bridged, answered=answered)
        case RingWithdrawn():
            withdraw(t)
        case LegRinging() | KeyPressed() | TargetNamed():
            pass  # The agent's state tells it; before the talk an agent's keys mean nothing.
        case Barged() | GuestGone():
            pass  # Nor is there a talk to be in.
        case _:
            assert_never(event)


def _connected(t: Turn, event: CallEvent) -> None:
    """Caller and agent talk, or will again: others come and go."""
    match event:
        case LegGone(leg=leg, why=why, cause=cause) if leg == CALLER:
            caller_gone(t, why, cause)
        case LegGone(leg=leg, why=why, cause=cause):
            leave(t, leg, why, cause)
        case LegAnswered(leg=leg):
            come_in(t, leg)
        case KeyPressed(leg=leg, digit=digit):
            press_in_talk(t, leg, digit)
        case TargetNamed():
            invite(t, event)
        case Barged():
            let_in(t, event)
        case GuestGone(channel_id=channel_id):
            lose_guest(t, channel_id)
        case PromptEnded(n=n):
            after_word(t, n)
        case CommandFailed():
            fail(t, event)
        case Resumed(answered=answered, bridged=bridged, outside=outside):
            mend(t, bridged, answered=answered)
            let_in_again(t, outside)
            if t.call.held is not None:
                mend_hold(t, bridged, answered=answered)
            repeat(t, at_once=True)
            want_ear(t)
        case DeadlinePassed():
            give_up_rung(t)
            look_after_talk(t)
            repeat(t)
            look_at_ear(t)
        case TapAllowed():
            listen_to_talk(t)
        case Heard():
            hear(t, event)
        case HandOverOrdered(reason=reason):
            if not t.call.talkers:
                hand_over(t, reason)
        case LegRinging() | CallerEntered() | AgentChosen() | RingWithdrawn():
            pass  # Said twice, or too late.
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
        case PromptEnded() | KeyPressed() | AgentChosen() | Heard() | TargetNamed():
            pass  # Nothing is decided any more.
        case HandOverOrdered() | RingWithdrawn() | TapAllowed() | Barged() | GuestGone():
            pass  # Nor ordered.
        case _:
            assert_never(event)


def _ended(event: CallEvent) -> None:
    """Nothing can happen to a call that has ended; a leg that is gone twice is gone."""
    match event:
        case LegGone() | CommandFailed() | PromptEnded() | KeyPressed() | DeadlinePassed():
            pass
        case CallerEntered() | AgentChosen() | LegRinging() | LegAnswered():
            pass
        case HandOverOrdered() | RingWithdrawn() | Resumed() | Heard() | TargetNamed() | TapAllowed():
            pass
        case Barged() | GuestGone():
            pass
        case _:
            assert_never(event)
