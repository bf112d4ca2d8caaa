"""What adds up of some calls, so that a period is the sum of its hours: counts, sums, and every answer time.

Pure: the reference of `kpi_tally`, whose columns have these names. Ratios, means and percentiles do not add
up; `kpi` works them out of the whole.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from siaga112.report.calls import GENUINE, CallFacts, Shift, grouped, shift_at

OUTCOMES = (
    "answered", "refused", "abandoned_setup", "abandoned_ivr", "short_abandon", "abandoned_queue",
    "abandoned_ringing", "info_selfservice", "overflowed", "transferred_region", "failed_technical",
)  # fmt: skip
DISPOSITIONS = (
    "emergency", "emergency_duplicate", "non_emergency", "silent_assist", "information", "out_of_scope",
    "out_of_area", "prank", "false_report", "ghost", "accidental", "wrong_number", "dropped", "unclassified",
)  # fmt: skip
SILENT = ("silent_suspected", "silent_signs", "silent_assisted", "silent_genuine")
COUNTS = (
    "calls", "test_calls", "queued", "fallback", "offers", "rona", "answered_ghost", "answered_prank",
    "answered_false", "answered_genuine", "answered_classified", "classified_in_time", *SILENT, "flawed",
    *OUTCOMES, *DISPOSITIONS, "waits", "rings", "talks",
)  # fmt: skip
SECONDS = ("wait_s", "ring_s", "talk_s")


@dataclass(frozen=True, slots=True)
class Sums:
    """Of some calls: how many of which kind, seconds added up, and the longest.

    Attributes:
        counts: By the name of the column.
        seconds: Likewise; `waits`, `rings` and `talks` say of how many calls.
        wait_max_s: The longest wait.
        answers: Seconds until a call-taker answered, in no order.
    """

    counts: Mapping[str, int]
    seconds: Mapping[str, float]
    wait_max_s: float | None
    answers: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Hour:
    """The sums of an hour by the centre's clock, or of the part of it that lies in one shift."""

    day: date
    hour: int
    shift_day: date
    shift: str
    sums: Sums


def sums(calls: Iterable[CallFacts]) -> Sums:
    """Add calls up."""
    counts: Counter[str] = Counter()
    seconds = dict.fromkeys(SECONDS, 0.0)
    waits, answers = list[float](), list[float]()
    for one in calls:
        counts.update(_kinds(one))
        counts["offers"] += one.offers if one.counted else 0
        counts["rona"] += one.rona if one.counted else 0
        if one.ended and one.wait_s is not None:
            waits.append(one.wait_s)
        if not one.answered:
            continue
        if one.answer_s is not None:
            answers.append(one.answer_s)
        for name, what in (("wait_s", one.wait_s), ("ring_s", one.ring_s), ("talk_s", one.talk_s)):
            if what is not None:
                seconds[name] += what
                counts[name.replace("_s", "s")] += 1
    return Sums({name: counts[name] for name in COUNTS}, seconds, max(waits, default=None), tuple(answers))


def _kinds(one: CallFacts) -> list[str]:
    """Say which counts a call adds one to."""
    known = one.disposition != "unclassified"
    kinds = {
        "calls": one.counted,
        "test_calls": not one.counted,
        "queued": one.ended and one.queued_at is not None,
        "fallback": one.ended and one.served_by == "fallback",
        "answered_ghost": one.answered and one.disposition == "ghost",
        "answered_prank": one.answered and one.disposition == "prank",
        "answered_false": one.answered and one.disposition == "false_report",
        "answered_genuine": one.answered and one.disposition in GENUINE,
        "answered_classified": one.answered and known,
        "classified_in_time": one.classified_in_time,
        "flawed": one.flaw is not None,
        str(one.outcome): one.ended,
        one.disposition: one.ended,
    }
    if one.counted and one.suspicion == "silent_suspect":
        kinds |= {
            "silent_suspected": True,
            "silent_signs": one.sign_of_life,
            "silent_assisted": one.disposition == "silent_assist",
            "silent_genuine": one.disposition in GENUINE,
        }
    return [name for name, true in kinds.items() if true]


def joined(parts: Iterable[Sums]) -> Sums:
    """Add sums up."""
    counts, seconds = dict.fromkeys(COUNTS, 0), dict.fromkeys(SECONDS, 0.0)
    waits, answers = list[float](), list[float]()
    for part in parts:
        for name, count in part.counts.items():
            counts[name] += count
        for name, value in part.seconds.items():
            seconds[name] += value
        if part.wait_max_s is not None:
            waits.append(part.wait_max_s)
        answers += part.answers
    return Sums(counts, seconds, max(waits, default=None), tuple(answers))


def by_hour(calls: Iterable[CallFacts], zone: ZoneInfo, shifts: Iterable[Shift]) -> list[Hour]:
    """Add calls up by the hour, cut where shifts change: the rows of `kpi_tally`."""
    rota = tuple(shifts)
    local = ((one.started_at.astimezone(zone), one) for one in calls)
    found = grouped(((at.date(), at.hour, *shift_at(at, rota)), one) for at, one in local)
    return [Hour(*key, sums(some)) for key, some in sorted(found.items())]
