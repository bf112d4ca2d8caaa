"""Months: nothing written before is lost, a call lies in the month of its id, no row is refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from siaga112.routing.ids import call_id
from siaga112.store import migrate
from siaga112.store.encoding import encode
from siaga112.store.migrate import Connection
from siaga112.store.rows import TABLES, Row
from siaga112.store.shipper import Shipper
from siaga112.store.spool import Spool
from siaga112.store.sql import _insert
from tests.report.dataset import rows
from tests.store.samples import ended, event
from tests.store.servers import QUICK, running

LATER = ("talk_ended_at", "classified_at")
"""Columns that came after the months."""
NEXT_MONTH = "date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month'"


async def _store(database: Connection, *found: Row, lacking: tuple[str, ...] = ()) -> None:
    """Put rows in; a database of long ago lacks some columns."""
    for table in ("centre", "call_event", "call_offer", "call_record"):
        bodies = [encode(one.values) for one in found if one.table == table]
        if bodies:
            columns = tuple(one for one in TABLES[table].columns if one.name not in lacking)
            sql = _insert(replace(TABLES[table], columns=columns))
            await database.execute(sql, f"[{','.join(bodies)}]")


async def _figures(database: Connection) -> list[dict[str, Any]]:
    views = ("kpi_daily", "kpi_hourly", "kpi_shift", "agent_daily", "agent_shift")
    return [dict(row) for view in views for row in await database.fetch(f"SELECT * FROM siaga112.{view}")]  # noqa: S608


async def test_what_was_there_stays(empty: str) -> None:
    """A database with calls in it is brought to months: every row and every figure is what it was."""
    before, months = migrate.known()[:3], migrate.known()[3]
    database = await asyncpg.connect(empty)
    await database.execute(migrate._TABLE)
    for one in before:
        await migrate._run(database, one)
    await _store(database, *rows(calls=80), lacking=LATER)
    sql = "SELECT to_jsonb(r) FROM siaga112.call_record r ORDER BY call_id"
    records, figures = await database.fetch(sql), await _figures(database)
    events = await database.fetchval("SELECT count(*) FROM siaga112.call_event")
    await migrate._run(database, months)
    assert await database.fetch(sql) == records
    assert len(records) == 80
    assert await _figures(database) == figures
    assert await database.fetchval("SELECT count(*) FROM siaga112.call_event") == events
    assert await database.fetchval("SELECT count(*) FROM ONLY siaga112.call_record_before") == 80
    await _store(database, *rows(calls=80), lacking=LATER)
    assert await database.fetch(sql) == records, "rows that come again find those that were there"
    await database.close()


def _second(moment: str) -> str:
    """The query for a moment's second."""
    return f"SELECT extract(epoch FROM ({moment}) AT TIME ZONE 'UTC')::bigint"  # noqa: S608


async def _partition(database: Connection, call: str) -> str:
    sql = """SELECT c.relname FROM siaga112.call_record r JOIN pg_class c ON c.oid = r.tableoid
        WHERE r.call_id = $1"""
    return str(await database.fetchval(sql, call))


@pytest.mark.parametrize("after", [0, 1, 2])
async def test_a_call_lies_in_its_month(database: Connection, after: int) -> None:
    """The first and the last second of a month are in its partition, by the ids that calls really get."""
    at = f"{NEXT_MONTH} + {after} * interval '1 month'"
    first = await database.fetchval(_second(at))
    last = await database.fetchval(_second(f"{at} + interval '1 month'")) - 1
    name = await database.fetchval(f"SELECT 'call_record_' || to_char({at}, 'YYYY_MM')")
    for channel in (f"{first}.0", f"{last}.999"):
        call = call_id("35.79", channel)
        values = ended(1).values | {"call_id": call, "started_at": float(first)}
        for _ in range(2):  # the second finds the first
            await _store(database, Row.of("call_record", values))
        assert await _partition(database, call) == name
    assert await database.fetchval("SELECT count(*) FROM siaga112.call_record") == 2


@pytest.mark.parametrize("channel", ["1999999999999.7", "no-number", "32503680000.1"])
async def test_a_call_of_no_month(database: Connection, channel: str) -> None:
    """An id that tells no time, or one far ahead, is stored all the same."""
    call = call_id("35.79", channel)
    await _store(database, Row.of("call_record", ended(1).values | {"call_id": call}))
    assert await _partition(database, call) in {"call_record_before", "call_record_other"}


async def test_made_ahead_and_only_once(database: Connection) -> None:
    """The months to come are there from the start; asking again makes only what is missing."""
    assert await database.fetch("SELECT siaga112.make_partitions()") == []
    made = [row[0] for row in await database.fetch("SELECT siaga112.make_partitions(5)")]
    assert len(made) == 4
    assert {name[:12] for name in made} == {"call_record_", "call_event_2"}


async def test_rows_that_came_before_their_month_was_made(database: Connection) -> None:
    """They lie among those of no month; making that month is given up without an error, and they stay."""
    at = await database.fetchval(_second(f"{NEXT_MONTH} + interval '5 months'"))
    call = call_id("35.79", f"{at}.1")
    await _store(database, Row.of("call_record", ended(1).values | {"call_id": call}))
    made = [row[0] for row in await database.fetch("SELECT siaga112.make_partitions(6)")]
    assert len([name for name in made if name.startswith("call_event")]) == 3
    assert len([name for name in made if name.startswith("call_record")]) == 2
    assert await _partition(database, call) == "call_record_other"


async def test_the_daemon_makes_them(dsn: str, tmp_path: Path, database: Connection) -> None:
    """Whoever ships rows sees to it."""
    name = await database.fetchval(f"SELECT 'call_event_' || to_char({NEXT_MONTH}, 'YYYY_MM')")
    await database.execute(f"DROP TABLE siaga112.{name}")
    async with Spool(tmp_path / "s") as spool:
        shipper = Shipper(spool, dsn, limits=QUICK)
        async with running(shipper):
            spool.append([event(1, 1)])
            assert await shipper.drain(10) == 0
    assert await database.fetchval("SELECT to_regclass($1) IS NOT NULL", f"siaga112.{name}")
