"""What waits to be shipped: the file and, in front of it, what is not in the file yet.

Knows that a disk can refuse. Does not know threads, nor when to try again: each call does one thing and
returns. Whatever is read is the file corrected by memory, so that it makes no difference to a reader whether
the disk takes rows now.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from siaga112.store.disk import Lock, SpoolFile, bytes_of, is_damage, set_aside
from siaga112.store.observer import Observer
from siaga112.store.rows import Row
from siaga112.store.unsaved import Rejected, Spooled, Unsaved, restored


class Backlog:
    """Rows on their way to PostgreSQL, the journals of open calls, and the latest state of every agent.

    Attributes:
        error: Why the disk refused the last time; None if it did not.
    """

    def __init__(
        self, path: Path, observer: Observer | None = None, *, first_id: int = 1, patience: float = 1.0
    ) -> None:
        self.error: str | None = None
        self._path = path
        self._patience = patience
        self._observer = observer or Observer()
        self._lock = Lock(path)
        self._file: SpoolFile | None = None
        self._unsaved = Unsaved(first_id, self._observer.spool_conflict)

    def lock(self) -> None:
        """Keep other processes away.

        Raises:
            SpoolInUseError: Another process has this spool.
        """
        with contextlib.suppress(OSError):  # a disk that refuses this refuses `save` too, which tells
            self._lock.acquire()

    def append(self, rows: Sequence[Row], at: float) -> None:
        """Take new rows, or newer versions of rows."""
        for rejected in self._unsaved.append(rows, at):
            self._observer.spool_refused(rejected.table, rejected.error)

    def remove(self, ids: Iterable[int]) -> None:
        """Take out rows that PostgreSQL has; ids of versions that were replaced meanwhile do nothing."""
        self._unsaved.remove(ids)

    def reject(self, entry: Spooled, error: str) -> None:
        """Put a row aside that PostgreSQL will never take."""
        self._unsaved.reject(entry, error)

    def save(self) -> bool:
        """Write everything to the disk, fsync'd.

        Returns:
            Whether it is there now. If not, `error` says why, and everything is still in memory.
        """
        try:
            self._write()
        except Exception as error:  # noqa: BLE001 - whatever it is, the rows stay and it is told
            self._fail(error)
            return False
        return True

    def close(self) -> None:
        """Let go of the file, without saving."""
        self._shut()
        self._lock.release()

    # What is read ------------------------------------------------------------------------------------------

    @property
    def unsaved(self) -> int:
        """Count the rows that are in memory only."""
        return len(self._unsaved.rows)

    @property
    def saved(self) -> bool:
        """Whether there is nothing that a crash would lose."""
        return not self._unsaved

    @property
    def bytes(self) -> int:
        """The size of the file and of its write-ahead log; 0 if they cannot be looked at."""
        with contextlib.suppress(OSError):
            return bytes_of(self._path)
        return 0

    @property
    def depth(self) -> int:
        """Count the rows that wait to be shipped (a little too many while the disk refuses)."""
        on_disk = self._file.depth - len(self._unsaved.gone) if self._file is not None else 0
        return max(0, on_disk) + len(self._unsaved.rows)

    def take(self, limit: int, after: int = 0) -> list[Spooled]:
        """Read the rows that have waited longest, of those with an id above `after`."""
        unsaved, rows = self._unsaved, list[Spooled]()
        if self._file is not None:
            slack = len(unsaved.gone) + len(unsaved.replaced)
            try:
                rows = [row for row in self._file.oldest(limit + slack, after) if not unsaved.covers(row)]
            except sqlite3.Error as error:
                self._fail(error)
        for row in unsaved.waiting():
            if len(rows) >= limit:
                break
            if row.id > after and not self._may_come_again(row):
                rows.append(row)
        return rows[:limit]

    def _may_come_again(self, row: Spooled) -> bool:
        """Say whether an older version is still on a disk that refuses.

        If the newer one was shipped from memory and we died then, the older one would be shipped after it.
        """
        try:
            return self._file is not None and self._file.has(row.table, row.key)
        except sqlite3.Error as error:
            self._fail(error)
            return False

    def open_calls(self) -> list[list[Row]]:
        """Read the events of each call whose end was not recorded, in order."""
        on_disk = self._file.journal() if self._file is not None else []
        return [
            [restored("call_event", entry.body) for entry in call] for call in self._unsaved.journals(on_disk)
        ]

    def agent_states(self) -> list[Row]:
        """Read the latest state of every agent."""
        on_disk = self._file.agents() if self._file is not None else []
        return [restored("agent_state", entry.body) for entry in self._unsaved.latest(on_disk)]

    def memory(self) -> list[Row]:
        """Read what a restarted daemon must know again."""
        on_disk = self._file.memory() if self._file is not None else []
        return [restored("memory", entry.body) for entry in self._unsaved.remembered(on_disk)]

    def rejected(self, limit: int) -> list[Rejected]:
        """Read the rows that cannot be stored, the latest first."""
        on_disk = self._file.rejected(limit) if self._file is not None else []
        return [*reversed(self._unsaved.rejected), *on_disk][:limit]

    # The file ----------------------------------------------------------------------------------------------

    def _write(self) -> None:
        if self.error is not None:
            self._shut()  # only a new connection sees that a disk was mended
        if self._file is None:
            self._lock.acquire()
            self._file = SpoolFile(self._path, self._observer.spool_conflict, self._patience)
            self._unsaved.begin_after(self._file.last_id)
        late = len(self._unsaved.rows)
        if self._unsaved:
            self._file.save(self._unsaved)
            self._unsaved.saved()
        if self.error is not None:
            self.error = None
            self._observer.spool_recovered(late)

    def _fail(self, error: Exception) -> None:
        if is_damage(error):
            self._shut()
            with contextlib.suppress(OSError):
                self._observer.spool_set_aside(str(set_aside(self._path)), str(error))
        self.error = f"{type(error).__name__}: {error}"
        self._observer.spool_failed(self.error, len(self._unsaved.rows))

    def _shut(self) -> None:
        if self._file is not None:
            with contextlib.suppress(sqlite3.Error):
                self._file.close()
            self._file = None
