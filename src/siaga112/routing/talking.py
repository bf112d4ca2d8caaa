"""How caller and agent come together, and what happens when the agent's side fails."""

from siaga112.routing import ids
from siaga112.routing.call import Connected, Queued, Stage, outcome_of
from siaga112.routing.clearing import clear, hand_over
from siaga112.routing.commands import Answer, Connect, DropBridge
from siaga112.routing.entries import Banded, Classified, KeyHeard, OfferEnded, Requeued
from siaga112.routing.entries import Connected as ConnectedEntry
from siaga112.routing.listening import show_life, watch_talk
from siaga112.routing.plan import LEASE
from siaga112.routing.turn import Turn
from siaga112.routing.words import (
    OVERFLOW,
    Band,
    Disposition,
    EndedBy,
    LegId,
    OfferResult,
    Outcome,
    Prompt,
    ServedBy,
    Sign,
    Why,
)

_TROUBLES = 3
"""How often a call may fall back into the queue before the dialplan is the safer place."""


def talk(t: Turn, leg: LegId) -> None:
    """Put caller and agent together; what the caller hears from us is cut."""
    agent_id = next(one.agent_id for one in t.call.legs if one.leg == leg)
    t.change_leg(leg, stage=Stage.ANSWERED, until=None)
    t.hush()
    t.note(OfferEnded(leg, agent_id, OfferResult.ANSWERED), ConnectedEntry(leg, agent_id))
    t.set(phase=Connected(leg, agent_id), talked=True, speak_at=None, script=())
    t.set(talker=agent_id, broke=False)
    if agent_id == OVERFLOW:
        t.set(overflowed=True)
    put_together(t, leg)
    watch_talk(t)


def put_together(t: Turn, leg: LegId, *, again: bool = False, answer: bool = False) -> None:
    """Bridge the caller with an agent's leg; nobody takes the caller back while they talk."""
    call = t.call
    if again:
        t.hush_for_sure()
    if answer:
        t.do(Answer(call.id, call.caller.channel_id))
    t.do(Connect(call.id, (call.caller.channel_id, ids.agent_channel(call.id, leg))))
    t.lease(0)
    t.set(bridged=True)


def keep_together(t: Turn, leg_id: LegId) -> None:
    """Say once more that nobody takes the caller back, when it was not heard the first time."""
    leg = t.call.leg(leg_id)
    if leg is not None and leg.until is not None and leg.until <= t.now:
        t.change_leg(leg_id, until=None)
        t.lease(0)


def end_talk(t: Turn, phase: Connected, why: Why, cause: int | None) -> None:
    """The agent's leg is gone: hung up by the agent, or broken; only the first ends the call."""
    leg = t.call.leg(phase.leg)
    if leg is None:
        return
    t.lose_leg(leg, why, cause)
    if why is Why.HUNG_UP:
        clear(t, EndedBy.AGENT, outcome_of(t.call, now=t.now), ServedBy.DAEMON)
    else:
        requeue(t, f"the agent's leg is {why}")


def requeue(t: Turn, reason: str) -> None:
    """Let the caller wait again at the old place, told so; after too many times, hand over."""
    for leg in t.live():
        t.hang_up(leg)
    if t.call.bridged:
        t.do(DropBridge(t.call.id))
    t.set(bridged=False, troubles=t.call.troubles + 1, broke=True)
    t.hush_for_sure()
    t.lease(LEASE)
    if t.call.troubles >= _TROUBLES:
        t.set(phase=Queued())
        hand_over(t, reason, Outcome.FAILED_TECHNICAL)
        return
    t.note(Requeued(reason))
    t.set(phase=Queued(), speak_at=t.now + t.call.timings.wait_prompt)
    if t.call.band != Band.NEED:
        t.set(band=Band.NEED)
        t.note(Banded(Band.NEED, reason))
    t.play(Prompt.RECONNECT)


_VERDICTS = {
    "*5": Disposition.SILENT_ASSIST,
    "*6": Disposition.GHOST,
    "*7": Disposition.PRANK,
    "*8": Disposition.INFORMATION,
}


def press_in_talk(t: Turn, phase: Connected, leg: LegId, digit: str) -> None:
    """A key during the talk: the caller's is written down, the call-taker's may be a code."""
    if leg != phase.leg:
        t.note(KeyHeard(leg, digit))
        show_life(t, Sign.KEY)
        return
    keys = "*" if digit == "*" else t.call.desk_keys + digit
    verdict = _VERDICTS.get(keys)
    if verdict is not None:
        t.note(Classified(verdict, phase.agent_id))
    t.set(desk_keys=keys if keys == "*" else "")
