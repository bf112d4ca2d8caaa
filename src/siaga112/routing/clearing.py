"""How a call comes to its end: offers end, legs go, and when the last one is gone the call has ended."""

from dataclasses import replace

from siaga112.routing.call import Clearing, Connected, Ended, Offered, Queued, Ringing, outcome_of
from siaga112.routing.commands import DropBridge, HandOver
from siaga112.routing.entries import Ended as EndedEntry
from siaga112.routing.entries import HandedOver, OfferEnded
from siaga112.routing.legs import AgentLeg, Presence, Stage
from siaga112.routing.talks import InviteEnded
from siaga112.routing.tap import close_ear
from siaga112.routing.turn import Turn
from siaga112.routing.words import EndedBy, LegId, OfferResult, Outcome, ServedBy, Why

RESULTS = {
    Why.BUSY: OfferResult.BUSY,
    Why.REJECTED: OfferResult.BUSY,
    Why.HUNG_UP: OfferResult.BUSY,
    Why.NO_ANSWER: OfferResult.RONA,
    Why.UNREACHABLE: OfferResult.UNREACHABLE,
    Why.BROKEN: OfferResult.UNREACHABLE,
    Why.LEFT: OfferResult.UNREACHABLE,
    Why.VANISHED: OfferResult.UNREACHABLE,
}
"""What it means for a phone that rings that its leg is gone."""


IN_VAIN = {OfferResult.RONA, OfferResult.BUSY, OfferResult.UNREACHABLE}


def end_offer(t: Turn, leg: AgentLeg, result: OfferResult) -> None:
    """Stop ringing a phone, for a reason of ours or of the caller's."""
    if leg.invited is not None:
        t.note(InviteEnded(leg.leg, leg.agent_id, leg.invited.agency, result))
    else:
        t.note(OfferEnded(leg.leg, leg.agent_id, result))
        if result in IN_VAIN:
            t.set(failed=t.call.failed + 1)
    t.hang_up(leg, elsewhere=result is OfferResult.ANSWERED_ELSEWHERE)


def caller_gone(t: Turn, why: Why, cause: int | None) -> None:
    """The caller has left: every phone stops, and the outcome is where the call was just now."""
    outcome = outcome_of(t.call, now=t.now)
    if isinstance(t.call.phase, Connected) and why is Why.BROKEN:
        t.set(broke=True)
    t.lose_caller(why, cause)
    if why is Why.LEFT:
        clear(t, EndedBy.SYSTEM, Outcome.FAILED_TECHNICAL, ServedBy.FALLBACK)
    else:
        clear(t, EndedBy.CALLER, outcome, ServedBy.DAEMON)


def leg_gone(t: Turn, leg_id: LegId, why: Why, cause: int | None) -> None:
    """An agent's leg is gone; if it was the last phone that rang, the call only waits."""
    leg = t.call.leg(leg_id)
    if leg is None:
        return
    if leg.stage is not Stage.DYING and isinstance(t.call.phase, Ringing):
        t.note(OfferEnded(leg.leg, leg.agent_id, RESULTS[why]))
        t.set(failed=t.call.failed + 1)
    t.lose_leg(leg, why, cause)
    wait_if_none_rings(t)


def wait_if_none_rings(t: Turn) -> None:
    """When no phone rings any more, the call waits at its old place."""
    if isinstance(t.call.phase, Ringing) and not t.live():
        t.set(phase=Offered() if t.call.presence is Presence.ARRIVING else Queued())


def end_legs(t: Turn) -> None:
    """Hang up who talks, and stop every phone that rings."""
    talking = t.call.talkers
    for leg in t.live():
        if leg in talking:
            t.hang_up(leg)
        else:
            end_offer(t, leg, OfferResult.RING_CANCELLED)


def clear(t: Turn, by: EndedBy, outcome: Outcome, served_by: ServedBy) -> None:
    """The outcome stands; end what is left of the call."""
    close_ear(t)
    end_legs(t)
    if t.call.presence in {Presence.ARRIVING, Presence.PRESENT}:
        t.hang_up_caller()
    t.set(phase=Clearing(by, outcome, served_by, t.now + t.call.timings.clearing))
    finish(t)


def hand_over(t: Turn, reason: str, outcome: Outcome = Outcome.OVERFLOWED) -> None:
    """Give the caller to the dialplan's fallback, which rings every phone and never hangs up."""
    t.hush()
    t.note(HandedOver(reason, outcome))
    _let_go(t, outcome)
    t.set(presence=Presence.LEAVING)
    clear(t, EndedBy.SYSTEM, outcome, ServedBy.FALLBACK)


def _let_go(t: Turn, outcome: Outcome) -> None:
    """Who made room for others, as nobody was heard, rings no phones before a key is pressed."""
    aside = outcome is Outcome.REFUSED and t.call.suspect
    t.do(HandOver(t.call.id, t.call.caller.channel_id, aside))


def finish(t: Turn) -> None:
    """End the call if no leg of it is left."""
    phase = t.call.phase
    if t.call.alive or not isinstance(phase, Clearing):
        return
    if t.call.bridged:
        t.do(DropBridge(t.call.id))
    t.note(EndedEntry(phase.by, phase.outcome, phase.served_by, t.call.cause))
    t.set(phase=Ended(), bridged=False)


def repeat(t: Turn, *, at_once: bool = False) -> None:
    """Tell the legs that should be gone by now once more; `at_once`: those that are on their way, too."""
    for leg in t.call.legs:
        if leg.stage is Stage.DYING and (at_once or (leg.until is not None and leg.until <= t.now)):
            t.hang_up(leg)
    phase = t.call.phase
    if not isinstance(phase, Clearing) or not (at_once or phase.until <= t.now):
        return
    t.set(phase=replace(phase, until=t.now + t.call.timings.clearing))
    if t.call.presence is not Presence.LEAVING:
        return
    if phase.served_by is ServedBy.FALLBACK:
        _let_go(t, phase.outcome)
    else:
        t.hang_up_caller()
