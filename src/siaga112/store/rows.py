"""What is recorded: the tables, their columns, and one row of them.

Knows names and types of columns. Does not know SQL's statements (`sql`), nor where a row is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from siaga112.store.errors import RowError

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
Kind: TypeAlias = Literal["uuid", "text", "bool", "int", "smallint", "float", "time", "json"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: As in PostgreSQL and in `Row.values`.
        kind: A `time` is Unix seconds in a row and a timestamptz in PostgreSQL.
        default: An SQL literal that stands in for a missing value.
    """

    name: str
    kind: Kind = "text"
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One table.

    Attributes:
        name: As in PostgreSQL, without the schema.
        key: The columns of the primary key.
        columns: All of them, those of the key too.
        immutable: A row is never replaced: the first version stays.
        final: A column that is null until the row is complete. A version without it never replaces one that
            has it: after a crash on a full disk an older version can be shipped once more.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    immutable: bool = False
    final: str | None = None


CENTRE = Table(
    "centre",
    ("code",),
    (Column("code"), Column("name"), Column("time_zone"), Column("shifts", "json", "'[]'")),
)

CALL_EVENT = Table(
    "call_event",
    ("call_id", "seq"),
    (
        Column("call_id", "uuid"),
        Column("seq", "int"),
        Column("at", "time"),
        Column("kind"),
        Column("data", "json", "'{}'"),
    ),
    immutable=True,
)

CALL_OFFER = Table(
    "call_offer",
    ("call_id", "seq"),
    (
        Column("call_id", "uuid"),
        Column("seq", "int"),
        Column("agent_id"),
        Column("offered_at", "time"),
        Column("ended_at", "time"),
        Column("result"),
    ),
    final="ended_at",
)

AGENT_STATE = Table(
    "agent_state",
    ("agent_id", "from_at"),
    (
        Column("agent_id"),
        Column("state"),
        Column("reason"),
        Column("from_at", "time"),
        Column("to_at", "time"),
    ),
    final="to_at",
)

CALL_RECORD = Table(
    "call_record",
    ("call_id",),
    (
        Column("call_id", "uuid"),
        Column("centre"),
        Column("channel_id"),
        Column("caller_number"),
        Column("caller_number_source", default="'none'"),
        Column("cli_restricted", "bool", "false"),
        Column("dialled"),
        Column("language"),
        Column("started_at", "time"),
        Column("answered_at", "time"),
        Column("queued_at", "time"),
        Column("first_offered_at", "time"),
        Column("agent_answered_at", "time"),
        Column("ended_at", "time"),
        Column("ended_by"),
        Column("outcome"),
        Column("disposition", default="'unclassified'"),
        Column("suspicion", default="'none'"),
        Column("band", "smallint", "1"),
        Column("agent_id"),
        Column("offers", "int", "0"),
        Column("wait_s", "float"),
        Column("ring_s", "float"),
        Column("talk_s", "float"),
        Column("hangup_cause", "int"),
        Column("voice_seconds", "float"),
        Column("first_voice_at", "time"),
        Column("dtmf", default="''"),
        Column("audio_class"),
        Column("recording"),
        Column("served_by", default="'daemon'"),
        Column("attempt", "int", "1"),
        Column("updated_at", "time", "now()"),
        Column("journal_seq", "int"),
        Column("journal_flaw"),
        Column("talk_ended_at", "time"),
        Column("classified_at", "time"),
    ),
    final="ended_at",
)

TABLES: Mapping[str, Table] = {
    table.name: table for table in (CENTRE, AGENT_STATE, CALL_EVENT, CALL_OFFER, CALL_RECORD)
}
"""By name, in the order in which a batch writes them: a record comes after what it is a fold of."""

MEMORY = Table("memory", ("name",), (Column("name"), Column("until", "time"), Column("what", "json")))

LOCAL: Mapping[str, Table] = {MEMORY.name: MEMORY}
"""By name, what never leaves the spool: what a restarted daemon must know again, each `until` a time."""

_ALL = {**TABLES, **LOCAL}
_NAMES = {table.name: frozenset(c.name for c in table.columns) for table in _ALL.values()}


@dataclass(frozen=True, slots=True)
class Row:
    """One version of one row; the same table and key again is a newer version of it.

    Attributes:
        table: A name in `TABLES` or `LOCAL`.
        key: The values of the key's columns as text.
        values: Every column that is known, those of the key too; `values` is not changed later.
    """

    table: str
    key: tuple[str, ...]
    values: dict[str, JSON]

    @classmethod
    def of(cls, table: str, values: dict[str, JSON]) -> "Row":
        """Make a row whose key is read from its values.

        Raises:
            RowError: No such table or column, or a part of the key is missing.
        """
        if table not in _ALL:
            raise RowError(f"there is no table {table!r}; known are {', '.join(_ALL)}")
        if unknown := values.keys() - _NAMES[table]:
            raise RowError(f"{table} has no column {', '.join(sorted(unknown))}")
        key = _ALL[table].key
        if missing := [name for name in key if values.get(name) is None]:
            raise RowError(f"a row of {table} needs {', '.join(missing)}")
        return cls(table, tuple(str(values[name]) for name in key), values)
