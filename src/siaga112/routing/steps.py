"""How a call moves: one function a state, one case an event.

    offered ──► queued ◄──► ringing ──► connected ──► clearing ──► ended
       └───────────┴───────────┴────────────┴────────────▲

* A caller is in the queue from arrival on; a phone may ring before the caller is even in our hands.
* Only a person ends a talk. Whatever fails on our side sends the caller back into the queue, and when that
  fails too, to the dialplan's fallback; never to a hang-up, never to silence.
* `clearing` lasts until every leg is seen gone: a call has ended if and only if no leg of it is alive.

Every event is listed in every state, so that mypy names the states that have not decided about a new one.
"""

from dataclasses import dataclass, replace
from typing import assert_never

from siaga112.routing.call import Call, Clearing, Connected, Ended, Offered, Queued, Ringing
from siaga112.routing.clearing import caller_gone, clear, finish, hand_over, leg_gone, repeat
from siaga112.routing.codes import press_in_talk
from siaga112.routing.commands import Claim, Command, Play, StopPlay
from siaga112.routing.ear import Ear
from siaga112.routing.entries import Arrived, Journaled
from siaga112.routing.events import (
    AgentChosen,
    Asked,
    Barged,
    CallArrived,
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
from siaga112.routing.ivr import opening, press
from siaga112.routing.legs import Caller
from siaga112.routing.listening import answer_by_key, hear, listen_to_talk, look_at_ear, one_press
from siaga112.routing.plan import IvrMode, Plan
from siaga112.routing.talking import mend
from siaga112.routing.tap import open_ear, want_ear
from siaga112.routing.turn import Turn
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
from siaga112.routing.words import (
    CALLER,
    AgentId,
    Band,
    CallId,
    EndedBy,
    Failure,
    Outcome,
    Prompt,
    ServedBy,
    Suspicion,
    Why,
)


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a call, what to do, and what to write down."""

    call: Call
    commands: tuple[Command, ...]
    journal: tuple[Journaled, ...]
    asked: Asked | None = None
    """Whom the router must look up: it answers with `TargetNamed`."""


def refuse(event: CallArrived, plan: Plan, now: float) -> Step:
    """Leave a call to the dialplan's fallback because there are too many; its record says so."""
    begun = arrive(replace(event, must_claim=False), plan, now)
    t = Turn(begun.call, now)
    t.journal += begun.journal
    if event.must_claim:
        t.lose_caller(Why.LEFT, None)  # Nobody claims it: the dialplan goes on by itself.
        clear(t, EndedBy.SYSTEM, Outcome.REFUSED, ServedBy.FALLBACK)
    else:
        hand_over(t, "too many calls", Outcome.REFUSED)
    return _step_of(t)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the router knows of a call that arrives, beside the call itself."""

    surge: bool = False
    flagged: bool = False
    blocked: bool = False
    attempt: int = 1
    rank_at: float | None = None
    preferred: AgentId | None = None
    broke: bool = False


def arrive(event: CallArrived, plan: Plan, now: float, about: Circumstances | None = None) -> Step:
    """Begin a call: claim it, and put it into the queue at once."""
    about = about or Circumstances()
    caller = Caller(
        event.channel_id,
        event.number,
        event.number_source,
        event.restricted,
        event.dialled,
        event.recording,
    )
    t = Turn(_new_call(event.call_id, caller, plan, about, now), now)
    if event.must_claim:
        t.do(Claim(event.call_id, event.channel_id))
    t.note(arrived(t.call, plan))
    return _step_of(t)


def arrived(call: Call, plan: Plan) -> Arrived:
    """Write down who called, and how the call stands."""
    caller = call.caller
    return Arrived(
        plan.centre,
        caller.channel_id,
        caller.number,
        caller.number_source,
        caller.restricted,
        caller.dialled,
        call.language,
        caller.recording,
        call.band,
        call.attempt,
        call.suspicion,
        None if call.rank_at == call.queued_at else call.rank_at,
        call.preferred,
        call.barred_until,
    )


def _new_call(call_id: CallId, caller: Caller, plan: Plan, about: Circumstances, now: float) -> Call:
    flagged = (about.flagged or about.blocked) and not about.surge
    barred = about.blocked and not about.surge and not about.broke
    mode = IvrMode.SURGE if about.surge else plan.ivr
    band = Band.NEED if about.broke else Band.FLAGGED if flagged else Band.NORMAL
    return Call(
        call_id,
        caller,
        plan.language,
        plan.timings,
        queued_at=now,
        phase=Offered(),
        arrive_by=now + plan.timings.arrival,
        rank_at=now if about.rank_at is None else about.rank_at,
        band=band,
        script=opening(mode, flagged=flagged, recorded=plan.tells_recording),
        menu=Prompt.MENU if mode is IvrMode.FULL else None,
        information=plan.told(now),
        suspicion=Suspicion.ABUSE_FLAGGED if flagged else Suspicion.NONE,
        attempt=about.attempt,
        preferred=about.preferred,
        overflow=plan.overflow,
        barred_until=now + plan.block.wait if barred else None,
        ear=None if plan.listening is None else Ear(plan.listening),
    )


def step(call: Call, event: CallEvent, now: float) -> Step:
    """Let one event happen to a call at a time (Unix seconds); the same input gives the same output."""
    t = Turn(call, now)
    _note_ended_prompt(t, event)
    pressed = one_press(t, event)
    if pressed is None:
        return _step_of(t)
    _move(t, pressed)
    if t.call.guests:
        see_out(t)
    return _step_of(t)


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


def _step_of(t: Turn) -> Step:
    return Step(t.call, tuple(t.commands), tuple(t.journal), t.asked)


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
