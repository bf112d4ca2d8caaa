"""The figures of call-takers: time in each state, occupancy, offers; and when nobody was ready.

Pure: the reference of `agent_daily`, `agent_shift` and `availability_daily`. A roster is not known here, so
attendance is told in seconds, and as the share of the time logged in that a taker was ready or at work.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from siaga112.report.calls import Shift, Window, grouped, local_day, shift_of, windows
from siaga112.report.kpi import Ratio

STATES = {
    "available": "available_s",
    "paused": "paused_s",
    "reserved": "ringing_s",
    "ringing": "ringing_s",
    "on_call": "on_call_s",
    "wrap_up": "wrap_up_s",
    "not_responding": "not_responding_s",
    "unreachable": "not_responding_s",
}
"""The column that the time in a state is added to."""


@dataclass(frozen=True, slots=True)
class Spell:
    """An agent was in a state from a time to a time, or still is."""

    agent_id: str
    state: str
    from_at: datetime
    to_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """A phone that rang for a call; talk_s is the call's if this agent took it."""

    agent_id: str
    offered_at: datetime
    ended_at: datetime | None = None
    result: str | None = None
    talk_s: float | None = None


@dataclass(frozen=True, slots=True)
class TakerFigures:
    """What one call-taker did in a window of time."""

    seconds: dict[str, float]
    offers: int
    answered: int
    rona: int
    ring_mean_s: float | None
    talk_mean_s: float | None
    talk_s: float

    @property
    def logged_in_s(self) -> float:
        """Seconds at the desk, breaks included."""
        return math.fsum(self.seconds.values())

    @property
    def present_s(self) -> float:
        """Seconds ready or at work: attendance."""
        absent = self.seconds["paused_s"] + self.seconds["not_responding_s"]
        return self.logged_in_s - absent

    @property
    def utilisation(self) -> float | None:
        """The share of the time logged in that was attendance."""
        return self.present_s / self.logged_in_s if self.logged_in_s else None

    @property
    def occupancy(self) -> float | None:
        """Work as a share of the time logged in without breaks."""
        work = math.fsum(self.seconds[one] for one in ("ringing_s", "on_call_s", "wrap_up_s"))
        there = self.logged_in_s - self.seconds["paused_s"]
        return work / there if there else None

    @property
    def aht_s(self) -> float | None:
        """Talk and wrap-up for each call that was answered."""
        return (self.talk_s + self.seconds["wrap_up_s"]) / self.answered if self.answered else None

    @property
    def rona_rate(self) -> Ratio:
        """Offers that rang out."""
        return Ratio(self.rona, self.offers)


@dataclass(frozen=True, slots=True)
class OfferSums:
    """What adds up of offers; the names are those of `agent_tally`."""

    offers: int = 0
    answered: int = 0
    rona: int = 0
    ring_s: float = 0.0
    rings: int = 0
    talk_s: float = 0.0
    talks: int = 0


def offer_sums(offers: Sequence[OfferFacts]) -> OfferSums:
    """Add offers up."""
    taken = [one for one in offers if one.result == "answered"]
    rings = [(one.ended_at - one.offered_at).total_seconds() for one in taken if one.ended_at is not None]
    talks = [one.talk_s for one in taken if one.talk_s is not None]
    return OfferSums(
        offers=len(offers),
        answered=len(taken),
        rona=sum(one.result == "rona" for one in offers),
        ring_s=math.fsum(rings),
        rings=len(rings),
        talk_s=math.fsum(talks),
        talks=len(talks),
    )


def taker_figures(seconds: Mapping[str, float], offers: OfferSums) -> TakerFigures:
    """Put the time in states and the offers of one taker together."""
    return TakerFigures(
        seconds=dict.fromkeys(STATES.values(), 0.0) | dict(seconds),
        offers=offers.offers,
        answered=offers.answered,
        rona=offers.rona,
        ring_mean_s=offers.ring_s / offers.rings if offers.rings else None,
        talk_mean_s=offers.talk_s / offers.talks if offers.talks else None,
        talk_s=offers.talk_s,
    )


def takers_daily(
    spells: Iterable[Spell],
    offers: Iterable[OfferFacts],
    zone: ZoneInfo,
    now: datetime,
    shifts: Sequence[Shift] = (),
) -> dict[tuple[str, date, str], TakerFigures]:
    """The figures of every taker on every day; with shifts: in every shift that is named."""
    spent = time_spent(spells, zone, now, shifts)
    offered = grouped(((one.agent_id, *_place(one.offered_at, zone, shifts)), one) for one in offers)
    keys = sorted(spent.keys() | offered.keys())
    return {key: taker_figures(spent.get(key, {}), offer_sums(offered.get(key, []))) for key in keys}


def _place(moment: datetime, zone: ZoneInfo, shifts: Sequence[Shift]) -> tuple[date, str]:
    return shift_of(moment, zone, shifts) if shifts else (local_day(moment, zone), "")


def time_spent(
    spells: Iterable[Spell], zone: ZoneInfo, now: datetime, shifts: Sequence[Shift] = ()
) -> dict[tuple[str, date, str], dict[str, float]]:
    """Cut states at midnight or at the change of shifts, and add them up by their column."""
    spent: dict[tuple[str, date, str], dict[str, float]] = {}
    for spell in spells:
        until = spell.to_at or now
        if spell.state not in STATES:
            continue
        first, last = _place(spell.from_at, zone, shifts)[0], local_day(until, zone)
        for window in windows(min(first, last), last, zone, shifts):
            seconds = overlap(spell.from_at, until, window)
            if seconds > 0:
                columns = spent.setdefault((spell.agent_id, window.day, window.shift), {})
                column = STATES[spell.state]
                columns[column] = columns.get(column, 0.0) + seconds
    return spent


def overlap(begins: datetime, ends: datetime, window: Window) -> float:
    """Seconds of a span that lie in a window; negative or 0 if none do."""
    return (min(ends, window.ends) - max(begins, window.begins)).total_seconds()


def attendance(
    spells: Iterable[Spell], zone: ZoneInfo, now: datetime, shifts: Sequence[Shift]
) -> dict[tuple[str, date, str], tuple[float, float]]:
    """Say for every shift in which a taker was logged in: how long they were present, of how long it was."""
    found = {}
    for (agent, day, name), seconds in time_spent(spells, zone, now, shifts).items():
        window = next(one for one in windows(day, day, zone, shifts) if one.shift == name)
        length = max(0.0, overlap(window.begins, now, window))
        found[agent, day, name] = (taker_figures(seconds, OfferSums()).present_s, length)
    return found


def ready_seconds(spells: Iterable[Spell], window: Window, now: datetime) -> float:
    """Seconds of a window in which at least one call-taker was ready for a call."""
    spans = sorted(
        (max(one.from_at, window.begins), min(one.to_at or now, window.ends))
        for one in spells
        if one.state == "available" and overlap(one.from_at, one.to_at or now, window) > 0
    )
    total, reached = 0.0, window.begins
    for begins, ends in spans:
        if ends > reached:
            total += (ends - max(begins, reached)).total_seconds()
            reached = ends
    return total
