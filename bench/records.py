"""Records through spool and shipper into PostgreSQL, beside the same rows by COPY.

The rows are what the pure core and the scribe make of a recorded stream of calls: every entry of every
journal, every version of every record and of every offer, in the groups in which a daemon would append them
(but neither the states of call-takers nor what is remembered of numbers, which have no part in a call's
record). The limit is what PostgreSQL holds of them in the end, copied into the same empty tables by the same
driver, before and afterwards; and for a single write, what the disk alone takes while PostgreSQL gets the
same rows.
"""

import asyncio
import gc
import resource
import secrets
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from bench.disk import synced
from bench.figures import Check, Result, at_least, at_most, exactly, percentile, ratio
from bench.stream import TICK, opened, plan, recorded
from siaga112.interpreter import be_prompt
from siaga112.lab.layout import Layout
from siaga112.lab.ports import pick
from siaga112.lab.postgres import Postgres
from siaga112.lab.root import ensure_root
from siaga112.scribe import Scribe
from siaga112.store.encoding import encode
from siaga112.store.migrate import migrate
from siaga112.store.observer import Observer
from siaga112.store.rows import TABLES, Row, Table
from siaga112.store.shipper import Shipper
from siaga112.store.spool import Spool

AGENTS, RECORDED, CALLS_A_SECOND = 100, 4_000, 3.0
COPIES = 8
"""So many times the recorded calls, each time as other calls."""
MOST_WAITING = 60_000
"""Rows: who appends waits while there are more in the spool, or memory would be what is measured."""
STEADY_RATE, STEADY_S = 40, 15
"""Calls a second at which a write is timed: the load of a large centre's worst hour."""
WANTED_RATE, WANTED_SHARE, WANTED_MS = 2_000.0, 0.3, 2.0
_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of our own is made in it
_DURABLE = {"fsync": "on", "full_page_writes": "on", "shared_buffers": "256MB", "max_wal_size": "2GB"}

Group = list[Row]


class _Paper:
    """A spool that keeps what is appended of calls, group by group."""

    def __init__(self) -> None:
        self.groups: list[Group] = []

    def append(self, rows: Sequence[Row]) -> None:
        """Keep a group."""
        of_calls = [row for row in rows if "call_id" in row.values]
        if of_calls:
            self.groups.append(of_calls)


def written(calls: int) -> list[Group]:
    """Everything that a daemon appends of so many calls."""
    filling, stream = recorded(agents=AGENTS, waiting=0, calls=calls, rate=CALLS_A_SECOND)
    router, paper = opened(plan(AGENTS)), _Paper()
    scribe = Scribe(paper)
    for event, at in [*filling, *stream]:
        scribe.keep(router.tick(at) if event is TICK else router.handle(event, at))
    return paper.groups


def as_others(groups: Iterable[Group], number: int) -> Iterator[Group]:
    """The same groups as those of other calls."""
    for group in groups:
        yield [_other(row, number) for row in group]


def _other(row: Row, number: int) -> Row:
    return Row.of(row.table, row.values | {"call_id": f"{str(row.values['call_id'])[:-2]}{number:02x}"})


def last_versions(groups: Iterable[Group]) -> dict[str, list[dict[str, Any]]]:
    """What PostgreSQL holds in the end, by table."""
    last: dict[str, dict[tuple[str, ...], dict[str, Any]]] = {name: {} for name in TABLES}
    for group in groups:
        for row in group:
            if not (TABLES[row.table].immutable and row.key in last[row.table]):
                last[row.table][row.key] = row.values
    return {name: list(rows.values()) for name, rows in last.items()}


class Timed(Observer):
    """Remembers nothing and logs nothing but what would spoil the figures."""

    def shipped(self, rows: int, seconds: float) -> None:
        """A batch was committed."""

    def connected(self) -> None:
        """PostgreSQL is there."""


@dataclass
class Run:
    """What one run found."""

    seconds: float = 0.0
    cpu: float = 0.0
    """Processor seconds of this process: the core, the spool's thread and the shipper."""
    append_us: list[float] = field(default_factory=list)


async def _through(dsn: str, folder: Path, groups: Iterable[Group]) -> Run:
    """Append everything as fast as the spool takes it, until the last row is in PostgreSQL."""
    run = Run()
    async with Spool(folder / f"{secrets.token_hex(4)}.sqlite3", Timed()) as spool:
        shipper = Shipper(spool, dsn, Timed())
        task = asyncio.create_task(shipper.run())
        while not shipper.connected:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
        begun, used = time.monotonic(), _cpu()
        for number, group in enumerate(groups):
            before = time.perf_counter()
            spool.append(group)
            run.append_us.append((time.perf_counter() - before) * 1e6)
            if number % 64 == 0:
                await asyncio.sleep(0)
                while spool.depth() > MOST_WAITING:  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.002)
        if await shipper.drain(300):
            raise RuntimeError("PostgreSQL did not take the rows within 300 s")
        run.seconds, run.cpu = time.monotonic() - begun, _cpu() - used
        task.cancel()
        await asyncio.wait({task})
    return run


async def _steady(dsn: str, folder: Path, groups: Sequence[Group], calls: int, seconds: float) -> list[float]:
    """Append at a centre's pace, and time how long it is until each group is on the disk, in milliseconds."""
    each = calls / STEADY_RATE / len(groups)
    took: list[float] = []
    async with Spool(folder / "steady.sqlite3", Timed()) as spool, asyncio.TaskGroup() as tasks:
        await spool.flush()  # as a daemon, which reads its spool before it takes calls
        task = asyncio.create_task(Shipper(spool, dsn, Timed()).run())
        begun = time.monotonic()
        for number, group in enumerate(groups):
            due = begun + number * each
            if due > begun + seconds:
                break
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            spool.append(group)
            tasks.create_task(_timed(spool, took))
        task.cancel()
        await asyncio.wait({task})
    return took


async def _bare(dsn: str, folder: Path, groups: Sequence[Group], calls: int, seconds: float) -> list[float]:
    """Time bare writes at the same pace, while PostgreSQL gets the rows from a spool that needs no disk."""
    every = calls / STEADY_RATE / len(groups)
    with tempfile.TemporaryDirectory(dir=_MEMORY) as elsewhere:
        task = asyncio.create_task(_steady(dsn, Path(elsewhere), groups, calls, seconds))
        took = await asyncio.to_thread(synced, folder / "bare", every=every, seconds=seconds)
        await task
    return took


async def _timed(spool: Spool, took: list[float]) -> None:
    before = time.perf_counter()
    await spool.flush()
    took.append((time.perf_counter() - before) * 1000)


async def _copied(dsn: str, rows: dict[str, list[dict[str, Any]]]) -> float:
    """Seconds that COPY takes for the same rows, table by table, in one transaction each."""
    tuples = {name: [_values(TABLES[name], one) for one in every] for name, every in rows.items()}
    connection = await asyncpg.connect(dsn)
    try:
        begun = time.monotonic()
        for name, records in tuples.items():
            columns = [column.name for column in TABLES[name].columns if _told(rows[name], column.name)]
            if records:
                await connection.copy_records_to_table(
                    name, schema_name="siaga112", columns=columns, records=records
                )
        return time.monotonic() - begun
    finally:
        await connection.close()


def _told(rows: list[dict[str, Any]], column: str) -> bool:
    return bool(rows) and column in rows[0]


def _values(table: Table, values: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(
        _value(column.kind, values[column.name]) for column in table.columns if column.name in values
    )


def _value(kind: str, value: Any) -> Any:
    if value is None:
        return None
    match kind:
        case "uuid":
            return UUID(value)
        case "time":
            return datetime.fromtimestamp(value, UTC)
        case "json":
            return encode(value)
        case "text":
            return str(value)
        case _:
            return value


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@contextmanager
def server(folder: Path, settings: Mapping[str, str] = _DURABLE) -> Iterator[Postgres]:
    """A PostgreSQL of the bench's own, by default one for which what is committed is on the disk."""
    root, layout = ensure_root(), Layout(folder)
    layout.make()
    layout.hosts.write_text("127.0.0.1 localhost\n")
    postgres = Postgres(root.fs, layout, pick(), secrets.token_hex(8), settings=settings)
    postgres.create(root.cluster)
    postgres.start()
    try:
        postgres.prepare()
        yield postgres
    finally:
        postgres.stop()


@asynccontextmanager
async def _fresh(postgres: Postgres, name: str) -> AsyncIterator[str]:
    """The address of a database of its own, with empty tables."""
    postgres.sql("postgres", f"CREATE DATABASE {name}")
    dsn = postgres.dsn.rpartition("/")[0] + f"/{name}"
    await migrate(dsn)
    postgres.sql("postgres", "CHECKPOINT")
    yield dsn


async def _count(dsn: str) -> tuple[int, int]:
    connection = await asyncpg.connect(dsn)
    try:
        calls = await connection.fetchval("SELECT count(*) FROM siaga112.call_record")
        return calls, await connection.fetchval("SELECT count(*) FROM siaga112.call_event")
    finally:
        await connection.close()


async def _measure(postgres: Postgres, folder: Path, say: Callable[[str], None], *, quick: bool) -> Result:
    say(f"making the rows of {RECORDED:,} calls")
    base = written(RECORDED // (4 if quick else 1))
    copies = 2 if quick else COPIES
    groups = [group for number in range(copies) for group in as_others(base, number)]
    rows = last_versions(groups)
    calls, events = len(rows["call_record"]), len(rows["call_event"])
    few = list(as_others(base, 99))
    be_prompt()  # with everything made: a daemon has no hundred thousand rows to look through for garbage
    async with _fresh(postgres, "steady") as dsn:
        say(f"timing writes at {STEADY_RATE} calls/s")
        took = await _steady(dsn, folder, few, calls // copies, STEADY_S / (3 if quick else 1))
    async with _fresh(postgres, "bare") as dsn:
        say("timing bare writes at the same pace")
        bare = await _bare(dsn, folder, few, calls // copies, STEADY_S / (3 if quick else 1))
    before, limit = await _limit(postgres, "before", rows, say)
    async with _fresh(postgres, "shipped") as dsn:
        say(f"{calls:,} calls through spool and shipper")
        gc.collect()
        run = await _through(dsn, folder, groups)
        found = await _count(dsn)
    after, _ = await _limit(postgres, "after", rows, say)
    copied = (before, after)
    return _result(calls, events, sum(map(len, groups)), (took, bare), copied, run, (found, limit))


async def _limit(
    postgres: Postgres, name: str, rows: dict[str, list[dict[str, Any]]], say: Callable[[str], None]
) -> tuple[float, tuple[int, int]]:
    """Seconds that COPY takes, and what is in the tables then."""
    async with _fresh(postgres, name) as dsn:
        say("the same rows by COPY")
        return await _copied(dsn, rows), await _count(dsn)


def _result(  # noqa: PLR0913, PLR0917 - what was counted and timed
    calls: int,
    events: int,
    appended: int,
    writes: tuple[list[float], list[float]],
    copied: tuple[float, float],
    run: Run,
    counts: tuple[tuple[int, int], tuple[int, int]],
) -> Result:
    rate, limit = calls / run.seconds, calls / statistics.mean(copied)
    took, bare = writes
    p99, least = percentile(took, 0.99), percentile(bare, 0.99)
    found, there = counts
    return Result(
        "records",
        f"{calls:,} calls: {events / calls:.1f} journal entries each, {appended / calls:.1f} rows appended",
        ("what", "figure"),
        [
            ("through spool and shipper", f"{rate:,.0f} calls/s, {rate * events / calls:,.0f} entries/s"),
            (
                "the same rows by COPY, before and after",
                " and ".join([f"{calls / one:,.0f}" for one in copied]),
            ),
            ("processor of the daemon's side", f"{run.cpu / calls * 1e6:,.0f} us a call"),
            ("append, p50 / p99", _pair(run.append_us, "us")),
            (f"on the disk at {STEADY_RATE} calls/s, p50 / p99", _pair(took, "ms")),
            ("a bare write and fdatasync at the same pace", _pair(bare, "ms")),
        ],
        [
            at_least("calls into PostgreSQL", rate, WANTED_RATE, "calls/s"),
            Check(
                "against COPY",
                f"{ratio(rate, limit):.2f} x",
                f"≥ {WANTED_SHARE} x",
                ratio(rate, limit) >= WANTED_SHARE,
            ),
            at_most(f"spool write p99 at {STEADY_RATE} calls/s", p99, WANTED_MS, "ms"),
            exactly("records missing", calls - found[0], 0),
            exactly("entries missing", events - found[1], 0),
            exactly("rows by COPY missing", calls + events - sum(there), 0),
        ],
        notes=[
            f"The disk alone takes {least:.2f} ms at p99; the spool {ratio(p99, least):.1f} times that.",
            f"Slower than {WANTED_MS:g} ms: {_slow(took)} of the spool's writes, {_slow(bare)} of bare ones.",
        ],
        data={
            "seconds": run.seconds,
            "copy_seconds": copied,
            "cpu": run.cpu,
            "write_ms": sorted(took)[-200:],
            "bare_ms": sorted(bare)[-200:],
        },
    )


def _slow(took: Sequence[float]) -> str:
    return f"{sum(one > WANTED_MS for one in took) / len(took):.1%}"


def _pair(values: list[float], unit: str) -> str:
    return f"{percentile(values, 0.5):.2f} / {percentile(values, 0.99):.2f} {unit}"


def measure(say: Callable[[str], None], *, quick: bool) -> Result:
    """Time the writes at a steady pace, then COPY, then everything through spool and shipper."""
    with tempfile.TemporaryDirectory(prefix="siaga112-bench-") as name, server(Path(name) / "pg") as postgres:
        return asyncio.run(_measure(postgres, Path(name), say, quick=quick))
