"""How a call begins: as the caller's number, the hour and the plan have it."""

from dataclasses import dataclass, replace

from siaga112.routing.call import Call, Offered
from siaga112.routing.clearing import clear, hand_over
from siaga112.routing.commands import Claim
from siaga112.routing.ear import Ear
from siaga112.routing.entries import Arrived
from siaga112.routing.events import CallArrived
from siaga112.routing.ivr import opening
from siaga112.routing.legs import Caller
from siaga112.routing.plan import IvrMode, Plan
from siaga112.routing.turn import Step, Turn
from siaga112.routing.words import AgentId, Band, CallId, EndedBy, Outcome, Prompt, ServedBy, Suspicion, Why


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
    return t.done()


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
    return t.done()


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
