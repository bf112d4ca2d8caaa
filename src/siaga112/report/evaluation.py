"""The evaluation of a period: every figure that a report shows, whatever it is shown as.

Pure: from sums and a few single calls to one value. Does not know what the sums were made of.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from siaga112.report.agencies import AgencyFigures, Request, agencies_weekly, by_agency
from siaga112.report.calls import CallFacts, Shift, Window, grouped, windows
from siaga112.report.kpi import Figures, Ratio, figures
from siaga112.report.sums import Hour, joined
from siaga112.report.takers import OfferSums, TakerFigures, taker_figures


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
class Material:
    """What an evaluation is made of, however it was come by.

    Attributes:
        hours: The sums of every hour.
        offers: What each call-taker was offered.
        seconds: Each call-taker's time by the column of its state.
        ready_s: Seconds in which at least one call-taker was ready.
        longest: The calls that waited longest, that one first.
        requests: When agencies were asked.
    """

    hours: Sequence[Hour]
    offers: Mapping[str, OfferSums]
    seconds: Mapping[str, Mapping[str, float]]
    ready_s: float
    longest: Sequence[CallFacts]
    requests: Sequence[Request] = ()


def evaluate(period: Period, of: Material, now: datetime) -> Evaluation:
    """Work everything out."""
    window, every = period.window, joined(one.sums for one in of.hours)
    weeks = grouped((_monday(one.day), one.sums) for one in of.hours)
    shifts = grouped((one.shift, one.sums) for one in of.hours)
    total, takers = figures(every), _takers(of)
    worked = sum(one.seconds["wrap_up_s"] for one in takers.values())
    return Evaluation(
        period=period,
        now=now,
        total=total,
        weeks={monday: figures(joined(found)) for monday, found in sorted(weeks.items())},
        shifts={one.name: figures(joined(shifts.get(one.name, []))) for one in period.shifts},
        heat=_heat(of.hours),
        answer_seconds=tuple(sorted(every.answers)),
        takers=takers,
        aht_s=(total.talk_s + worked) / total.answered if total.answered else None,
        ready_s=of.ready_s,
        elapsed_s=(min(window.ends, now) - window.begins).total_seconds(),
        longest=tuple(of.longest),
        agencies=by_agency(of.requests),
        agency_weeks=agencies_weekly(of.requests, period.zone),
    )


def _heat(hours: Sequence[Hour]) -> dict[tuple[int, int], int]:
    found: Counter[tuple[int, int]] = Counter()
    for one in hours:
        if calls := one.sums.counts["calls"]:
            found[one.day.weekday(), one.hour] += calls
    return found


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _takers(of: Material) -> dict[str, TakerFigures]:
    agents = sorted(of.offers.keys() | of.seconds.keys())
    return {one: taker_figures(of.seconds.get(one, {}), of.offers.get(one, OfferSums())) for one in agents}
