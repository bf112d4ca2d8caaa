"""A year of a province in PostgreSQL: a month of figures and a centre's report, at 1 and 10 million calls.

The calls are made by one statement (`year.sql`); journals are left out, as no figure reads them.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg

from bench.figures import Result, at_most, exactly
from bench.records import server
from siaga112.report.command import as_table
from siaga112.report.evaluation import Evaluation, Period
from siaga112.report.reading import read
from siaga112.report.words import Words
from siaga112.store.migrate import Connection, migrate

SIZES = (1_000_000, 10_000_000)
CENTRES, CENTRE = 38, "35.07"
_CHUNK = 500_000
_SETTINGS = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "512MB", "max_wal_size": "4GB"}
_FILL = (Path(__file__).parent / "year.sql").read_text(encoding="utf-8")
_MONTH = """
SELECT * FROM siaga112.kpi_daily
WHERE day >= date_trunc('month', now() - interval '3 months')
  AND day < date_trunc('month', now() - interval '2 months')
"""
_CENTRES = """
INSERT INTO siaga112.centre (code, name, time_zone)
SELECT '35.' || lpad(n::text, 2, '0'), 'Kota ' || n, 'Asia/Jakarta' FROM generate_series(1, $1::int) n
"""
_DAYS = """
INSERT INTO siaga112.kpi_day
SELECT DISTINCT centre, (started_at AT TIME ZONE 'UTC')::date FROM siaga112.call_record ON CONFLICT DO NOTHING
"""
_SIZE = "SELECT pg_database_size(current_database())"
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Size:
    """What was found with so many calls."""

    calls: int
    keeping_s: float
    """To work out and keep every day's figures, once."""
    month_s: float
    rows: int
    """Of that month's figures."""
    report_s: float
    reported: int
    """Calls in that report."""
    gigabytes: float

    def row(self) -> tuple[str, ...]:
        """A line of the table."""
        times = (f"{self.month_s:.3f} s", f"{self.report_s:.2f} s", f"{self.keeping_s:.0f} s")
        return (f"{self.calls:,}", *times, f"{self.reported:,}", f"{self.gigabytes:.1f} GB")


async def _fill(connection: Connection, calls: int, say: Callable[[str], None]) -> None:
    """Empty the tables and make so many calls."""
    await connection.execute("TRUNCATE siaga112.call_record, siaga112.call_offer, siaga112.kpi_day")
    for what in ("DISABLE", "ENABLE"):
        if what == "ENABLE":
            await connection.execute("SELECT setseed(0.112)")
            for begin in range(1, calls + 1, _CHUNK):
                say(f"{begin - 1:,} of {calls:,} calls are there")
                await connection.execute(_FILL, begin, min(begin + _CHUNK - 1, calls), calls)
        for table in ("call_record", "call_offer"):  # one day's figures are not taken away a million times
            await connection.execute(f"ALTER TABLE siaga112.{table} {what} TRIGGER USER")
    say("vacuum")
    await connection.execute(_DAYS)
    await connection.execute("VACUUM ANALYZE")


async def _keep(connection: Connection, say: Callable[[str], None]) -> float:
    begun, days = time.monotonic(), 0
    while done := await connection.fetchval("SELECT siaga112.keep_figures(20)"):
        days += done
        say(f"figures of {days:,} days kept")
    await connection.execute(
        "VACUUM ANALYZE siaga112.kpi_kept, siaga112.kpi_daily_kept, siaga112.kpi_hourly_kept"
    )
    return time.monotonic() - begun


async def _month(connection: Connection) -> tuple[float, int]:
    took = []
    for _ in range(_ROUNDS):
        begun = time.monotonic()
        rows = await connection.fetch(_MONTH)
        took.append(time.monotonic() - begun)
    return statistics.median(took), len(rows)


async def _report(dsn: str, connection: Connection) -> tuple[float, Evaluation]:
    """Four months of one centre, from the database to the tables on a terminal."""
    last = (await connection.fetchval("SELECT date_trunc('month', now())::date")) - timedelta(days=1)
    zone = ZoneInfo("Asia/Jakarta")
    period = Period(CENTRE, "Kota", last - timedelta(days=122), last, zone)
    words = Words("id")
    took = []
    for _ in range(_ROUNDS):
        begun = time.monotonic()
        found = await read(dsn, period, lambda _done, _count: None)
        as_table(found, words, {}, None)
        took.append(time.monotonic() - begun)
    return statistics.median(took), found


async def _sized(dsn: str, calls: int, say: Callable[[str], None]) -> Size:
    connection = await asyncpg.connect(dsn, server_settings={"jit": "off"})
    try:
        await _fill(connection, calls, say)
        keeping = await _keep(connection, say)
        say(f"{calls:,} calls: a month of figures, the report of one centre")
        month, rows = await _month(connection)
        report, found = await _report(dsn, connection)
        size = await connection.fetchval(_SIZE)
        return Size(
            calls, keeping, month, rows, report, found.total.calls + found.total.test_calls, size / 1e9
        )
    finally:
        await connection.close()


async def _measure(dsn: str, sizes: tuple[int, ...], say: Callable[[str], None]) -> Result:
    await migrate(dsn)
    connection = await asyncpg.connect(dsn)
    await connection.execute(_CENTRES, CENTRES)
    await connection.close()
    found = [await _sized(dsn, size, say) for size in sizes]
    small, large = found[0], found[-1]
    return Result(
        "year",
        f"A year of a province: {CENTRES} centres",
        (
            "calls",
            "kpi_daily, one month",
            "report, 4 months of a centre",
            "keeping the figures",
            "in it",
            "on disk",
        ),
        [one.row() for one in found],
        [
            at_most(f"a month of kpi_daily at {large.calls:,} calls", large.month_s, 1.0, "s"),
            at_most(f"the report at {large.calls:,} calls", large.report_s, 3.0, "s"),
            exactly("rows of the month missing", large.rows - small.rows, 0),
        ],
        [_growth(small, large)],
        {"sizes": [[one.calls, one.month_s, one.report_s, one.keeping_s] for one in found]},
    )


def _growth(small: Size, large: Size) -> str:
    times = (
        f"the month {large.month_s / small.month_s:.1f} x, the report {large.report_s / small.report_s:.1f} x"
    )
    more = f"{large.reported / small.reported:.1f} x the calls in it"
    return f"From {small.calls:,} to {large.calls:,} calls: {times} with {more}."


def measure(say: Callable[[str], None], *, quick: bool) -> Result:
    """Fill and ask, first with fewer calls, then with all."""
    sizes = tuple(size // 50 for size in SIZES) if quick else SIZES
    with (
        tempfile.TemporaryDirectory(prefix="siaga112-bench-") as name,
        server(Path(name) / "pg", _SETTINGS) as postgres,
    ):
        return asyncio.run(_measure(postgres.dsn, sizes, say))
