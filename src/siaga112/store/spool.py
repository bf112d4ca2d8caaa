"""The spool: what is appended here is on the local disk within milliseconds and stays until it was shipped.

Knows one thread and the order of what it is asked. Does not know PostgreSQL, nor the file (`backlog`).
Callers never wait for the disk: `append` puts rows into a queue; the thread takes all that has come meanwhile
and writes it in one transaction (group commit): the slower the disk, the larger the groups.

A disk that refuses (full, read-only, gone) stops nothing: rows stay in memory, can be taken and shipped from
there, and are written as soon as the disk takes them again.
"""

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

from siaga112.store.backlog import Backlog
from siaga112.store.bounds import Bounds
from siaga112.store.errors import StoreError
from siaga112.store.observer import Observer
from siaga112.store.reading import Reading
from siaga112.store.rows import Row
from siaga112.store.unsaved import Rejected, Spooled

_T = TypeVar("_T")
_RETRY_FIRST, _RETRY_LAST = 0.05, 2.0
_EVERY = 1.0  # seconds between two looks at the bounds
_GROUP = 500  # requests in one transaction; more would make the first of them wait, and who ships as well
_QUIET = 0.05


class Spool:
    """Rows on their way to PostgreSQL, the journals of open calls, and the latest state of every agent."""

    def __init__(
        self,
        path: Path | str,
        observer: Observer | None = None,
        clock: Callable[[], float] = time.time,
        bounds: Bounds | None = None,
        quiet: float = _QUIET,
    ) -> None:
        """Append to a spool that may be there already.

        Args:
            path: The file.
            observer: Is told what goes wrong.
            clock: Unix seconds.
            bounds: How much may wait, and for how long.
            quiet: Seconds without new rows after which the disk is told what was shipped. Until then that
                goes along with the next rows: by itself it would hold up who appends during it.
        """
        self._observer = observer or Observer()
        self._bounds = bounds or Bounds()
        self._was_over = False
        self._bytes = 0
        self._looked = 0.0
        # Ids go on from those of an earlier process, even while its file cannot be read.
        self._backlog = Backlog(Path(path), observer, first_id=int(clock() * 1_000_000))
        self._clock = clock
        self._requests: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._readings: list[Reading[Any]] = []
        self._hasty: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._flushes: list[Future[None]] = []
        self._listeners: list[Callable[[], None]] = []
        self._appended = 0
        self._noted = 0
        self._received = 0
        self._stored = 0
        self._fresh = False
        self._oldest: float | None = None
        self._retry_in = _RETRY_FIRST
        self._retry_at = 0.0
        self._quiet, self._quiet_at = quiet, 0.0
        self._stop_at: float | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)

    def start(self) -> None:
        """Begin to write; what was appended before is written now.

        Raises:
            SpoolInUseError: Another process has this spool.
        """
        self._backlog.lock()
        self._requests.put(_nothing)  # opens the file now: whether that works is known from the start
        self._thread.start()

    async def close(self, patience: float = 5.0) -> int:
        """Write what is left and stop.

        Args:
            patience: Seconds to go on trying if the disk refuses.

        Returns:
            The rows that could not be written and are lost: 0 unless the disk refused to the end.
        """
        if self._thread.is_alive():
            self._requests.put(partial(self._note_stop, patience))
            await asyncio.to_thread(self._thread.join)
        return self._backlog.unsaved

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # Writing -----------------------------------------------------------------------------------------------

    def append(self, rows: Sequence[Row]) -> None:
        """Take rows over; returns at once. Versions of one row replace each other, the last one wins.

        The rows of one `append` are saved together or not at all: a transition's event and the record that
        follows from it are never separated. To be called from one thread.
        """
        if rows:
            self._appended += len(rows)
            self._requests.put(partial(self._note_rows, rows, self._clock()))

    async def flush(self) -> None:
        """Wait until everything that was appended before is on the disk, however long that takes."""
        done: Future[None] = Future()
        self._request(partial(self._flushes.append, done))
        await asyncio.wrap_future(done)

    def done(self, ids: Iterable[int]) -> None:
        """Take out rows that are in PostgreSQL; what replaced one meanwhile has another id and stays."""
        self._hasty.put(partial(self._backlog.remove, list(ids)))
        self._requests.put(_nothing)

    def reject(self, entry: Spooled, error: str) -> None:
        """Put a row aside that PostgreSQL will never take, with the reason."""
        self._requests.put(partial(self._backlog.reject, entry, error))

    # Reading -----------------------------------------------------------------------------------------------

    async def take(self, limit: int) -> list[Spooled]:
        """Read the rows that have waited longest; they stay until they are `done`."""
        return await self._ask(partial(self._backlog.take, limit))

    def batch(self, limit: int, after: int = 0) -> "asyncio.Future[list[Spooled]]":
        """Do as `take`, without waiting for what was appended before; only rows with an id above `after`.

        Whoever ships must not wait behind those who append, or there would be ever more to ship.
        """
        answer: Future[list[Spooled]] = Future()
        reading = Reading(partial(self._backlog.take, limit, after), answer)
        self._hasty.put(partial(self._readings.append, reading))
        self._request(_nothing)
        return asyncio.wrap_future(answer)

    async def open_calls(self) -> list[list[Row]]:
        """Read the events of each call whose end was not recorded, in order, shipped or not.

        A call ends with a `call_record` that has `ended_at`. An event that comes later still must bring its
        record along in the same `append`, or the call is open again.
        """
        return await self._ask(self._backlog.open_calls)

    async def agent_states(self) -> list[Row]:
        """Read the latest state of every agent."""
        return await self._ask(self._backlog.agent_states)

    async def memory(self) -> list[Row]:
        """Read what a restarted daemon must know again."""
        return await self._ask(self._backlog.memory)

    async def rejected(self, limit: int = 100) -> list[Rejected]:
        """Read the rows that cannot be stored, the latest first."""
        return await self._ask(partial(self._backlog.rejected, limit))

    def listen(self, listener: Callable[[], None]) -> None:
        """Have `listener` called, in the spool's thread, whenever there are new rows to ship."""
        self._listeners.append(listener)

    def depth(self) -> int:
        """Count the rows that wait to be shipped, on disk or not."""
        return self._stored + self._appended - self._received

    @property
    def oldest_age(self) -> float:
        """Seconds that the oldest waiting row has waited; 0 if there is none."""
        oldest = self._oldest
        return 0.0 if oldest is None else max(0.0, self._clock() - oldest)

    @property
    def bytes(self) -> int:
        """The size of the file and of its write-ahead log; while rows come, of a second ago at most."""
        return self._bytes

    @property
    def over(self) -> str | None:
        """That there is more, or older, than the bounds allow, in words; None while there is not."""
        return self._bounds.over(self._bytes, self.oldest_age)

    @property
    def error(self) -> str | None:
        """Why rows cannot be written to the disk now; None if they can."""
        return self._backlog.error

    async def _ask(self, reader: Callable[[], _T]) -> _T:
        answer: Future[_T] = Future()
        self._request(partial(self._readings.append, Reading(reader, answer)))
        return await asyncio.wrap_future(answer)

    def _request(self, request: Callable[[], None]) -> None:
        if self._closed:
            raise StoreError("the spool is closed")
        self._requests.put(request)

    # The thread --------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._finished():
            self._collect()
            self._save()
            self._count()
            self._answer()  # comes after: who was answered may ask for the depth at once
            self._wake()
        self._closed = True
        self._backlog.close()
        self._abandon()

    def _finished(self) -> bool:
        if self._stop_at is None:
            return False
        return self._backlog.saved or time.monotonic() >= self._stop_at

    def _collect(self) -> None:
        with contextlib.suppress(queue.Empty):
            self._requests.get(timeout=self._patience())()
            for _ in range(_GROUP):
                self._requests.get_nowait()()
        with contextlib.suppress(queue.Empty):
            while True:
                self._hasty.get_nowait()()

    def _patience(self) -> float | None:
        """How long to wait for a request: for ever, if there is nothing else to do later."""
        if self._backlog.error is not None:
            return max(0.0, self._retry_at - time.monotonic())
        return None if self._backlog.saved else self._until_quiet()

    def _until_quiet(self) -> float:
        """Seconds until the disk is told what was shipped although nothing else is new."""
        return max(0.0, self._quiet_at - time.monotonic()) if self._stop_at is None else 0.0

    def _save(self) -> None:
        if time.monotonic() < self._retry_at:
            return
        if not self._backlog.only_shipped:
            self._quiet_at = time.monotonic() + self._quiet
        elif self._until_quiet():
            return
        if self._backlog.save():
            self._retry_in, self._retry_at = _RETRY_FIRST, 0.0
        else:
            self._retry_at = time.monotonic() + self._retry_in
            self._retry_in = min(self._retry_in * 2, _RETRY_LAST)

    def _answer(self) -> None:
        if self._backlog.error is None:
            for flush in _drained(self._flushes):
                if flush.set_running_or_notify_cancel():
                    flush.set_result(None)
        for reading in _drained(self._readings):
            reading.do()

    def _count(self) -> None:
        self._oldest = self._backlog.oldest
        self._stored = self._backlog.depth
        if abs(self._clock() - self._looked) >= _EVERY:  # somebody waits for each write
            self._look_at_bounds()
        self._received = self._noted  # comes last, or rows that were just saved would not count for a moment

    def _wake(self) -> None:
        if self._fresh:
            self._fresh = False
            for listener in self._listeners:
                listener()

    def _look_at_bounds(self) -> None:
        self._looked, self._bytes = self._clock(), self._backlog.bytes
        if (over := self.over) is not None and not self._was_over:
            self._observer.spool_over(over)
        self._was_over = over is not None

    def _note_rows(self, rows: Sequence[Row], at: float) -> None:
        self._backlog.append(rows, at)
        self._noted += len(rows)
        self._fresh = True

    def _note_stop(self, patience: float) -> None:
        self._stop_at = time.monotonic() + patience

    def _abandon(self) -> None:
        for requests in (self._requests, self._hasty):
            with contextlib.suppress(queue.Empty):
                while True:
                    requests.get_nowait()()
        for answer in (*_drained(self._flushes), *(reading.answer for reading in self._readings)):
            if answer.set_running_or_notify_cancel():
                answer.set_exception(StoreError("the spool was closed before that was done"))


def _drained(waiting: list[_T]) -> list[_T]:
    taken = waiting.copy()
    waiting.clear()
    return taken


def _nothing() -> None:
    pass
