"""Writes a batch of rows into PostgreSQL in one transaction, and finds the row that spoils it.

Knows asyncpg and the statements of `sql`. Does not know the spool, nor when to try again.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import asyncpg

from siaga112.store.rows import TABLES
from siaga112.store.sql import CONFLICTS, FIRST_TIME, INSERTS
from siaga112.store.unsaved import Spooled

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

POISON = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.CardinalityViolationError,
    asyncpg.ProgramLimitExceededError,
    asyncpg.RaiseError,
)
"""Errors that a row's content causes: trying again will not help, taking the row out will."""


@dataclass(frozen=True, slots=True)
class Written:
    """Rows that PostgreSQL has committed.

    Attributes:
        rows: Which.
        conflicts: By table of rows that never change: how many had come before with other data.
    """

    rows: Sequence[Spooled]
    conflicts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that PostgreSQL does not take.

    Attributes:
        row: Which.
        reason: Why, without the row's content: it is fit for a log.
        detail: PostgreSQL's own words, which may quote the content.
    """

    row: Spooled
    reason: str
    detail: str


async def write(
    connection: Connection, rows: Sequence[Spooled], patience: float
) -> AsyncIterator[Written | Refused]:
    """Write rows, all in one transaction if they let us, and say what became of them.

    If the whole is refused for a row's sake, it is halved until that row stands alone: n rows with one
    bad one among them take about 2·log2(n) transactions.

    Raises:
        TimeoutError: PostgreSQL did not answer within `patience` seconds; the connection is of no more use.
        asyncpg.PostgresError, asyncpg.InterfaceError, OSError: Not a row's fault.
    """
    parts = [rows]
    while parts:
        part = parts.pop()
        try:
            yield await _written(connection, part, patience)
        except POISON as error:
            if len(part) == 1:
                yield Refused(part[0], _reason(error), str(error))
            else:
                middle = len(part) // 2
                parts += [part[middle:], part[:middle]]  # the older half is next


async def _written(connection: Connection, rows: Sequence[Spooled], patience: float) -> Written:
    try:
        return await _transaction(connection, rows, patience, FIRST_TIME)
    except asyncpg.UniqueViolationError:  # we have sent them before, and did not hear that they arrived
        return await _transaction(connection, rows, patience, INSERTS)


async def _transaction(
    connection: Connection, rows: Sequence[Spooled], patience: float, statements: Mapping[str, str]
) -> Written:
    # By hand, and not `connection.transaction()`: that sends a ROLLBACK after a timeout too, and waits for
    # ever for a frozen server to answer it.
    async with asyncio.timeout(patience):
        await connection.execute("BEGIN")
        try:
            conflicts = await _insert(connection, rows, statements)
            await connection.execute("COMMIT")
        except asyncpg.PostgresError:
            if not connection.is_closed():
                await connection.execute("ROLLBACK")
            raise
    return Written(rows, conflicts)


async def _insert(
    connection: Connection, rows: Sequence[Spooled], statements: Mapping[str, str]
) -> dict[str, int]:
    bodies: dict[str, list[str]] = {table: [] for table in TABLES}
    for row in rows:
        bodies[row.table].append(row.body)
    conflicts = {}
    for table, parts in bodies.items():
        if parts:
            batch = f"[{','.join(parts)}]"
            status = await connection.execute(statements[table], batch)
            inserted = int(status.rpartition(" ")[2])
            # fewer are no conflict yet: a batch may come a second time
            if (
                table in CONFLICTS
                and inserted < len(parts)
                and (count := await connection.fetchval(CONFLICTS[table], batch))
            ):
                conflicts[table] = count
    return conflicts


def _reason(error: asyncpg.PostgresError) -> str:
    about = [error.sqlstate, error.table_name, error.column_name, error.constraint_name]
    return " ".join([type(error).__name__, *(str(part) for part in about if part)])
