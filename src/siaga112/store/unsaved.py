"""What the spool holds in memory because it is not on disk yet.

Knows which row replaces which, and what ended. Does not know SQLite, threads or PostgreSQL. Every change goes
through here, is written to disk in one transaction, and is forgotten then; while the disk refuses, it stays,
and what is read from the disk is corrected by it.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from siaga112.store.encoding import encode, event_key, plain, restored
from siaga112.store.rows import LOCAL, TABLES, Row

_SQLITE_INT = range(-(1 << 63), 1 << 63)
FOREIGN = 1_000_000
"""Events from this number on are of others than the daemon, which needs none of them to go on with a call."""


Name: TypeAlias = tuple[str, str]
"""A row's table and key: the same again is another version of it."""


class Spooled(NamedTuple):
    """A row in the spool.

    Attributes:
        id: Grows with the order of appending; another version of the row has another id.
        table: Its table's name.
        key: Its key as one text, unique in the table.
        body: Its values as JSON.
        at: When it was appended, Unix seconds.
        ends: Whether it is the record of a call that has ended.
    """

    id: int
    table: str
    key: str
    body: str
    at: float
    ends: bool = False

    @property
    def row(self) -> Row:
        """The row that was appended."""
        return restored(self.table, self.body)


_spooled: Callable[[tuple[int, str, str, str, float, bool]], Spooled] = partial(tuple.__new__, Spooled)
"""As `Spooled` itself, without the way through Python."""


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


_UNFIT = (TypeError, ValueError, LookupError, RecursionError)
"""What a row raises that cannot be written."""


class Unsaved:
    """Changes in the order in which they were made, the later ones already applied to the earlier.

    Attributes:
        rows: By name, what is not on the disk yet.
        replaced: Names of rows of which the disk may have an older version.
        ended: Calls that have ended since.
        journal: Events that were shipped, of calls that go on: the disk must keep them.
        calls: By call, the events of those that have not ended, on the disk or not. This is never forgotten.
    """

    def __init__(self, first_id: int, on_conflict: Callable[[str, str], None]) -> None:
        self._next_id = first_id
        self._on_conflict = on_conflict
        self._came: list[tuple[Sequence[Row], float]] = []
        self.rows: dict[Name, Spooled] = {}
        self.replaced: set[Name] = set()
        self.ended: set[str] = set()
        self.journal: dict[tuple[str, int], JournalEntry] = {}
        self.calls: dict[str, dict[int, Row]] = {}
        self.agents: dict[str, AgentEntry] = {}
        self.rejected: list[Rejected] = []
        self._refused: list[Rejected] = []
        self.memory: dict[str, MemoryEntry] = {}
        self.now = 0.0

    def __bool__(self) -> bool:
        return bool(self._came) or self.settled

    @property
    def settled(self) -> bool:
        """Whether there is anything to be written; what came since has to be settled first."""
        return any(self._parts())

    def __len__(self) -> int:
        return len(self.rows) + sum(len(rows) for rows, _ in self._came)

    def _parts(self) -> Iterable[Any]:
        yield from (self.rows, self.ended, self.journal, self.agents, self.rejected, self.memory)

    def saved(self) -> None:
        """Forget everything that was settled: it is on disk."""
        for part in (self.replaced, *self._parts()):
            part.clear()

    def begin_after(self, last_id: int) -> None:
        """Give no id up to `last_id`: the file that was opened knows rows with them."""
        self._next_id = max(self._next_id, last_id + 1)
        if any(entry.id <= last_id for entry in self.rows.values()):  # the clock was put back
            for entry in self.waiting():
                self.rows[entry.table, entry.key] = entry._replace(id=self._new_id())

    def append(self, rows: Sequence[Row], at: float) -> None:
        """Take new rows; nothing is done with them before they are to be settled."""
        self._came.append((rows, at))

    def settle(self) -> list[Rejected]:
        """Encode what came since, and return the rows that JSON cannot say: they are among the rejected.

        Events come before the rest: the record that says a call has ended ends its journal, the last events
        included, whatever order the caller gave them in. Of all other rows the last version alone is encoded.
        """
        came, self._came = self._came, []
        latest: dict[Name, tuple[Row, float]] = {}
        for rows, at in came:
            self.now = max(self.now, at)
            self._take(rows, at, latest)
        for name, (row, at) in latest.items():
            try:
                self._add_version(name, row, at)
            except _UNFIT as error:
                self._refuse(row, at, error)
        refused, self._refused = self._refused, []
        self.rejected += refused
        return refused

    def _take(self, rows: Sequence[Row], at: float, latest: dict[Name, tuple[Row, float]]) -> None:
        events = [row for row in rows if row.table == "call_event"]
        others = [row for row in rows if row.table != "call_event"]
        for row in (*events, *others):
            try:
                if row.table == "call_event":
                    self._add_event(row, at)
                else:
                    self._note_version(row, at, latest)
            except _UNFIT as error:
                self._refuse(row, at, error)

    def _add_event(self, row: Row, at: float) -> None:
        key = plain(row.key)
        name = ("call_event", key)
        if (before := self.rows.get(name)) is not None:
            if before.row.values != row.values:
                self._on_conflict("call_event", key)
            return
        body = encode(row.values)
        call_id, seq = event_key(key)
        if seq not in _SQLITE_INT:
            raise ValueError(f"seq {seq} is out of range")
        if seq < FOREIGN:
            if (events := self.calls.get(call_id)) is None:
                events = self.calls[call_id] = {}
            events.setdefault(seq, row)
        self.rows[name] = _spooled((self._next_id, "call_event", key, body, at, False))
        self._next_id += 1

    def _note_version(self, row: Row, at: float, latest: dict[Name, tuple[Row, float]]) -> None:
        table = row.table
        if table in LOCAL:
            self._remember(row)
            return
        key = plain(row.key)
        if table == "call_record":
            if row.values.get("ended_at") is not None:
                self.ended.add(key)
                self.calls.pop(key, None)
        elif table == "agent_state":
            self._note_agent(row, key)
        elif table not in TABLES:
            raise LookupError(table)
        name = (table, key)
        latest.pop(name, None)  # so that the last version comes last
        latest[name] = (row, at)

    def _add_version(self, name: Name, row: Row, at: float) -> None:
        body = encode(row.values)
        ends = row.table == "call_record" and row.values.get("ended_at") is not None
        self.rows.pop(name, None)
        self.rows[name] = _spooled((self._next_id, *name, body, at, ends))
        self.replaced.add(name)
        self._next_id += 1

    def _refuse(self, row: Row, at: float, error: Exception) -> None:
        texts = (row.table, repr(row.key), repr(row.values), f"{type(error).__name__}: {error}")
        table, key, body, reason = (plain([text]) for text in texts)
        self._refused.append(Rejected(table, key, body, at, reason))

    def _note_agent(self, row: Row, key: str) -> None:
        lasts = row.values.get("to_at") is None
        entry = AgentEntry(plain(row.key[:1]), key, lasts, encode(row.values))
        if entry.follows(self.agents.get(entry.agent_id)):
            self.agents[entry.agent_id] = entry

    def _remember(self, row: Row) -> None:
        name, until = plain(row.key), row.values["until"]
        if not isinstance(until, int | float):
            raise TypeError(f"until is {until!r}, not a time")
        self.memory[name] = MemoryEntry(name, until, encode(row.values))

    def remove(self, ids: Iterable[int]) -> list[Spooled]:
        """Take out rows that PostgreSQL has, and return them."""
        gone = set(ids)
        here = [name for name, entry in self.rows.items() if entry.id in gone]
        return [self.rows.pop(name) for name in here]

    def shipped(self, rows: Iterable[Spooled]) -> None:
        """Keep the events of calls that go on, though PostgreSQL has them: a restarted daemon needs them."""
        for row in rows:
            if row.table == "call_event" and row.key.partition("\x1f")[0] in self.calls:
                call_id, seq = event_key(row.key)
                if seq in self.calls[call_id]:
                    self.journal[call_id, seq] = JournalEntry(call_id, seq, row.body)

    def reject(self, entry: Spooled, error: str) -> None:
        """Put a row among the rejected."""
        self.rejected.append(Rejected(entry.table, entry.key, entry.body, entry.at, plain([error])))

    def waiting(self) -> list[Spooled]:
        """The rows that are only here, oldest first."""
        return sorted(self.rows.values())

    def add_calls(self, on_disk: Iterable[JournalEntry]) -> None:
        """Take up the events of the calls that had not ended when the file was written."""
        known = self.calls
        self.calls = {}
        for entry in on_disk:
            if entry.call_id not in self.ended:
                row = restored("call_event", entry.body)
                self.calls.setdefault(entry.call_id, {})[entry.seq] = row
        for call_id, events in known.items():
            self.calls[call_id] = events | self.calls.get(call_id, {})

    def open_calls(self) -> list[list[Row]]:
        """List the events of each call that has not ended, in order."""
        return [[call[seq] for seq in sorted(call)] for call in self.calls.values()]

    def to_keep(self) -> list[JournalEntry]:
        """List the events that the disk must keep of calls that go on."""
        return [entry for entry in self.journal.values() if entry.call_id in self.calls]

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

    def put_back(self, rows: Iterable[Spooled]) -> None:
        """Have rows saved that the disk has lost; what came later stays the last version."""
        later = self.rows
        self.rows = {(row.table, row.key): row for row in rows}
        for name, row in later.items():
            self.rows.pop(name, None)
            self.rows[name] = row
        for call_id, events in self.calls.items():
            for seq, event in events.items():
                self.journal[call_id, seq] = JournalEntry(call_id, seq, encode(event.values))

    def _new_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1
