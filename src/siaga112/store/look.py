"""A look into a spool's file while its daemon works with it: changes nothing, keeps nobody waiting.

Knows SQLite and the file's tables. Rows that wait in the daemon's memory cannot be seen from here.
"""

import contextlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from siaga112.store import pages
from siaga112.store.disk import VERSION, bytes_of
from siaga112.store.errors import StoreError
from siaga112.store.unsaved import Rejected


@dataclass(frozen=True, slots=True)
class Look:
    """What is in a spool.

    Attributes:
        waiting: By table: how many rows wait to be shipped, and since when the oldest of them (Unix seconds).
        open_calls: Calls whose end was not recorded.
        rejected: Rows that PostgreSQL refuses, in all.
        latest: The latest of them.
        bytes: The size of the file and of its write-ahead log.
    """

    waiting: dict[str, tuple[int, float]]
    open_calls: int
    rejected: int
    latest: tuple[Rejected, ...]
    bytes: int


def look(path: Path, limit: int = 20) -> Look:
    """Look into the spool at a path.

    Raises:
        StoreError: there is none, or it cannot be read.
    """
    if not path.exists():
        raise StoreError(f"there is no spool at {path}: see [spool] path; the daemon makes it when it starts")
    try:
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file:
            return _read(file, path, limit)
    except sqlite3.Error as error:
        raise StoreError(f"the spool at {path} cannot be read: {error}") from error


def _read(file: sqlite3.Connection, path: Path, limit: int) -> Look:
    version = file.execute("PRAGMA user_version").fetchone()[0]
    if version != VERSION:
        raise StoreError(
            f"the spool at {path} was written by another version of siaga112 "
            f"(form {version}, ours is {VERSION})"
        )
    waiting: dict[str, tuple[int, float]] = {}
    for head in pages.waiting(file):
        count, oldest = waiting.get(head.table, (0, head.at))
        waiting[head.table] = (count + 1, min(oldest, head.at))
    rejected = file.execute(
        "SELECT tbl, key, body, at, error FROM rejected ORDER BY id DESC LIMIT ?", (limit,)
    )
    return Look(
        waiting=dict(sorted(waiting.items())),
        open_calls=len(pages.open_calls(file)),
        rejected=file.execute("SELECT count(*) FROM rejected").fetchone()[0],
        latest=tuple(Rejected(*row) for row in rejected),
        bytes=bytes_of(path),
    )
