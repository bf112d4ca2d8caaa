"""Reads what was recorded: calls, offers and states of a period, from one snapshot of the database.

Knows SQL and asyncpg. Does not know what the rows are wanted for.
"""

import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import asyncpg

from siaga112.store.errors import StoreError
from siaga112.store.migrate import Connection, pending_over
from siaga112.store.tallies import Tallies

_AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, EOFError)
_PREFETCH = 5_000

_OF_PERIOD = "r.centre = $1 AND r.started_at >= $2 AND r.started_at < $3"
_FACTS = """
SELECT r.call_id::text AS call_id, r.started_at, r.queued_at, r.agent_answered_at, r.ended_at, r.outcome,
       r.disposition, r.agent_id, r.wait_s, r.ring_s, r.talk_s, r.served_by, r.journal_flaw, r.suspicion,
       r.talk_ended_at, r.classified_at, r.dtmf <> '' OR coalesce(r.voice_seconds > 0, false) AS sign_of_life
FROM siaga112.call_record r
"""
_CALLS = f"{_FACTS} WHERE {_OF_PERIOD} ORDER BY r.started_at, r.call_id"
_NAMED = f"{_FACTS} WHERE r.call_id = ANY($1::uuid[])"
_OFFERS = f"""
SELECT o.call_id::text AS call_id, o.agent_id, o.offered_at, o.ended_at, o.result,
       CASE WHEN r.agent_id = o.agent_id THEN r.talk_s END AS talk_s
FROM siaga112.call_record r JOIN siaga112.call_offer o USING (call_id) WHERE {_OF_PERIOD}
"""  # noqa: S608 - our own words
# The calls first: who joins the view has it made of all journals.
_REQUESTS = f"""
SELECT a.agency, a.asked_at, a.answer_s FROM siaga112.agency_request a WHERE a.call_id = ANY (ARRAY(
    SELECT r.call_id FROM siaga112.call_record r JOIN siaga112.call_event i USING (call_id)
    WHERE {_OF_PERIOD} AND r.disposition <> 'test' AND i.kind = 'invited'
)) ORDER BY a.asked_at, a.agency
"""  # noqa: S608 - our own words
# A call-taker is in one state at a time: what lasts when a span begins is the last that began before it.
_STATES = """
SELECT p.agent_id, p.state, p.from_at, p.until
FROM siaga112.agent_known a
CROSS JOIN LATERAL (
    SELECT * FROM siaga112.agent_spell s
    WHERE s.agent_id = a.agent_id AND s.from_at < $2 AND s.from_at >= coalesce((
        SELECT max(b.from_at) FROM siaga112.agent_state b
        WHERE b.agent_id = a.agent_id AND b.from_at <= $1), $1)
) p
WHERE p.until > $1 ORDER BY p.agent_id, p.from_at
"""


class Archive:
    """The records as they stood at one moment.

    Attributes:
        now: That moment, by the database's clock.
        tallies: What the database has added up of them.
    """

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.now = now
        self.tallies = Tallies(connection)
        self._connection = connection

    async def count(self, centre: str, begins: datetime, ends: datetime) -> int:
        """Count the calls that began in a span of time."""
        sql = f"SELECT count(*) FROM siaga112.call_record r WHERE {_OF_PERIOD}"  # noqa: S608 - our own words
        return int(await self._connection.fetchval(sql, centre, begins, ends))

    async def span(self, centre: str) -> tuple[datetime, datetime] | None:
        """Say when the first and the last call began; None if there are none."""
        sql = "SELECT min(started_at), max(started_at) FROM siaga112.call_record WHERE centre = $1"
        row = await self._connection.fetchrow(sql, centre)
        return None if row is None or row[0] is None else (row[0], row[1])

    async def calls(self, centre: str, begins: datetime, ends: datetime) -> AsyncIterator[asyncpg.Record]:
        """Read the calls that began in a span of time, as they came; the columns as in `report.calls`."""
        async for row in self._connection.cursor(_CALLS, centre, begins, ends, prefetch=_PREFETCH):
            yield row

    async def named(self, calls: Sequence[str]) -> dict[str, asyncpg.Record]:
        """Read these calls, by their ids; the same columns."""
        return {row["call_id"]: row for row in await self._connection.fetch(_NAMED, calls)}

    async def whole_calls(
        self, centre: str, begins: datetime, ends: datetime
    ) -> AsyncIterator[asyncpg.Record]:
        """Read the same calls with every column there is."""
        sql = f"SELECT r.* FROM siaga112.call_record r WHERE {_OF_PERIOD} ORDER BY r.started_at, r.call_id"  # noqa: S608
        async for row in self._connection.cursor(sql, centre, begins, ends, prefetch=_PREFETCH):
            yield row

    async def offers(self, centre: str, begins: datetime, ends: datetime) -> AsyncIterator[asyncpg.Record]:
        """Read the offers of those calls: each its call, then the columns as in `report.takers`."""
        async for row in self._connection.cursor(_OFFERS, centre, begins, ends, prefetch=_PREFETCH):
            yield row

    async def requests(self, centre: str, begins: datetime, ends: datetime) -> list[asyncpg.Record]:
        """Read when agencies were asked into the talks of those calls; columns as in `report.agencies`."""
        return await self._connection.fetch(_REQUESTS, centre, begins, ends)

    async def states(self, begins: datetime, ends: datetime) -> list[asyncpg.Record]:
        """Read the agents' states that touch a span of time; each agent, state, begin and end."""
        return await self._connection.fetch(_STATES, begins, ends)


@contextlib.asynccontextmanager
async def archive(dsn: str) -> AsyncIterator[Archive]:
    """Open the records to read.

    Raises:
        StoreError: the database cannot be reached, or is of another version.
    """
    async with (
        connected(dsn) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        yield Archive(connection, await connection.fetchval("SELECT now()"))


@contextlib.asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[Connection]:
    """Connect to a database that is of our version.

    Raises:
        StoreError: it cannot be reached, or is of another version; or it went away meanwhile.
    """
    try:
        connection = await _connect(dsn)
        try:
            if todo := await pending_over(connection):
                name = f"{todo[0].version:04d}_{todo[0].name}"
                raise StoreError(f"the database lacks migration {name}: run `siaga112 migrate`")
            yield connection
        finally:
            connection.terminate()
    except _AWAY as error:
        raise StoreError(f"PostgreSQL cannot be read: {told(error)}") from error


async def _connect(dsn: str) -> Connection:
    try:
        return await asyncpg.connect(dsn, timeout=10, server_settings={"jit": "off"})
    except (ValueError, asyncpg.ClientConfigurationError):
        # not its own words: they quote the part that cannot be read, which may be the password
        raise StoreError("the address of PostgreSQL cannot be read: see [postgres] dsn") from None


def told(error: BaseException) -> str:
    """Say what is wrong without quoting a row."""
    if isinstance(error, asyncpg.PostgresError):
        return f"{error.message} ({error.sqlstate})"
    if isinstance(error, TimeoutError):
        return "it does not answer in time"
    return f"{error}" or type(error).__name__
