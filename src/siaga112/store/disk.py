"""The spool's file.

Knows SQLite and the file's tables. Does not know threads: it is opened, used and closed by one. Does not
know when to try again either: an error leaves the file as it was before, and the caller decides.
"""

import contextlib
import fcntl
import json
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeAlias

from siaga112.store import pages
from siaga112.store.errors import SpoolInUseError
from siaga112.store.pages import Head, Page
from siaga112.store.unsaved import AgentEntry, JournalEntry, MemoryEntry, Rejected, Spooled, Unsaved

VERSION = 2
_TABLES = """
CREATE TABLE page (
    id INTEGER PRIMARY KEY, last INTEGER NOT NULL, heads TEXT NOT NULL, bodies TEXT NOT NULL
);
CREATE TABLE shipped (upto INTEGER NOT NULL);
INSERT INTO shipped VALUES (0);
CREATE TABLE gone (id INTEGER PRIMARY KEY);
"""
"""A page has the id of its first row. Shipped are all rows up to an id, and those that are `gone`."""
_KEPT = """
CREATE TABLE journal (
    call_id TEXT, seq INTEGER, body TEXT NOT NULL, PRIMARY KEY (call_id, seq)
) WITHOUT ROWID;
CREATE TABLE agent (agent_id TEXT PRIMARY KEY, key TEXT NOT NULL, lasts INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE rejected (
    id INTEGER PRIMARY KEY, tbl TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, at REAL NOT NULL,
    error TEXT NOT NULL, rejected_at REAL NOT NULL DEFAULT ((julianday('now') - 2440587.5) * 86400.0)
);
"""
_ADDED = """
CREATE TABLE IF NOT EXISTS memory (name TEXT PRIMARY KEY, until REAL NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS memory_until ON memory (until);
"""
"""What came later and hinders no older version, so that the form stays the same."""
ROOM = 16 << 20
"""Bytes that the write-ahead log has from the start, about as many as it grows to before it is written back.
An fsync of a file that grows waits for the file system's journal, and so for whatever else is written."""
_PAGES = 3_900
"""As many go into that room. A commit that writes the log back takes some ten times as long as another, and
the same few pages are written again and again: the less often, the better."""
_CHUNK = 2_000
_DAMAGED = ("not a database", "malformed", "encrypted")


_PUT_AGENT = """
INSERT INTO agent VALUES (?,?,?,?) ON CONFLICT (agent_id) DO UPDATE
SET key=excluded.key, lasts=excluded.lasts, body=excluded.body
WHERE excluded.lasts OR excluded.key=agent.key
"""
_PUT_MEMORY = """
INSERT INTO memory VALUES (?,?,?) ON CONFLICT (name) DO UPDATE SET until=excluded.until, body=excluded.body
"""
_Step: TypeAlias = tuple[str, Sequence[tuple[Any, ...]]]


class Lock:
    """Keeps other processes away from a spool; the kernel lets go of it when the process dies."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".lock")
        self._file: IO[bytes] | None = None

    def acquire(self) -> None:
        """Take the lock, unless it is ours already.

        Raises:
            SpoolInUseError: Another process has it.
            OSError: The folder cannot be written to.
        """
        if self._file is not None:
            return
        file = self._path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.close()
            raise SpoolInUseError(
                f"another siaga112 is using {self._path.with_suffix('')}: stop it, or give this one a path "
                "of its own ([spool] path)"
            ) from error
        except OSError:
            file.close()
            raise
        self._file = file

    def release(self) -> None:
        """Let others have it."""
        if self._file is not None:
            self._file.close()
            self._file = None


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be written in one transaction.

    Attributes:
        rows: New, in the order of their ids.
        upto: All rows up to this id were shipped, or replaced.
        over: The last page of which all rows were; None if there is none.
        gone: Rows beyond `upto` that were shipped.
        unsaved: What else is new.
    """

    rows: Sequence[Spooled]
    upto: int
    over: Page | None
    gone: Sequence[int]
    unsaved: Unsaved


class SpoolFile:
    """The open file. Every method may raise sqlite3.Error or OSError.

    Attributes:
        last_id: No row with a greater id was ever written here.
        upto: All rows up to this id were shipped.
    """

    def __init__(self, path: Path, patience: float, room: int = ROOM) -> None:
        self._sql = sqlite3.connect(path, isolation_level=None, timeout=patience)
        try:
            self._prepare()
            self._make_room(room)
            self.upto = self._one("SELECT upto FROM shipped")
            self.last_id = max(self.upto, self._one("SELECT coalesce(max(last), 0) FROM page"))
            self._seen = self._one("PRAGMA data_version")
        except BaseException:
            self._sql.close()
            raise

    def _one(self, sql: str) -> int:
        return int(self._sql.execute(sql).fetchone()[0])

    def _prepare(self) -> None:
        self._sql.execute("PRAGMA journal_mode=WAL").fetchone()
        self._sql.execute("PRAGMA synchronous=FULL")  # a commit is on the disk, not in a cache
        # What was shipped or erased cannot be read in the file any more; not every build does that by itself.
        self._sql.execute("PRAGMA secure_delete=ON").fetchone()
        self._sql.execute("PRAGMA journal_size_limit=67108864")
        self._sql.execute(f"PRAGMA wal_autocheckpoint={_PAGES}")
        self._sql.execute("PRAGMA cache_size=-1024")
        version = self._one("PRAGMA user_version")
        if version == 0:
            self._sql.executescript(f"BEGIN; {_TABLES} {_KEPT} PRAGMA user_version={VERSION}; COMMIT;")
        elif version == 1:
            self._take_over()
        elif version != VERSION:
            raise sqlite3.NotSupportedError(
                f"the spool was written by another version of siaga112 (form {version}, ours is {VERSION}): "
                "let that version empty it first, or give this one a path of its own ([spool] path)"
            )
        self._sql.executescript(_ADDED)

    def _make_room(self, room: int) -> None:
        with contextlib.suppress(sqlite3.Error):  # a disk that has no room for it may still take rows
            self._sql.execute("CREATE TABLE IF NOT EXISTS room (space BLOB)")
            try:
                self._sql.execute("INSERT INTO room VALUES (zeroblob(?))", (room,))
            finally:
                self._sql.execute("DELETE FROM room")
                self._sql.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    def _take_over(self) -> None:
        """Put the rows of the first form, which had each for itself, into pages: all of them, or none."""
        self._sql.execute("BEGIN IMMEDIATE")
        try:
            for statement in _TABLES.split(";"):
                self._sql.execute(statement)
            rows = self._sql.execute("SELECT id, tbl, key, body, at FROM outbox ORDER BY id")
            while part := rows.fetchmany(_CHUNK):
                whole = [Spooled._make([*row, row[1] == "call_record" and _ends(row[3])]) for row in part]
                self._sql.executemany(pages.INSERT, pages.written(whole))
            rows.close()
            self._sql.execute("DROP TABLE outbox")
            self._sql.execute(f"PRAGMA user_version={VERSION}")
            self._sql.execute("COMMIT")
        except BaseException:
            self._sql.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Close the file."""
        self._sql.close()

    def save(self, change: Change) -> None:
        """Write all changes, fsync'd, or none."""
        steps = [(sql, rows) for sql, rows in self._steps(change) if rows]
        if len(steps) == 1 and len(steps[0][1]) == 1:
            # The usual case, and a transaction by itself: at each statement the loop's thread may run,
            # and this one waits for it.
            self._sql.execute(steps[0][0], steps[0][1][0])
        else:
            self._together(steps)
        self.last_id = change.rows[-1].id if change.rows else self.last_id
        self.upto = change.upto

    def _together(self, steps: Sequence[_Step]) -> None:
        self._sql.execute("BEGIN IMMEDIATE")
        try:
            for sql, rows in steps:
                self._sql.executemany(sql, rows)
            self._sql.execute("COMMIT")
        except BaseException:
            if self._sql.in_transaction:
                self._sql.execute("ROLLBACK")
            raise

    def _steps(self, change: Change) -> Iterator[_Step]:
        unsaved = change.unsaved
        yield pages.INSERT, pages.written(change.rows)
        if change.upto != self.upto:
            yield "UPDATE shipped SET upto=?", [(change.upto,)]
            yield "DELETE FROM gone WHERE id<=?", [(change.upto,)]
        if change.over is not None:
            yield "DELETE FROM page WHERE id<=?", [(change.over.first,)]
        yield "INSERT OR IGNORE INTO gone VALUES (?)", [(number,) for number in change.gone]
        yield "DELETE FROM journal WHERE call_id=?", [(call_id,) for call_id in unsaved.ended]
        yield "INSERT OR IGNORE INTO journal VALUES (?,?,?)", unsaved.to_keep()
        yield _PUT_AGENT, [*unsaved.agents.values()]
        if unsaved.memory:
            yield "DELETE FROM memory WHERE until<?", [(unsaved.now,)]
            yield _PUT_MEMORY, [*unsaved.memory.values()]
        yield "INSERT INTO rejected (tbl,key,body,at,error) VALUES (?,?,?,?,?)", unsaved.rejected

    def changed_by_others(self) -> bool:
        """Say whether another process wrote into the file since this was last asked."""
        before, self._seen = self._seen, self._one("PRAGMA data_version")
        return before != self._seen

    def heads(self) -> Iterator[tuple[Page, list[Head]]]:
        """Read what is in each page, in order."""
        for first, last, text in self._sql.execute("SELECT id, last, heads FROM page ORDER BY id"):
            yield Page(first, last), pages.heads(text)

    def rows(self, page: Page) -> list[Spooled]:
        """Read a page, without what was shipped by now."""
        found = self._sql.execute("SELECT heads, bodies FROM page WHERE id=?", (page.first,)).fetchone()
        return [] if found is None else [row for row in pages.rows(*found) if row.id > self.upto]

    def gone(self) -> set[int]:
        """Read which rows were shipped before older ones."""
        return {number for (number,) in self._sql.execute("SELECT id FROM gone")}

    def journal(self) -> list[JournalEntry]:
        """Read the events that are in no page any more, of calls that have not ended."""
        return [JournalEntry(*row) for row in self._sql.execute("SELECT * FROM journal")]

    def agents(self) -> list[AgentEntry]:
        """Read the latest state of each agent."""
        return [AgentEntry(*row) for row in self._sql.execute("SELECT * FROM agent ORDER BY agent_id")]

    def memory(self) -> list[MemoryEntry]:
        """Read what a restarted daemon must know again."""
        return [MemoryEntry(*row) for row in self._sql.execute("SELECT * FROM memory")]

    def rejected(self, limit: int) -> list[Rejected]:
        """Read rows that cannot be stored, the latest first."""
        sql = "SELECT tbl,key,body,at,error FROM rejected ORDER BY id DESC LIMIT ?"
        return [Rejected(*row) for row in self._sql.execute(sql, (limit,))]


def _ends(body: str) -> bool:
    return json.loads(body).get("ended_at") is not None


def bytes_of(path: Path) -> int:
    """The size of a spool's file and of its write-ahead log."""
    size = os.stat(path).st_size  # noqa: PTH116 - as below
    with contextlib.suppress(FileNotFoundError):
        # asked after every write, and a Path would take its name apart and keep the parts each time
        size += os.stat(f"{path}-wal").st_size  # noqa: PTH116
    return size


def is_damage(error: Exception) -> bool:
    """Say whether the file's content is at fault, so that trying again will not help."""
    return isinstance(error, sqlite3.DatabaseError) and any(word in str(error) for word in _DAMAGED)


def set_aside(path: Path) -> Path:
    """Rename a damaged file with its companions; who repairs it later finds all of them."""
    name = f"{path.name}.damaged-{time.time_ns()}"
    for ending in ("-wal", "-shm", ""):
        companion = path.with_name(path.name + ending)
        if companion.exists():
            os.rename(companion, path.with_name(name + ending))  # noqa: PTH104 - no other file is meant
    return path.with_name(name)
