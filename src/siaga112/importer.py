"""Brings the fallback's calls into the records, for as long as the daemon lives.

Knows when to read, when to fold, and that either may fail and is tried again. Lines go into the spool as
events; when they are in PostgreSQL, the records of their calls are folded again from both sides' events.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from datetime import timedelta

import structlog

from siaga112.fallback import Tail, read_line
from siaga112.metrics import Metrics
from siaga112.planfile import PlanFile
from siaga112.refold import Remade, calls_behind, refold
from siaga112.routing.entries import FALLBACK, FallbackEntered, Journaled
from siaga112.routing.words import CallId
from siaga112.scribe import event_row
from siaga112.store.archive import connected
from siaga112.store.errors import StoreError
from siaga112.store.spool import Spool

_log = structlog.get_logger("siaga112")
_LOOK, _SWEEP, _AGE = 1.0, 60.0, timedelta(days=7)
_REMEMBERED = 1000
"""Calls that were counted; one may be folded again when the daemon's own last word on it comes later."""


class Importer:
    """Reads the fallback's journal and sees to it that its calls have their one record."""

    def __init__(
        self, tail: Tail, spool: Spool, dsn: str, plan: Callable[[], PlanFile], metrics: Metrics
    ) -> None:
        self._tail = tail
        self._spool = spool
        self._dsn = dsn
        self._plan = plan
        self._metrics = metrics
        self._trouble: str | None = None
        self.hears: Callable[[CallId], None] = lambda _: None
        """Is told of each call that the fallback has."""
        self._counted: deque[CallId] = deque(maxlen=_REMEMBERED)

    @property
    def counts(self) -> bool:
        """Whether the calls of the fallback are counted here."""
        return self._tail.there

    def change_dsn(self, dsn: str) -> None:
        """Fold with another address or password from now on."""
        self._dsn = dsn

    async def run(self) -> None:
        """Work for ever; only being cancelled ends it."""
        loop = asyncio.get_running_loop()
        # What an earlier daemon has imported may not be folded yet; without a journal there is nothing to do.
        imported = loop.time()
        due = imported if self._tail.there else math.inf
        while True:
            if await self._import():
                due = imported = loop.time()
            # In a centre that works the spool is never empty: it is enough that what came before is shipped.
            if loop.time() >= due and self._spool.oldest_age < loop.time() - imported:
                due = loop.time() + (_LOOK if await self._sweep() else _SWEEP)
            await asyncio.sleep(_LOOK)

    async def _import(self) -> bool:
        """Take over what is new.

        Returns:
            Whether there was anything.
        """
        try:
            lines = await asyncio.to_thread(self._tail.take)
            if not lines:
                return False
            self._spool.append([event_row(one) for one in self._read(lines)])
            await self._spool.flush()
            await asyncio.to_thread(self._tail.keep)
        except OSError as error:
            self._tell(f"the fallback's journal cannot be read: {error.strerror or error}")
            return False
        return True

    def _read(self, lines: list[str]) -> list[Journaled]:
        found, plan = [], self._plan()
        for text in lines:
            try:
                line = read_line(text, plan)
            except ValueError as error:
                self._metrics.oddities.labels("fallback_line").inc()
                self._tell(f"a line of the fallback's journal means nothing: {error}")
                continue
            self._told_of(line)
            found.append(line)
        return found

    def _told_of(self, line: Journaled) -> None:
        if isinstance(line.entry, FallbackEntered):
            self.hears(line.call_id)
            self._metrics.fallback.inc()
            _log.warning("fallback_call", call_id=line.call_id, reason=line.entry.reason)

    async def _sweep(self) -> bool:
        """Fold the records of calls of which the fallback has told since.

        Returns:
            Whether there may be more soon: it could not be done, or a record was written, and the
            daemon's own last version of it may be on its way.
        """
        try:
            async with connected(self._dsn) as connection:
                behind = await calls_behind(connection, _AGE)
                done = await refold(connection, self._plan().centre.code, behind)
        except StoreError as error:
            self._tell(str(error))
            return True
        self._trouble = None
        for one in done.written:
            self._count_ended(one)
        if done.calls:
            _log.info("fallback_calls_recorded", calls=done.calls, made=done.made, mended=done.changed)
        return bool(done.written)

    def _count_ended(self, one: Remade) -> None:
        record = one.record
        if record.journal_seq <= FALLBACK or record.call_id in self._counted:
            return  # it is there still, or was counted
        self._counted.append(record.call_id)
        if not one.was_answered:
            self._metrics.answered(record)
        if not one.was_ours:
            self._metrics.ended(record)

    def _tell(self, trouble: str) -> None:
        """Log what is wrong, once."""
        if trouble != self._trouble:
            _log.warning("fallback_import", trouble=trouble)
        self._trouble = trouble
