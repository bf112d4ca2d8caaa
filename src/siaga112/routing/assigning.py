"""Which call is offered to whom next, and when a phone that rings is needed elsewhere."""

from siaga112.routing import agent as agents
from siaga112.routing.call import Call
from siaga112.routing.choice import may_ring
from siaga112.routing.crowd import Sort, sort
from siaga112.routing.events import AgentChosen, RingWithdrawn
from siaga112.routing.floor import Floor
from siaga112.routing.words import OVERFLOW, Band


def to_withdraw(floor: Floor, now: float) -> RingWithdrawn | None:
    """Where no phone is free for who may need help, one that still rings for information becomes so."""
    first = floor.crowd.waiting.first() if floor.crowd.calling else None
    if first is None or not _goes_before(floor, floor.calls[first], now):
        return None
    for call_id in reversed(floor.crowd.calling):
        rung = [one.agent_id for one in floor.calls[call_id].legs]
        if any(may_ring(floor.calls[first], floor.plan.seats.get(one)) for one in rung):
            floor.freed = rung[-1]
            return RingWithdrawn(call_id)
    return None


def _goes_before(floor: Floor, call: Call, now: float) -> bool:
    """Whether a call goes before information, and no phone is just being freed for it."""
    freed = None if floor.freed is None else floor.staff.agents.get(floor.freed)
    soon = freed is not None and isinstance(freed.state, agents.Available) and freed.phone is not None
    unheard = sort(call) is Sort.UNHEARD and floor.surge.is_silent(now, floor.plan)
    return call.band <= Band.NORMAL and not (soon or unheard or call.suspect)


def next_pair(floor: Floor, now: float) -> AgentChosen | None:
    """Find the next pair; somebody who waits longer may be allowed phones that the first is not."""
    if not floor.staff.free.nobody:
        flood = floor.surge.is_silent(now, floor.plan)
        unheard = not flood or len(floor.crowd.listened) < floor.share
        served = {Sort.NEED: True, Sort.ASK: floor.may_inform, Sort.UNHEARD: unheard}
        for call_id in floor.crowd.heads(served, flood=flood):
            agent_id = floor.staff.free.choose(floor.calls[call_id], floor.plan)
            if agent_id is not None:
                return AgentChosen(call_id, agent_id, floor.staff.agents[agent_id].endpoint)
    return _overflow(floor)


def _overflow(floor: Floor) -> AgentChosen | None:
    """Another centre or a hunt group, once for each who has waited that long."""
    first = floor.crowd.overflowing.first()
    if floor.plan.overflow is None or first is None:
        return None
    return AgentChosen(first, OVERFLOW, floor.calls[first].overflow or "")
