"""From the archive to an evaluation: reads a period's rows and tells how far it is.

Knows the archive's columns. Does not know SQL.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from siaga112.errors import Siaga112Error
from siaga112.report.agencies import Request
from siaga112.report.calls import CallFacts
from siaga112.report.evaluation import Evaluation, Facts, Period, evaluate
from siaga112.report.takers import OfferFacts, Spell
from siaga112.store.archive import Archive, archive

_EVERY = 500


class ReportError(Siaga112Error):
    """There is nothing to report, or it cannot be written."""


class PeriodError(ReportError):
    """A period that cannot be meant."""

    exit_status = 2


async def read(dsn: str, period: Period, progress: Callable[[int, int], None]) -> Evaluation:
    """Evaluate a period; `progress` is told how many rows of how many have been read.

    Raises:
        ReportError: the period lies in the future, or there is no call in it.
        StoreError: the database cannot be read.
    """
    async with archive(dsn) as records:
        not_in_the_future(period, records.now)
        calls, offers = await _calls(records, period, progress)
        spells = [
            Spell(row["agent_id"], row["state"], row["from_at"], row["to_at"])
            for row in await records.states(period.window.begins, period.window.ends)
        ]
        span = (period.centre, period.window.begins, period.window.ends)
        requests = [Request(*row) for row in await records.requests(*span)]
        return evaluate(period, Facts(calls, offers, spells, requests), records.now)


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
    records: Archive, period: Period, progress: Callable[[int, int], None]
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
