"""Who else comes into a talk, who leaves it, and who is left with the caller.

One is rung at a time. A transfer takes the caller over and lets go of who asked for it; who joins is one
more. Whoever wants to leave may: while somebody is left, or on the way, the caller stays with them. Only the
last one's goodbye to a caller who hears it ends the call; everything else sends the caller to the queue.
"""

import math
from dataclasses import replace

from siaga112.routing.call import Call, Connected, outcome_of
from siaga112.routing.clearing import RESULTS, clear, end_offer
from siaga112.routing.commands import Originate
from siaga112.routing.events import Target, TargetNamed
from siaga112.routing.holding import hold, resume
from siaga112.routing.legs import AgentLeg, Invitation, Stage
from siaga112.routing.talking import bridge, requeue
from siaga112.routing.talks import CodeRefused, Invited, InviteEnded, Left
from siaga112.routing.turn import Turn
from siaga112.routing.words import EndedBy, LegId, OfferResult, Prompt, Purpose, Refusal, ServedBy, Why

_MOST = 4
"""So many of ours and the agencies' may be in one talk."""


def rung(t: Turn) -> list[AgentLeg]:
    """List those who are on the way into the talk."""
    return t.live(lambda one: one.stage is Stage.DIALLING)


def invite(t: Turn, event: TargetNamed) -> None:
    """Ring whom a code means, or say that nothing comes of it."""
    asking = t.call.leg(event.asked.leg)
    if asking is None:
        return
    target = _objection(t, event) or event.target
    if isinstance(target, Refusal):
        t.note(CodeRefused(asking.agent_id, event.asked.code, target))
        away = target in {Refusal.BUSY, Refusal.UNREACHABLE}
        t.answer_keys(Prompt.DESK_FAILED if away else Prompt.DESK_REFUSED)
        return
    _ring(t, asking, event.asked.purpose, target)


def _objection(t: Turn, event: TargetNamed) -> Refusal | None:
    """Say what in the talk itself is against it."""
    if rung(t):
        return Refusal.ANOTHER_RINGS
    if len(t.call.talkers) >= _MOST:
        return Refusal.FULL
    asked = event.target.agent_id if isinstance(event.target, Target) else None
    return Refusal.PRESENT if any(one.agent_id == asked for one in t.live()) else None


def _ring(t: Turn, asking: AgentLeg, purpose: Purpose, target: Target) -> None:
    call, leg = t.call, LegId(t.call.offers + 1)
    seconds = call.timings.transfer
    number = call.caller.number if target.shown else None
    channel, backstop = call.caller.channel_id, math.ceil(seconds) + 2
    if purpose is Purpose.TRANSFER and call.held is None:
        hold(t, asking.leg, asking.agent_id)
    t.do(Originate(call.id, leg, target.agent_id, target.endpoint, channel, number, backstop))
    t.note(
        Invited(leg, target.agent_id, target.agency, purpose, asking.leg, target.inside, region=target.region)
    )
    invitation = Invitation(purpose, asking.leg, target.agency, target.inside, target.region)
    coming = AgentLeg(leg, target.agent_id, Stage.DIALLING, t.now, t.now + seconds, invited=invitation)
    t.set(offers=leg, legs=(*t.call.legs, coming))
    t.announce(Prompt.DESK_CALLING)


def come_in(t: Turn, leg_id: LegId) -> None:
    """Somebody who was asked for picked up."""
    leg = t.call.leg(leg_id)
    if leg is None or leg.stage is not Stage.DIALLING or leg.invited is None:
        return
    t.note(InviteEnded(leg.leg, leg.agent_id, leg.invited.agency, OfferResult.ANSWERED))
    t.change_leg(leg_id, stage=Stage.ANSWERED, until=None)
    takes_over = leg.invited.purpose is Purpose.TRANSFER
    asking = t.call.leg(leg.invited.asked)
    if takes_over and asking is not None and asking.stage is Stage.ANSWERED:
        _let_go(t, asking)
    alone = [one.leg for one in t.call.talkers] == [leg_id]
    if t.call.held is not None and (takes_over or alone):
        resume(t, leg_id)
    else:
        bridge(t, (leg_id,))
    name_first(t)


def _let_go(t: Turn, leg: AgentLeg) -> None:
    t.note(Left(leg.leg, leg.agent_id))
    t.hang_up(leg)


def give_up_rung(t: Turn) -> None:
    """Who rang their time is not coming."""
    for leg in rung(t):
        if leg.until is not None and leg.until <= t.now:
            not_coming(t, leg, OfferResult.RONA)


def not_coming(t: Turn, leg: AgentLeg, result: OfferResult) -> None:
    """Stop ringing somebody; the caller is with those again who asked, or in the queue if nobody is left."""
    end_offer(t, leg, result)
    _without(t, leg, result)


def call_off(t: Turn) -> bool:
    """Take a transfer back that still rings; say whether there was one."""
    found = [x for x in rung(t) if x.invited is not None and x.invited.purpose is Purpose.TRANSFER]
    for leg in found:
        end_offer(t, leg, OfferResult.RING_CANCELLED)
    return bool(found)


def _without(t: Turn, leg: AgentLeg, result: OfferResult) -> None:
    if not t.call.talkers:
        requeue(t, f"who was asked for is {result}")
        return
    takes_over = leg.invited is not None and leg.invited.purpose is Purpose.TRANSFER
    if takes_over and t.call.held is not None:
        resume(t)
    t.announce(Prompt.DESK_FAILED)


def leave(t: Turn, leg_id: LegId, why: Why, cause: int | None) -> None:
    """A leg of ours is gone in the middle of a talk."""
    leg = t.call.leg(leg_id)
    if leg is None:
        return
    if leg.stage is Stage.DIALLING and leg.invited is not None:
        t.note(InviteEnded(leg.leg, leg.agent_id, leg.invited.agency, RESULTS[why]))
        t.lose_leg(leg, why, cause)
        _without(t, leg, RESULTS[why])
        return
    t.lose_leg(leg, why, cause)
    if leg.stage is Stage.ANSWERED:
        go_on_without(t, leg, why)


def drop_out(t: Turn, leg: AgentLeg) -> None:
    """Let go of somebody whom the bridge would not take."""
    _let_go(t, leg)
    go_on_without(t, leg, Why.BROKEN)


def go_on_without(t: Turn, leg: AgentLeg, why: Why) -> None:
    """One is gone: see to it that the caller has somebody."""
    if t.call.talkers:
        name_first(t)
        if t.call.held == leg.leg:
            resume(t)  # Nobody else knows that there is a caller to come back to.
    elif rung(t):
        if t.call.held is None:
            hold(t, leg.leg, leg.agent_id)
    elif why is Why.HUNG_UP and t.call.held is None:
        clear(t, EndedBy.AGENT, outcome_of(t.call, now=t.now), ServedBy.DAEMON)
    else:
        requeue(
            t, "the call-taker left a caller on hold" if why is Why.HUNG_UP else f"the agent's leg is {why}"
        )


def name_first(t: Turn) -> None:
    """Say who has the caller now."""
    t.call = with_first(t.call)


def with_first(call: Call) -> Call:
    """Name who has the caller: who had them before if still there, else who came next."""
    phase, talkers = call.phase, call.talkers
    if not talkers or not isinstance(phase, Connected):
        return call
    first = next((one for one in talkers if one.leg == phase.leg), talkers[0])
    away = all(one.invited is not None and one.invited.region for one in talkers)
    talker = first.agent_id if first.inside else call.talker
    return replace(call, phase=Connected(first.leg, first.agent_id), transferred=away, talker=talker)
