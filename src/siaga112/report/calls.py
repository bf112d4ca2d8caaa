"""What a figure needs of a call, and which day, hour and shift a moment belongs to.

Pure. Knows a centre's time zone and its shifts; knows no SQL.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_T = TypeVar("_T")
_K = TypeVar("_K")

CLASSIFY_WITHIN = timedelta(minutes=10)
"""So soon after the talk it should be known what a call was."""

ABANDONED = frozenset({"abandoned_queue", "abandoned_ringing"})
LOST = frozenset({"refused", "abandoned_setup", "abandoned_ivr", "short_abandon"}) | ABANDONED
GENUINE = frozenset({"emergency", "emergency_duplicate", "non_emergency", "silent_assist", "out_of_area"})


@dataclass(frozen=True, slots=True)
class CallFacts:
    """A row of `call_record`, as far as figures need it, and what was counted of its offers."""

    call_id: str
    started_at: datetime
    queued_at: datetime | None = None
    agent_answered_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
    disposition: str = "unclassified"
    agent_id: str | None = None
    wait_s: float | None = None
    ring_s: float | None = None
    talk_s: float | None = None
    served_by: str = "daemon"
    flaw: str | None = None
    suspicion: str = "none"
    talk_ended_at: datetime | None = None
    classified_at: datetime | None = None
    sign_of_life: bool = False
    offers: int = 0
    rona: int = 0

    @property
    def counted(self) -> bool:
        """Whether it is a call and no test."""
        return self.disposition != "test"

    @property
    def ended(self) -> bool:
        """O: it counts, and what became of it is known."""
        return self.counted and self.outcome is not None

    @property
    def answered(self) -> bool:
        """A: a call-taker spoke with the caller."""
        return self.counted and self.outcome == "answered"

    @property
    def classified_in_time(self) -> bool:
        """Whether it was answered, and somebody said what it was soon after the talk, or during it."""
        over = self.talk_ended_at or self.ended_at
        if not self.answered or self.disposition == "unclassified" or self.classified_at is None:
            return False
        return over is not None and self.classified_at <= over + CLASSIFY_WITHIN

    @property
    def answer_s(self) -> float | None:
        """Seconds from the call's arrival to the call-taker's answer."""
        if self.agent_answered_at is None:
            return None
        return (self.agent_answered_at - self.started_at).total_seconds()

    @property
    def waited_s(self) -> float | None:
        """Seconds in the queue, until a call-taker answered or the call ended."""
        until = self.agent_answered_at or self.ended_at
        if self.queued_at is None or until is None:
            return None
        return (until - self.queued_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Shift:
    """A part of the day by the wall clock; one that ends no later than it begins crosses midnight."""

    name: str
    begins: time
    ends: time

    def day_of(self, local: datetime) -> date | None:
        """Say on which day the shift began that a local time lies in; None if it lies in none."""
        clock, day = local.time(), local.date()
        if self.begins < self.ends:
            return day if self.begins <= clock < self.ends else None
        if clock >= self.begins:
            return day
        return day - _DAY if clock < self.ends else None


@dataclass(frozen=True, slots=True)
class Window:
    """A day, or a shift of one, as a span of absolute time."""

    day: date
    shift: str
    begins: datetime
    ends: datetime


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The day of the centre's calendar."""
    return moment.astimezone(zone).date()


def local_hour(moment: datetime, zone: ZoneInfo) -> int:
    """The hour of the centre's clock."""
    return moment.astimezone(zone).hour


def shift_of(moment: datetime, zone: ZoneInfo, shifts: Sequence[Shift]) -> tuple[date, str]:
    """The shift that a moment belongs to and the day on which it began; an empty name outside of all."""
    return shift_at(moment.astimezone(zone), shifts)


def shift_at(local: datetime, shifts: Sequence[Shift]) -> tuple[date, str]:
    """The same of a time that is local already."""
    for shift in shifts:
        day = shift.day_of(local)
        if day is not None:
            return day, shift.name
    return local.date(), ""


def windows(first: date, last: date, zone: ZoneInfo, shifts: Sequence[Shift] = ()) -> Iterator[Window]:
    """List the days from first to last, or the shifts that begin on them."""
    for number in range((last - first).days + 1):
        day = first + number * _DAY
        if not shifts:
            yield Window(day, "", _at(day, time(0), zone), _at(day + _DAY, time(0), zone))
        for one in shifts:
            over = day + _DAY if one.ends <= one.begins else day
            yield Window(day, one.name, _at(day, one.begins, zone), _at(over, one.ends, zone))


def grouped(things: Iterable[tuple[_K, _T]]) -> dict[_K, list[_T]]:
    """Put things of one key together, in the order in which they come."""
    groups: dict[_K, list[_T]] = {}
    for key, thing in things:
        groups.setdefault(key, []).append(thing)
    return groups


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone)
