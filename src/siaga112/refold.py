"""Records made again from their journals, which are in PostgreSQL.

Knows the fold and the tables. A call whose journal has a flaw keeps the record that it has, marked; one that
has no record gets what can be folded. Nothing is ever taken away.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from siaga112.routing.entries import AFTERWARDS, FALLBACK, Ended, Journaled
from siaga112.routing.record import Record, apply, begin_anyhow, flaw, fold
from siaga112.routing.words import ServedBy
from siaga112.scribe import read_journal, rows_of
from siaga112.store.encoding import encode
from siaga112.store.migrate import Connection
from siaga112.store.rows import Row
from siaga112.store.sql import INSERTS

_CHUNK = 500
_MICROSECONDS = 2e-6
"""A time that has been in PostgreSQL is rounded: less of a difference than this is none."""

_OF_PERIOD = """
SELECT call_id::text FROM siaga112.call_record WHERE centre = $1 AND started_at >= $2 AND started_at < $3
UNION
SELECT e.call_id::text FROM siaga112.call_event e
WHERE e.at >= $2 AND e.at < $3
  AND NOT EXISTS (SELECT 1 FROM siaga112.call_record r WHERE r.call_id = e.call_id)
ORDER BY 1
"""
_BEHIND = f"""
SELECT DISTINCT e.call_id::text FROM siaga112.call_event e
LEFT JOIN siaga112.call_record r ON r.call_id = e.call_id
WHERE e.seq >= {FALLBACK} AND e.seq < {AFTERWARDS} AND e.seq > coalesce(r.journal_seq, 0)
  AND e.at >= now() - $1::interval
"""  # noqa: S608 - a number of ours
_EVENTS = """
SELECT call_id::text AS call_id, seq, extract(epoch FROM at)::float8 AS at, kind, data::text AS data
FROM siaga112.call_event WHERE call_id = ANY($1::uuid[]) ORDER BY call_id, seq
"""
_OFFERS = "SELECT FROM siaga112.call_offer WHERE call_id = ANY($1::uuid[]) ORDER BY call_id, seq FOR UPDATE"
_RECORDS = "SELECT * FROM siaga112.call_record WHERE call_id = ANY($1::uuid[]) ORDER BY call_id FOR UPDATE"
"""Held before the events are read: what the daemon commits meanwhile would be overwritten with less. Its
batches hold them in the same order, the offers first."""
_MARK = """
UPDATE siaga112.call_record r SET journal_flaw = $2, journal_seq = e.seq
FROM (SELECT call_id, max(seq) AS seq FROM siaga112.call_event WHERE call_id = ANY($1::uuid[]) GROUP BY 1) e
WHERE r.call_id = e.call_id AND (r.journal_flaw, r.journal_seq) IS DISTINCT FROM ($2, e.seq)
"""


@dataclass(frozen=True)
class Remade:
    """A record that was written.

    Attributes:
        record: As it is now.
        was_answered: Whether it said before that a person had answered.
        was_ours: Whether the daemon saw the call end, and did not give it to the fallback.
    """

    record: Record
    was_answered: bool
    was_ours: bool


@dataclass
class Refolded:
    """What was found and done.

    Attributes:
        calls: Calls that were looked at.
        changed: Records that were not what their journal says, and are now.
        made: Calls that had no record, and have one now.
        unread: Calls without any event: their records stand as they are.
        flaws: By flaw, how many calls have it.
        written: What was changed and made.
    """

    calls: int = 0
    changed: int = 0
    made: int = 0
    unread: int = 0
    flaws: Counter[str] = field(default_factory=Counter)
    written: list[Remade] = field(default_factory=list)


async def calls_of(connection: Connection, centre: str, begins: datetime, ends: datetime) -> list[str]:
    """List the calls of a period, those that have events and no record included."""
    return [row[0] for row in await connection.fetch(_OF_PERIOD, centre, begins, ends)]


async def calls_behind(connection: Connection, age: Any) -> list[str]:
    """List calls whose record does not know yet what the fallback told, if that is not older than an age."""
    return [row[0] for row in await connection.fetch(_BEHIND, age)]


async def refold(
    connection: Connection,
    centre: str,
    calls: Sequence[str],
    progress: Callable[[int, int], None] = lambda _done, _count: None,
) -> Refolded:
    """Make the records of these calls again, a few hundred in one transaction."""
    found = Refolded()
    for begin in range(0, len(calls), _CHUNK):
        async with connection.transaction():
            await _chunk(connection, centre, calls[begin : begin + _CHUNK], found)
        progress(min(begin + _CHUNK, len(calls)), len(calls))
    return found


async def _chunk(connection: Connection, centre: str, calls: Sequence[str], found: Refolded) -> None:
    await connection.execute(_OFFERS, calls)
    stored = {str(row["call_id"]): dict(row) for row in await connection.fetch(_RECORDS, calls)}
    events: dict[str, list[Row]] = {}
    for row in await connection.fetch(_EVENTS, calls):
        values = dict(row)
        values["data"] = json.loads(values["data"])
        events.setdefault(values["call_id"], []).append(Row.of("call_event", values))
    rows: list[Row] = []
    marks: dict[str, list[str]] = {}
    for call_id in calls:
        found.calls += 1
        if call_id not in events:
            found.unread += 1
            continue
        journal, wrong = _read(events[call_id])
        if wrong is not None:
            found.flaws[wrong] += 1
        before = stored.get(call_id)
        if before is not None and wrong is not None and not _tells_more(wrong, journal, before):
            marks.setdefault(wrong, []).append(call_id)
        else:
            rows += _made(centre, journal, wrong, before, found)
    await _write(connection, rows)
    for wrong, marked in marks.items():
        await connection.execute(_MARK, marked, wrong)


def _tells_more(wrong: str, journal: Sequence[Journaled], before: dict[str, Any]) -> bool:
    """Say whether a journal with a gap goes on where the record ends, so that folding it is a gain."""
    return wrong == "gap" and journal[-1].seq > (before["journal_seq"] or 0)


def _read(rows: Sequence[Row]) -> tuple[list[Journaled], str | None]:
    """Read as far as this version can."""
    journal: list[Journaled] = []
    for row in rows:
        try:
            journal += read_journal([row])
        except ValueError:
            return journal, "unreadable"
    return journal, flaw(journal)


def _made(
    centre: str,
    journal: Sequence[Journaled],
    wrong: str | None,
    before: dict[str, Any] | None,
    found: Refolded,
) -> list[Row]:
    record = fold(journal) or _headless(centre, journal)
    if record is None or (before is not None and record.ended_at is None):
        return []  # a call in progress is the daemon's
    offers_and_record = rows_of(record)
    offers, row = offers_and_record[:-1], offers_and_record[-1]
    marked = Row.of("call_record", row.values | {"journal_flaw": wrong})
    if before is None:
        found.made += 1
    elif _same(before, marked.values):
        return []
    else:
        found.changed += 1
    was_answered = before is not None and before["agent_answered_at"] is not None
    was_ours = any(isinstance(x.entry, Ended) and x.entry.served_by is ServedBy.DAEMON for x in journal)
    found.written.append(Remade(record, was_answered, was_ours))
    return [*offers, marked]


def _headless(centre: str, journal: Sequence[Journaled]) -> Record | None:
    if not journal:
        return None
    record: Record | None = begin_anyhow(centre, journal[0])
    for line in journal:
        record = apply(record, line)
    return record


def _same(before: dict[str, Any], values: dict[str, Any]) -> bool:
    for name, value in values.items():
        old = before[name]
        if isinstance(old, datetime):
            old = old.timestamp()
        if isinstance(old, float) and isinstance(value, int | float):
            if abs(old - value) > _MICROSECONDS:
                return False
        elif (str(old) if name == "call_id" else old) != value:
            return False
    return True


async def _write(connection: Connection, rows: Iterable[Row]) -> None:
    bodies: dict[str, list[str]] = {}
    for row in rows:
        bodies.setdefault(row.table, []).append(encode(row.values))
    for table in sorted(bodies):  # the offers before the record
        await connection.execute(INSERTS[table], f"[{','.join(bodies[table])}]")
