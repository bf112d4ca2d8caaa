"""PostgreSQL stopped, frozen, read-only, full, cut off, locked against us: each row comes once, in order."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from siaga112.lab.postgres import USER, Postgres
from siaga112.store.shipper import Shipper
from siaga112.store.spool import Spool
from tests.store.samples import Told, event, record
from tests.store.servers import QUICK, column, eventually, running

_ARRIVED = "SELECT format('%s %5s', call_id, seq) FROM siaga112.call_event ORDER BY xmin::text::bigint, ctid"

_WAITING = "SELECT pid FROM pg_stat_activity WHERE application_name = 'siaga112' AND wait_event_type = 'Lock'"


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    """A spool of this test's own."""
    async with Spool(tmp_path / "spool.sqlite3", Told()) as spool:
        yield spool


async def _shipped(spool: Spool, shipper: Shipper, dsn: str, expected: int) -> None:
    """Everything arrives, each row once, in the order in which it was appended."""
    assert await shipper.drain(30) == 0
    assert shipper.last_error is None
    assert shipper.connected
    arrived = await column(dsn, _ARRIVED)
    assert len(arrived) == expected
    assert arrived == sorted(arrived, key=str)
    assert await spool.rejected() == []


async def test_away_at_the_start(spool: Spool, postgres: Postgres) -> None:
    """Rows wait for a PostgreSQL that is not there yet, and the state says so."""
    postgres.stop()
    spool.append([event(number, 0) for number in range(20)])
    async with running(Shipper(spool, postgres.dsn, Told(), limits=QUICK)) as shipper:
        await eventually(lambda: shipper.last_error is not None)
        assert not shipper.connected
        assert spool.depth() == 20
        postgres.start()
        await _shipped(spool, shipper, postgres.dsn, 20)


async def test_stopped_in_the_middle(spool: Spool, postgres: Postgres) -> None:
    """Rows that come while PostgreSQL is down arrive once it is up again."""
    told = Told()
    async with running(Shipper(spool, postgres.dsn, told, limits=QUICK)) as shipper:
        spool.append([event(1, 0)])
        assert await shipper.drain(20) == 0
        postgres.stop()
        await eventually(lambda: not shipper.connected)  # noticed though nothing is sent
        spool.append([event(1, 1)])
        await spool.flush()
        postgres.start()
        await _shipped(spool, shipper, postgres.dsn, 2)
    assert told.names().count("connected") == 2


async def test_frozen(spool: Spool, postgres: Postgres) -> None:
    """A server that takes connections and never answers is given up in time, and used when it wakes."""
    async with running(Shipper(spool, postgres.dsn, Told(), limits=QUICK)) as shipper:
        spool.append([event(1, 0)])
        assert await shipper.drain(20) == 0
        assert postgres.process is not None
        postgres.process.freeze()
        spool.append([event(1, 1)])
        await eventually(lambda: not shipper.connected)
        assert shipper.last_error == "PostgreSQL does not answer in time"
        assert spool.depth() == 1
        postgres.process.thaw()
        await _shipped(spool, shipper, postgres.dsn, 2)


async def test_cut_off_in_the_middle_of_a_transaction(spool: Spool, dsn: str) -> None:
    """A batch whose connection is ended before its commit is sent again, whole."""
    blocker = await asyncpg.connect(dsn)
    async with running(Shipper(spool, dsn, Told(), limits=QUICK)) as shipper:
        await eventually(lambda: shipper.connected)
        transaction = blocker.transaction()
        await transaction.start()
        await blocker.execute("LOCK TABLE siaga112.call_record")  # events are in by then, the record waits
        spool.append([event(1, 0), record(1)])
        while (pid := await blocker.fetchval(_WAITING)) is None:  # noqa: ASYNC110 - another process's state
            await asyncio.sleep(0.01)
        assert await blocker.fetchval("SELECT pg_terminate_backend($1)", pid)
        await transaction.rollback()
        await _shipped(spool, shipper, dsn, 1)
    await blocker.close()


async def test_locked_table(spool: Spool, dsn: str) -> None:
    """A table that somebody locks for longer than a command may take holds rows up and loses none."""
    blocker = await asyncpg.connect(dsn)
    async with running(Shipper(spool, dsn, Told(), limits=QUICK)) as shipper:
        await eventually(lambda: shipper.connected)
        async with blocker.transaction():
            await blocker.execute("LOCK TABLE siaga112.call_event")
            spool.append([event(number, 0) for number in range(10)])
            await eventually(lambda: shipper.last_error is not None)
        await _shipped(spool, shipper, dsn, 10)
    await blocker.close()


async def test_wrong_password(spool: Spool, postgres: Postgres) -> None:
    """A refused password is told without the password; the right one, given later, is used at once."""
    wrong = postgres.dsn.replace(":" + postgres.dsn.split(":")[2].split("@")[0], ":wr0ng-s3cret")
    told = Told()
    spool.append([event(1, 0)])
    patient = replace(QUICK, retry_password=3600.0)
    async with running(Shipper(spool, wrong, told, limits=patient)) as shipper:
        await eventually(lambda: shipper.last_error is not None)
        assert "InvalidPasswordError" in str(shipper.last_error)
        shipper.change_dsn(postgres.dsn)
        await _shipped(spool, shipper, postgres.dsn, 1)
    assert "wr0ng-s3cret" not in repr(told.of)


async def test_password_rotated_on_the_server(spool: Spool, postgres: Postgres) -> None:
    """A password that becomes wrong while the daemon runs holds rows up until it is right again."""
    password = postgres.dsn.split(":")[2].split("@")[0]
    async with running(Shipper(spool, postgres.dsn, Told(), limits=QUICK)) as shipper:
        await eventually(lambda: shipper.connected)
        postgres.sql("postgres", f"ALTER ROLE {USER} PASSWORD 'other'")
        postgres.sql(
            "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'siaga112'"
        )
        spool.append([event(1, 0)])
        await eventually(lambda: "InvalidPasswordError" in str(shipper.last_error))
        postgres.sql("postgres", f"ALTER ROLE {USER} PASSWORD '{password}'")
        await _shipped(spool, shipper, postgres.dsn, 1)


async def test_read_only(spool: Spool, postgres: Postgres) -> None:
    """A server that takes no writes (after a failover) counts as away until it does."""
    spool.append([event(1, 0)])
    postgres.sql("postgres", f"ALTER ROLE {USER} SET default_transaction_read_only = on")
    async with running(Shipper(spool, postgres.dsn, Told(), limits=QUICK)) as shipper:
        await eventually(lambda: shipper.last_error is not None)
        assert not shipper.connected
        postgres.sql(
            "postgres", f"BEGIN READ WRITE; ALTER ROLE {USER} RESET default_transaction_read_only; COMMIT"
        )
        await _shipped(spool, shipper, postgres.dsn, 1)


async def test_failover(spool: Spool, postgres: Postgres) -> None:
    """A standby that answers and takes no rows counts as away; from its promotion on it is used."""
    async with running(Shipper(spool, postgres.dsn, Told(), limits=QUICK)) as shipper:
        spool.append([event(1, 0)])
        assert await shipper.drain(20) == 0
        postgres.stop()
        (postgres.layout.pgdata / "standby.signal").touch()
        postgres.start()
        spool.append([event(1, 1), event(1, 2)])
        await eventually(lambda: "TargetServer" in str(shipper.last_error))
        assert await column(postgres.dsn, "SELECT pg_is_in_recovery()") == [True]
        assert spool.depth() == 2
        postgres.sql("postgres", "SELECT pg_promote()")
        await _shipped(spool, shipper, postgres.dsn, 3)


async def test_full_disk(spool: Spool, postgres: Postgres) -> None:
    """A server whose disk is full refuses rows for its own sake, not for theirs: they wait for room."""
    async with running(Shipper(spool, postgres.dsn, Told(), limits=QUICK)) as shipper:
        spool.append([event(1, 0)])
        assert await shipper.drain(20) == 0
        postgres.fill_disk("call_event")
        spool.append([event(2, seq, text="x" * 500) for seq in range(3000)])
        await eventually(lambda: "DiskFullError" in str(shipper.last_error))
        assert spool.depth() == 3000
        postgres.empty_disk()
        await _shipped(spool, shipper, postgres.dsn, 3001)


async def test_a_backlog_starves_nobody(spool: Spool, dsn: str) -> None:
    """While a backlog drains, oldest first, new rows come to the disk and the end of the backlog comes."""
    backlog = 20_000
    spool.append([event(number, 0) for number in range(backlog)])
    await spool.flush()
    async with running(Shipper(spool, dsn, Told(), limits=QUICK)) as shipper:
        fresh = 0
        async with asyncio.timeout(60):
            while spool.depth() > 1_000 or not fresh:
                spool.append([event(backlog + fresh, 0)])
                fresh += 1
                await spool.flush()
                await asyncio.sleep(0.005)
        await _shipped(spool, shipper, dsn, backlog + fresh)


@pytest.mark.parametrize("dsn", ["postgresql://u:s3cret@host:p0rt/db", "s3cret", "postgresql://[s3cret/db"])
async def test_unreadable_address(spool: Spool, dsn: str) -> None:
    """An address that cannot be read is told by its key in the configuration, never quoted."""
    told = Told()
    async with running(Shipper(spool, dsn, told, limits=QUICK)) as shipper:
        await eventually(lambda: shipper.last_error is not None)
        assert "[postgres] dsn" in str(shipper.last_error)
    assert "s3cret" not in repr(told.of)
