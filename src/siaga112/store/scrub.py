"""Takes callers out of a spool's file while its daemon works with it.

Knows SQLite and the file's tables. Rows keep their ids, and the daemon reads again what was changed; what
it is sending at this moment reaches PostgreSQL all the same, so whoever erases waits until nothing of the
call is left here, and then looks there once more.
"""

import contextlib
import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from siaga112.store import pages
from siaga112.store.disk import VERSION, Lock
from siaga112.store.errors import SpoolInUseError, StoreError

_PATIENCE = 10.0
_COLUMNS = {"number": "caller_number", "recording": "recording"}
"""By the name of a member in the journal, the column of the record that says the same."""

_ELSEWHERE = (
    "UPDATE rejected SET error='taken out' WHERE instr(error, ?)",  # PostgreSQL's words may quote the row
    "DELETE FROM memory WHERE name = ?",  # what a restarted daemon would know of a number
)

Body = dict[str, Any]


@dataclass
class Found:
    """What a spool holds of some calls.

    Attributes:
        ended: Calls that are over.
        open: Calls in progress.
        numbers: The callers' of those that are over.
        recordings: The names of their recordings.
    """

    ended: set[str] = field(default_factory=set)
    open: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    recordings: set[str] = field(default_factory=set)


def find(path: Path, meant: Callable[[str, str | None], bool]) -> Found:
    """List the calls that are meant, by their id and number.

    Raises:
        StoreError: the spool cannot be read.
    """
    found = Found()
    with _opened(path) as file:
        if file is None:
            return found
        bodies = [*_read(_lines(file))]
        for table in ("rejected", "journal"):
            bodies += _read(body for (body,) in file.execute(f"SELECT body FROM {table}"))  # noqa: S608
        in_progress = pages.open_calls(file)
    calls = {
        str(one["call_id"])
        for one in bodies
        if "call_id" in one and meant(one["call_id"], _value(one, "number"))
    }
    found.open, found.ended = calls & in_progress, calls - in_progress
    for one in bodies:
        if one.get("call_id") in found.ended:
            found.numbers |= {_value(one, "number")} - {None}
            found.recordings |= {_value(one, "recording")} - {None}
    return found


def scrub(
    path: Path,
    meant: Callable[[Body], Collection[str]],
    tables: Collection[str],
    numbers: Collection[str] = (),
) -> int:
    """Make members null that are meant, in the rows that wait and in those that were refused.

    Args:
        path: The spool.
        meant: Says which of `number` and `recording` are to go from a row.
        tables: `page`, `rejected` or both.
        numbers: Numbers that must stand nowhere afterwards, not even in what is no row.

    Returns:
        How many rows were changed.

    Raises:
        StoreError: the spool cannot be written.
    """
    changed = 0
    with _opened(path) as file:
        if file is None:
            return 0
        file.execute("PRAGMA secure_delete=ON")  # what was there is overwritten, not only let go
        file.execute("BEGIN IMMEDIATE")
        if "page" in tables:
            changed += _scrub_pages(file, meant, numbers)
        if "rejected" in tables:
            changed += _scrub_rejected(file, meant, numbers)
        for sql in _ELSEWHERE[: 2 if _has_memory(file) else 1]:
            file.executemany(sql, [(one,) for one in numbers])
        file.execute("COMMIT")
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return changed


def _has_memory(file: sqlite3.Connection) -> bool:
    return file.execute("SELECT 1 FROM sqlite_master WHERE name = 'memory'").fetchone() is not None


def _scrub_pages(
    file: sqlite3.Connection, meant: Callable[[Body], Collection[str]], numbers: Collection[str]
) -> int:
    changed = 0
    for (number,) in file.execute("SELECT id FROM page").fetchall():
        (text,) = file.execute("SELECT bodies FROM page WHERE id=?", (number,)).fetchone()
        lines = text.split("\n")
        fresh = [_scrubbed(line, meant, numbers) for line in lines]
        if fresh != lines:
            file.execute("UPDATE page SET bodies=? WHERE id=?", ("\n".join(fresh), number))
            changed += sum(before != after for before, after in zip(lines, fresh, strict=True))
    return changed


def _scrub_rejected(
    file: sqlite3.Connection, meant: Callable[[Body], Collection[str]], numbers: Collection[str]
) -> int:
    changed = 0
    for number, text in file.execute("SELECT id, body FROM rejected").fetchall():
        fresh = _scrubbed(text, meant, numbers)
        if fresh != text:  # PostgreSQL's words may quote the row
            file.execute("UPDATE rejected SET body=?, error='taken out' WHERE id=?", (fresh, number))
            changed += 1
    return changed


def _scrubbed(text: str, meant: Callable[[Body], Collection[str]], numbers: Collection[str]) -> str:
    for body in _read([text]):
        return json.dumps(body, separators=(",", ":")) if _without(body, meant(body)) else text
    return "{}" if any(one in text for one in numbers) else text  # it could not even be written as JSON


def is_idle(path: Path) -> bool:
    """Say whether no daemon works with this spool."""
    lock = Lock(path)
    try:
        lock.acquire()
    except (SpoolInUseError, OSError):
        return False
    lock.release()
    return True


def waiting(path: Path, calls: Collection[str]) -> int:
    """Count the rows of these calls that wait to be shipped.

    Raises:
        StoreError: the spool cannot be read.
    """
    with _opened(path) as file:
        if file is None:
            return 0
        keys = (head.key for head in pages.waiting(file) if head.table.startswith("call_"))
        return sum(key.partition("\x1f")[0] in calls for key in keys)


def _value(body: Body, member: str) -> Any:
    data = body.get("data")
    return body.get(_COLUMNS[member]) or (data.get(member) if isinstance(data, dict) else None)


def _without(body: Body, members: Collection[str]) -> bool:
    """Make members null; say whether there was anything."""
    gone = [name for name in members if _value(body, name) is not None]
    for name in gone:
        for holder, key in ((body, _COLUMNS[name]), (body.get("data"), name)):
            if isinstance(holder, dict) and key in holder:
                holder[key] = None
    return bool(gone)


def _lines(file: sqlite3.Connection) -> Iterator[str]:
    for (text,) in file.execute("SELECT bodies FROM page"):
        yield from text.split("\n")


def _read(texts: Iterable[str]) -> Iterator[Body]:
    for text in texts:
        with contextlib.suppress(ValueError):  # a row that could not even be written as JSON
            body = json.loads(text)
            if isinstance(body, dict):
                yield body


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection | None]:
    """Open the file, if there is one: a daemon that never ran has none."""
    if not path.exists():
        yield None
        return
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE)) as file:
            version = file.execute("PRAGMA user_version").fetchone()[0]
            if version not in {0, VERSION}:
                raise StoreError(
                    f"the spool at {path} was written by another version of siaga112 "
                    f"(form {version}, ours is {VERSION})"
                )
            yield file if version else None
    except sqlite3.Error as error:
        raise StoreError(f"the spool at {path} cannot be changed: {error}") from error
