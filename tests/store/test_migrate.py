"""Migrations against a real PostgreSQL: once each, whoever comes, and clear words when they cannot."""

import asyncio
from urllib.parse import urlsplit

import asyncpg
import pytest

from siaga112.store.errors import ChecksumError, MigrationError, NewerDatabaseError
from siaga112.store.migrate import _LOCK, Connection, known, migrate, pending
from siaga112.store.rows import TABLES
from tests.store.servers import column


async def test_from_nothing_and_again(empty: str) -> None:
    """All migrations are run on an empty database, in order, and none the second time."""
    assert await pending(empty) == known()
    assert await migrate(empty) == known()
    assert await pending(empty) == []
    assert await migrate(empty) == []
    assert await column(empty, "SELECT version FROM siaga112.migration ORDER BY applied_at, version") == [
        migration.version for migration in known()
    ]


async def test_each_number_once() -> None:
    """No two migrations have one number, so that two branches that took the same cannot both be merged."""
    numbers = [migration.version for migration in known()]
    assert numbers == sorted(set(numbers))
    assert numbers[0] == 1


async def test_two_daemons_at_once(empty: str) -> None:
    """Of several that start together one migrates; the others wait for it and find nothing to do."""
    results = await asyncio.gather(*(migrate(empty) for _ in range(5)))
    assert sorted(results, key=len) == [[], [], [], [], known()]


async def test_waiting_for_another_ends(empty: str) -> None:
    """Who waits for another's migration too long is told what to look at."""
    other = await asyncpg.connect(empty)
    await other.execute("SELECT pg_advisory_lock($1)", _LOCK)  # as a migration that takes its time
    with pytest.raises(MigrationError, match="pg_stat_activity"):
        await migrate(empty, patience=0.3)
    await other.close()


async def test_changed_file(dsn: str, database: Connection) -> None:
    """A file that was changed after the database had it is refused, by name and with the remedy."""
    await database.execute("UPDATE siaga112.migration SET sha256 = 'other' WHERE version = 1")
    for ask in (migrate, pending):
        with pytest.raises(ChecksumError, match=r"0001_tables.*reinstall"):
            await ask(dsn)


async def test_newer_database(dsn: str, database: Connection) -> None:
    """A database that had a migration we do not know is refused, and the remedy is to update."""
    await database.execute("INSERT INTO siaga112.migration VALUES (9999, 'from_tomorrow', 'x')")
    with pytest.raises(NewerDatabaseError, match=r"9999_from_tomorrow.*update siaga112"):
        await migrate(dsn)


async def test_role_without_rights(empty: str) -> None:
    """A role that may not make tables is told who has to migrate, and nothing is left half done."""
    owner = await asyncpg.connect(empty)
    name = (await owner.fetchval("SELECT current_database()")).replace("siaga112_", "role_")
    await owner.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'pw'")
    address = urlsplit(empty)
    other = address._replace(netloc=f"{name}:pw@{address.hostname}:{address.port}").geturl()
    with pytest.raises(MigrationError, match="as the database's owner"):
        await migrate(other)
    assert await pending(empty) == known()
    await migrate(empty)
    await owner.execute(f"GRANT USAGE ON SCHEMA siaga112 TO {name}")
    await owner.execute(f"GRANT SELECT ON siaga112.migration TO {name}")
    assert await migrate(other) == []
    await owner.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")
    await owner.close()


async def test_columns_are_those_of_the_rows(database: Connection) -> None:
    """The columns that a Row may have are exactly the columns of the tables, in the same order."""
    query = "SELECT column_name FROM information_schema.columns WHERE table_schema = 'siaga112' "
    for table in TABLES.values():
        found = await database.fetch(query + "AND table_name = $1 ORDER BY ordinal_position", table.name)
        assert [row[0] for row in found] == [column.name for column in table.columns]


async def test_keys_are_those_of_the_rows(database: Connection) -> None:
    """The primary keys are those by which a Row replaces another."""
    for table in TABLES.values():
        key = await database.fetchval(
            "SELECT array_agg(a.attname::text ORDER BY array_position(i.indkey::int[], a.attnum::int)) "
            "FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) "
            "WHERE i.indisprimary AND i.indrelid = $1::text::regclass",
            f"siaga112.{table.name}",
        )
        assert tuple(key) == table.key


@pytest.mark.parametrize("column_name", ["outcome", "disposition", "suspicion", "served_by", "ended_by"])
async def test_unknown_word_is_refused(database: Connection, column_name: str) -> None:
    """A word outside the contract is refused by a constraint with the column's name."""
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await database.execute(
            f"INSERT INTO siaga112.call_record (call_id, centre, channel_id, started_at, {column_name}) "  # noqa: S608
            "VALUES (gen_random_uuid(), '35.79', '1.1', now(), 'nonsense')"
        )
    assert caught.value.constraint_name == f"call_record_{column_name}"
