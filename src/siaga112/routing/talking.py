"""How caller and agent come together, and what happens when nobody of ours is left with the caller."""

from collections.abc import Iterable

from siaga112.routing import ids
from siaga112.routing.call import Connected, Queued
from siaga112.routing.clearing import end_legs, hand_over
from siaga112.routing.commands import Answer, Connect, Unbridge
from siaga112.routing.entries import Connected as ConnectedEntry
from siaga112.routing.entries import OfferEnded, Requeued
from siaga112.routing.ivr import put_into
from siaga112.routing.legs import Stage
from siaga112.routing.listening import watch_talk
from siaga112.routing.plan import LEASE
from siaga112.routing.turn import Turn
from siaga112.routing.words import CALLER, OVERFLOW, Band, LegId, OfferResult, Outcome, Prompt

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
    bridge(t, (CALLER, leg))
    watch_talk(t)


def bridge(t: Turn, legs: Iterable[LegId]) -> None:
    """Bring legs into the call's bridge; nobody takes a caller back who talks."""
    call, joining = t.call, sorted(legs)
    t.do(Connect(call.id, tuple(ids.channel(call.id, call.caller.channel_id, one) for one in joining)))
    t.set(bridged=True)
    if CALLER in joining:
        t.lease(0)


def mend(t: Turn, seen: frozenset[LegId], *, answered: bool) -> None:
    """Bring those into the bridge again who belong there and were not seen in it."""
    missing = t.call.together - seen
    if CALLER in missing:
        t.hush_for_sure()
        if not answered:
            t.do(Answer(t.call.id, t.call.caller.channel_id))
    if missing:
        bridge(t, missing)


def requeue(t: Turn, reason: str) -> None:
    """Let the caller wait again at the old place, told so; after too many times, hand over."""
    end_legs(t)
    t.hush_for_sure()
    if t.call.bridged:
        # The bridge stays for the next talk: Asterisk frees its name only some time after it is gone. And
        # whether a caller on hold was taken out of it, a crash may have kept from us.
        t.do(Unbridge(t.call.id, t.call.caller.channel_id))
    t.set(held=None, troubles=t.call.troubles + 1, broke=True)
    t.lease(LEASE)
    if t.call.troubles >= _TROUBLES:
        t.set(phase=Queued())
        hand_over(t, reason, Outcome.FAILED_TECHNICAL)
        return
    t.note(Requeued(reason))
    t.set(phase=Queued(), speak_at=t.now + t.call.timings.wait_prompt)
    put_into(t, Band.NEED, reason)
    t.play(Prompt.RECONNECT)
