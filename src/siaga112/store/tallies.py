"""Reads what the database has added up of a period: kept of days that are over, worked out of the others.

Knows SQL. The columns are those of `kpi_tally`, `agent_tally` and `kpi_longest` (migration 0013).
"""

import json
from datetime import date, datetime
from typing import Any

import asyncpg

from siaga112.store.migrate import Connection

_CUT = "SELECT time_zone, shifts FROM siaga112.centre WHERE code = $1"
_OF_DAYS = "centre = $1 AND day BETWEEN $2 AND $3"
_HOURS = f"SELECT * FROM siaga112.kpi_tally WHERE {_OF_DAYS} ORDER BY day, hour, shift_day, shift"  # noqa: S608
_OFFERS = f"""
SELECT agent_id, sum(offers)::bigint, sum(answered)::bigint, sum(rona)::bigint,
       sum(ring_s), sum(rings)::bigint, sum(talk_s), sum(talks)::bigint
FROM siaga112.agent_tally WHERE {_OF_DAYS} GROUP BY agent_id
"""  # noqa: S608 - our own words
_LONGEST = f"""
SELECT call_id::text FROM siaga112.kpi_longest WHERE {_OF_DAYS}
ORDER BY waited_s DESC, started_at, call_id LIMIT $4
"""  # noqa: S608 - our own words
# A call-taker is in one state at a time: what lasts when a period begins is the last that began before it.
_TIME = """
WITH RECURSIVE agent (id) AS (
    SELECT min(agent_id) FROM siaga112.agent_state
    UNION ALL
    SELECT (SELECT min(s.agent_id) FROM siaga112.agent_state s WHERE s.agent_id > agent.id)
    FROM agent WHERE agent.id IS NOT NULL
),
spell AS MATERIALIZED (
    SELECT agent.id AS agent_id, s.state,
           greatest(s.from_at, $1) AS begins, least(coalesce(s.to_at, now()), $2) AS ends
    FROM agent CROSS JOIN LATERAL (
        SELECT * FROM siaga112.agent_state s
        WHERE s.agent_id = agent.id AND s.from_at < $2 AND s.from_at >= coalesce((
            SELECT max(b.from_at) FROM siaga112.agent_state b
            WHERE b.agent_id = agent.id AND b.from_at <= $1), $1)
    ) s
    WHERE s.state <> 'logged_out'
)
SELECT agent_id, state, extract(epoch FROM sum(ends - begins))::double precision
FROM spell WHERE ends > begins GROUP BY 1, 2
UNION ALL
SELECT NULL, NULL, coalesce(sum(extract(epoch FROM upper(span) - lower(span))), 0)::double precision
FROM (
    SELECT unnest(range_agg(tstzrange(begins, ends))) AS span
    FROM spell WHERE state = 'available' AND ends > begins
) ready
"""


class Tallies:
    """The sums as they stood at one moment, of a centre and from a local day to another."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def cut(self, centre: str) -> tuple[str, list[dict[str, Any]]]:
        """Say by which time zone and shifts the sums are cut."""
        row = await self._connection.fetchrow(_CUT, centre)
        return ("UTC", []) if row is None else (row[0], json.loads(row[1]))

    async def hours(self, centre: str, first: date, last: date) -> list[asyncpg.Record]:
        """Read the sums of every hour."""
        return await self._connection.fetch(_HOURS, centre, first, last)

    async def offers(self, centre: str, first: date, last: date) -> list[asyncpg.Record]:
        """Read what was offered to each call-taker; the columns as in `report.takers`."""
        return await self._connection.fetch(_OFFERS, centre, first, last)

    async def longest(self, centre: str, first: date, last: date, most: int) -> list[str]:
        """List the calls that waited longest, that one first."""
        return [row[0] for row in await self._connection.fetch(_LONGEST, centre, first, last, most)]

    async def time(self, begins: datetime, ends: datetime) -> tuple[list[asyncpg.Record], float]:
        """Add up each call-taker's time in each state (agent, state, seconds), and that with one ready."""
        rows = await self._connection.fetch(_TIME, begins, ends)
        return [row for row in rows if row[0] is not None], sum(row[2] for row in rows if row[0] is None)
