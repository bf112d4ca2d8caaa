"""The shipper with a PostgreSQL that is there: what arrives, in what version, and what is put aside."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from siaga112.store.migrate import Connection, known
from siaga112.store.rows import Row
from siaga112.store.shipper import Limits, Shipper
from siaga112.store.spool import Spool
from tests.store.samples import (
    NOON,
    Told,
    call_id,
    centre,
    ended,
    event,
    offer,
    record,
    state,
)
from tests.store.servers import QUICK, column, eventually, running


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    """A spool of this test's own."""
    async with Spool(tmp_path / "spool.sqlite3", Told()) as spool:
        yield spool


async def test_every_table(spool: Spool, dsn: str, database: Connection) -> None:
    """A row of each table arrives with its values: times, JSON, missing values and defaults."""
    spool.append(
        [
            centre(),
            state("101", "available", NOON, NOON + 0.25),
            event(1, 0, "offered", digits="0812", list=[1, None]),
            offer(1, 1, ended_at=NOON + 9, result="answered"),
            ended(1, caller_number="0812", wait_s=2.5, cli_restricted=True, hangup_cause=16),
        ]
    )
    async with running(Shipper(spool, dsn, Told(), limits=QUICK)) as shipper:
        assert await shipper.drain(10) == 0
    assert await database.fetchval("SELECT name FROM siaga112.centre WHERE code = '35.79'") == "Kota Contoh"
    spell = await database.fetchrow("SELECT *, extract(epoch FROM to_at) AS t FROM siaga112.agent_state")
    assert spell is not None
    assert (spell["state"], float(spell["t"]), spell["reason"]) == ("available", NOON + 0.25, None)
    assert await database.fetchval("SELECT data->'list'->>0 FROM siaga112.call_event") == "1"
    assert await database.fetchval("SELECT result FROM siaga112.call_offer") == "answered"
    row = await database.fetchrow("SELECT *, extract(epoch FROM ended_at) AS t FROM siaga112.call_record")
    assert row is not None
    assert (str(row["call_id"]), row["caller_number"], row["wait_s"]) == (call_id(1), "0812", 2.5)
    assert (row["cli_restricted"], row["hangup_cause"], float(row["t"])) == (True, 16, NOON + 61)
    assert (row["disposition"], row["band"], row["served_by"]) == ("unclassified", 1, "daemon")
    assert row["updated_at"] is not None


async def test_newer_version_replaces(spool: Spool, dsn: str) -> None:
    """A row that PostgreSQL has is replaced by its newer version."""
    async with running(Shipper(spool, dsn, Told(), limits=QUICK)) as shipper:
        spool.append([record(1), offer(1, 1)])
        assert await shipper.drain(10) == 0
        spool.append([ended(1, band=3), offer(1, 1, ended_at=NOON + 9, result="rona")])
        assert await shipper.drain(10) == 0
    assert await column(dsn, "SELECT band FROM siaga112.call_record") == [3]
    assert await column(dsn, "SELECT result FROM siaga112.call_offer") == ["rona"]


async def test_ended_row_is_never_open_again(spool: Spool, dsn: str) -> None:
    """An older version that comes after the end (a crash on a full disk) does not undo the end."""
    async with running(Shipper(spool, dsn, Told(), limits=QUICK)) as shipper:
        spool.append([ended(1)])
        assert await shipper.drain(10) == 0
        spool.append([record(1)])
        assert await shipper.drain(10) == 0
    assert await column(dsn, "SELECT outcome FROM siaga112.call_record") == ["answered"]


async def test_committed_but_not_heard(tmp_path: Path, dsn: str) -> None:
    """Rows that were committed before a crash that kept them in the spool are sent again without harm."""
    told = Told()
    rows = [event(1, 0), event(1, 1, "changed"), offer(1, 1), ended(1), state("101", "paused", NOON)]
    for number in range(2):
        async with Spool(tmp_path / f"{number}.sqlite3") as spool:  # a copy from before the commit
            spool.append(rows)
            async with running(Shipper(spool, dsn, told, limits=QUICK)) as shipper:
                assert await shipper.drain(10) == 0
    for table in ("call_offer", "call_record", "agent_state"):
        assert await column(dsn, f"SELECT count(*) FROM siaga112.{table}") == [1]  # noqa: S608
    assert await column(dsn, "SELECT kind FROM siaga112.call_event ORDER BY seq") == ["offered", "changed"]
    assert "conflicts" not in told.names()


async def test_event_with_other_data_is_told(spool: Spool, dsn: str) -> None:
    """An event that PostgreSQL has with other data stays as it is, and that is counted."""
    told = Told()
    async with running(Shipper(spool, dsn, told, limits=QUICK)) as shipper:
        spool.append([event(1, 0, "offered"), event(1, 1)])
        assert await shipper.drain(10) == 0
        spool.append([event(1, 0, "other"), event(1, 1), event(1, 2)])
        assert await shipper.drain(10) == 0
    assert [fact for fact in told.of if fact[0] == "conflicts"] == [("conflicts", "call_event", "1")]
    assert await column(dsn, "SELECT kind FROM siaga112.call_event WHERE seq = 0") == ["offered"]


async def test_oldest_first(spool: Spool, dsn: str) -> None:
    """Rows are committed in the order in which they were appended, batch by batch."""
    spool.append([event(number, 0) for number in range(50)])
    limits = Limits(batch=7, idle=0.05)
    async with running(Shipper(spool, dsn, Told(), limits=limits)) as shipper:
        assert await shipper.drain(10) == 0
    query = "SELECT call_id::text FROM siaga112.call_event ORDER BY xmin::text::bigint, ctid"
    assert await column(dsn, query) == [call_id(number) for number in range(50)]


async def test_bad_rows_do_not_hold_up_the_rest(spool: Spool, dsn: str) -> None:
    """Rows that no PostgreSQL would take are put aside one by one with the reason; all others arrive."""
    told = Told()
    bad = [
        ended(7, outcome="nonsense"),
        Row.of("call_event", {"call_id": "not a uuid", "seq": 1, "at": NOON, "kind": "x"}),
        Row.of("call_event", {"call_id": call_id(8), "seq": 1, "at": None, "kind": "x"}),
        record(9, caller_number="\x00"),
        record(10, band=70_000),
    ]
    good = [record(number) for number in range(100, 200)]
    spool.append(good[:30] + bad[:2] + good[30:60] + bad[2:] + good[60:])
    async with running(Shipper(spool, dsn, told, limits=QUICK)) as shipper:
        assert await shipper.drain(20) == 0
        assert shipper.connected
    assert await column(dsn, "SELECT count(*) FROM siaga112.call_record") == [100]
    assert told.names().count("rejected") == 5
    kept = await spool.rejected()
    assert {entry.body for entry in kept} == {entry.body for entry in kept if entry.error}
    assert len(kept) == 5
    (reason,) = [fact[3] for fact in told.of if fact[0] == "rejected" and "outcome" in fact[3]]
    assert reason == "CheckViolationError 23514 call_record_before call_record_outcome"


async def test_order_is_kept_around_a_bad_row(spool: Spool, dsn: str) -> None:
    """Isolating a bad row does not let later rows overtake earlier ones."""
    rows = [event(number, 0) for number in range(40)]
    rows[17] = Row.of("call_event", {"call_id": call_id(17), "seq": 0, "at": NOON, "kind": None})
    spool.append(rows)
    async with running(Shipper(spool, dsn, Told(), limits=QUICK)) as shipper:
        assert await shipper.drain(10) == 0
    query = "SELECT call_id::text FROM siaga112.call_event ORDER BY xmin::text::bigint, ctid"
    assert await column(dsn, query) == [call_id(number) for number in range(40) if number != 17]


async def test_what_is_told_quotes_no_row(spool: Spool, dsn: str) -> None:
    """What is logged of a refused row does not hold the caller's number, though PostgreSQL's words do."""
    told = Told()
    spool.append([ended(1, caller_number="+628123456", outcome="nonsense")])
    async with running(Shipper(spool, dsn, told, limits=QUICK)) as shipper:
        assert await shipper.drain(10) == 0
    assert "rejected" in told.names()
    assert "628123456" not in repr(told.of)
    assert "628123456" in (await spool.rejected())[0].error


async def test_new_rows_wake_it(spool: Spool, dsn: str) -> None:
    """Rows are shipped when they come, not when the connection is next looked at."""
    async with running(Shipper(spool, dsn, Told(), limits=Limits(idle=3600))) as shipper:
        await eventually(lambda: shipper.connected)
        for number in range(3):
            spool.append([record(number)])
            await eventually(lambda: spool.depth() == 0)
    assert await column(dsn, "SELECT count(*) FROM siaga112.call_record") == [3]


async def test_versions_gather(spool: Spool, dsn: str) -> None:
    """Versions of a row that follow each other closely are sent as one; who drains does not wait for more."""
    told = Told()
    async with running(Shipper(spool, dsn, told, limits=Limits(idle=3600, gather=3600))) as shipper:
        spool.append([record(1, attempt=0)])
        assert await shipper.drain(10) == 0
        before = told.names().count("shipped")
        for number in range(1, 6):
            spool.append([record(1, attempt=number)])
            await spool.flush()
        assert await shipper.drain(10) == 0
    assert told.names().count("shipped") == before + 1
    assert await column(dsn, "SELECT attempt FROM siaga112.call_record") == [5]


async def test_a_full_batch_does_not_wait_for_more(spool: Spool, dsn: str, database: Connection) -> None:
    """Who ships waits for more rows to come, but not when there are as many as go into one transaction."""
    limits = Limits(idle=3600, gather=3600, batch=10)
    async with running(Shipper(spool, dsn, limits=limits)) as shipper:
        await eventually(lambda: shipper.connected)
        spool.append([event(1, seq) for seq in range(9)])
        await spool.flush()
        assert spool.depth() == 9
        spool.append([event(1, 9)])
        await eventually(lambda: spool.depth() == 0)
    assert await database.fetchval("SELECT count(*) FROM siaga112.call_event") == 10


async def test_migrates_first(spool: Spool, empty: str) -> None:
    """On an empty database the tables are made before anything is shipped."""
    spool.append([record(1)])
    async with running(Shipper(spool, empty, Told(), limits=QUICK)) as shipper:
        assert await shipper.drain(10) == 0
    assert await column(empty, "SELECT count(*) FROM siaga112.migration") == [len(known())]


async def test_does_not_migrate_unless_told(spool: Spool, empty: str) -> None:
    """Where somebody else migrates, rows wait for the tables and the reason is visible."""
    spool.append([record(1)])
    async with running(Shipper(spool, empty, Told(), migrate=False, limits=QUICK)) as shipper:
        await eventually(lambda: shipper.last_error is not None)
        assert "siaga112.call_record" in str(shipper.last_error)
        assert await shipper.drain(0.1) == 1


async def test_newer_database_is_written_to(spool: Spool, dsn: str, database: Connection) -> None:
    """A database that a newer version has migrated gets its rows all the same, and that is told."""
    told = Told()
    await database.execute("INSERT INTO siaga112.migration VALUES (9999, 'from_tomorrow', 'x')")
    spool.append([record(1)])
    async with running(Shipper(spool, dsn, told, limits=QUICK)) as shipper:
        assert await shipper.drain(10) == 0
    assert "newer_database" in told.names()


async def test_drain_gives_up(spool: Spool) -> None:
    """Draining ends at its deadline and says how many rows stay for the next start."""
    spool.append([record(1), record(2)])
    nobody = "postgresql://siaga112:pw@127.0.0.1:1/siaga112"
    async with running(Shipper(spool, nobody, Told(), limits=QUICK)) as shipper:
        assert await shipper.drain(0.2) == 2


async def test_two_versions_shipped_while_it_changes(spool: Spool, dsn: str) -> None:
    """A record that changes all the time while it is shipped ends up in its last version."""
    async with running(Shipper(spool, dsn, Told(), limits=QUICK)) as shipper:
        for number in range(300):
            spool.append([record(1, attempt=number)])
            await asyncio.sleep(0)
        assert await shipper.drain(10) == 0
    assert await column(dsn, "SELECT attempt FROM siaga112.call_record") == [299]
