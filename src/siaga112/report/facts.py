"""What was recorded, call by call, added up: the reference of what the database adds up itself.

Pure. The report takes this way where the database cuts days or shifts in another way than the plan does.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from siaga112.report.agencies import Request
from siaga112.report.calls import CallFacts, Window, grouped
from siaga112.report.evaluation import Material, Period
from siaga112.report.sums import by_hour
from siaga112.report.takers import STATES, OfferFacts, Spell, offer_sums, overlap, ready_seconds

LONGEST = 10
"""So many of the longest waits are listed; so many of each day are in `kpi_longest`."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The calls of a period, their offers and requests, and the states that touch it."""

    calls: Sequence[CallFacts]
    offers: Sequence[OfferFacts]
    spells: Sequence[Spell]
    requests: Sequence[Request] = ()


def added_up(period: Period, facts: Facts, now: datetime) -> Material:
    """Add everything up."""
    offered = grouped((one.agent_id, one) for one in facts.offers)
    waited = [(after, one) for one in facts.calls if one.ended and (after := one.waited_s) is not None]
    return Material(
        hours=by_hour(facts.calls, period.zone, period.shifts),
        offers={agent: offer_sums(some) for agent, some in offered.items()},
        seconds=time_in_states(period.window, facts.spells, now),
        ready_s=ready_seconds(facts.spells, period.window, now),
        longest=[one for _, one in heapq.nsmallest(LONGEST, waited, key=_by_wait)],
        requests=facts.requests,
    )


def _by_wait(waited: tuple[float, CallFacts]) -> tuple[float, datetime, str]:
    seconds, call = waited
    return -seconds, call.started_at, call.call_id


def time_in_states(window: Window, spells: Sequence[Spell], now: datetime) -> dict[str, dict[str, float]]:
    """Add up the part of states that lies in a window, by call-taker and the state's column."""
    spent: dict[str, dict[str, float]] = {}
    for spell in spells:
        seconds = overlap(spell.from_at, spell.to_at or now, window)
        if spell.state in STATES and seconds > 0:
            columns, column = spent.setdefault(spell.agent_id, {}), STATES[spell.state]
            columns[column] = columns.get(column, 0.0) + seconds
    return spent
