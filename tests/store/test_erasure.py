"""Erasure on request: afterwards nobody finds out who called, and the call is what it was."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from siaga112.cli import main
from siaga112.erasure import ErasureError, spellings
from siaga112.refold import refold
from siaga112.routing.callers import Memory
from siaga112.scribe import memory_row
from siaga112.store.migrate import Connection
from siaga112.store.shipper import Shipper
from siaga112.store.spool import Spool
from tests.report.conftest import write_config
from tests.report.dataset import CENTRE
from tests.store.callers import (
    answered,
    call_of,
    everything,
    in_fallback,
    in_progress,
    line_of,
    record_on_disk,
    recording,
    rows_of,
    store,
)
from tests.store.servers import QUICK, running

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
NUMBER, SAME, OTHER = "081234567890", "+6281234567890", "081299999999"
RIGHT = ["--by", "201", "--reason", "asked for by letter 14/2026"]


@pytest.fixture
def config(dsn: str, tmp_path: Path) -> Path:
    """A centre with a supervisor, a folder of recordings, a spool and a fallback's journal."""
    (tmp_path / "monitor").mkdir()
    path = write_config(tmp_path, dsn)
    path.write_text(
        path.read_text().replace(
            'password = "x"', 'password = "x"\nrecordings = "monitor"\nfallback_journal = "fallback.log"'
        )
        + '[spool]\npath = "spool.sqlite3"\n'
    )
    with (tmp_path / "plan.toml").open("a") as plan:
        plan.write('[[agents]]\nid = "201"\nendpoint = "PJSIP/201"\nrole = "supervisor"\n')
    return path


async def command(config: Path, *words: str) -> int:
    """Run `siaga112 records …` as an operator does."""
    return await asyncio.to_thread(main, ["records", words[0], "--config", str(config), *words[1:]])


async def test_every_call_of_a_number(
    config: Path, database: Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """However it was written, it is gone from rows, journals, disk; folding gives the same rows."""
    ours = [AT, AT + HOUR, AT + 2 * HOUR]
    theirs = AT + 3 * HOUR
    await store(database, answered(ours[0], NUMBER), answered(ours[1], SAME), in_fallback(ours[2], NUMBER))
    await store(database, answered(theirs, OTHER))
    record_on_disk(tmp_path / "monitor", *(recording(at) for at in (*ours, theirs)))
    (tmp_path / "fallback.log").write_text(line_of(ours[2], NUMBER) + line_of(theirs, OTHER))
    figures = (
        "SELECT call_id, outcome, wait_s, talk_s, disposition, agent_id FROM siaga112.call_record ORDER BY 1"
    )
    before = await database.fetch(figures)
    assert await command(config, "erase", "--number", "0812-3456-7890", *RIGHT) == 0
    told = capsys.readouterr().out
    assert told.startswith("3 calls erased: 3 recordings removed\nblanked: 0 rows in the spool, 1 lines of ")
    found = await everything(database) + (tmp_path / "fallback.log").read_text()
    assert NUMBER[1:] not in found
    assert OTHER in found
    assert [at for at in (*ours, theirs) if recording(at) in found] == [theirs]
    left = await asyncio.to_thread(lambda: sorted(one.name for one in (tmp_path / "monitor").rglob("*.wav")))
    assert left == [recording(theirs).rpartition("/")[2]]
    assert await database.fetch(figures) == before
    events = await database.fetch("SELECT * FROM siaga112.call_event WHERE kind = 'erased' ORDER BY call_id")
    assert [str(one["call_id"]) for one in events] == [call_of(at) for at in ours]
    assert events[0]["data"] == '{"reason": "asked for by letter 14/2026", "supervisor": "201"}'
    rows = "SELECT * FROM siaga112.call_record ORDER BY call_id"
    stored = await database.fetch(rows)
    again = await refold(database, CENTRE, [call_of(at) for at in (*ours, theirs)])
    assert (again.calls, again.changed, again.made, dict(again.flaws)) == (4, 0, 0, {})
    await database.execute("DELETE FROM siaga112.call_record")
    assert (await refold(database, CENTRE, [call_of(at) for at in (*ours, theirs)])).made == 4
    assert await database.fetch(rows) == stored, "records made from the journals alone are the same"


async def test_what_waits_in_the_spool(config: Path, dsn: str, database: Connection, tmp_path: Path) -> None:
    """Rows not sent yet, refused ones, the memory of numbers: the spool's file holds the number no more."""
    spool = tmp_path / "spool.sqlite3"
    async with Spool(spool) as open_spool:
        refused = rows_of(answered(AT + HOUR, NUMBER))
        open_spool.append([*refused, memory_row(Memory(NUMBER, 4e9, {"score": {"weight": 2.0}}))])
        await open_spool.flush()
        for one in await open_spool.take(100):
            open_spool.reject(one, f"Failing row contains ({NUMBER})")
        open_spool.append([*rows_of(answered(AT, NUMBER)), *rows_of(in_progress(AT + 2 * HOUR, OTHER))])
        await open_spool.flush()
    assert NUMBER in _text(spool)
    assert await command(config, "erase", "--number", NUMBER, *RIGHT) == 0
    assert NUMBER not in _text(spool)
    assert OTHER in _text(spool)
    async with Spool(spool) as open_spool, running(Shipper(open_spool, dsn, limits=QUICK)) as shipper:
        assert await shipper.drain(20) == 0
        assert await open_spool.memory() == []
    assert NUMBER not in await everything(database)
    again = await refold(database, CENTRE, [call_of(AT)])
    assert dict(again.flaws) == {}
    row = await database.fetchrow("SELECT * FROM siaga112.call_record WHERE call_id = $1", call_of(AT))
    assert row is not None
    assert (row["caller_number"], row["journal_seq"], row["outcome"]) == (None, 2_000_000, "answered")


def _text(spool: Path) -> str:
    """Every byte of the spool's files."""
    return "".join(one.read_bytes().decode("latin-1") for one in spool.parent.glob(f"{spool.name}*"))


async def test_while_the_daemon_is_sending(config: Path, database: Connection, tmp_path: Path) -> None:
    """A row that the daemon had in its hands reaches PostgreSQL with the number, and is cleared there."""
    async with Spool(tmp_path / "spool.sqlite3") as spool:
        spool.append(rows_of(answered(AT, NUMBER)))
        await spool.flush()
        in_hand = await spool.take(100)
        erasing = asyncio.create_task(command(config, "erase", "--number", NUMBER, *RIGHT))
        async with asyncio.timeout(30):
            while not await database.fetchval("SELECT count(*) FROM siaga112.call_event"):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await store(database, answered(AT, NUMBER))
        assert NUMBER in await everything(database)
        spool.done(row.id for row in in_hand)
        assert await erasing == 0
    assert NUMBER not in await everything(database)


async def test_a_call_in_progress(
    config: Path, database: Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is left alone and told, by the records as by the spool; the others of the number are erased."""
    await store(database, answered(AT, NUMBER), in_progress(AT + HOUR, NUMBER))
    async with Spool(tmp_path / "spool.sqlite3") as spool:
        spool.append(rows_of(in_progress(AT + 2 * HOUR, NUMBER)))
        await spool.flush()
        assert await command(config, "erase", "--number", NUMBER, *RIGHT) == 1
        assert "2 calls are in progress: ask again" in capsys.readouterr().out
        assert NUMBER in str(await spool.open_calls())
    numbers = await database.fetch("SELECT caller_number FROM siaga112.call_record ORDER BY call_id")
    assert [row[0] for row in numbers] == [None, NUMBER]


async def test_one_call(config: Path, database: Connection) -> None:
    """`--call` erases that one; the caller's other calls stay."""
    await store(database, answered(AT, NUMBER), answered(AT + HOUR, NUMBER))
    assert await command(config, "erase", "--call", call_of(AT), *RIGHT) == 0
    numbers = await database.fetch("SELECT caller_number FROM siaga112.call_record ORDER BY call_id")
    assert [row[0] for row in numbers] == [None, NUMBER]


async def test_refusals(config: Path, database: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    """Each is one sentence that says what to do, nothing is changed, and no number is repeated."""
    await store(database, answered(AT, NUMBER), answered(AT + HOUR, OTHER))
    await database.fetchval("SELECT siaga112.hold($1, 'Ani', 'police')", call_of(AT))
    before = await everything(database)
    number, why = ["--number", NUMBER], "--reason"
    cases = {
        "is no supervisor of the plan: its supervisors are 201": [*number, "--by", "101", why, "x"],
        "--reason is empty": [*number, "--by", "201", why, " "],
        "--number is no telephone number": ["--number", "Budi", *RIGHT],
        "there is no call of this number": ["--number", "081200000000", *RIGHT],
        "--call is no call's id": ["--call", "7", *RIGHT],
        "there is no call of this id": ["--call", call_of(AT + 5 * HOUR), *RIGHT],
        f"nothing was erased: {call_of(AT)} is under a hold": [*number, *RIGHT],
        "--reason names the number": ["--number", OTHER, "--by", "201", why, "0812 9999 9999 asked for it"],
    }
    for sentence, words in cases.items():
        assert await command(config, "erase", *words) == 1
        told = capsys.readouterr().err
        assert sentence in told
        assert told.count("\n") == 1
        assert NUMBER not in told
    assert await everything(database) == before


async def test_showing_a_call(config: Path, database: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    """Masked without a reason; with one as it is, and the log says who; an empty reason is none."""
    await store(database, answered(AT, NUMBER))
    assert await command(config, "show", call_of(AT)) == 0
    told = capsys.readouterr().out
    assert "0812****90" in told
    assert "classified" in told
    assert NUMBER not in told
    assert ".wav" not in told
    assert await command(config, "show", call_of(AT), "--reason", " ") == 1
    assert await database.fetchval("SELECT count(*) FROM siaga112.access_log") == 0
    assert await command(config, "show", call_of(AT), "--reason", "call back", "--by", "Budi") == 0
    told = capsys.readouterr().out
    assert NUMBER in told
    assert recording(AT) in told
    log = await database.fetch("SELECT person, what, reason FROM siaga112.access_log ORDER BY id")
    assert [tuple(row) for row in log] == [
        ("Budi", "number", "call back"),
        ("Budi", "recording", "call back"),
    ]
    assert await command(config, "show", call_of(AT + HOUR)) == 1
    assert await command(config, "show", "x") == 1


async def test_holding_a_call(config: Path, database: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    """`hold` and `release` are told once each; without a call or a reason nothing is held."""
    await store(database, answered(AT, NUMBER))
    words = [call_of(AT), "--by", "Ani", "--reason", "police"]
    for name, status, told in (
        ("hold", 0, "held"),
        ("hold", 1, "it was under a hold before"),
        ("release", 0, "released"),
        ("release", 1, "it was under no hold"),
    ):
        assert await command(config, name, *words) == status
        assert capsys.readouterr().out == f"{told}\n"
    assert await command(config, "hold", call_of(AT + HOUR), *words[1:]) == 1
    assert await command(config, "hold", call_of(AT), "--by", "Ani", "--reason", " ") == 1


def test_spellings() -> None:
    """A national number is found however a trunk writes it; others only as they are."""
    assert spellings("0812 345-678") == {"0812345678", "62812345678", "+62812345678"}
    assert spellings("+62812345678") == spellings("0812345678")
    assert spellings("+6591234567") == {"+6591234567"}
    assert spellings("112") == {"112"}
    with pytest.raises(ErasureError):
        spellings("0812x")
