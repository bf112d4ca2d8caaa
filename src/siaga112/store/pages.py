"""How rows lie in the spool's file: in pages, one for each group of rows that was saved together.

Knows the form of a page, and how a file says which rows were shipped. A page is two texts,
a line a row: the heads, which say what a row is, and the bodies. Whoever only counts or looks for something
reads the heads alone; and a whole group goes to the disk in one statement, however many rows it has.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import starmap
from typing import NamedTuple

from siaga112.store.encoding import encode, event_key
from siaga112.store.unsaved import FOREIGN, JournalEntry, Name, Spooled

INSERT = "INSERT INTO page (id, last, heads, bodies) VALUES (?,?,?,?)"
_MOST = 2_000
"""Rows in a page: it leaves the file as a whole."""


class Head(NamedTuple):
    """What a row is.

    Attributes:
        id: As of the row: grows with the order of appending.
        table: Its table's name.
        key: Its key as one text, unique in the table.
        at: When it was appended, Unix seconds.
        ends: Whether it is the record of a call that has ended.
    """

    id: int
    table: str
    key: str
    at: float
    ends: bool


class Page(NamedTuple):
    """Where rows are: from which id to which."""

    first: int
    last: int


def parts(rows: Sequence[Spooled]) -> list[Sequence[Spooled]]:
    """Cut rows into what goes into a page each."""
    return [rows[begin : begin + _MOST] for begin in range(0, len(rows), _MOST)]


def written(rows: Sequence[Spooled]) -> list[tuple[int, int, str, str]]:
    """Give the rows as pages, as `INSERT` takes them."""
    return [
        (part[0].id, part[-1].id, _heads(part), "\n".join([row.body for row in part])) for part in parts(rows)
    ]


def _heads(rows: Sequence[Spooled]) -> str:
    return encode([(row.id, row.table, row.key, row.at, row.ends) for row in rows])


def heads(text: str) -> list[Head]:
    """Read the heads of a page."""
    return list(starmap(Head, json.loads(text)))


def rows(heads_text: str, bodies: str) -> list[Spooled]:
    """Read the rows of a page."""
    return [
        Spooled(head.id, head.table, head.key, body, head.at, head.ends)
        for head, body in zip(heads(heads_text), bodies.split("\n"), strict=True)
    ]


def waiting(file: sqlite3.Connection) -> Iterator[Head]:
    """List what waits to be shipped, the newest first: of each row the last version, as no other is sent."""
    seen: set[Name] = set()
    for head in _newest_first(file):
        if (name := (head.table, head.key)) not in seen:
            seen.add(name)
            yield head


def open_calls(file: sqlite3.Connection) -> set[str]:
    """List the calls whose end was not recorded."""
    unended = Unended()
    for head in reversed([*_newest_first(file)]):
        unended.see(Page(head.id, head.id), head)
    return unended.calls.union(call_id for (call_id,) in file.execute("SELECT DISTINCT call_id FROM journal"))


def _newest_first(file: sqlite3.Connection) -> Iterator[Head]:
    upto = file.execute("SELECT upto FROM shipped").fetchone()[0]
    gone = {number for (number,) in file.execute("SELECT id FROM gone")}
    for (text,) in file.execute("SELECT heads FROM page ORDER BY id DESC"):
        for head in reversed(heads(text)):
            if head.id > upto and head.id not in gone:
                yield head


class Unended:
    """Where the events are of calls whose end was not recorded, as far as it is in pages."""

    def __init__(self) -> None:
        self._pages: dict[str, dict[int, Page]] = {}

    def see(self, page: Page, head: Head) -> None:
        """Take note of a row; they come in the order of their ids."""
        if head.ends:
            self._pages.pop(head.key, None)
        elif head.table == "call_event":
            call_id, seq = event_key(head.key)
            if seq < FOREIGN:
                self._pages.setdefault(call_id, {})[seq] = page

    @property
    def calls(self) -> set[str]:
        """Those calls."""
        return set(self._pages)

    @property
    def pages(self) -> list[Page]:
        """The pages that have events of them."""
        return sorted({page for call in self._pages.values() for page in call.values()})

    def among(self, page: Page, rows: Iterable[Spooled]) -> Iterator[JournalEntry]:
        """Pick those events out of a page's rows."""
        for row in rows:
            if row.table == "call_event":
                call_id, seq = event_key(row.key)
                if self._pages.get(call_id, {}).get(seq) == page:
                    yield JournalEntry(call_id, seq, row.body)
