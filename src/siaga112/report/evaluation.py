"""The evaluation of a period: every figure that a report shows, whatever it is shown as.

Pure: from calls, offers and states to one value.
"""

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from siaga112.report.agencies import AgencyFigures, Request, agencies_weekly, by_agency
from siaga112.report.calls import CallFacts, Shift, Window, grouped, shift_at, windows
from siaga112.report.kpi import Figures, Ratio, figures
from siaga112.report.takers import (
    STATES,
    OfferFacts,
    Spell,
    TakerFigures,
    overlap,
    ready_seconds,
    taker_figures,
)

LONGEST = 10
"""So many of the longest waits are listed."""


@dataclass(frozen=True, slots=True)
class Period:
    """Whole local days of a centre, the first and the last included."""

    centre: str
    name: str
    first: date
    last: date
    zone: ZoneInfo
    shifts: tuple[Shift, ...] = ()

    @property
    def window(self) -> Window:
        """The span of absolute time."""
        day, end = windows(self.first, self.first, self.zone), windows(self.last, self.last, self.zone)
        return Window(self.first, "", next(day).begins, next(end).ends)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A period, evaluated."""

    period: Period
    now: datetime
    total: Figures
    weeks: Mapping[date, Figures]
    shifts: Mapping[str, Figures]
    heat: Mapping[tuple[int, int], int]
    """Calls by weekday (Monday is 0) and hour."""
    answer_seconds: tuple[float, ...]
    """Answer times of the answered calls, the shortest first."""
    takers: Mapping[str, TakerFigures]
    aht_s: float | None
    """Talk and wrap-up for each call that was answered."""
    ready_s: float
    """Seconds in which at least one call-taker was ready."""
    elapsed_s: float
    """Seconds of the period that lie behind."""
    longest: tuple[CallFacts, ...]
    flawed: int
    """Records whose journal has a flaw."""
    agencies: Mapping[str, AgencyFigures]
    """Agencies that were asked into talks, by name."""
    agency_weeks: Mapping[str, Mapping[date, AgencyFigures]]

    @property
    def availability(self) -> float | None:
        """The share of the time in which at least one call-taker was ready."""
        return self.ready_s / self.elapsed_s if self.elapsed_s > 0 else None

    @property
    def fallback(self) -> Ratio:
        """Calls that the dialplan's fallback served."""
        return Ratio(self.total.fallback, self.total.ended)


@dataclass(frozen=True, slots=True)
class Facts:
    """What was recorded: the calls of a period, their offers and requests, the states that touch it."""

    calls: Sequence[CallFacts]
    offers: Sequence[OfferFacts]
    spells: Sequence[Spell]
    requests: Sequence[Request] = ()


def evaluate(period: Period, facts: Facts, now: datetime) -> Evaluation:
    """Work everything out."""
    calls, offers, spells, requests = facts.calls, facts.offers, facts.spells, facts.requests
    window, counted = period.window, [one for one in calls if one.counted]
    local = [(one.started_at.astimezone(period.zone), one) for one in calls]
    weeks = grouped((_monday(at.date()), one) for at, one in local)
    shifts = grouped((shift_at(at, period.shifts)[1], one) for at, one in local)
    total, takers = figures(calls), _takers(window, offers, spells, now)
    worked = sum(one.seconds["wrap_up_s"] for one in takers.values())
    talked = sum(one.talk_s or 0.0 for one in counted if one.answered)
    answered = [after for one in counted if one.answered and (after := one.answer_s) is not None]
    waited = [(after, one) for one in counted if one.ended and (after := one.waited_s) is not None]
    return Evaluation(
        period=period,
        now=now,
        total=total,
        weeks={monday: figures(found) for monday, found in sorted(weeks.items())},
        shifts={one.name: figures(shifts.get(one.name, [])) for one in period.shifts},
        heat=Counter((at.weekday(), at.hour) for at, one in local if one.counted),
        answer_seconds=tuple(sorted(answered)),
        takers=takers,
        aht_s=(talked + worked) / total.answered if total.answered else None,
        ready_s=ready_seconds(spells, window, now),
        elapsed_s=(min(window.ends, now) - window.begins).total_seconds(),
        longest=tuple(one for _, one in heapq.nsmallest(LONGEST, waited, key=_by_wait)),
        flawed=sum(one.flaw is not None for one in calls),
        agencies=by_agency(requests),
        agency_weeks=agencies_weekly(requests, period.zone),
    )


def _by_wait(waited: tuple[float, CallFacts]) -> tuple[float, datetime]:
    seconds, call = waited
    return -seconds, call.started_at


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _takers(
    window: Window, offers: Sequence[OfferFacts], spells: Sequence[Spell], now: datetime
) -> dict[str, TakerFigures]:
    offered = grouped((one.agent_id, one) for one in offers)
    spent: dict[str, dict[str, float]] = {}
    for spell in spells:
        seconds = overlap(spell.from_at, spell.to_at or now, window)
        if spell.state in STATES and seconds > 0:
            columns, column = spent.setdefault(spell.agent_id, {}), STATES[spell.state]
            columns[column] = columns.get(column, 0.0) + seconds
    agents = sorted(offered.keys() | spent.keys())
    return {one: taker_figures(spent.get(one, {}), offered.get(one, [])) for one in agents}
