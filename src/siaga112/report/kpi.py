"""The figures of a set of calls, each defined once more in Python: the reference of the views.

Pure. The sets are those of `calls`; the names are those of the columns of `kpi_daily`.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from siaga112.report.calls import (
    ABANDONED,
    GENUINE,
    LOST,
    CallFacts,
    Shift,
    grouped,
    local_day,
    local_hour,
    shift_of,
)
from siaga112.report.sums import DISPOSITIONS, OUTCOMES, SILENT, Sums, sums

MARKS = (10, 15, 20)
"""Seconds within which a call should be answered; each is a service level of its own."""

FEW = 30
"""Of fewer cases no percentage is shown."""

ANSWERED_AS = ("ghost", "prank", "false", "genuine", "classified")

BUCKETS = {
    "normal": tuple(sorted(GENUINE)),
    "informasi": ("information", "out_of_scope", "wrong_number"),
    "prank": ("prank", "false_report"),
    "ghost": ("ghost", "accidental"),
    "terputus": ("dropped",),
    "tidak_tercatat": ("unclassified",),
}
"""The classes in which centres report to the ministry, and what each is made of."""


class Ratio(NamedTuple):
    """So many of so many; 0..1, or nothing where there is nothing to divide by."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The quotient."""
        return self.part / self.whole if self.whole else None

    def text(self, comma: str = ".") -> str:
        """Write a percentage, or that the sample is too small for one."""
        if not self.whole:
            return "-"
        if self.whole < FEW:
            return f"n<{FEW}"
        tenths = (2000 * self.part + self.whole) // (2 * self.whole)  # half up, as PostgreSQL rounds
        return f"{tenths // 10}{comma}{tenths % 10} %"


@dataclass(frozen=True, slots=True)
class Times:
    """How a number of seconds is spread; n says how many there are."""

    n: int
    mean: float | None
    p50: float | None
    p90: float | None
    p99: float | None
    longest: float | None
    slowest_decile: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of some calls."""

    calls: int
    test_calls: int
    in_progress: int
    ended: int
    queued: int
    answered: int
    abandoned: int
    fallback: int
    answered_within: dict[int, int]
    answer: Times
    wait_mean_s: float | None
    wait_max_s: float | None
    ring_mean_s: float | None
    talk_mean_s: float | None
    offers: int
    rona: int
    lost_before_human: int
    outcomes: dict[str, int]
    dispositions: dict[str, int]
    answered_as: dict[str, int]
    """Answered calls as `ghost`, `prank`, `false`, `genuine`, and `classified` as anything."""
    classified_in_time: int
    flawed: int
    """Records whose journal has a flaw; tests are among them."""
    talk_s: float
    silent: dict[str, int]
    """The way of silent callers: `silent_suspected`, of them with a sign of life, and found to be in need."""

    @property
    def classification_rate(self) -> Ratio:
        """Answered calls of which it was known within ten minutes of the talk what they were."""
        return Ratio(self.classified_in_time, self.answered)

    def sl(self, mark: int) -> Ratio:
        """Service level: answered in time, of those answered or lost in the queue."""
        return Ratio(self.answered_within[mark], self.answered + self.abandoned)

    def sl_strict(self, mark: int) -> Ratio:
        """The same of all that reached the queue, nothing excluded."""
        return Ratio(self.answered_within[mark], self.queued)

    def sl_raw(self, mark: int) -> Ratio:
        """The same of all calls: shows what is lost before the queue."""
        return Ratio(self.answered_within[mark], self.ended)

    @property
    def rates(self) -> dict[str, Ratio]:
        """Every other ratio, by its column's name."""
        return {
            "abandon_rate": Ratio(self.abandoned, self.answered + self.abandoned),
            "abandon_rate_raw": Ratio(self.ended - self.answered, self.ended),
            "pre_human_loss": Ratio(self.lost_before_human, self.ended),
            "rona_rate": Ratio(self.rona, self.offers),
        } | {f"{name}_rate": Ratio(part, self.answered) for name, part in self.answered_as.items()}

    @property
    def buckets(self) -> dict[str, int]:
        """Calls in the official classes."""
        return {name: sum(self.dispositions.get(one, 0) for one in parts) for name, parts in BUCKETS.items()}


def figures(of: Sums) -> Figures:
    """Work the figures out."""
    counts, answered = of.counts, of.counts["answered"]
    outcomes = {name: counts[name] for name in OUTCOMES}
    ended = sum(outcomes.values())
    return Figures(
        calls=counts["calls"],
        test_calls=counts["test_calls"],
        in_progress=counts["calls"] - ended,
        ended=ended,
        queued=counts["queued"],
        answered=answered,
        abandoned=sum(outcomes[one] for one in ABANDONED),
        fallback=counts["fallback"],
        answered_within={mark: sum(one <= mark for one in of.answers) for mark in MARKS},
        answer=times(of.answers),
        wait_mean_s=_quotient(of.seconds["wait_s"], counts["waits"]),
        wait_max_s=of.wait_max_s,
        ring_mean_s=_quotient(of.seconds["ring_s"], counts["rings"]),
        talk_mean_s=_quotient(of.seconds["talk_s"], counts["talks"]),
        offers=counts["offers"],
        rona=counts["rona"],
        lost_before_human=sum(outcomes[one] for one in LOST),
        outcomes=outcomes,
        dispositions={name: counts[name] for name in DISPOSITIONS},
        answered_as={name: counts[f"answered_{name}"] for name in ANSWERED_AS},
        classified_in_time=counts["classified_in_time"],
        flawed=counts["flawed"],
        talk_s=of.seconds["talk_s"],
        silent={name: counts[name] for name in SILENT},
    )


def _quotient(total: float, count: int) -> float | None:
    return total / count if count else None


def times(seconds: Sequence[float]) -> Times:
    """Say how seconds are spread."""
    ordered = sorted(seconds)
    tenth = math.ceil(len(ordered) / 10)
    return Times(
        n=len(ordered),
        mean=mean(ordered),
        p50=percentile(ordered, 0.5),
        p90=percentile(ordered, 0.9),
        p99=percentile(ordered, 0.99),
        longest=ordered[-1] if ordered else None,
        slowest_decile=mean(ordered[-tenth:]) if ordered else None,
    )


def mean(values: Sequence[float | None]) -> float | None:
    """The mean of the values that are known."""
    known = [one for one in values if one is not None]
    return math.fsum(known) / len(known) if known else None


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The value below which a share lies, between neighbours as `percentile_cont` does it."""
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def daily(calls: Iterable[CallFacts], zone: ZoneInfo) -> dict[date, Figures]:
    """The figures of every local day."""
    groups = grouped((local_day(one.started_at, zone), one) for one in calls)
    return {day: figures(sums(found)) for day, found in sorted(groups.items())}


def hourly(calls: Iterable[CallFacts], zone: ZoneInfo) -> dict[tuple[date, int], Figures]:
    """The figures of every local hour."""
    groups = grouped(
        ((local_day(one.started_at, zone), local_hour(one.started_at, zone)), one) for one in calls
    )
    return {key: figures(sums(found)) for key, found in sorted(groups.items())}


def by_shift(
    calls: Iterable[CallFacts], zone: ZoneInfo, shifts: Sequence[Shift]
) -> dict[tuple[date, str], Figures]:
    """The figures of every shift, which belongs to the day on which it begins."""
    groups = grouped((shift_of(one.started_at, zone, shifts), one) for one in calls)
    return {key: figures(sums(found)) for key, found in sorted(groups.items())}
