"""Takes callers out of a spool's file while its daemon works with it.

Knows SQLite and the file's tables. Rows keep their ids, so the daemon notices nothing; what it has in its
memory at this moment reaches PostgreSQL all the same, so whoever erases waits until nothing of the call is
left here, and then looks there once more.
"""

import contextlib
import json
import sqlite3
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from siaga112.store.disk import VERSION
from siaga112.store.errors import StoreError

_PATIENCE = 10.0
_COLUMNS = {"number": "caller_number", "recording": "recording"}
"""By the name of a member in the journal, the column of the record that says the same."""

Body = dict[str, Any]


@dataclass
class Found:
    """What a spool holds of some calls.

    Attributes:
        ended: Calls that are over.
        open: Calls in progress.
        recordings: The names of the recordings of those that are over.
    """

    ended: set[str] = field(default_factory=set)
    open: set[str] = field(default_factory=set)
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
        in_progress = {call for (call,) in file.execute("SELECT DISTINCT call_id FROM journal")}
        bodies = file.execute("SELECT body FROM outbox UNION ALL SELECT body FROM rejected")
        bodies_open = file.execute("SELECT body FROM journal")
        for body in (*_read(bodies), *_read(bodies_open)):
            number, recording = (_value(body, name) for name in _COLUMNS)
            call = str(body.get("call_id"))
            if meant(call, number):
                (found.open if call in in_progress else found.ended).add(call)
                found.recordings |= {recording} - {None} if call not in in_progress else set()
    return found


def scrub(path: Path, meant: Callable[[Body], Collection[str]], tables: Collection[str]) -> int:
    """Make members null that are meant, in the rows that wait and in those that were refused.

    Args:
        path: The spool.
        meant: Says which of `number` and `recording` are to go from a row.
        tables: `outbox`, `rejected` or both.

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
        for table in tables:
            rows = file.execute(f"SELECT id, body FROM {table}").fetchall()  # noqa: S608 - our own name
            for number, text in rows:
                for body in _read([(text,)]):
                    if _without(body, meant(body)):
                        fresh = json.dumps(body, separators=(",", ":"))
                        file.execute(f"UPDATE {table} SET body=? WHERE id=?", (fresh, number))  # noqa: S608
                        changed += 1
        file.execute("COMMIT")
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return changed


def waiting(path: Path, calls: Collection[str]) -> int:
    """Count the rows of these calls that wait to be shipped.

    Raises:
        StoreError: the spool cannot be read.
    """
    with _opened(path) as file:
        rows = [] if file is None else file.execute("SELECT body FROM outbox")
        return sum(body.get("call_id") in calls for body in _read(rows))


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


def _read(rows: Any) -> Iterator[Body]:
    for (text,) in rows:
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
