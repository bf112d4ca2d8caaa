"""Sends what is in the spool to PostgreSQL, for as long as the daemon lives.

Knows asyncpg, one connection, and when to try again. Does not know what the rows mean, nor who waits for
them: nobody does. A row leaves the spool only after its transaction was committed; whatever happens before
that, it is sent again, and every statement bears that.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import asyncpg
from asyncpg.connect_utils import SessionAttribute

from siaga112.store.batch import Connection, Refused, Written, write
from siaga112.store.errors import NewerDatabaseError, StoreError
from siaga112.store.migrate import migrate_over
from siaga112.store.observer import Observer
from siaga112.store.spool import Spool
from siaga112.store.unsaved import Spooled

_OUTAGE = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    StoreError,
    OSError,
    EOFError,
)
_DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much; seconds and rows."""

    connect: float = 5.0
    """To wait for a connection."""
    command: float = 10.0
    """To wait for a batch; a server that takes longer is taken for frozen."""
    migrate: float = 300.0
    """To wait for the migrations, another daemon's included."""
    idle: float = 5.0
    """Between two looks at a connection that nothing is sent over."""
    retry_first: float = 0.2
    """Before the first new attempt; each is about twice as long as the one before."""
    retry_last: float = 5.0
    """Before any new attempt at most."""
    retry_password: float = 30.0
    """Before an attempt after the password was refused: servers lock out who hammers."""
    months: float = 6 * 3600.0
    """Between two looks whether the partitions of the next months are there."""
    figures: float = 60.0
    """Between two looks whether there are days whose figures can be kept."""
    batch: int = 8_000
    """In one transaction at most."""
    gather: float = 1.0
    """Before a batch that is not full, for more rows to come: a call's record has a dozen versions, and only
    the last of those that are in the spool is sent. And each commit of PostgreSQL's on the same disk holds up
    the spool's."""


class Shipper:
    """The way from the spool to PostgreSQL.

    Attributes:
        connected: Rows that are appended now will be in PostgreSQL in a moment.
        last_error: Why they will not, in words without secrets; None while all is well.
    """

    def __init__(
        self,
        spool: Spool,
        dsn: str,
        observer: Observer | None = None,
        *,
        migrate: bool = True,
        limits: Limits | None = None,
    ) -> None:
        self.connected = False
        self.last_error: str | None = None
        self._spool = spool
        self._dsn = dsn
        self._observer = observer or Observer()
        self._migrate = migrate
        self._limits = limits or Limits()
        self._batch = self._limits.batch
        self._failures = 0
        self._next: asyncio.Future[list[Spooled]] | None = None
        self._months_due = 0.0
        self._figures_due = 0.0
        self._wake = asyncio.Event()
        self._try_now = asyncio.Event()
        self._enough = asyncio.Event()
        self._draining = False
        self._moved = asyncio.Event()

    def change_dsn(self, dsn: str) -> None:
        """Use another address or password from the next connection on, and connect now if there is none."""
        self._dsn = dsn
        self._try_now.set()

    async def run(self) -> None:
        """Ship for ever. Only being cancelled ends it; the rows that were not committed stay in the spool."""
        loop = asyncio.get_running_loop()
        self._spool.listen(partial(_tell, loop, self._hear))
        while True:
            try:
                await self._serve()
            except _OUTAGE as error:
                if isinstance(error, TimeoutError):
                    self._batch = max(1, self._batch // 2)  # it may be the batch that is too much
                await self._back_off(error)

    async def drain(self, patience: float) -> int:
        """Wait until the spool is empty, at most `patience` seconds; `run` must be running beside it.

        Returns:
            The rows that are left in the spool, for the next start.
        """
        try:
            async with asyncio.timeout(patience):
                await self._spool.flush()
                self._draining = True
                self._enough.set()
                self._wake.set()
                while self._spool.depth():
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            pass
        finally:
            self._draining = False
        return self._spool.depth()

    async def _serve(self) -> None:
        connection = await self._connect()
        try:
            await self._prepare(connection)
            self.connected, self.last_error, self._failures = True, None, 0
            self._observer.connected()
            while True:
                await self._step(connection)
        finally:
            self.connected = False
            self._forget_next()
            connection.terminate()

    async def _connect(self) -> Connection:
        try:
            return await asyncpg.connect(
                self._dsn,
                timeout=self._limits.connect,
                server_settings={"application_name": "siaga112", "jit": "off"},
                target_session_attrs=SessionAttribute.read_write,
            )
        except (ValueError, asyncpg.ClientConfigurationError):
            # not its own words: they quote the part that cannot be read, which may be the password
            raise StoreError("the address of PostgreSQL cannot be read: see [postgres] dsn") from None

    async def _prepare(self, connection: Connection) -> None:
        async with asyncio.timeout(self._limits.migrate):
            await connection.execute(_DURABLE)
            if self._migrate:
                try:
                    await migrate_over(connection)
                except NewerDatabaseError as error:  # migrations let the version before write on
                    self._observer.newer_database(str(error))

    async def _make_months(self, connection: Connection) -> None:
        """Have the partitions of the next months made; without them rows go where those of no month are."""
        if time.monotonic() < self._months_due:
            return
        self._months_due = time.monotonic() + self._limits.months
        try:
            async with asyncio.timeout(self._limits.command):
                await connection.execute("SELECT siaga112.make_partitions()")
        except asyncpg.PostgresError as error:
            self._observer.no_months(_explain(error))

    async def _keep_figures(self, connection: Connection) -> None:
        """Have the figures of days that are over kept; until then they are worked out for each who looks."""
        if time.monotonic() < self._figures_due:
            return
        self._figures_due = time.monotonic() + self._limits.figures
        try:
            async with asyncio.timeout(self._limits.command):
                if await connection.fetchval("SELECT siaga112.keep_figures(1)"):
                    self._figures_due = 0.0  # there may be more
        except asyncpg.PostgresError as error:
            self._observer.no_figures(_explain(error))

    async def _step(self, connection: Connection) -> None:
        await self._make_months(connection)
        await self._keep_figures(connection)
        self._wake.clear()
        rows = await self._next if self._next is not None else []
        self._next = None
        rows = rows or await self._spool.batch(self._batch)
        self._moved.set()
        if rows:
            if len(rows) >= self._batch:  # the next batch is read while PostgreSQL writes this one
                self._next = self._spool.batch(self._batch, rows[-1].id)
            await self._ship(connection, rows)
            all_taken = len(rows) < self._batch
            self._batch = min(self._limits.batch, self._batch * 2)
            if all_taken:
                await self._gather()
        else:
            await self._rest(connection)

    def _forget_next(self) -> None:
        if self._next is not None:
            self._next.cancel()
            self._next = None

    async def _ship(self, connection: Connection, rows: Sequence[Spooled]) -> None:
        begun = time.monotonic()
        async for result in write(connection, rows, self._limits.command):
            match result:
                case Written():
                    self._spool.done(row.id for row in result.rows)
                    self._observer.shipped(len(result.rows), time.monotonic() - begun)
                    for table, count in result.conflicts.items():
                        self._observer.conflicts(table, count)
                case Refused():
                    self._spool.reject(result.row, result.detail)
                    self._observer.rejected(result.row.table, result.row.key, result.reason)

    async def _rest(self, connection: Connection) -> None:
        try:
            async with asyncio.timeout(self._limits.idle):
                await self._wake.wait()
        except TimeoutError:
            async with asyncio.timeout(self._limits.command):
                await connection.execute("SELECT 1")
        else:
            await self._gather()

    def _hear(self) -> None:
        """There are new rows in the spool."""
        self._wake.set()
        if self._spool.depth() >= self._batch:
            self._enough.set()

    async def _gather(self) -> None:
        """Wait for more rows, unless there are enough for a batch, or somebody waits for the last of them."""
        if not self._draining and self._spool.depth() < self._batch:
            self._enough.clear()
            await _within(self._limits.gather, self._enough)

    async def _back_off(self, error: Exception) -> None:
        limits = self._limits
        longest = min(limits.retry_last, limits.retry_first * 2 ** min(self._failures, 16))
        if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
            longest = limits.retry_password
        delay = longest * random.uniform(0.5, 1.0)  # noqa: S311 - so that many daemons do not come at once
        self._failures += 1
        self.last_error = _explain(error)
        self._observer.disconnected(self.last_error, delay)
        await _within(delay, self._try_now)
        self._try_now.clear()


async def _within(seconds: float, event: asyncio.Event) -> None:
    """Wait, but no longer than until an event."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def _tell(loop: asyncio.AbstractEventLoop, told: Callable[[], None]) -> None:
    """Call something in the loop, from another thread; a loop that is closed has nobody left to tell."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(told)


def _explain(error: Exception) -> str:
    if isinstance(error, asyncpg.PostgresError):
        return (
            f"{type(error).__name__} ({error.sqlstate}): {error.message}"  # not its detail, which quotes rows
        )
    if isinstance(error, TimeoutError):
        return "PostgreSQL does not answer in time"
    return f"{type(error).__name__}: {error}"
