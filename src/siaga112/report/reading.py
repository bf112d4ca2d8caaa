"""From the archive to an evaluation: reads a period's sums, or its rows, and tells how far it is.

Knows the archive's columns. Does not know SQL.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time
from typing import Any, TypeAlias

import asyncpg

from siaga112.errors import Siaga112Error
from siaga112.report.agencies import Request
from siaga112.report.calls import CallFacts, Shift
from siaga112.report.evaluation import Evaluation, Material, Period, evaluate
from siaga112.report.facts import LONGEST, Facts, added_up, time_in_states
from siaga112.report.sums import COUNTS, SECONDS, Hour, Sums
from siaga112.report.takers import OfferFacts, OfferSums, Spell, ready_seconds
from siaga112.store.archive import Archive, archive

_EVERY = 500
Progress: TypeAlias = Callable[[int, int], None]


class ReportError(Siaga112Error):
    """There is nothing to report, or it cannot be written."""


class PeriodError(ReportError):
    """A period that cannot be meant."""

    exit_status = 2


async def read(dsn: str, period: Period, progress: Progress) -> Evaluation:
    """Evaluate a period; `progress` is told how many rows of how many have been read.

    Raises:
        ReportError: the period lies in the future, or there is no call in it.
        StoreError: the database cannot be read.
    """
    async with archive(dsn) as records:
        not_in_the_future(period, records.now)
        cut = await records.tallies.cut(period.centre)
        find = added_up_there if cut_alike(period, *cut) else added_up_here
        return evaluate(period, await find(records, period, progress), records.now)


def cut_alike(period: Period, time_zone: str, shifts: Sequence[Mapping[str, str]]) -> bool:
    """Say whether the database cuts days and shifts as the plan does, which may have changed since."""
    rota = [
        Shift(one["name"], time.fromisoformat(one["begins"]), time.fromisoformat(one["ends"]))
        for one in shifts
    ]
    return time_zone == period.zone.key and rota == list(period.shifts)


async def added_up_there(records: Archive, period: Period, progress: Progress) -> Material:
    """Have the database add the period up.

    Raises:
        ReportError: there is no call in it.
    """
    days, tallies = (period.centre, period.first, period.last), records.tallies
    hours = [_hour(row) for row in await tallies.hours(*days)]
    if not hours:
        raise ReportError(await nothing_in(records, period))
    longest = await tallies.longest(*days, LONGEST)
    found = await records.named(longest)
    seconds, ready_s = await _time(records, period)
    count = sum(one.sums.counts["calls"] + one.sums.counts["test_calls"] for one in hours)
    progress(count, count)
    return Material(
        hours=hours,
        offers={agent: OfferSums(*sums) for agent, *sums in await tallies.offers(*days)},
        seconds=seconds,
        ready_s=ready_s,
        longest=[CallFacts(*found[call]) for call in longest],
        requests=await _requests(records, period),
    )


async def _time(records: Archive, period: Period) -> tuple[dict[str, dict[str, float]], float]:
    """Time in states, and time with one ready; added up here where takers' days are not the centre's."""
    if await records.tallies.takers_zone() == period.zone.key:
        return await records.tallies.time(period.first, period.last)
    spells, window = await _spells(records, period), period.window
    return time_in_states(window, spells, records.now), ready_seconds(spells, window, records.now)


def _hour(row: asyncpg.Record) -> Hour:
    sums = Sums(
        {name: row[name] for name in COUNTS},
        {name: row[name] for name in SECONDS},
        row["wait_max_s"],
        tuple(row["answers"]),
    )
    return Hour(row["day"], row["hour"], row["shift_day"], row["shift"], sums)


async def added_up_here(records: Archive, period: Period, progress: Progress) -> Material:
    """Read every row of the period and add them up.

    Raises:
        ReportError: there is no call in it.
    """
    calls, offers = await _calls(records, period, progress)
    spells = await _spells(records, period)
    return added_up(period, Facts(calls, offers, spells, await _requests(records, period)), records.now)


async def _spells(records: Archive, period: Period) -> list[Spell]:
    return [Spell(*row) for row in await records.states(period.window.begins, period.window.ends)]


async def _requests(records: Archive, period: Period) -> list[Request]:
    span = (period.centre, period.window.begins, period.window.ends)
    return [Request(*row) for row in await records.requests(*span)]


def not_in_the_future(period: Period, now: datetime) -> None:
    """See that a period has begun.

    Raises:
        PeriodError: it has not.
    """
    today = now.astimezone(period.zone).date()
    if period.first > today:
        raise PeriodError(
            f"the period begins on {period.first}, which lies in the future: today is {today} "
            f"in {period.zone.key}"
        )


async def _calls(
    records: Archive, period: Period, progress: Progress
) -> tuple[list[CallFacts], list[OfferFacts]]:
    span = (period.centre, period.window.begins, period.window.ends)
    count = await records.count(*span)
    if not count:
        raise ReportError(await nothing_in(records, period))
    # Row after row by position: of a big centre there are hundreds of thousands.
    offers, offered, rona = list[OfferFacts](), Counter[str](), Counter[str]()
    async for call_id, *facts in records.offers(*span):
        offer = OfferFacts(*facts)
        offers.append(offer)
        offered[call_id] += 1
        rona[call_id] += offer.result == "rona"
    calls = list[CallFacts]()
    async for row in records.calls(*span):
        columns: list[Any] = [*row, offered[row[0]], rona[row[0]]]
        calls.append(CallFacts(*columns))
        if len(calls) % _EVERY == 0:
            progress(len(calls), count)
    progress(count, count)
    return calls, offers


async def nothing_in(records: Archive, period: Period) -> str:
    """Say that there is no call in a period, and when there are."""
    text = f"no call of {period.centre} came in from {period.first} to {period.last}"
    span = await records.span(period.centre)
    if span is None:
        return f"{text}; the database has no call of this centre at all"
    first, last = (one.astimezone(period.zone).date() for one in span)
    return f"{text}; its calls are from {first} to {last}"
