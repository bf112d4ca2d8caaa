"""What is personal in PostgreSQL: found, counted, taken out.

Knows SQL and the functions of the schema that do it with the owner's rights (migration 0010), so that the
daemon's role needs none of its own. Does not know files, nor for how long anything is to be kept.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from siaga112.store.migrate import Connection

_CHUNK = 1_000
_FREE = "r.ended_at IS NOT NULL AND r.call_id NOT IN (SELECT call_id FROM siaga112.on_hold)"
_CALLS_BEFORE = (
    f"SELECT r.call_id, r.recording FROM siaga112.call_record r WHERE {_FREE} AND r.started_at < $1"  # noqa: S608
)
_OLD: dict[str, str] = {
    "recordings": f"{_CALLS_BEFORE} AND r.recording IS NOT NULL",
    "numbers": f"{_CALLS_BEFORE} AND r.caller_number IS NOT NULL",
    "records": _CALLS_BEFORE,
    "journal": "SELECT DISTINCT r.call_id, '' AS recording FROM siaga112.call_event r WHERE r.at < $1",
}
_COUNTS: dict[str, str] = {
    "journal": "SELECT count(*) FROM siaga112.call_event WHERE at < $1 "
    "AND call_id NOT IN (SELECT call_id FROM siaga112.on_hold)",
    "agents": "SELECT count(*) FROM siaga112.agent_spell WHERE until < $1",
    "access": "SELECT count(*) FROM siaga112.access_log WHERE at < $1",
}
_UNFINISHED = "SELECT count(*) FROM siaga112.call_record WHERE started_at < $1 AND ended_at IS NULL"
_RECORDINGS_TO_KEEP = """
SELECT r.recording FROM siaga112.call_record r
WHERE r.recording IS NOT NULL AND (r.ended_at IS NULL OR r.call_id IN (SELECT call_id FROM siaga112.on_hold))
"""
_OF_NUMBERS = """
SELECT call_id FROM siaga112.call_record WHERE caller_number = ANY($1)
UNION
SELECT call_id FROM siaga112.call_event
WHERE kind IN ('arrived', 'fallback_entered') AND data ->> 'number' = ANY($1)
"""
_STATE = """
SELECT one AS call_id, coalesce(r.call_id IS NOT NULL AND r.ended_at IS NULL, false) AS open,
       one IN (SELECT call_id FROM siaga112.on_hold) AS held,
       r.call_id IS NOT NULL OR e.entries > 0 AS known,
       array_remove(e.numbers || r.caller_number, NULL) AS numbers,
       array_remove(e.recordings || r.recording, NULL) AS recordings
FROM unnest($1::uuid[]) AS one
LEFT JOIN siaga112.call_record r ON r.call_id = one
CROSS JOIN LATERAL (
    SELECT count(*) AS entries, coalesce(array_agg(data ->> 'number'), '{}') AS numbers,
           coalesce(array_agg(data ->> 'recording'), '{}') AS recordings
    FROM siaga112.call_event WHERE call_id = one
) e
"""


@dataclass(frozen=True, slots=True)
class CallState:
    """What matters of a call before it is erased."""

    call_id: str
    open: bool
    held: bool
    known: bool
    numbers: frozenset[str]
    recordings: frozenset[str]


@dataclass(frozen=True, slots=True)
class Old:
    """Calls of which something has been kept for long enough, and their recordings' names where asked for."""

    calls: tuple[str, ...]
    names: tuple[str, ...]


async def old(connection: Connection, what: str, before: datetime) -> AsyncIterator[Old]:
    """List calls of which something is older than a time, a thousand at a time.

    Calls in progress or under a hold are not among them, but for `journal`, where whoever removes must look.
    """
    last = "00000000-0000-0000-0000-000000000000"
    sql = f"{_OLD[what]} AND r.call_id > $2 ORDER BY 1 LIMIT {_CHUNK}"
    while rows := await connection.fetch(sql, before, last):
        last = str(rows[-1]["call_id"])
        yield Old(tuple(str(row["call_id"]) for row in rows), tuple(row["recording"] for row in rows))


async def count_old(connection: Connection, what: str, before: datetime) -> int:
    """Count what `old` and its removal would be about."""
    sql = _COUNTS.get(what) or f"SELECT count(*) FROM ({_OLD[what]}) AS found"  # noqa: S608 - our own words
    return int(await connection.fetchval(sql, before))


async def unfinished(connection: Connection, before: datetime) -> int:
    """Count calls that are older than a time and have no end."""
    return int(await connection.fetchval(_UNFINISHED, before))


async def recordings_to_keep(connection: Connection) -> set[str]:
    """Name the recordings of calls in progress or under a hold."""
    return {row[0] for row in await connection.fetch(_RECORDINGS_TO_KEEP)}


async def held_calls(connection: Connection) -> set[str]:
    """Name the calls under a hold."""
    rows = await connection.fetch("SELECT call_id FROM siaga112.on_hold")
    return {str(row[0]) for row in rows}


async def calls_of_numbers(connection: Connection, numbers: Collection[str]) -> set[str]:
    """Find every call of a number, which may be written in several ways."""
    return {str(row[0]) for row in await connection.fetch(_OF_NUMBERS, list(numbers))}


async def states(connection: Connection, calls: Collection[str]) -> list[CallState]:
    """Look at calls; one that is not known here is told, too."""
    found = []
    for call_id, in_progress, held, known, numbers, recordings in await connection.fetch(_STATE, list(calls)):
        parts = (frozenset[str](numbers), frozenset[str](recordings))
        found.append(CallState(str(call_id), in_progress, held, known, *parts))
    return found


async def forget(connection: Connection, calls: Sequence[str], *parts: str) -> int:
    """Take `number` or `recording` out of records and journals; gives the records that changed."""
    return int(await connection.fetchval("SELECT siaga112.forget($1, $2)", list(calls), list(parts)))


async def erase(connection: Connection, calls: Sequence[str], supervisor: str, reason: str) -> list[str]:
    """Forget callers for good and write into the journals who ordered it; gives the calls it was done for."""
    sql = "SELECT siaga112.erase($1, $2, $3)"
    return [str(row[0]) for row in await connection.fetch(sql, list(calls), supervisor, reason)]


async def drop_months(connection: Connection, parent: str, before: datetime) -> tuple[int, list[str]]:
    """Drop the months of a table that were over before a time; gives the rows and the partitions' names."""
    rows = await connection.fetch("SELECT * FROM siaga112.drop_months($1, $2)", parent, before)
    return sum(row["gone"] for row in rows), [row["name"] for row in rows]


async def drop_calls(connection: Connection, calls: Sequence[str], *, whole: bool) -> int:
    """Remove journals or, whole, calls; gives how many entries or records."""
    return int(await connection.fetchval("SELECT siaga112.drop_calls($1, $2)", list(calls), whole))


async def expire(connection: Connection, what: str, before: datetime) -> int:
    """Remove the rows of a small table that are older than a time."""
    return int(await connection.fetchval("SELECT siaga112.expire($1, $2)", what, before))
