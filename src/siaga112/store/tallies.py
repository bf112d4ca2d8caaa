"""Reads what the database has added up of a period: kept of days that are over, worked out of the others.

Knows SQL. The columns are those of `kpi_tally`, `agent_tally` and `kpi_longest` (migration 0013), and of
`agent_time` and `availability_daily` (0015).
"""

import json
from datetime import date
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
_CUT_OF_TAKERS = "SELECT time_zone FROM siaga112.agent_zone"
_SECONDS = ("available_s", "paused_s", "ringing_s", "on_call_s", "wrap_up_s", "not_responding_s")
_TIME = f"""
SELECT agent_id, {", ".join(f"sum({name}) AS {name}" for name in _SECONDS)}
FROM siaga112.agent_time WHERE shift = '' AND day BETWEEN $1 AND $2 GROUP BY agent_id
"""  # noqa: S608 - our own words
_READY = "SELECT coalesce(sum(ready_s), 0) FROM siaga112.availability_daily WHERE day BETWEEN $1 AND $2"


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

    async def takers_zone(self) -> str:
        """Name the time zone by which the days of call-takers are cut."""
        return str(await self._connection.fetchval(_CUT_OF_TAKERS))

    async def time(self, first: date, last: date) -> tuple[dict[str, dict[str, float]], float]:
        """Add up each call-taker's seconds, by the column of the state; and those with at least one ready."""
        rows = await self._connection.fetch(_TIME, first, last)
        seconds = {row["agent_id"]: {name: row[name] for name in _SECONDS if row[name]} for row in rows}
        return seconds, await self._connection.fetchval(_READY, first, last)
