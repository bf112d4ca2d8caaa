"""How fast agencies (OPD) answer when they are asked into a talk: the reference of `agency_daily`.

Pure. Tells of each agency by itself; nothing here puts one before another.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from siaga112.report.calls import grouped, local_day
from siaga112.report.kpi import Ratio, Times, times


@dataclass(frozen=True, slots=True)
class Request:
    """An agency was asked into a talk; answer_s is how long it took, if it came."""

    agency: str
    asked_at: datetime
    answer_s: float | None = None


@dataclass(frozen=True, slots=True)
class AgencyFigures:
    """What became of some requests."""

    asked: int
    answer: Times

    @property
    def answered(self) -> Ratio:
        """Requests to which somebody came."""
        return Ratio(self.answer.n, self.asked)


def agency_figures(requests: Iterable[Request]) -> AgencyFigures:
    """Work the figures out."""
    every = list(requests)
    return AgencyFigures(len(every), times([one.answer_s for one in every if one.answer_s is not None]))


def by_agency(requests: Iterable[Request]) -> dict[str, AgencyFigures]:
    """The figures of each agency, in the order of their names."""
    found = grouped((one.agency, one) for one in requests)
    return {agency: agency_figures(found[agency]) for agency in sorted(found)}


def agencies_daily(requests: Iterable[Request], zone: ZoneInfo) -> dict[tuple[date, str], AgencyFigures]:
    """The figures of each agency on each day."""
    found = grouped(((local_day(one.asked_at, zone), one.agency), one) for one in requests)
    return {key: agency_figures(some) for key, some in found.items()}


def agencies_weekly(requests: Iterable[Request], zone: ZoneInfo) -> Mapping[str, dict[date, AgencyFigures]]:
    """The figures of each agency by the week's Monday."""
    weeks: dict[str, dict[date, AgencyFigures]] = {}
    placed = ((one.agency, _monday(local_day(one.asked_at, zone)), one) for one in requests)
    found = grouped(((agency, monday), one) for agency, monday, one in placed)
    for agency, monday in sorted(found):
        weeks.setdefault(agency, {})[monday] = agency_figures(found[agency, monday])
    return weeks


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
