"""Removes what has been kept for long enough: once a day in the daemon, and on demand.

Knows the plan's rules and everything that holds personal data: PostgreSQL, Asterisk's recordings, the
fallback's journal, rows that PostgreSQL refused. Each step is short and stands alone: after a run that was
cut off, the next one goes on. What was removed is written down in `retention_run`.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

import asyncpg
import structlog

from siaga112.blanks import blank
from siaga112.config import Settings
from siaga112.planfile import PlanFile
from siaga112.plansections.retention import RetentionFile
from siaga112.recordings import Recordings
from siaga112.routing.ids import call_id
from siaga112.store import privacy
from siaga112.store.archive import connected, told
from siaga112.store.errors import StoreError
from siaga112.store.migrate import Connection
from siaga112.store.scrub import Body, scrub

_log = structlog.get_logger("siaga112")
LOCK = 0x5149_4147_4131_3133
_HOUR = time(3)
"""By the centre's clock: the fewest calls come then."""
_FIRST_LOOK, _AGAIN = 60.0, 600.0
_DAY = timedelta(days=1)
CLASSES = tuple(RetentionFile.model_fields)


@dataclass(frozen=True, slots=True)
class Places:
    """Where personal data is, besides PostgreSQL."""

    recordings: Recordings
    spool: Path
    fallback: Path

    @classmethod
    def of(cls, settings: Settings) -> "Places":
        """Read them from the configuration."""
        asterisk = settings.asterisk
        return cls(Recordings(asterisk.recordings), settings.spool.path, asterisk.fallback_journal)


@dataclass
class Run:
    """What one run removed, or would remove.

    Attributes:
        before: By class: what is older than this is to go.
        removed: By class, how many.
        months: Partitions that went as a whole.
        unfinished: Calls that are older and have no end: nothing of them is touched.
        trouble: What could not be done, in sentences.
    """

    before: dict[str, datetime]
    removed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CLASSES, 0))
    months: list[str] = field(default_factory=list)
    unfinished: int = 0
    trouble: list[str] = field(default_factory=list)

    def count(self, what: str, gone: int) -> None:
        """Add to what was removed."""
        self.removed[what] = self.removed.get(what, 0) + gone


Step: TypeAlias = Callable[[Connection, Run], Awaitable[None]]


def limits(rules: RetentionFile, now: datetime) -> dict[str, datetime]:
    """Say for each class that is not kept for ever: what is older than this is to go.

    Journals and records go by whole months, which PostgreSQL can drop at once: a month goes when its last day
    has been kept for long enough.
    """
    found = {what: now - days * _DAY for what, days in rules.model_dump().items() if days}
    for what in ("journal", "records"):
        if what in found:
            first = found[what].astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
            found[what] = first
    return found


def next_run(last: datetime | None, now: datetime, zone: ZoneInfo) -> datetime:
    """Say when the next run is due: at three o'clock, or now if that was missed."""
    at = datetime.combine(now.astimezone(zone).date(), _HOUR, zone)
    if at > now:
        at = datetime.combine(at.date() - _DAY, _HOUR, zone)
    if last is None or last < at:
        return now
    return datetime.combine(at.date() + _DAY, _HOUR, zone)


async def preview(connection: Connection, rules: RetentionFile, now: datetime) -> Run:
    """Count what a run would remove from PostgreSQL now; changes nothing."""
    run = Run(limits(rules, now))
    for what, before in run.before.items():
        run.removed[what] = await privacy.count_old(connection, what, before)
    run.unfinished = await _unfinished(connection, run)
    return run


async def enforce(
    connection: Connection, rules: RetentionFile, places: Places, centre: str, now: datetime
) -> Run:
    """Remove what is to go, and write down what that was.

    Raises:
        StoreError: another run is at it.
    """
    if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
        raise StoreError("another run of the retention is at work: wait until it is done")
    began, run = await connection.fetchval("SELECT clock_timestamp()"), Run(limits(rules, now))
    steps: dict[str, Step] = {
        "recordings": partial(_recordings, places),
        "numbers": _numbers,
        "journal": _journal,
        "records": _records,
        "agents": partial(_expire, ("agents",)),
        "access": partial(_expire, ("access", "holds", "runs")),
    }
    for what, step in steps.items():
        if what in run.before:
            try:
                await step(connection, run)
            except (asyncpg.LockNotAvailableError, asyncpg.InsufficientPrivilegeError) as error:
                run.trouble.append(f"{what}: {told(error)}")
    held = await privacy.held_calls(connection)
    await asyncio.to_thread(_elsewhere, places, run, centre, held)
    run.unfinished = await _unfinished(connection, run)
    await _write_down(connection, rules, run, began)
    await connection.fetchval("SELECT pg_advisory_unlock($1)", LOCK)
    return run


async def _recordings(places: Places, connection: Connection, run: Run) -> None:
    if places.recordings.trouble is not None:
        run.trouble.append(places.recordings.trouble)
        return
    before = run.before["recordings"]
    async for found in privacy.old(connection, "recordings", before):
        stuck = await asyncio.to_thread(_remove, places.recordings, found.names, run)
        gone = [call for call, name in zip(found.calls, found.names, strict=True) if name not in stuck]
        await privacy.forget(connection, gone, "recording")
    # Files of which no record knows: calls that only the fallback saw while nobody read its journal.
    keep = await privacy.recordings_to_keep(connection)
    orphans = await asyncio.to_thread(lambda: list(places.recordings.older(before.timestamp(), keep)))
    await asyncio.to_thread(_remove, places.recordings, orphans, run)


def _remove(recordings: Recordings, names: Iterable[str], run: Run) -> set[str]:
    """Remove files; give those that could not be."""
    stuck: dict[str, OSError] = {}
    for name in names:
        try:
            run.count("recordings", recordings.remove(name))
        except OSError as error:
            stuck[name] = error
    if stuck:
        why = next(iter(stuck.values())).strerror
        run.trouble.append(f"{len(stuck)} recordings cannot be removed ({why}): see the README, Privacy")
    return set(stuck)


async def _numbers(connection: Connection, run: Run) -> None:
    async for found in privacy.old(connection, "numbers", run.before["numbers"]):
        run.count("numbers", await privacy.forget(connection, found.calls, "number"))


async def _journal(connection: Connection, run: Run) -> None:
    await _months(connection, run, "journal", "call_event")
    async for found in privacy.old(connection, "journal", run.before["journal"]):
        run.count("journal", await privacy.drop_calls(connection, found.calls, whole=False))


async def _records(connection: Connection, run: Run) -> None:
    await _months(connection, run, "records", "call_record")
    async for found in privacy.old(connection, "records", run.before["records"]):
        run.count("records", await privacy.drop_calls(connection, found.calls, whole=True))


async def _months(connection: Connection, run: Run, what: str, parent: str) -> None:
    rows, names = await privacy.drop_months(connection, parent, run.before[what])
    run.count(what, rows)
    run.months += names


async def _expire(tables: Sequence[str], connection: Connection, run: Run) -> None:
    what = tables[0]
    for table in tables:
        run.count(what, await privacy.expire(connection, table, run.before[what]))


def _elsewhere(places: Places, run: Run, centre: str, held: set[str]) -> None:
    """Do the same in the files beside PostgreSQL."""
    before = {
        part: run.before[what].timestamp()
        for part, what in (("number", "numbers"), ("recording", "recordings"))
        if what in run.before
    }

    def of_line(fields: Mapping[str, str]) -> frozenset[str]:
        at = float(fields.get("at") or "inf")
        if not before or call_id(centre, fields.get("channel_id", "")) in held:
            return frozenset()
        return frozenset(part for part, limit in before.items() if at < limit)

    def of_row(body: Body) -> frozenset[str]:
        at = body.get("started_at") or body.get("at")
        if body.get("call_id") in held or not isinstance(at, int | float):
            return frozenset()
        return frozenset(part for part, limit in before.items() if at < limit)

    for what, work in (
        ("fallback_lines", lambda: blank(places.fallback, of_line)),
        ("refused_rows", lambda: scrub(places.spool, of_row, ("rejected",))),
    ):
        _try(work, what, run)


def _try(work: Callable[[], int], what: str, run: Run) -> None:
    try:
        run.count(what, work())
    except (OSError, StoreError) as error:
        why = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)
        run.trouble.append(f"{what}: {why}")


async def _unfinished(connection: Connection, run: Run) -> int:
    return await privacy.unfinished(connection, max(run.before.values())) if run.before else 0


async def _write_down(connection: Connection, rules: RetentionFile, run: Run, began: datetime) -> None:
    removed = {**run.removed, "months": run.months, "unfinished": run.unfinished}
    await connection.execute(
        "INSERT INTO siaga112.retention_run (began_at, days, removed, trouble) VALUES ($1, $2, $3, $4)",
        began,
        json.dumps(rules.model_dump()),
        json.dumps(removed),
        "; ".join(run.trouble) or None,
    )


class Daily:
    """The daemon's daily run."""

    def __init__(self, dsn: str, places: Places, plan: Callable[[], PlanFile]) -> None:
        self._dsn = dsn
        self._places = places
        self._plan = plan
        self._trouble: Sequence[str] = ()

    async def run(self, first_look: float = _FIRST_LOOK) -> None:
        """Work for ever; only being cancelled ends it."""
        await asyncio.sleep(first_look)  # a start has more urgent things to do
        while True:
            wait = await self.turn()
            await asyncio.sleep(wait)

    async def turn(self) -> float:
        """Do a run if it is due; say in how many seconds to look again."""
        try:
            async with connected(self._dsn) as connection:
                now, plan = await connection.fetchval("SELECT now()"), self._plan()
                last = await connection.fetchval("SELECT max(began_at) FROM siaga112.retention_run")
                due = next_run(last, now, ZoneInfo(plan.centre.time_zone))
                if due > now:
                    return min(
                        float((due - now).total_seconds()), 3600.0
                    )  # the plan may have changed by then
                run = await enforce(connection, plan.retention, self._places, plan.centre.code, now)
        except StoreError as error:
            self._tell([str(error)])
            return _AGAIN
        _log.info("retention", removed={what: count for what, count in run.removed.items() if count})
        self._tell(run.trouble)
        return _AGAIN

    def _tell(self, trouble: Sequence[str]) -> None:
        """Log what is wrong, once."""
        if trouble and trouble != self._trouble:
            _log.warning("retention_trouble", trouble=trouble)
        self._trouble = trouble
