"""A year of a province in PostgreSQL: a month of figures and a centre's report, at 1 and 10 million calls.

The calls are made by one statement (`year.sql`), in partitions by month as a daemon has them made. Of the
journals only what figures read is there: when agencies were asked and came. Of each centre's twelve
call-takers four work at a time, in three shifts, with a state for everything they do.
"""

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import time as clock
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg

from bench.figures import Result, at_most, exactly
from bench.records import server
from siaga112.report.calls import Shift
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
_SHIFTS = _MONTH.replace("kpi_daily", "kpi_shift")
_AGENTS = _MONTH.replace("kpi_daily", "agent_daily")
_MONTHS = """
DO $$
DECLARE
    parent text;
BEGIN
    FOREACH parent IN ARRAY '{call_record,call_event}'::text[] LOOP
        EXECUTE format('DROP TABLE siaga112.%I', parent || '_before');
        PERFORM siaga112.make_partition(parent, (date_trunc('month', now()) - n * interval '1 month')::date)
        FROM generate_series(-1, 12) n;
    END LOOP;
END
$$
"""
_CENTRES = """
INSERT INTO siaga112.centre (code, name, time_zone, shifts)
SELECT '35.' || lpad(n::text, 2, '0'), 'Kota ' || n, 'Asia/Jakarta', $2::jsonb
FROM generate_series(1, $1::int) n
"""
_ROTA = (
    {"name": "pagi", "begins": "07:30", "ends": "16:00"},
    {"name": "sore", "begins": "16:00", "ends": "23:30"},
    {"name": "malam", "begins": "23:30", "ends": "07:30"},
)
# A month of all call-takers: a talk, wrap-up, ready (at times a break first), a ring; after the shift, away.
_STATES = """
INSERT INTO siaga112.agent_state
SELECT agent_id, s.state, NULL, at + s.after, at + s.until
FROM (
    SELECT *, least(talk_s * interval '1 s', gap * 0.6) AS talked,
           least(talk_s * interval '1 s', gap * 0.6) + least(interval '25 s', gap * 0.2) AS done,
           gap - least(ring_s * interval '1 s', gap * 0.1) AS rings,
           gap > interval '4 hours' AS away, random() < 0.1 AS rests
    FROM (
        SELECT agent_id, agent_answered_at AS at, talk_s, ring_s,
               lead(agent_answered_at, 1, agent_answered_at + interval '20 minutes')
                   OVER (PARTITION BY agent_id ORDER BY agent_answered_at) - agent_answered_at AS gap
        FROM siaga112.call_record
        WHERE outcome = 'answered' AND call_id >= siaga112.first_id($1) AND call_id < siaga112.first_id($2)
    ) talk
) t
CROSS JOIN LATERAL (VALUES
    ('on_call', interval '0', talked),
    ('wrap_up', talked, done),
    ('paused', done, CASE WHEN rests AND NOT away THEN done + (rings - done) / 2 END),
    ('available', CASE WHEN rests AND NOT away THEN done + (rings - done) / 2 ELSE done END,
                  CASE WHEN away THEN done + interval '5 minutes' ELSE rings END),
    ('logged_out', done + interval '5 minutes', CASE WHEN away THEN rings - interval '5 minutes' END),
    ('available', rings - interval '5 minutes', CASE WHEN away THEN rings END),
    ('ringing', rings, gap)
) s(state, after, until)
WHERE s.until > s.after
ORDER BY at + s.after
"""
_DAYS = """
INSERT INTO siaga112.kpi_day
SELECT DISTINCT centre, (started_at AT TIME ZONE 'UTC')::date FROM siaga112.call_record ON CONFLICT DO NOTHING
"""
_SIZE = "SELECT pg_database_size(current_database())"
_COUNT = "SELECT count(*) FROM siaga112.agent_state"
_ROUNDS = 3
_KEPT = (
    "kpi",
    "kpi_daily",
    "kpi_hourly",
    "kpi_tally",
    "agent_tally",
    "kpi_longest",
    "agent_day",
    "agent_time",
)


@dataclass(frozen=True, slots=True)
class Size:
    """What was found with so many calls."""

    calls: int
    states: int
    """Of all call-takers."""
    keeping_s: float
    """To work out and keep every day's figures, once."""
    month_s: float
    shift_s: float
    """The same by shift."""
    agent_s: float
    """The same of every call-taker."""
    rows: int
    """Of that month's figures."""
    report_s: float
    reported: int
    """Calls in that report."""
    gigabytes: float

    def row(self) -> tuple[str, ...]:
        """A line of the table."""
        times = (
            *(f"{seconds:.3f} s" for seconds in (self.month_s, self.shift_s, self.agent_s)),
            f"{self.report_s:.2f} s",
            f"{self.keeping_s:.0f} s",
        )
        counts = (f"{self.reported:,}", f"{self.gigabytes:.1f} GB")
        return (f"{self.calls:,}", f"{self.states:,}", *times, *counts)


async def _fill(connection: Connection, calls: int, say: Callable[[str], None]) -> None:
    """Empty the tables and make so many calls."""
    tables = "call_record, siaga112.call_offer, siaga112.call_event, siaga112.agent_state, siaga112.kpi_day"
    await connection.execute(f"TRUNCATE siaga112.{tables}")
    for what in ("DISABLE", "ENABLE"):
        if what == "ENABLE":
            await connection.execute("SELECT setseed(0.112)")
            for begin in range(1, calls + 1, _CHUNK):
                say(f"{begin - 1:,} of {calls:,} calls are there")
                await connection.execute(_FILL, begin, min(begin + _CHUNK - 1, calls), calls)
            await _fill_states(connection, say)
        for table in ("call_record", "call_offer", "agent_state"):  # not a day's figures, a million times
            await connection.execute(f"ALTER TABLE siaga112.{table} {what} TRIGGER USER")
    say("vacuum")
    await connection.execute(_DAYS)
    await connection.execute("VACUUM ANALYZE")


async def _fill_states(connection: Connection, say: Callable[[str], None]) -> None:
    """Make the states of those who took the calls, in the order of time."""
    begin = await connection.fetchval("SELECT date_trunc('month', now()) - interval '1 year'")
    await connection.execute("SET work_mem = '512MB'")
    for number in range(1, 13):
        say(f"call-takers' states of month {number}")
        end = (begin + timedelta(days=31)).replace(day=1)
        await connection.execute(_STATES, begin, end)
        begin = end
    await connection.execute("RESET work_mem")


async def _keep(connection: Connection, say: Callable[[str], None]) -> float:
    begun, days = time.monotonic(), 0
    while done := await connection.fetchval("SELECT siaga112.keep_figures(20)"):
        days += done
        say(f"figures of {days:,} days kept")
    kept = ", siaga112.".join(f"{name}_kept" for name in _KEPT)
    await connection.execute(f"VACUUM ANALYZE siaga112.{kept}")
    return time.monotonic() - begun


async def _timed(connection: Connection, sql: str) -> tuple[float, int]:
    took = []
    for _ in range(_ROUNDS):
        begun = time.monotonic()
        rows = await connection.fetch(sql)
        took.append(time.monotonic() - begun)
    return statistics.median(took), len(rows)


async def _report(dsn: str, connection: Connection) -> tuple[float, Evaluation]:
    """Four months of one centre, from the database to the tables on a terminal."""
    last = (await connection.fetchval("SELECT date_trunc('month', now())::date")) - timedelta(days=1)
    zone = ZoneInfo("Asia/Jakarta")
    shifts = tuple(
        Shift(one["name"], clock.fromisoformat(one["begins"]), clock.fromisoformat(one["ends"]))
        for one in _ROTA
    )
    period = Period(CENTRE, "Kota", last - timedelta(days=122), last, zone, shifts)
    words = Words("id")
    took = []
    for _ in range(_ROUNDS):
        begun = time.monotonic()
        found = await read(dsn, period, lambda _done, _count: None)
        as_table(found, words, {}, None)
        took.append(time.monotonic() - begun)
    return statistics.median(took), found


async def load(dsn: str, calls: int, say: Callable[[str], None]) -> float:
    """Make so many calls and have their figures kept; tell how long the keeping took."""
    connection = await asyncpg.connect(dsn, server_settings={"jit": "off"})
    try:
        await _fill(connection, calls, say)
        return await _keep(connection, say)
    finally:
        await connection.close()


async def ask(dsn: str, calls: int, keeping: float) -> Size:
    """Ask for everything, and time it."""
    connection = await asyncpg.connect(dsn, server_settings={"jit": "off"})
    try:
        month, rows = await _timed(connection, _MONTH)
        shift, _ = await _timed(connection, _SHIFTS)
        agent, _ = await _timed(connection, _AGENTS)
        report, found = await _report(dsn, connection)
        reported = found.total.calls + found.total.test_calls
        size, states = await connection.fetchval(_SIZE), await connection.fetchval(_COUNT)
        return Size(calls, states, keeping, month, shift, agent, rows, report, reported, size / 1e9)
    finally:
        await connection.close()


async def prepare(dsn: str) -> None:
    """Make the tables, by month, and the centres."""
    await migrate(dsn)
    connection = await asyncpg.connect(dsn)
    await connection.execute(_MONTHS)
    await connection.execute(_CENTRES, CENTRES, json.dumps(_ROTA))
    await connection.close()


async def _measure(dsn: str, sizes: tuple[int, ...], say: Callable[[str], None]) -> Result:
    await prepare(dsn)
    found = []
    for calls in sizes:
        keeping = await load(dsn, calls, say)
        say(f"{calls:,} calls: a month of figures, the report of one centre")
        found.append(await ask(dsn, calls, keeping))
    return result(found)


def result(found: Sequence[Size]) -> Result:
    """Judge what was found, the fewest calls first."""
    small, large = found[0], found[-1]
    return Result(
        "year",
        f"A year of a province: {CENTRES} centres",
        (
            "calls",
            "states of call-takers",
            "kpi_daily, one month",
            "kpi_shift",
            "agent_daily",
            "report, 4 months of a centre",
            "keeping the figures",
            "calls in the report",
            "on disk",
        ),
        [one.row() for one in found],
        [
            at_most(f"a month of kpi_daily at {large.calls:,} calls", large.month_s, 1.0, "s"),
            at_most(f"a month of agent_daily at {large.calls:,} calls", large.agent_s, 1.0, "s"),
            at_most(f"the report at {large.calls:,} calls", large.report_s, 3.0, "s"),
            exactly("rows of the month missing", large.rows - small.rows, 0),
        ],
        [_growth(small, large)],
        {"sizes": [[one.calls, one.month_s, one.agent_s, one.report_s, one.keeping_s] for one in found]},
    )


def _growth(small: Size, large: Size) -> str:
    month, agents = large.month_s / small.month_s, large.agent_s / small.agent_s
    times = f"the month {month:.1f} x, that of call-takers {agents:.1f} x"
    times += f", the report {large.report_s / small.report_s:.1f} x"
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
