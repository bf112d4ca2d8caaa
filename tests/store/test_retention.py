"""What has been kept for long enough goes, everywhere; what is needed stays, and so does what a call was."""

import asyncio
import gzip
import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from siaga112.cli import main
from siaga112.fallback import Tail, read_line
from siaga112.planfile import load_plan
from siaga112.plansections.retention import RetentionFile
from siaga112.recordings import Recordings
from siaga112.refold import refold
from siaga112.retention import LOCK, Daily, Places, Run, enforce, limits, next_run, preview
from siaga112.routing.entries import FallbackEntered
from siaga112.store.migrate import Connection
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

NOW = datetime(2026, 6, 15, 3, tzinfo=UTC)
RULES = RetentionFile(recordings=30, numbers=60, journal=400, records=800, access=800)
KEPT = RetentionFile(recordings=0, numbers=0, journal=0, records=0, agents=0, access=0)


def ago(days: float) -> datetime:
    """A time before now."""
    return NOW - timedelta(days=days)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A folder of recordings, a spool that never was, and a fallback that never served."""
    (tmp_path / "monitor").mkdir()
    return Places(Recordings(tmp_path / "monitor"), tmp_path / "spool.sqlite3", tmp_path / "fallback.log")


async def _row(database: Connection, at: datetime, n: int = 1) -> dict[str, Any]:
    sql = "SELECT * FROM siaga112.call_record WHERE call_id = $1"
    return dict(await database.fetchrow(sql, call_of(at, n)) or {})


async def test_numbers_and_recordings(database: Connection, tmp_path: Path, places: Places) -> None:
    """They go from disk, record and journal in their own time; all else stays, and folds the same."""
    fresh, month, season = ago(10), ago(45), ago(90)
    await store(database, answered(fresh, "0811000001"), answered(month, "0811000002"))
    await store(database, answered(season, "0811000003"), in_fallback(ago(91), "0811000004"))
    every = {at: recording(at) for at in (fresh, month, season, ago(91))}
    record_on_disk(tmp_path / "monitor", *every.values())
    before = await _row(database, season)
    counted = await preview(database, RULES, NOW)
    run = await enforce(database, RULES, places, CENTRE, NOW)
    assert (counted.removed["recordings"], counted.removed["numbers"]) == (3, 2)
    assert (run.removed["recordings"], run.removed["numbers"], run.trouble) == (3, 2, [])
    assert [at for at, name in every.items() if (tmp_path / "monitor" / name).exists()] == [fresh]
    after = await _row(database, season)
    assert {name for name in after if after[name] != before[name]} == {"caller_number", "recording"}
    assert [after["caller_number"], after["recording"]] == [None, None]
    assert (await _row(database, month))["caller_number"] == "0811000002"
    left = await everything(database)
    assert [number for number in range(1, 5) if f"081100000{number}" in left] == [1, 2]
    assert [at for at, name in every.items() if name in left] == [fresh]
    calls = [call_of(at) for at in every]
    again = await refold(database, CENTRE, calls)
    assert (again.calls, again.changed, again.made, dict(again.flaws)) == (4, 0, 0, {})
    log = await database.fetchrow("SELECT * FROM siaga112.retention_run")
    assert log is not None
    assert json.loads(log["removed"])["numbers"] == 2
    assert json.loads(log["days"])["recordings"] == 30
    assert log["trouble"] is None


async def test_what_is_never_touched(database: Connection, tmp_path: Path, places: Places) -> None:
    """A call in progress and one under a hold keep everything, whatever their age, and hold their month."""
    old, held = ago(900), ago(901)
    await store(database, in_progress(old, "0811000001"), answered(held, "0811000002"))
    await database.fetchval("SELECT siaga112.hold($1, 'Ani', 'police')", call_of(held))
    record_on_disk(tmp_path / "monitor", recording(old), recording(held))
    await enforce(database, RULES, places, CENTRE, ago(-5))
    run = await enforce(database, RULES, places, CENTRE, NOW)
    assert run.unfinished == 1
    assert not any(run.removed.values())
    for at, number in ((old, "0811000001"), (held, "0811000002")):
        assert (await _row(database, at))["caller_number"] == number
        assert (tmp_path / "monitor" / recording(at)).exists()
    assert await database.fetchval("SELECT count(*) FROM siaga112.call_event") == 14


async def test_months(database: Connection, places: Places) -> None:
    """Whole months go as partitions, journals first; what hangs on a call goes along; a held month stays."""
    first = datetime(2031, 1, 1, tzinfo=UTC)
    for parent in ("call_record", "call_event"):
        for month in ("2031-01-01", "2031-02-01"):
            await database.execute("SELECT siaga112.make_partition($1, $2::text::date)", parent, month)
    january, february = first + timedelta(days=9), first + timedelta(days=40)
    held = february + timedelta(days=1)
    await store(database, *(answered(at, None) for at in (january, february, held)), answered(NOW, None))
    await database.fetchval("SELECT siaga112.hold($1, 'Ani', 'police')", call_of(held))
    journals = RetentionFile(recordings=30, numbers=30, journal=30, records=300, access=300)
    run = await enforce(database, journals, places, CENTRE, datetime(2031, 4, 15, tzinfo=UTC))
    assert _of_2031(run) == ["call_event_2031_01"]
    assert run.removed["journal"] == 27, (
        "January's by its partition, February's and the old one by themselves"
    )
    assert (await refold(database, CENTRE, [call_of(january)])).unread == 1
    run = await enforce(database, journals, places, CENTRE, datetime(2032, 4, 15, tzinfo=UTC))
    assert _of_2031(run) == ["call_record_2031_01"]
    assert run.removed["records"] == 2
    left = await database.fetch("SELECT call_id::text FROM siaga112.call_record")
    assert [row[0] for row in left] == [call_of(held)]
    assert await database.fetchval("SELECT count(*) FROM siaga112.call_offer") == 1
    assert await database.fetchval("SELECT count(*) FROM siaga112.call_event") == 9


async def test_figures_go_with_their_calls(database: Connection, places: Places) -> None:
    """No figure outlives its calls: not of a month that is dropped, nor of a local day that it cuts."""
    for parent in ("call_record", "call_event"):
        await database.execute(f"ALTER TABLE siaga112.{parent} DETACH PARTITION siaga112.{parent}_before")
        for month in ("2025-01-01", "2025-02-01"):
            await database.execute("SELECT siaga112.make_partition($1, $2::text::date)", parent, month)
    january = datetime(2025, 1, 20, 5, tzinfo=UTC)
    evening = datetime(2025, 1, 31, 20, tzinfo=UTC)  # in Jakarta it is February
    february = datetime(2025, 2, 1, 5, tzinfo=UTC)
    await store(database, *(answered(at, None) for at in (january, evening, february)))
    await database.execute("INSERT INTO siaga112.centre VALUES ($1, 'K', 'Asia/Jakarta')", CENTRE)
    await database.fetchval("SELECT siaga112.keep_figures(500)")
    calls = "SELECT day::text, calls FROM siaga112.kpi_daily ORDER BY day"
    assert [tuple(row) for row in await database.fetch(calls)] == [("2025-01-20", 1), ("2025-02-01", 2)]
    rules = RetentionFile(recordings=30, numbers=30, journal=30, records=400, access=400)
    run = await enforce(database, rules, places, CENTRE, datetime(2026, 3, 15, tzinfo=UTC))
    assert "call_record_2025_01" in run.months
    assert [tuple(row) for row in await database.fetch(calls)] == [("2025-02-01", 1)]
    for table in ("kpi_daily", "kpi_hourly", "kpi_tally", "agent_tally", "kpi_longest"):
        old = f"SELECT count(*) FROM siaga112.{table}_kept WHERE day < '2025-02-01'"  # noqa: S608
        assert await database.fetchval(old) == 0, table
    assert await database.fetchval("SELECT min(day)::text FROM siaga112.kpi_day") == "2025-02-01"
    await database.fetchval("SELECT siaga112.keep_figures(500)")
    assert [tuple(row) for row in await database.fetch(calls)] == [("2025-02-01", 1)]


def _of_2031(run: Run) -> list[str]:
    """The dropped months but for the empty ones that every new database has."""
    return [name for name in run.months if "_2031_" in name]


async def test_a_record_is_not_folded_again_from_what_is_left(database: Connection) -> None:
    """A month of records goes only when no journal of it is left: else folding would bring the calls back."""
    for parent in ("call_record", "call_event"):
        await database.execute("SELECT siaga112.make_partition($1, '2031-01-01')", parent)
    at = datetime(2031, 1, 9, tzinfo=UTC)
    await store(database, answered(at, None))
    sql = "SELECT name FROM siaga112.drop_months($1, '2032-01-01') WHERE name LIKE '%_2031_01'"
    assert await database.fetch(sql, "call_record") == []
    for parent in ("call_event", "call_record"):
        assert [row[0] for row in await database.fetch(sql, parent)] == [f"{parent}_2031_01"]


async def test_small_tables(database: Connection, places: Places) -> None:
    """States, the access log, holds that are over and the runs themselves go by their age."""
    await database.execute(
        "INSERT INTO siaga112.agent_state VALUES "
        "('1', 'paused', NULL, $1, $2), ('1', 'available', NULL, $2, NULL)",
        ago(900),
        ago(800),
    )
    for days in (900, 10):
        await database.execute(
            "INSERT INTO siaga112.access_log (at, person, call_id, what, reason) "
            "VALUES ($1, 'B', $2, 'number', 'x')",
            ago(days),
            call_of(NOW),
        )
        await database.execute(
            "INSERT INTO siaga112.retention_run (ended_at, days, removed) VALUES ($1, '{}', '{}')", ago(days)
        )
    run = await enforce(database, RULES, places, CENTRE, NOW)
    assert (run.removed["agents"], run.removed["access"]) == (1, 2)
    assert await database.fetchval("SELECT state FROM siaga112.agent_state") == "available"
    assert await database.fetchval("SELECT count(*) FROM siaga112.access_log") == 1


async def test_nothing_goes_that_is_kept_for_ever(
    database: Connection, tmp_path: Path, places: Places
) -> None:
    """0 days is for ever."""
    await store(database, answered(ago(4000), "0811000001"))
    record_on_disk(tmp_path / "monitor", recording(ago(4000)))
    before = await everything(database)
    run = await enforce(database, KEPT, places, CENTRE, NOW)
    assert not any(run.removed.values())
    assert await everything(database) == before
    assert (tmp_path / "monitor" / recording(ago(4000))).exists()


async def test_recordings_that_no_record_knows(database: Connection, tmp_path: Path, places: Places) -> None:
    """They go by the age of the file; what is no recording of ours stays, in the folder and outside."""
    folder = tmp_path / "monitor"
    record_on_disk(folder, "2026/01/01/1.wav", "2026/01/01/2.wav", "greeting.wav")
    record_on_disk(tmp_path, "outside.wav")
    for path in _recordings(tmp_path):
        os.utime(path, (ago(31).timestamp(),) * 2)
    os.utime(folder / "2026/01/01/2.wav", (ago(29).timestamp(),) * 2)
    odd = answered(ago(50), None)
    odd[0] = replace(odd[0], entry=_named(odd[0].entry, "../outside.wav"))
    await store(database, odd)
    run = await enforce(database, RULES, places, CENTRE, NOW)
    assert run.removed["recordings"] == 1
    left = sorted(path.relative_to(tmp_path).as_posix() for path in _recordings(tmp_path))
    assert left == ["monitor/2026/01/01/2.wav", "monitor/greeting.wav", "outside.wav"]


def _recordings(folder: Path) -> list[Path]:
    return list(folder.rglob("*.wav"))


def _named(entry: Any, name: str) -> Any:
    return replace(entry, recording=name)


async def test_a_folder_that_is_not_there(database: Connection, tmp_path: Path) -> None:
    """A folder that is not mounted is no empty one: the records keep their recordings, and it is told."""
    await store(database, answered(ago(45), None))
    places = Places(Recordings(tmp_path / "gone"), tmp_path / "s", tmp_path / "f")
    run = await enforce(database, RULES, places, CENTRE, NOW)
    assert run.trouble == [f"there is no folder {tmp_path / 'gone'}: see [asterisk] recordings"]
    assert (await _row(database, ago(45)))["recording"] == recording(ago(45))
    assert await database.fetchval("SELECT trouble FROM siaga112.retention_run") == run.trouble[0]


async def test_a_file_that_cannot_be_removed(database: Connection, tmp_path: Path, places: Places) -> None:
    """Its record keeps the name, so that the next run tries again; the others go."""
    await store(database, answered(ago(45), None), answered(ago(46), None))
    record_on_disk(tmp_path / "monitor", recording(ago(45)))
    (tmp_path / "monitor" / recording(ago(46)) / "a folder").mkdir(parents=True)
    run = await enforce(database, RULES, places, CENTRE, NOW)
    assert run.removed["recordings"] == 1
    assert "1 recordings cannot be removed" in run.trouble[0]
    assert (await _row(database, ago(46)))["recording"] == recording(ago(46))
    assert (await _row(database, ago(45)))["recording"] is None


async def test_what_lies_beside_the_database(
    dsn: str, database: Connection, tmp_path: Path, places: Places
) -> None:
    """The fallback's lines, rotated and packed ones too, and refused rows lose what the records lose."""
    journal, old, young = tmp_path / "fallback.log", ago(90), ago(10)
    text = "not a line\n" + line_of(old, "0811000001") + line_of(young, "0811000002")
    journal.write_text(text)
    with gzip.open(tmp_path / "fallback.log.2.gz", "wt") as file:
        file.write(line_of(old, "0811000003", 3))
    tail = Tail(journal, tmp_path / "memory")
    tail.take()
    tail.keep()
    async with Spool(places.spool) as spool:
        spool.append(rows_of(answered(old, "0811000004", 4), answered(young, "0811000005", 5)))
        await spool.flush()
        for row in await spool.take(100):
            spool.reject(row, "it does not fit")
        await spool.flush()
        run = await enforce(database, RULES, places, CENTRE, NOW)
        bodies = "".join(one.body for one in await spool.rejected())
    assert run.removed["fallback_lines"] == 2
    assert run.removed["refused_rows"] == 2
    assert [n for n in range(1, 6) if f"081100000{n}" in bodies] == [5]
    after = journal.read_text()
    assert len(after) == len(text), "not a byte is moved"
    assert after.endswith(line_of(young, "0811000002"))
    assert tail.take() == []
    entry = read_line(after.splitlines()[1], load_plan(_plan(tmp_path, dsn))).entry
    assert isinstance(entry, FallbackEntered)
    assert (entry.number, entry.recording) == (None, None)
    packed = gzip.decompress((tmp_path / "fallback.log.2.gz").read_bytes()).decode()
    assert "0811000003" not in packed


def _plan(folder: Path, dsn: str) -> Path:
    write_config(folder, dsn)
    return folder / "plan.toml"


async def test_the_command(
    dsn: str, database: Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--dry-run` counts and changes nothing; without it the same goes, and what is missing is told."""
    old = datetime.now(UTC).replace(microsecond=0) - timedelta(days=400)
    await store(database, answered(old, "0811000001"))
    config = write_config(tmp_path, dsn)
    config.write_text(config.read_text().replace('password = "x"', 'password = "x"\nrecordings = "m"'))
    command = ["retention", "--config", str(config)]
    assert await asyncio.to_thread(main, [*command, "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "would be removed" in told
    assert "0811000001" in await everything(database)
    assert await asyncio.to_thread(main, command) == 1
    told = capsys.readouterr().out
    assert "not done: there is no folder" in told.replace("\n", " ")
    (tmp_path / "m").mkdir()
    assert await asyncio.to_thread(main, command) == 0
    assert "0811000001" not in await everything(database)
    assert await database.fetchval("SELECT count(*) FROM siaga112.retention_run") == 2


async def test_one_at_a_time(
    database: Connection, dsn: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two runs do not work side by side: the second says so."""
    await database.fetchval("SELECT pg_advisory_lock($1)", LOCK)
    assert await asyncio.to_thread(main, ["retention", "--config", str(write_config(tmp_path, dsn))]) == 1
    assert "another run of the retention is at work" in capsys.readouterr().err


async def test_the_daemons_own_run(dsn: str, database: Connection, tmp_path: Path, places: Places) -> None:
    """The daemon does it by itself, and once a day is enough."""
    await store(database, answered(ago(4000), "0811000001"))
    plan = load_plan(_plan(tmp_path, dsn))
    task = asyncio.create_task(Daily(dsn, places, lambda: plan).run(first_look=0.0))
    runs = "SELECT count(*) FROM siaga112.retention_run"
    async with asyncio.timeout(30):
        while not await database.fetchval(runs):  # noqa: ASYNC110 - no event of ours tells of it
            await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert "0811000001" not in await everything(database)
    assert 0 < await Daily(dsn, places, lambda: plan).turn() <= 3600
    assert await database.fetchval(runs) == 1


async def test_the_daemon_waits_for_a_database(places: Places, tmp_path: Path) -> None:
    """Without a database it tries again later, and nothing else is the matter."""
    plan = load_plan(_plan(tmp_path, "postgresql://127.0.0.1:9/none"))
    assert await Daily("postgresql://127.0.0.1:9/none", places, lambda: plan).turn() == 600


ZONE = ZoneInfo("Asia/Makassar")


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, "2026-06-15 12:00", "2026-06-15 12:00"),
        ("2026-06-15 03:00", "2026-06-15 03:10", "2026-06-16 03:00"),
        ("2026-06-14 03:00", "2026-06-15 02:59", "2026-06-15 03:00"),
        ("2026-06-14 03:00", "2026-06-15 09:00", "2026-06-15 09:00"),
        ("2026-06-14 12:00", "2026-06-15 01:00", "2026-06-15 03:00"),
    ],
)
def test_when_it_is_due(last: str | None, now: str, due: str) -> None:
    """At three by the centre's clock; at once if that was missed."""

    def at(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=ZONE)

    assert next_run(None if last is None else at(last), at(now), ZONE) == at(due)


def test_months_go_when_their_last_day_is_past() -> None:
    """Numbers go to the second; journals and records by the month that is past as a whole."""
    found = limits(RULES, NOW)
    assert found["numbers"] == ago(60)
    assert found["journal"] == datetime(2025, 5, 1, tzinfo=UTC)
    assert limits(KEPT, NOW) == {}


@pytest.mark.parametrize(
    ("rules", "fault"),
    [
        ({"records": 30}, "records = 30 is too short while recordings are kept 90 days"),
        ({"numbers": 0}, "records = 1825 is too short while numbers are kept for ever"),
        ({"journal": 2000}, "records = 1825 is too short while journal are kept 2000 days"),
        ({"access": 100}, "access = 100 is too short while numbers are kept 365 days"),
    ],
)
def test_rules_that_contradict_each_other(rules: dict[str, int], fault: str) -> None:
    """What a record is needed for is not kept longer than the record; the fault says which and how long."""
    with pytest.raises(ValueError, match=fault):
        RetentionFile(**rules)
