"""`siaga112 records`: records made again from their journals, and the spool as an operator sees it."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from siaga112.cli import main
from siaga112.store.encoding import encode
from siaga112.store.errors import StoreError
from siaga112.store.look import look
from siaga112.store.migrate import Connection
from siaga112.store.spool import Spool
from siaga112.store.sql import INSERTS
from tests.report.conftest import write_config
from tests.report.dataset import rows
from tests.store.samples import event, record

RECORDS = "SELECT * FROM siaga112.call_record ORDER BY call_id"
OFFERS = "SELECT * FROM siaga112.call_offer ORDER BY call_id, seq"


@pytest.fixture
async def filled(database: Connection) -> Connection:
    """A hundred and twenty calls of four months, their records a fold of their journals."""
    made = rows(calls=120, disposed=False)
    for table in ("centre", "call_event", "call_offer", "call_record"):
        found = [one for one in made if one.table == table]
        bodies = [encode(one.values) for one in found]
        await database.execute(INSERTS[table], f"[{','.join(bodies)}]")
    return database


async def _rebuild(dsn: str, folder: Path) -> int:
    command = ["records", "rebuild", "--config", str(write_config(folder, dsn))]
    return await asyncio.to_thread(main, [*command, "--from", "2026-01-01", "--to", "2026-04-30"])


async def _all(database: Connection, sql: str) -> list[dict[str, Any]]:
    return [dict(row) for row in await database.fetch(sql)]


def _like(rows: list[dict[str, Any]], others: list[dict[str, Any]]) -> None:
    """The same rows; a number may differ by a microsecond, as PostgreSQL keeps no less of a time."""
    assert len(rows) == len(others)
    for row, other in zip(rows, others, strict=True):
        for name, value in row.items():
            expected = pytest.approx(other[name], abs=2e-6) if isinstance(value, float) else other[name]
            assert value == expected, name


async def test_sound_records_are_left_alone(
    filled: Connection, dsn: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the daemon folded as it went is what the journal folds to: nothing is rewritten."""
    before = await _all(filled, "SELECT *, xmin::text FROM siaga112.call_record ORDER BY call_id")
    assert await _rebuild(dsn, tmp_path) == 0
    assert capsys.readouterr().out == "120 calls: 0 records mended, 0 made that were missing\n"
    after = await _all(filled, "SELECT *, xmin::text FROM siaga112.call_record ORDER BY call_id")
    assert after == before


async def test_lost_and_spoilt_records_come_back(
    filled: Connection, dsn: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Records and offers that are gone or wrong are as they were before, from the journal alone."""
    records, offers = await _all(filled, RECORDS), await _all(filled, OFFERS)
    await filled.execute("DELETE FROM siaga112.call_record WHERE outcome = 'abandoned_ringing'")
    await filled.execute(
        "DELETE FROM siaga112.call_offer o WHERE NOT EXISTS "
        "(SELECT 1 FROM siaga112.call_record r WHERE r.call_id = o.call_id)"
    )
    await filled.execute("UPDATE siaga112.call_record SET talk_s = 1, agent_id = '999' WHERE talk_s > 100")
    assert await _rebuild(dsn, tmp_path) == 0
    gone = sum(one["outcome"] == "abandoned_ringing" for one in records)
    wrong = sum((one["talk_s"] or 0) > 100 for one in records)
    assert min(gone, wrong) > 0
    told = capsys.readouterr().out
    assert told == f"120 calls: {wrong} records mended, {gone} made that were missing\n"
    _like(await _all(filled, RECORDS), records)
    _like(await _all(filled, OFFERS), offers)


FLAWS = {
    "gap": "DELETE FROM siaga112.call_event WHERE call_id = $1 AND kind = 'caller_answered'",
    "headless": "DELETE FROM siaga112.call_event WHERE call_id = $1 AND seq = 1",
    "repeated": "INSERT INTO siaga112.call_event SELECT call_id, 99, at, kind, data FROM siaga112.call_event "
    "WHERE call_id = $1 AND kind = 'ended'",
    "unreadable": "UPDATE siaga112.call_event SET kind = 'surveyed' "
    "WHERE call_id = $1 AND kind = 'connected'",
}


@pytest.mark.parametrize("wrong", FLAWS)
@pytest.mark.parametrize("lost", [False, True], ids=["has a record", "has none"])
async def test_flawed_journals(
    filled: Connection,
    dsn: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    wrong: str,
    *,
    lost: bool,
) -> None:
    """The record stands as it was, marked; if there was none, what can be folded becomes one, marked."""
    sql = "SELECT call_id FROM siaga112.call_event WHERE kind = 'connected' ORDER BY call_id LIMIT 1"
    call_id = await filled.fetchval(sql)
    before = dict(
        await filled.fetchrow("SELECT * FROM siaga112.call_record WHERE call_id = $1", call_id) or {}
    )
    await filled.execute(FLAWS[wrong], call_id)
    if lost:
        await filled.execute("DELETE FROM siaga112.call_record WHERE call_id = $1", call_id)
    assert await _rebuild(dsn, tmp_path) == (1 if wrong == "unreadable" else 0)
    told = capsys.readouterr().out
    assert f"0 records mended, {int(lost)} made" in told
    assert f"1 {'were' if wrong == 'unreadable' else 'have'}" in told
    after = dict(
        await filled.fetchrow("SELECT * FROM siaga112.call_record WHERE call_id = $1", call_id) or {}
    )
    assert after["journal_flaw"] == wrong
    if not lost:
        assert {name for name in after if after[name] != before[name]} <= {"journal_flaw", "journal_seq"}
    else:
        assert after["started_at"] >= before["started_at"]
        assert (after["outcome"] == "answered") == (wrong != "unreadable")
    await _rebuild(dsn, tmp_path)
    assert "0 records mended, 0 made" in capsys.readouterr().out, "the second time there is nothing to do"


async def test_a_mark_goes_with_its_reason(filled: Connection, dsn: str, tmp_path: Path) -> None:
    """When the missing entries arrive after all, the mark goes."""
    call_id = await filled.fetchval("SELECT call_id FROM siaga112.call_event ORDER BY call_id LIMIT 1")
    sql = "UPDATE siaga112.call_record SET journal_flaw = 'gap' WHERE call_id = $1"
    await filled.execute(sql, call_id)
    assert await _rebuild(dsn, tmp_path) == 0
    assert await filled.fetchval("SELECT count(journal_flaw) FROM siaga112.call_record") == 0


async def test_a_call_in_progress_is_the_daemons(filled: Connection, dsn: str, tmp_path: Path) -> None:
    """A record of a call that has not ended is not touched: its daemon knows more."""
    call_id = await filled.fetchval("SELECT call_id FROM siaga112.call_event WHERE kind = 'ended' LIMIT 1")
    await filled.execute("DELETE FROM siaga112.call_event WHERE call_id = $1 AND kind = 'ended'", call_id)
    sql = "UPDATE siaga112.call_record SET ended_at = NULL, outcome = NULL, band = 3 WHERE call_id = $1"
    await filled.execute(sql, call_id)
    assert await _rebuild(dsn, tmp_path) == 0
    assert await filled.fetchval("SELECT band FROM siaga112.call_record WHERE call_id = $1", call_id) == 3


async def test_the_spool_as_an_operator_sees_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """While the daemon has it open: rows by table, calls in progress, refused rows with their reason."""
    config = write_config(tmp_path, "postgresql://127.0.0.1:9/none")
    config.write_text(config.read_text() + '[spool]\npath = "s.sqlite3"\n')
    async with Spool(tmp_path / "s.sqlite3") as spool:
        spool.append([event(1, 1), event(1, 2), record(1), event(2, 1)])
        await spool.flush()
        spool.reject((await spool.take(1))[0], "it [does] not fit")
        await spool.flush()
        assert await asyncio.to_thread(main, ["records", "spool", "--config", str(config)]) == 0
        found = look(tmp_path / "s.sqlite3")
        assert await spool.take(10)
    told = capsys.readouterr().out
    assert "2 calls in progress" in told
    assert "(bound: 2000 MB), the oldest row waits 0.0 h (bound: 24 h)" in told
    assert "beyond its bounds" not in told
    assert "1 rows refused" in told
    assert "it [does] not fit" in told
    assert {table: count for table, (count, _) in found.waiting.items()} == {
        "call_event": 2,
        "call_record": 1,
    }


async def test_a_spool_beyond_its_bounds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows that have waited for longer than they may are said to, and all of them are still there."""
    config = write_config(tmp_path, "postgresql://127.0.0.1:9/none")
    config.write_text(config.read_text() + '[spool]\npath = "s.sqlite3"\nmost_hours = 1.5\n')
    long_ago = time.time() - 2 * 3600
    async with Spool(tmp_path / "s.sqlite3", clock=lambda: long_ago) as spool:
        spool.append([event(1, 1), record(1)])
    assert await asyncio.to_thread(main, ["records", "spool", "--config", str(config)]) == 0
    told = capsys.readouterr().out
    assert "the oldest row waits 2.0 h (bound: 1.5 h)" in told
    assert "beyond its bounds: nothing is thrown away" in told
    assert sum(count for count, _ in look(tmp_path / "s.sqlite3").waiting.values()) == 2


def test_no_spool(tmp_path: Path) -> None:
    """A path without a spool, or with something else, is a sentence that names it."""
    with pytest.raises(StoreError, match=r"there is no spool at .*s\.sqlite3"):
        look(tmp_path / "s.sqlite3")
    (tmp_path / "s.sqlite3").write_text("this is something else " * 100)
    with pytest.raises(StoreError, match="not a database"):
        look(tmp_path / "s.sqlite3")
