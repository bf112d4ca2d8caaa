"""The statements that write a batch of one table into PostgreSQL.

Knows PostgreSQL's syntax and the columns of `rows`. Does not know connections.

A batch travels as one JSON array, because the spool holds each row as JSON already: PostgreSQL takes it
apart in C, and Python does nothing per row. (Arrays for unnest() would have to be built value by value,
and COPY cannot say ON CONFLICT without a second table. As jsonb the array is read once, as json its rows
are read a second time.)
"""

from siaga112.store.rows import TABLES, Column, Table

_PG_TYPES = {
    "uuid": "uuid",
    "text": "text",
    "bool": "boolean",
    "int": "integer",
    "smallint": "smallint",
    "float": "double precision",
    "time": "double precision",
    "json": "jsonb",
}


def _value(column: Column) -> str:
    value = f"x.{column.name}"
    if column.kind == "time":
        value = f"to_timestamp({value})"
    return f"coalesce({value}, {column.default})" if column.default else value


def _incoming(table: Table) -> str:
    values = ", ".join(f"{_value(c)} AS {c.name}" for c in table.columns)
    types = ", ".join(f"{c.name} {_PG_TYPES[c.kind]}" for c in table.columns)
    return f"SELECT {values} FROM jsonb_to_recordset($1::jsonb) AS x({types})"  # noqa: S608 - our names


def _plain(table: Table) -> str:
    names = ", ".join(c.name for c in table.columns)
    return f"INSERT INTO siaga112.{table.name} ({names}) {_incoming(table)}"


def _insert(table: Table) -> str:
    key = ", ".join(table.key)
    rest = [c.name for c in table.columns if c.name not in table.key]
    update = ", ".join(f"{name} = excluded.{name}" for name in rest)
    action = "NOTHING" if table.immutable else f"UPDATE SET {update}"
    if table.final:
        action += f" WHERE excluded.{table.final} IS NOT NULL OR {table.name}.{table.final} IS NULL"
    return f"{_plain(table)} ON CONFLICT ({key}) DO {action}"


def _conflicts(table: Table) -> str:
    rest = [c.name for c in table.columns if c.name not in table.key]
    ours = ", ".join(f"new.{name}" for name in rest)
    theirs = ", ".join(f"old.{name}" for name in rest)
    return (
        f"SELECT count(*) FROM ({_incoming(table)}) AS new "  # noqa: S608 - our names
        f"JOIN siaga112.{table.name} AS old USING ({', '.join(table.key)}) "
        f"WHERE ({ours}) IS DISTINCT FROM ({theirs})"
    )


INSERTS = {name: _insert(table) for name, table in TABLES.items()}
"""By table: write the rows of the JSON array $1; the last version wins, or the first if immutable."""

FIRST_TIME = {name: _plain(table) if table.immutable else INSERTS[name] for name, table in TABLES.items()}
"""By table: the same, a sixth quicker, but refused if one of the rows that never change is there already."""

CONFLICTS = {name: _conflicts(table) for name, table in TABLES.items() if table.immutable}
"""By immutable table: how many rows of the JSON array $1 differ from what PostgreSQL has."""
