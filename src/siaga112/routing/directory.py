"""Whom a code means that is pressed during a talk: an agency of the plan, or a colleague by the seat's id."""

from collections.abc import Mapping

from siaga112.routing.agent import Agent
from siaga112.routing.events import Target
from siaga112.routing.plan import Agency, Plan
from siaga112.routing.words import AgentId, Refusal


def look_up(code: str, plan: Plan, agents: Mapping[AgentId, Agent]) -> Target | Refusal:
    """Find whom to ring; a seat of ours only if its phone can be rung just now."""
    agency = plan.agencies.get(code)
    if agency is None:
        return _seat(AgentId(code), agents, None)
    if agency.endpoint is not None:
        return Target(
            agency.agency_id,
            agency.endpoint,
            agency.agency_id,
            inside=False,
            region=agency.region,
            shown=agency.shown,
        )
    return _first_of(agency, agents)


def _first_of(agency: Agency, agents: Mapping[AgentId, Agent]) -> Target | Refusal:
    """Take the first of an agency's seats that can be rung; if none can, say why not the last one."""
    found: Target | Refusal = Refusal.UNREACHABLE
    for seat in agency.seats:
        found = _seat(seat, agents, agency)
        if isinstance(found, Target):
            break
    return found


def _seat(seat: AgentId, agents: Mapping[AgentId, Agent], agency: Agency | None) -> Target | Refusal:
    known = agents.get(seat)
    if known is None:
        return Refusal.UNKNOWN
    if known.phone is not None:
        return Refusal.BUSY
    if not known.reachable:
        return Refusal.UNREACHABLE
    region = agency is not None and agency.region
    return Target(seat, known.endpoint, None if agency is None else agency.agency_id, region=region)
