"""Call-takers' time that is kept: what takes it away, and what does not. It is right by a property test."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from siaga112.store.encoding import encode
from siaga112.store.migrate import Connection
from siaga112.store.rows import JSON, Row
from siaga112.store.sql import INSERTS
from tests.store.samples import state

HOUR, DAY = 3600.0, 86_400.0
FIRST = datetime.now(ZoneInfo("Asia/Jakarta")).replace(hour=12, minute=0, second=0) - timedelta(days=14)
"""Noon, not long ago: call-takers' time is worked out for every day until now."""
NOON = float(int(FIRST.timestamp()))
SHIFTS: list[JSON] = [
    {"name": "siang", "begins": "07:30", "ends": "23:30"},
    {"name": "malam", "begins": "23:30", "ends": "07:30"},
]
CENTRE = Row("centre", (), {"code": "35.79", "name": "K", "time_zone": "Asia/Jakarta", "shifts": SHIFTS})
KEEP = "SELECT siaga112.keep_figures(500)"
KEPT = "SELECT day::text FROM siaga112.agent_day_valid ORDER BY day DESC"
VIEWS = ("agent_daily", "agent_shift", "agent_attendance", "availability_daily")
OF = "WHERE agent_id = '1' AND from_at = to_timestamp($1)"
LONG = state("1", "available", NOON)
"""A state that began at noon, and that nobody ended."""
WITHIN = state("1", "paused", NOON + 2 * HOUR, NOON + 3 * HOUR)
LATER = state("1", "paused", NOON + 3 * DAY, NOON + 3 * DAY + HOUR)

Change = Row | tuple[str, float]


async def _do(database: Connection, *changes: Change) -> None:
    for one in changes:
        if isinstance(one, Row):
            await database.execute(INSERTS[one.table], f"[{encode(one.values)}]")
        else:
            await database.execute(*one)


async def _figures(database: Connection) -> list[dict[str, Any]]:
    sql = "SELECT * FROM siaga112.{} x WHERE x.day < current_date - 1 ORDER BY x::text"
    return [dict(row) for one in VIEWS for row in await database.fetch(sql.format(one))]


async def _from_states(database: Connection) -> list[dict[str, Any]]:
    """The same figures with nothing kept of any day."""
    undo = database.transaction()
    await undo.start()
    await database.execute("DELETE FROM siaga112.agent_day_kept")
    found = await _figures(database)
    await undo.rollback()
    return found


def _change(sql: str, since: float = NOON) -> tuple[str, float]:
    return f"{sql} {OF}", since


CHANGES: dict[str, tuple[Iterable[Change], Iterable[Change]]] = {
    "ends_days_before_the_next": ([LONG, LATER], [state("1", "available", NOON, NOON + HOUR)]),
    "next_comes_late": ([LONG], [LATER]),
    "next_goes": (
        [LONG, LATER],
        [_change("DELETE FROM siaga112.agent_state", NOON + 3 * DAY)],
    ),
    "comes_within_another": ([state("1", "available", NOON, NOON + 2 * DAY)], [WITHIN]),
    "goes_from_within_another": (
        [state("1", "available", NOON, NOON + 2 * DAY), WITHIN],
        [_change("DELETE FROM siaga112.agent_state", NOON + 2 * HOUR)],
    ),
    "was_another": (
        [state("1", "available", NOON, NOON + 2 * DAY)],
        [_change("UPDATE siaga112.agent_state SET state = 'on_call'")],
    ),
    "ended_later": (
        [state("1", "available", NOON, NOON + HOUR)],
        [_change("UPDATE siaga112.agent_state SET to_at = to_at + interval '30 hours'")],
    ),
    "ended_earlier": (
        [state("1", "available", NOON, NOON + 2 * DAY)],
        [_change("UPDATE siaga112.agent_state SET to_at = to_at - interval '30 hours'")],
    ),
    "was_of_somebody_else": (
        [state("1", "available", NOON, NOON + 2 * DAY), LATER],
        [_change("UPDATE siaga112.agent_state SET agent_id = '2'")],
    ),
    "ends_before_it_began": ([], [state("1", "available", NOON, NOON - HOUR)]),
    "comes_after_midnight_into_the_night_shift": (
        [state("2", "paused", NOON, NOON + HOUR)],
        [state("1", "available", NOON + 15 * HOUR, NOON + 16 * HOUR)],
    ),
    "first_of_all": (
        [state("2", "paused", NOON, NOON + HOUR)],
        [state("1", "logged_out", NOON - 3 * DAY, NOON - 2 * DAY)],
    ),
    "all_go": ([LONG, LATER], [("DELETE FROM siaga112.agent_state WHERE from_at >= to_timestamp($1)", 0.0)]),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_a_late_change(database: Connection, name: str) -> None:
    """Whatever becomes of a state, what was kept before of days that are over is what its states say now."""
    before, after = CHANGES[name]
    await _do(database, CENTRE, *before)
    await database.fetchval(KEEP)
    await _do(database, *after)
    assert await _figures(database) == await _from_states(database)
    await database.fetchval(KEEP)
    assert await _figures(database) == await _from_states(database)


async def test_emptied_table(database: Connection) -> None:
    """TRUNCATE leaves no figure behind."""
    await _do(database, CENTRE, LONG, LATER)
    await database.fetchval(KEEP)
    await database.execute("TRUNCATE siaga112.agent_state")
    assert await _figures(database) == []


async def test_work_of_today(database: Connection) -> None:
    """Who begins and ends states today takes nothing away of days that are over."""
    now = await database.fetchval("SELECT extract(epoch FROM now())::float8")
    await _do(database, CENTRE, state("1", "logged_out", now - 9 * DAY))
    await database.fetchval(KEEP)
    kept = await database.fetch(KEPT)
    assert len(kept) > 7
    for name, begins in (("available", now - 50), ("ringing", now - 20), ("on_call", now - 10)):
        ended = "UPDATE siaga112.agent_state SET to_at = to_timestamp($1) WHERE to_at IS NULL"
        await _do(database, (ended, begins), state("1", name, begins))
    assert await database.fetch(KEPT) == kept
    assert await database.fetchval(KEEP) == 0


async def test_a_state_that_nobody_ended(database: Connection) -> None:
    """It ends when the call-taker's next one begins, in every figure; retention takes it when that is old."""
    await _do(database, CENTRE, LONG, LATER)
    sql = "SELECT sum(available_s) FROM siaga112.agent_daily"
    assert await database.fetchval(sql) == 3 * DAY
    assert await database.fetchval("SELECT sum(ready_s) FROM siaga112.availability_daily") == 3 * DAY
    expire = "SELECT siaga112.expire('agents', to_timestamp($1))"
    assert await database.fetchval(expire, NOON + 2 * DAY) == 0
    assert await database.fetchval(expire, NOON + 3 * DAY + 60) == 1
    assert await database.fetchval(sql) == 0


async def test_retention_leaves_the_rest(database: Connection) -> None:
    """With old states their figures go, and those of later days stay as they were kept."""
    rows = [state("1", "available", NOON + n * DAY, NOON + n * DAY + HOUR) for n in range(9)]
    await _do(database, CENTRE, *rows)
    await database.fetchval(KEEP)
    await database.fetchval("SELECT siaga112.expire('agents', to_timestamp($1))", NOON + 3 * DAY)
    kept = {row[0] for row in await database.fetch(KEPT)}
    assert {_day(n) for n in range(3)}.isdisjoint(kept)
    assert {_day(n) for n in range(3, 9)} < kept
    assert await _figures(database) == await _from_states(database)


async def test_only_in_read_committed(database: Connection) -> None:
    """A stricter transaction could not see what is kept meanwhile: it is refused."""
    with pytest.raises(asyncpg.InvalidTransactionStateError):
        async with database.transaction(isolation="serializable"):
            await _do(database, LONG)


def _day(number: int) -> str:
    return f"{FIRST + timedelta(days=number):%Y-%m-%d}"


def _rows_of_states(plan: dict[str, Any]) -> float:
    """How many rows of the table a plan, and all below it, has read."""
    read = plan["Actual Rows"] * plan["Actual Loops"] if plan.get("Relation Name") == "agent_state" else 0
    return float(read) + sum(_rows_of_states(one) for one in plan.get("Plans", []))


async def test_a_period_reads_its_days(database: Connection) -> None:
    """Who asks for a day gets it from what is kept: the states of the others are not read."""
    rows = [state("1", "available", at, at + 60) for n in range(300) for at in [NOON + n * HOUR]]
    bodies = ",".join(encode(row.values) for row in rows)
    await _do(database, CENTRE)
    await database.execute(INSERTS["agent_state"], f"[{bodies}]")
    await database.fetchval(KEEP)
    await database.execute("VACUUM ANALYZE siaga112.agent_state, siaga112.agent_day_kept")
    for view in ("agent_daily", "agent_shift"):
        sql = f"EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM siaga112.{view} WHERE day = $1::text::date"  # noqa: S608
        (found,) = json.loads(await database.fetchval(sql, _day(5)))
        assert _rows_of_states(found["Plan"]) < 20, view
