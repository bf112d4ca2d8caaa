"""What waits to be shipped: the file, what is in memory of it, and what is not in the file yet.

Knows that a disk can refuse. Does not know threads, nor when to try again: each call does one thing and
returns. Whatever is read is the file corrected by memory, so that it makes no difference to a reader whether
the disk takes rows now. The file is read when it is opened, and when more waits than memory may hold.
"""

import contextlib
import sqlite3
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from siaga112.store.disk import ROOM, Change, Lock, SpoolFile, bytes_of, is_damage, set_aside
from siaga112.store.encoding import restored
from siaga112.store.held import Held
from siaga112.store.observer import Observer
from siaga112.store.pages import Page, Unended, parts
from siaga112.store.rows import Row
from siaga112.store.unsaved import Rejected, Spooled, Unsaved


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much memory and disk are used before they are needed.

    Attributes:
        held: Rows in memory beside the disk, some 60 MB; what comes on top is read when its turn comes.
        room: Bytes that the write-ahead log has from the start.
        leaving: Shipped rows that are taken note of in a transaction at least. A whole batch of them would
            hold up whoever appends then; fewer than are appended would never come to an end.
    """

    held: int = 80_000
    room: int = ROOM
    leaving: int = 16


_USUAL = Sizes()


class Backlog:
    """Rows on their way to PostgreSQL, the journals of open calls, and the latest state of every agent.

    Attributes:
        error: Why the disk refused the last time; None if it did not.
    """

    def __init__(
        self,
        path: Path,
        observer: Observer | None = None,
        *,
        first_id: int = 1,
        patience: float = 1.0,
        sizes: Sizes = _USUAL,
    ) -> None:
        self.error: str | None = None
        self._path = path
        self._patience = patience
        self._sizes = sizes
        self._observer = observer or Observer()
        self._lock = Lock(path)
        self._file: SpoolFile | None = None
        self._unsaved = Unsaved(first_id, self._observer.spool_conflict)
        self._held = Held()
        self._pages: deque[Page] = deque()  # whose rows were held, until all of them were shipped
        self._ahead: deque[tuple[Page, int, float]] = (
            deque()
        )  # those after them: how many rows, and since when
        self._gone: set[int] = set()
        self._saved = (0, 0)  # the greatest id on the disk, and up to which it knows that all were shipped

    def lock(self) -> None:
        """Keep other processes away.

        Raises:
            SpoolInUseError: Another process has this spool.
        """
        with contextlib.suppress(OSError):  # a disk that refuses this refuses `save` too, which tells
            self._lock.acquire()

    def append(self, rows: Sequence[Row], at: float) -> None:
        """Take new rows, or newer versions of rows."""
        self._unsaved.append(rows, at)

    def remove(self, ids: Iterable[int]) -> None:
        """Take out rows that PostgreSQL has; ids of versions that were replaced meanwhile do nothing."""
        others = self._held.remove(ids)
        if others and self._unsaved.rows:
            self._unsaved.shipped(self._unsaved.remove(others))

    def reject(self, entry: Spooled, error: str) -> None:
        """Put a row aside that PostgreSQL will never take."""
        self.remove([entry.id])
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
        return len(self._unsaved)

    @property
    def saved(self) -> bool:
        """Whether there is nothing that a crash would lose."""
        return not self._unsaved and self._held.leaving is None and self._upto() == self._saved[1]

    @property
    def only_shipped(self) -> bool:
        """Whether all that is new for the disk is which rows were shipped: they may go twice."""
        return self.error is None and self._file is not None and not self._unsaved

    @property
    def bytes(self) -> int:
        """The size of the file and of its write-ahead log; 0 if they cannot be looked at."""
        with contextlib.suppress(OSError):
            return bytes_of(self._path)
        return 0

    @property
    def depth(self) -> int:
        """Count the rows that wait to be shipped (a little too many while not all of them are in memory)."""
        return len(self._held.live) + sum(count for _, count, _ in self._ahead) + len(self._unsaved)

    @property
    def oldest(self) -> float | None:
        """When the row that has waited longest was appended."""
        if (first := self._held.first()) is not None:
            return first.at
        if self._ahead:
            return self._ahead[0][2]
        return min((row.at for row in self._unsaved.rows.values()), default=None)

    def take(self, limit: int, after: int = 0) -> list[Spooled]:
        """Read the rows that have waited longest, of those with an id above `after`."""
        self._notice_others()
        rows = self._on_disk(limit, after)
        while len(rows) < limit and self._ahead and self._load():
            rows = self._on_disk(limit, after)
        if self.error is not None and not self._ahead:  # else those on the disk come first
            self._settle()
            for row in self._unsaved.waiting():
                if len(rows) >= limit:
                    break
                # Were a newer version shipped from memory, and had we died then, the older one, still on the
                # disk that refuses, would be shipped after it.
                if row.id > after and not self._held.knows((row.table, row.key)):
                    rows.append(row)
        return rows

    def _on_disk(self, limit: int, after: int) -> list[Spooled]:
        replaced = self._unsaved.replaced
        rows = self._held.take(limit + len(replaced), after)
        return [row for row in rows if (row.table, row.key) not in replaced][:limit] if replaced else rows

    def open_calls(self) -> list[list[Row]]:
        """Read the events of each call whose end was not recorded, in order."""
        self._settle()
        return self._unsaved.open_calls()

    def agent_states(self) -> list[Row]:
        """Read the latest state of every agent."""
        self._settle()
        on_disk = self._file.agents() if self._file is not None else []
        return [restored("agent_state", entry.body) for entry in self._unsaved.latest(on_disk)]

    def memory(self) -> list[Row]:
        """Read what a restarted daemon must know again."""
        self._settle()
        on_disk = self._file.memory() if self._file is not None else []
        return [restored("memory", entry.body) for entry in self._unsaved.remembered(on_disk)]

    def rejected(self, limit: int) -> list[Rejected]:
        """Read the rows that cannot be stored, the latest first."""
        self._settle()
        on_disk = self._file.rejected(limit) if self._file is not None else []
        return [*reversed(self._unsaved.rejected), *on_disk][:limit]

    # The file ----------------------------------------------------------------------------------------------

    def _write(self) -> None:
        self._settle()
        if self.error is not None:
            self._shut()  # only a new connection sees that a disk was mended
        if self._file is None:
            self._lock.acquire()
            self._file = self._opened()
        late = len(self._unsaved)
        if not self.saved:
            self._save(self._file)
        if self.error is not None:
            self.error = None
            self._observer.spool_recovered(late)

    def _settle(self) -> None:
        for rejected in self._unsaved.settle():
            self._observer.spool_refused(rejected.table, rejected.error)

    def _save(self, file: SpoolFile) -> None:
        rows = self._unheld()
        self._unsaved.shipped(self._held.leave(max(self._sizes.leaving, 2 * len(rows))))
        upto = self._upto()
        over = self._over(upto)
        gone = self._gone.union(self._held.out_of_order(upto))
        change = Change(rows, upto, over, [number for number in gone if number > upto], self._unsaved)
        file.save(change)
        self._unsaved.saved()
        while over is not None and self._pages and self._pages[0] <= over:
            self._pages.popleft()
        self._held.forget()
        self._gone = set(change.gone)
        for part in parts(rows):
            self._hold(part)
        self._note_saved(file.last_id, upto)

    def _unheld(self) -> list[Spooled]:
        """The new rows, without events that wait already: of those that were shipped PostgreSQL has a say."""
        names, live = self._held.names["call_event"], self._held.live
        rows = self._unsaved.waiting()
        again = [
            row for row in rows if row.key in names and row.table == "call_event" and names[row.key] in live
        ]
        for row in again:
            if live[names[row.key]].row != row.row:
                self._observer.spool_conflict(row.table, row.key)
        return [row for row in rows if row not in again] if again else rows

    def _hold(self, rows: Sequence[Spooled]) -> None:
        """Keep what was just saved in memory, unless that is full or earlier rows are on the disk alone."""
        page = Page(rows[0].id, rows[-1].id)
        if self._ahead or len(self._held.live) + len(rows) > self._sizes.held:
            self._ahead.append((page, len(rows), rows[0].at))
        else:
            self._held.add(rows)
            self._pages.append(page)

    def _upto(self) -> int:
        """Up to which id all rows were shipped or replaced."""
        last, known = self._saved
        if here := [row.id for row in (self._held.first(), self._held.leaving) if row is not None]:
            last = min(here) - 1
        elif self._ahead:
            last = self._ahead[0][0].first - 1
        return max(last, known)  # the first page may be shipped in part

    def _over(self, upto: int) -> Page | None:
        """The last page that is of no more use."""
        over = None
        for page in self._pages:
            if page.last > upto:
                break
            over = page
        return over

    def _load(self) -> bool:
        """Read the next page; False if that cannot be done now."""
        page, _, _ = self._ahead[0]
        try:
            rows = self._file.rows(page) if self._file is not None else None
        except (sqlite3.Error, OSError) as error:
            self._fail(error)
            return False
        if rows is None:
            return False
        self._ahead.popleft()
        self._pages.append(page)
        for row in rows:
            name = (row.table, row.key)
            if row.id in self._gone:
                self._held.supersede(name, row.id)
            elif row.table != "call_event" or not self._held.knows(name):
                self._held.add([row])
        return True

    def _opened(self) -> SpoolFile:
        """Open the file, and learn what is in it unless it is the one that we wrote."""
        file = SpoolFile(self._path, self._patience, self._sizes.room)
        try:
            if not self._saved[0] or file.last_id != self._saved[0]:
                if self._saved[0]:
                    self._unsaved.put_back(self._forget_file())
                self._unsaved.begin_after(file.last_id)
                self._learn(file)
        except BaseException:
            file.close()
            raise
        return file

    def _learn(self, file: SpoolFile) -> None:
        unsaved = self._unsaved
        here = unsaved.replaced.union(unsaved.rows)  # the disk's versions of these are out of date
        self._gone = file.gone()
        unended = Unended()
        for page, heads in file.heads():
            waiting = [head for head in heads if head.id > file.upto]
            self._gone.update(head.id for head in waiting if (head.table, head.key) in here)
            count = sum(head.id not in self._gone for head in waiting)
            self._ahead.append((page, count, heads[0].at))
            for head in waiting:
                unended.see(page, head)
        events = [entry for page in unended.pages for entry in unended.among(page, file.rows(page))]
        unsaved.add_calls([*file.journal(), *events])
        self._note_saved(file.last_id, file.upto)

    def _note_saved(self, last: int, upto: int) -> None:
        self._saved = (last, upto)
        self._saved = (last, self._upto())  # what is between the two was replaced, if there is anything

    def _notice_others(self) -> None:
        """Read again what another process has changed: what it took out of the file is not sent either."""
        try:
            if self._file is None or self._unsaved.settled or not self._file.changed_by_others():
                return
        except sqlite3.Error as error:
            self._fail(error)
            return
        shipped = self._held.leave()
        self._unsaved.shipped(shipped)
        self._gone.update(row.id for row in shipped)
        rows = [*self._held.live.values()]
        for page in reversed(self._pages):
            here = [row.at for row in rows if page.first <= row.id <= page.last]
            self._ahead.appendleft((page, len(here), min(here, default=0.0)))
        self._pages.clear()
        self._held.clear()

    def _forget_file(self) -> Sequence[Spooled]:
        """Forget what is known of a file; gives what it alone had of the rows in memory."""
        self._pages.clear()
        self._ahead.clear()
        self._gone.clear()
        self._saved = (0, 0)
        return self._held.clear()

    def _fail(self, error: Exception) -> None:
        if is_damage(error):
            self._shut()
            with contextlib.suppress(OSError):
                self._observer.spool_set_aside(str(set_aside(self._path)), str(error))
        self.error = f"{type(error).__name__}: {error}"
        self._observer.spool_failed(self.error, len(self._unsaved))

    def _shut(self) -> None:
        if self._file is not None:
            with contextlib.suppress(sqlite3.Error):
                self._file.close()
            self._file = None
