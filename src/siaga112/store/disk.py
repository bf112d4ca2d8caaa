"""The spool's file.

Knows SQLite and the file's tables. Does not know threads: it is opened, used and closed by one. Does not know
when to try again either: an error leaves the file as it was before, and the caller decides.
"""

import fcntl
import json
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from siaga112.store.errors import SpoolInUseError
from siaga112.store.unsaved import AgentEntry, JournalEntry, MemoryEntry, Rejected, Spooled, Unsaved

VERSION = 1
_TABLES = """
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY, tbl TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, at REAL NOT NULL,
    UNIQUE (tbl, key)
);
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
_DAMAGED = ("not a database", "malformed", "encrypted")


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


class SpoolFile:
    """The open file. Every method may raise sqlite3.Error or OSError."""

    def __init__(self, path: Path, on_conflict: Callable[[str, str], None], patience: float) -> None:
        self._on_conflict = on_conflict
        self._sql = sqlite3.connect(path, isolation_level=None, timeout=patience)
        try:
            self._prepare()
            self.last_id: int = self._one("SELECT coalesce(max(id), 0) FROM outbox")
            self.depth: int = self._one("SELECT count(*) FROM outbox")
        except BaseException:
            self._sql.close()
            raise

    def _one(self, sql: str) -> int:
        return int(self._sql.execute(sql).fetchone()[0])

    def _prepare(self) -> None:
        self._sql.execute("PRAGMA journal_mode=WAL").fetchone()
        self._sql.execute("PRAGMA synchronous=FULL")  # a commit is on the disk, not in a cache
        self._sql.execute("PRAGMA journal_size_limit=67108864")
        self._sql.execute("PRAGMA cache_size=-32768")
        version = self._one("PRAGMA user_version")
        if version == 0:
            self._sql.executescript(f"BEGIN; {_TABLES} PRAGMA user_version={VERSION}; COMMIT;")
        elif version != VERSION:
            raise sqlite3.NotSupportedError(
                f"the spool was written by another version of siaga112 (form {version}, ours is {VERSION}): "
                "let that version empty it first, or give this one a path of its own ([spool] path)"
            )
        self._sql.executescript(_ADDED)

    def close(self) -> None:
        """Close the file."""
        self._sql.close()

    def save(self, unsaved: Unsaved) -> None:
        """Write all changes, fsync'd, or none."""
        self._sql.execute("BEGIN IMMEDIATE")
        try:
            growth = self._apply(unsaved)
            self._sql.execute("COMMIT")
        except BaseException:
            if self._sql.in_transaction:
                self._sql.execute("ROLLBACK")
            raise
        self.depth += growth

    def _apply(self, unsaved: Unsaved) -> int:
        many = self._sql.executemany
        removed = self._remove(unsaved.gone)
        removed += many("DELETE FROM outbox WHERE tbl=? AND key=?", unsaved.replaced).rowcount
        added = self._add(unsaved.waiting())
        many("DELETE FROM journal WHERE call_id=?", [(call_id,) for call_id in unsaved.ended])
        events = [entry for call in unsaved.journal.values() for entry in call.values()]
        many("INSERT OR IGNORE INTO journal VALUES (?,?,?)", events)
        many(
            "INSERT INTO agent VALUES (?,?,?,?) ON CONFLICT (agent_id) DO UPDATE SET "
            "key=excluded.key, lasts=excluded.lasts, body=excluded.body "
            "WHERE excluded.lasts OR excluded.key=agent.key",
            unsaved.agents.values(),
        )
        self._remember(unsaved)
        many("INSERT INTO rejected (tbl,key,body,at,error) VALUES (?,?,?,?,?)", unsaved.rejected)
        return added - removed

    def _remember(self, unsaved: Unsaved) -> None:
        if unsaved.memory:
            self._sql.execute("DELETE FROM memory WHERE until<?", (unsaved.now,))
            sql = "INSERT INTO memory VALUES (?,?,?) ON CONFLICT (name) DO UPDATE SET until=excluded.until, "
            self._sql.executemany(sql + "body=excluded.body", unsaved.memory.values())

    def _remove(self, ids: set[int]) -> int:
        if not ids:
            return 0
        sql = "DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?))"
        return self._sql.execute(sql, (json.dumps(list(ids)),)).rowcount

    def _add(self, rows: list[Spooled]) -> int:
        if not rows:
            return 0
        sql = "INSERT INTO outbox VALUES (?,?,?,?,?) ON CONFLICT (tbl, key) DO NOTHING"
        added = self._sql.executemany(sql, rows).rowcount
        if added < len(rows):  # only rows that never change can be there already
            self._compare(rows)
        return added

    def _compare(self, rows: list[Spooled]) -> None:
        sql = "SELECT body FROM outbox WHERE tbl=? AND key=? AND id<>?"
        for row in rows:
            before = self._sql.execute(sql, (row.table, row.key, row.id)).fetchone()
            if before is not None and json.loads(before[0]) != json.loads(row.body):
                self._on_conflict(row.table, row.key)

    def oldest(self, limit: int, after: int = 0) -> list[Spooled]:
        """Read the rows that have waited longest, of those with an id above `after`."""
        rows = self._sql.execute("SELECT * FROM outbox WHERE id > ? ORDER BY id LIMIT ?", (after, limit))
        return [*map(Spooled._make, rows)]

    def has(self, table: str, key: str) -> bool:
        """Say whether some version of a row is here."""
        sql = "SELECT 1 FROM outbox WHERE tbl=? AND key=?"
        return self._sql.execute(sql, (table, key)).fetchone() is not None

    def journal(self) -> list[JournalEntry]:
        """Read the events of calls that have not ended, a call's in order."""
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


def bytes_of(path: Path) -> int:
    """The size of a spool's file and of its write-ahead log."""
    wal = path.with_name(path.name + "-wal")
    return path.stat().st_size + (wal.stat().st_size if wal.exists() else 0)


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
