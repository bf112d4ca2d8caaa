"""Figures that are kept: which days, when they go, who keeps them. That they are right is a property test."""

from pathlib import Path

import asyncpg

from siaga112.store.encoding import encode
from siaga112.store.migrate import Connection
from siaga112.store.shipper import Shipper
from siaga112.store.spool import Spool
from siaga112.store.sql import INSERTS
from tests.store.samples import NOON, Told, centre, ended, offer
from tests.store.servers import QUICK, column, eventually, running

KEEP = "SELECT siaga112.keep_figures(100)"
KEPT = "SELECT day::text FROM siaga112.kpi_kept ORDER BY day"
CALLS = "SELECT calls FROM siaga112.kpi_daily WHERE day = '2026-01-01'"


async def _put(database: Connection, *rows: object) -> None:
    for row in rows:
        await database.execute(INSERTS[row.table], f"[{encode(row.values)}]")  # type: ignore[attr-defined]


async def test_days_that_are_over_are_kept_once(database: Connection) -> None:
    """The day of a call and those around it are kept; then there is nothing to do, and the figures stand."""
    await _put(database, centre(), ended(1), ended(2))
    before = await database.fetch("SELECT * FROM siaga112.kpi_hourly")
    assert await database.fetchval(KEEP) == 3
    assert [row[0] for row in await database.fetch(KEPT)] == ["2025-12-31", "2026-01-01", "2026-01-02"]
    assert await database.fetchval(KEEP) == 0
    assert await database.fetch("SELECT * FROM siaga112.kpi_hourly") == before
    assert await database.fetchval("SELECT count(*) FROM siaga112.kpi_live") == 0


async def test_today_is_never_kept(database: Connection) -> None:
    """A day that is not over changes with each call."""
    now = await database.fetchval("SELECT extract(epoch FROM now())::float8")
    await _put(database, centre(), ended(1, started_at=now))
    await database.fetchval(KEEP)
    assert (
        await database.fetchval(
            "SELECT count(*) FROM siaga112.kpi_kept k JOIN siaga112.kpi_daily d USING (day)"
        )
        == 0
    )


async def test_a_late_change_takes_its_day_away(database: Connection) -> None:
    """A verdict, an offer or a call that comes later: that day is worked out again, another one is not."""
    await _put(database, centre(), ended(1), ended(2, started_at=NOON + 10 * 86_400))
    await database.fetchval(KEEP)
    for late in (ended(1, disposition="test"), offer(1, 1, result="rona"), ended(3)):
        await _put(database, late)
        kept = [row[0] for row in await database.fetch(KEPT)]
        assert "2026-01-01" not in kept
        assert "2026-01-11" in kept
        await database.fetchval(KEEP)
    row = await database.fetchrow(
        "SELECT calls, test_calls, rona FROM siaga112.kpi_daily WHERE day = '2026-01-01'"
    )
    assert row is not None
    assert tuple(row) == (1, 1, 0)


async def test_nothing_is_kept_while_somebody_writes(database: Connection, dsn: str) -> None:
    """A call whose transaction is open cannot be missed: keeping waits for another time."""
    await _put(database, centre(), ended(1))
    writer = await asyncpg.connect(dsn)
    async with writer.transaction():
        await _put(writer, ended(2))
        assert await database.fetchval(KEEP) == 0
        assert await database.fetchval(CALLS) == 1
    assert await database.fetchval(KEEP) == 3
    assert await database.fetchval(CALLS) == 2
    await writer.close()


async def test_a_batch_of_offers_looks_up_its_own_calls_alone(database: Connection) -> None:
    """What it costs to take their days away grows with the batch, not with the calls that there are."""
    calls = ",".join([encode(ended(number).values) for number in range(4_000)])
    await _put(database, centre())
    await database.execute(INSERTS["call_record"], f"[{calls}]")
    batch = ",".join([encode(offer(number, 1, result="rona").values) for number in range(500)])
    async with database.transaction():
        await database.execute(INSERTS["call_offer"], f"[{batch}]")
        read = "SELECT sum(seq_tup_read) FROM pg_stat_xact_user_tables WHERE relname LIKE 'call\\_record%'"
        assert await database.fetchval(read) == 0
    await _put(database, offer(1, 2, result="answered"))
    assert await database.fetchval("SELECT sum(rona) FROM siaga112.kpi_daily") == 500


async def test_who_writes_waits_for_the_keeping(database: Connection, dsn: str) -> None:
    """A call that comes while figures are worked out takes them away once they are kept."""
    await _put(database, centre(), ended(1))
    keeper = await asyncpg.connect(dsn)
    keeping = keeper.transaction()
    await keeping.start()
    assert await keeper.fetchval(KEEP) == 3
    await database.execute("SET lock_timeout = '50ms'")
    try:
        await _put(database, ended(2))
    except asyncpg.LockNotAvailableError:
        await keeping.commit()
        await _put(database, ended(2))
    assert await database.fetchval(CALLS) == 2
    assert await database.fetch(KEPT) == []
    await keeper.close()


async def test_the_daemon_keeps_them(dsn: str, tmp_path: Path) -> None:
    """Whoever ships rows sees to it."""
    async with Spool(tmp_path / "s") as spool:
        spool.append([centre(), ended(1)])
        told = Told()
        async with running(Shipper(spool, dsn, told, limits=QUICK)) as shipper:
            assert await shipper.drain(10) == 0
        async with running(Shipper(spool, dsn, told, limits=QUICK)) as shipper:
            await eventually(lambda: shipper.connected)
            while len(await column(dsn, KEPT)) < 3:
                spool.append([centre()])
                assert await shipper.drain(10) == 0
    assert "no_figures" not in told.names()


async def test_other_shifts(database: Connection) -> None:
    """Figures that were cut by other shifts are not shown: they are worked out again."""
    await _put(database, centre(), ended(1))
    await database.fetchval(KEEP)
    sql = "SELECT day::text, shift FROM siaga112.kpi_shift"
    assert [tuple(row) for row in await database.fetch(sql)] == [("2026-01-01", "")]
    shifts = '[{"name": "malam", "begins": "23:30", "ends": "12:30"}]'
    await database.execute("UPDATE siaga112.centre SET shifts = $1", shifts)
    assert [tuple(row) for row in await database.fetch(sql)] == [("2025-12-31", "malam")]
    assert await database.fetchval(KEEP) == 3
    assert [tuple(row) for row in await database.fetch(sql)] == [("2025-12-31", "malam")]


async def test_emptied_tables(database: Connection) -> None:
    """TRUNCATE leaves no figure behind."""
    await _put(database, centre(), ended(1))
    await database.fetchval(KEEP)
    await database.execute("TRUNCATE siaga112.call_record")
    assert await database.fetch("SELECT * FROM siaga112.kpi_daily") == []
