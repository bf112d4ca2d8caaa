"""The figures of a set of calls, each defined once more in Python: the reference of the views.

Pure. The sets are those of `calls`; the names are those of the columns of `kpi_daily`.
"""

import math
from collections import Counter
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

MARKS = (10, 15, 20)
"""Seconds within which a call should be answered; each is a service level of its own."""

FEW = 30
"""Of fewer cases no percentage is shown."""

OUTCOMES = (
    "answered", "refused", "abandoned_setup", "abandoned_ivr", "short_abandon", "abandoned_queue",
    "abandoned_ringing", "info_selfservice", "overflowed", "transferred_region", "failed_technical",
)  # fmt: skip
DISPOSITIONS = (
    "emergency", "emergency_duplicate", "non_emergency", "silent_assist", "information", "out_of_scope",
    "out_of_area", "prank", "false_report", "ghost", "accidental", "wrong_number", "dropped", "unclassified",
)  # fmt: skip
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
    classified_in_time: int
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
        of_answered = {
            "ghost_rate": self.answered_as["ghost"],
            "prank_rate": self.answered_as["prank"],
            "false_rate": self.answered_as["false_report"],
            "genuine_rate": sum(self.answered_as[one] for one in GENUINE),
            "classified_rate": self.answered - self.answered_as["unclassified"],
        }
        return {
            "abandon_rate": Ratio(self.abandoned, self.answered + self.abandoned),
            "abandon_rate_raw": Ratio(self.ended - self.answered, self.ended),
            "pre_human_loss": Ratio(self.lost_before_human, self.ended),
            "rona_rate": Ratio(self.rona, self.offers),
        } | {name: Ratio(part, self.answered) for name, part in of_answered.items()}

    @property
    def buckets(self) -> dict[str, int]:
        """Calls in the official classes."""
        return {name: sum(self.dispositions.get(one, 0) for one in parts) for name, parts in BUCKETS.items()}


def figures(calls: Iterable[CallFacts]) -> Figures:
    """Work the figures out."""
    every = list(calls)
    counted = [one for one in every if one.counted]
    ended = [one for one in counted if one.outcome is not None]
    answered = [one for one in ended if one.outcome == "answered"]
    seconds = [after for one in answered if (after := one.answer_s) is not None]
    outcomes = Counter(str(one.outcome) for one in ended)
    return Figures(
        calls=len(counted),
        test_calls=len(every) - len(counted),
        in_progress=len(counted) - len(ended),
        ended=len(ended),
        queued=sum(one.queued_at is not None for one in ended),
        answered=len(answered),
        abandoned=sum(outcomes[one] for one in ABANDONED),
        fallback=sum(one.served_by == "fallback" for one in ended),
        answered_within={mark: sum(one <= mark for one in seconds) for mark in MARKS},
        answer=times(seconds),
        wait_mean_s=mean([one.wait_s for one in answered]),
        wait_max_s=max((one.wait_s for one in ended if one.wait_s is not None), default=None),
        ring_mean_s=mean([one.ring_s for one in answered]),
        talk_mean_s=mean([one.talk_s for one in answered]),
        offers=sum(one.offers for one in counted),
        rona=sum(one.rona for one in counted),
        lost_before_human=sum(outcomes[one] for one in LOST),
        outcomes={name: outcomes[name] for name in OUTCOMES},
        dispositions=_classes(ended),
        answered_as=_classes(answered),
        classified_in_time=sum(one.classified_in_time for one in answered),
        silent=_silent([one for one in counted if one.suspicion == "silent_suspect"]),
    )


def _silent(suspected: Sequence[CallFacts]) -> dict[str, int]:
    return {
        "silent_suspected": len(suspected),
        "silent_signs": sum(one.sign_of_life for one in suspected),
        "silent_assisted": sum(one.disposition == "silent_assist" for one in suspected),
        "silent_genuine": sum(one.disposition in GENUINE for one in suspected),
    }


def _classes(calls: Iterable[CallFacts]) -> dict[str, int]:
    found = Counter(one.disposition for one in calls)
    return {name: found[name] for name in DISPOSITIONS}


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
    return {day: figures(found) for day, found in sorted(groups.items())}


def hourly(calls: Iterable[CallFacts], zone: ZoneInfo) -> dict[tuple[date, int], Figures]:
    """The figures of every local hour."""
    groups = grouped(
        ((local_day(one.started_at, zone), local_hour(one.started_at, zone)), one) for one in calls
    )
    return {key: figures(found) for key, found in sorted(groups.items())}


def by_shift(
    calls: Iterable[CallFacts], zone: ZoneInfo, shifts: Sequence[Shift]
) -> dict[tuple[date, str], Figures]:
    """The figures of every shift, which belongs to the day on which it begins."""
    groups = grouped((shift_of(one.started_at, zone, shifts), one) for one in calls)
    return {key: figures(found) for key, found in sorted(groups.items())}
