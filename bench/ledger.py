"""What the records and journals in PostgreSQL say of a run: service levels, losses, the order of the queue.

Knows the tables of the contract. Does not know who called, nor what should have come of it.
"""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import asyncpg

_PATIENCE_S = 30.0
LOST = {"abandoned_queue", "abandoned_ringing"}
_RECORDS = """
select call_id::text, caller_number, outcome, band, attempt, offers, served_by, suspicion,
       extract(epoch from started_at)::float8, extract(epoch from agent_answered_at)::float8,
       extract(epoch from ended_at)::float8
from siaga112.call_record where caller_number = any($1) order by started_at
"""
_EVENTS = """
select call_id::text, extract(epoch from at)::float8, kind, data::text
from siaga112.call_event where call_id = any($1::uuid[]) order by call_id, seq
"""


class Line(NamedTuple):
    """One line of a journal."""

    at: float
    kind: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One call: its record and its journal; times in Unix seconds."""

    call_id: str
    number: str
    outcome: str | None
    band: int
    attempt: int
    offers: int
    served_by: str
    suspicion: str
    began: float
    picked_up: float | None
    ended: float | None
    journal: tuple[Line, ...] = ()

    @property
    def answer_s(self) -> float | None:
        """From the arrival until a person picked up."""
        return None if self.picked_up is None else self.picked_up - self.began

    def stretched_s(self, factor: float) -> float | None:
        """As `answer_s`, with every second in which no phone rang for the call counted so many times.

        What a call waits because others talk shrinks as the talks do; what it waits because a phone rings
        does not.
        """
        if self.picked_up is None:
            return None
        rang = sum(until - begin for begin, until in _rings(self.journal) if begin < self.picked_up)
        idle = max(0.0, self.picked_up - self.began - rang)
        return rang + factor * idle

    def stayed(self, seconds: float) -> bool:
        """Whether it was answered, or lasted at least so long."""
        return self.picked_up is not None or (self.ended or self.began) - self.began >= seconds


def _rings(journal: Sequence[Line]) -> Iterator[tuple[float, float]]:
    """Give the stretches in which at least one phone rang."""
    ringing, since = 0, 0.0
    for line in journal:
        if line.kind == "offer_made":
            since = line.at if not ringing else since
            ringing += 1
        elif line.kind == "offer_ended" and ringing:
            ringing -= 1
            if not ringing:
                yield since, line.at


def level(cases: Sequence[Case], within: float, *, factor: float = 1.0, gone: float = 0.0) -> float:
    """The service level: of those who were answered or lost, the share answered within so many seconds.

    Args:
        cases: The calls.
        within: Seconds.
        factor: See `Case.stretched_s`.
        gone: Who hung up within so many seconds does not count (a short abandon).
    """
    waits = [(one.stretched_s(factor), one) for one in cases if one.stayed(gone)]
    counted = [wait for wait, one in waits if wait is not None or one.outcome != "short_abandon"]
    return sum(wait is not None and wait <= within for wait in counted) / max(1, len(counted))


async def _fetch(dsn: str, numbers: Sequence[str]) -> list[Case]:
    connection = await asyncpg.connect(dsn)
    try:
        records = await connection.fetch(_RECORDS, list(numbers))
        events = await connection.fetch(_EVENTS, [row[0] for row in records])
    finally:
        await connection.close()
    journals: dict[str, list[Line]] = defaultdict(list)
    for call_id, at, kind, data in events:
        journals[call_id].append(Line(at, kind, json.loads(data)))
    return [_case(row, journals[row[0]]) for row in records]


def _case(row: asyncpg.Record, journal: Sequence[Line]) -> Case:
    names = (one.name for one in fields(Case) if one.name != "journal")
    return Case(**dict(zip(names, row, strict=True)), journal=tuple(journal))


def cases(dsn: str, numbers: Sequence[str], wanted: int) -> list[Case]:
    """Read every call of these numbers, once all have ended and arrived, or the patience is over."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        found = asyncio.run(_fetch(dsn, numbers))
        ended = sum(one.ended is not None for one in found)
        if ended >= wanted or time.monotonic() > until:
            return found
        time.sleep(0.5)
