"""What the spool holds in memory because it is not on disk yet.

Knows which row replaces which, and what ended. Does not know SQLite, threads or PostgreSQL. Every change goes
through here, is written to disk in one transaction, and is forgotten then; while the disk refuses, it stays,
and what is read from the disk is corrected by it.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from json.encoder import c_make_encoder, encode_basestring_ascii  # type: ignore[attr-defined]
from typing import Any, NamedTuple, Never

from siaga112.store.rows import JSON, LOCAL, TABLES, Row

_SQLITE_INT = range(-(1 << 63), 1 << 63)

FOREIGN = 1_000_000
"""Events from this number on are of others than the daemon, which needs none of them to go on with a call."""


class Spooled(NamedTuple):
    """A row in the spool.

    Attributes:
        id: Grows with the order of appending; another version of the row has another id.
        table: Its table's name.
        key: Its key as one text, unique in the table.
        body: Its values as JSON.
        at: When it was appended, Unix seconds.
    """

    id: int
    table: str
    key: str
    body: str
    at: float

    @property
    def row(self) -> Row:
        """The row that was appended."""
        return restored(self.table, self.body)


class Rejected(NamedTuple):
    """A row that cannot be stored, and why."""

    table: str
    key: str
    body: str
    at: float
    error: str


class JournalEntry(NamedTuple):
    """An event of a call that has not ended."""

    call_id: str
    seq: int
    body: str


class AgentEntry(NamedTuple):
    """The latest state of an agent."""

    agent_id: str
    key: str
    lasts: bool
    body: str

    def follows(self, before: "AgentEntry | None") -> bool:
        """Say whether this is later: what lasts is, not what has the latest time, as clocks are put back."""
        return before is None or self.lasts or before.key == self.key


class MemoryEntry(NamedTuple):
    """Something that a restarted daemon must know again, until a time."""

    name: str
    until: float
    body: str


def _refuse(value: object) -> Never:
    raise TypeError(f"{type(value).__name__} is no JSON")


# What `json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode` makes anew for each row.
_encode = c_make_encoder(None, _refuse, encode_basestring_ascii, None, ":", ",", *(False, False, False))


def encode(values: dict[str, JSON]) -> str:
    """Write values as JSON that PostgreSQL and SQLite take: ASCII, and no NaN."""
    return "".join(_encode(values, 0))


def plain(parts: Iterable[str]) -> str:
    """Join a key; whatever UTF-8 cannot say is escaped, because SQLite would refuse it."""
    key = "\x1f".join(parts)
    return key if key.isascii() else key.encode("utf-8", "backslashreplace").decode()


def restored(table: str, body: str) -> Row:
    """Make the row again that was encoded, whichever version of siaga112 did it."""
    values = json.loads(body)
    return Row(table, tuple(str(values[name]) for name in (TABLES.get(table) or LOCAL[table]).key), values)


class Unsaved:
    """Changes in the order in which they were made, the later ones already applied to the earlier."""

    def __init__(self, first_id: int, on_conflict: Callable[[str, str], None]) -> None:
        self._next_id = first_id
        self._on_conflict = on_conflict
        self.rows: dict[tuple[str, str], Spooled] = {}
        self.replaced: set[tuple[str, str]] = set()
        self.gone: set[int] = set()
        self.ended: set[str] = set()
        self.journal: dict[str, dict[int, JournalEntry]] = {}
        self.agents: dict[str, AgentEntry] = {}
        self.rejected: list[Rejected] = []
        self.memory: dict[str, MemoryEntry] = {}
        self.now = 0.0

    def __bool__(self) -> bool:
        return any(self._parts())

    def _parts(self) -> Iterable[Any]:
        yield from (self.rows, self.gone, self.ended, self.journal, self.agents, self.rejected, self.memory)

    def saved(self) -> None:
        """Forget everything: it is on disk."""
        for part in (self.replaced, *self._parts()):
            part.clear()

    def begin_after(self, last_id: int) -> None:
        """Give no id up to `last_id`: the file that was opened holds rows with them."""
        self._next_id = max(self._next_id, last_id + 1)
        if any(entry.id <= last_id for entry in self.rows.values()):  # the clock was put back
            for name, entry in self.rows.items():
                self.rows[name] = entry._replace(id=self._new_id())

    def append(self, rows: Sequence[Row], at: float) -> list[Rejected]:
        """Take new rows and return those that had to be rejected because JSON cannot say them.

        Events come before the rest: the record that says a call has ended ends its journal, the last events
        included, whatever order the caller gave them in.
        """
        before = len(self.rejected)
        self.now = max(self.now, at)
        if len(rows) > 1:
            rows = sorted(rows, key=_after_events)
        for row in rows:
            try:
                self._append(row, at)
            except (TypeError, ValueError, LookupError, RecursionError) as error:
                reason = f"{type(error).__name__}: {error}"
                texts = (row.table, repr(row.key), repr(row.values), reason)
                table, key, body, reason = (plain([text]) for text in texts)
                self.rejected.append(Rejected(table, key, body, at, reason))
        return self.rejected[before:]

    def _append(self, row: Row, at: float) -> None:
        if row.table in LOCAL:
            self._remember(row)
            return
        table, body, key = row.table, encode(row.values), plain(row.key)
        name = (table, key)
        if TABLES[table].immutable:
            if (before := self.rows.get(name)) is not None:
                if json.loads(before.body) != json.loads(body):
                    self._on_conflict(table, key)
                return
        else:
            self.replaced.add(name)
        if table == "call_event":
            self._journal(row, body)
        elif table == "agent_state":
            self._agent(row, key, body)
        elif table == "call_record" and row.values.get("ended_at") is not None:
            self.ended.add(key)
            self.journal.pop(key, None)
        self.rows[name] = Spooled(self._next_id, table, key, body, at)
        self._next_id += 1

    def _journal(self, row: Row, body: str) -> None:
        call_id, seq = plain(row.key[:1]), int(row.key[1])
        if seq not in _SQLITE_INT:
            raise ValueError(f"seq {seq} is out of range")
        if seq >= FOREIGN:
            return
        self.journal.setdefault(call_id, {}).setdefault(seq, JournalEntry(call_id, seq, body))

    def _agent(self, row: Row, key: str, body: str) -> None:
        entry = AgentEntry(plain(row.key[:1]), key, row.values.get("to_at") is None, body)
        if entry.follows(self.agents.get(entry.agent_id)):
            self.agents[entry.agent_id] = entry

    def _remember(self, row: Row) -> None:
        name, until = plain(row.key), row.values["until"]
        if not isinstance(until, int | float):
            raise TypeError(f"until is {until!r}, not a time")
        self.memory[name] = MemoryEntry(name, until, encode(row.values))

    def remove(self, ids: Iterable[int]) -> None:
        """Take out rows that PostgreSQL has; ids of versions that were replaced meanwhile do nothing."""
        self.gone.update(ids)
        if self.rows:
            here = [name for name, entry in self.rows.items() if entry.id in self.gone]
            self.gone -= {self.rows.pop(name).id for name in here}

    def reject(self, entry: Spooled, error: str) -> None:
        """Put a row among the rejected."""
        self.remove([entry.id])
        self.rejected.append(Rejected(entry.table, entry.key, entry.body, entry.at, plain([error])))

    def waiting(self) -> list[Spooled]:
        """The rows that are only here, oldest first."""
        return sorted(self.rows.values())

    def covers(self, entry: Spooled) -> bool:
        """Say whether a row read from the disk is out of date."""
        return entry.id in self.gone or (entry.table, entry.key) in self.replaced

    def journals(self, on_disk: Iterable[JournalEntry]) -> list[list[JournalEntry]]:
        """Put the journals on the disk and those here together, each in order."""
        calls: dict[str, dict[int, JournalEntry]] = {}
        for entry in on_disk:
            if entry.call_id not in self.ended:
                calls.setdefault(entry.call_id, {})[entry.seq] = entry
        for call_id, entries in self.journal.items():
            known = calls.setdefault(call_id, {})
            known.update((seq, entry) for seq, entry in entries.items() if seq not in known)
        return [[call[seq] for seq in sorted(call)] for call in calls.values()]

    def latest(self, on_disk: Iterable[AgentEntry]) -> list[AgentEntry]:
        """Put the agents' states on the disk and those here together."""
        agents = {entry.agent_id: entry for entry in on_disk}
        for entry in self.agents.values():
            if entry.follows(agents.get(entry.agent_id)):
                agents[entry.agent_id] = entry
        return [agents[agent_id] for agent_id in sorted(agents)]

    def remembered(self, on_disk: Iterable[MemoryEntry]) -> list[MemoryEntry]:
        """Put what is remembered on the disk and here together."""
        known = {entry.name: entry for entry in on_disk} | self.memory
        return [known[name] for name in sorted(known)]

    def _new_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1


def _after_events(row: Row) -> bool:
    return row.table != "call_event"
