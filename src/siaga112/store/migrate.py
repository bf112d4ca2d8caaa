"""Brings the database up to date with the SQL files beside this module.

Knows asyncpg, the migrations' names and checksums. Does not know what the tables are for.

Every file is run once, in its own transaction, in the order of its number; which were run is kept in
siaga112.migration. One daemon migrates at a time: the others wait for its advisory lock and find the work
done. Files are never changed after a release: a later one mends an earlier one, in such a way that the
version before it can go on writing (add first, take away a release later).
"""

import asyncio
import hashlib
from dataclasses import dataclass, field
from importlib import resources
from typing import TypeAlias

import asyncpg

from siaga112.store.errors import ChecksumError, MigrationError, NewerDatabaseError

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_LOCK = 0x5149_4147_4131_3132  # any number will do that no other program of the database takes
_TABLE = """
CREATE SCHEMA IF NOT EXISTS siaga112;
CREATE TABLE IF NOT EXISTS siaga112.migration (
    version    integer PRIMARY KEY,
    name       text NOT NULL,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One SQL file; two are the same if their contents are."""

    version: int
    name: str
    sha256: str
    sql: str = field(repr=False, compare=False)


def known() -> list[Migration]:
    """Read the migrations that this version brings, oldest first."""
    folder = resources.files("siaga112.store") / "migrations"
    found = []
    for file in folder.iterdir():
        if file.name.endswith(".sql"):
            sql = file.read_text(encoding="utf-8")
            number, _, name = file.name.removesuffix(".sql").partition("_")
            found.append(Migration(int(number), name, hashlib.sha256(sql.encode()).hexdigest(), sql))
    return sorted(found, key=lambda migration: migration.version)


async def migrate(dsn: str, *, patience: float = 300.0) -> list[Migration]:
    """Run the migrations that the database has not had yet.

    Args:
        dsn: Where the database is.
        patience: Seconds that this may take, waiting for another daemon's migrating included.

    Returns:
        Those that were run now, oldest first.

    Raises:
        ChecksumError: A file was changed after the database had it.
        NewerDatabaseError: The database has had migrations that are not known here.
        MigrationError: A file failed, or the time was not enough; the database is as it was.
    """
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        async with asyncio.timeout(patience):
            return await migrate_over(connection)
    except TimeoutError as error:
        raise MigrationError(
            f"the database was not migrated within {patience:g} s; another daemon may be at it: see "
            "pg_stat_activity for who waits for an advisory lock, and start again"
        ) from error
    finally:
        connection.terminate()  # gives the lock back, and waits for no frozen server


async def migrate_over(connection: Connection) -> list[Migration]:
    """Do what `migrate` does over a connection that is there already."""
    todo = await pending_over(connection)
    if not todo:
        return []  # also lets a role run that may write rows and not change tables
    await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
    try:
        todo = await pending_over(connection)
        await _guarded(connection, "the schema siaga112", _TABLE)
        for migration in todo:
            await _run(connection, migration)
    finally:
        if not connection.is_closed():
            await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)
    return todo


async def pending(dsn: str) -> list[Migration]:
    """Say which migrations the database still lacks; changes nothing.

    Raises:
        ChecksumError: A file was changed after the database had it.
        NewerDatabaseError: The database has had migrations that are not known here.
    """
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        return await pending_over(connection)
    finally:
        connection.terminate()


async def pending_over(connection: Connection) -> list[Migration]:
    """Do what `pending` does over a connection that is there already."""
    ours = known()
    if await connection.fetchval("SELECT to_regclass('siaga112.migration')") is None:
        return ours
    rows = await connection.fetch("SELECT version, name, sha256 FROM siaga112.migration")
    theirs = {row["version"]: row for row in rows}
    for migration in ours:
        _compare(migration, theirs.pop(migration.version, None))
    if theirs:
        newest = theirs[max(theirs)]
        raise NewerDatabaseError(
            f"the database has had migration {newest['version']:04d}_{newest['name']}, this version of "
            f"siaga112 knows up to {ours[-1].version:04d}_{ours[-1].name}: update siaga112, or restore the "
            "backup that was made before the database was migrated"
        )
    had = {row["version"] for row in rows}
    return [migration for migration in ours if migration.version not in had]


def _compare(ours: Migration, theirs: asyncpg.Record | None) -> None:
    if theirs is not None and theirs["sha256"] != ours.sha256:
        raise ChecksumError(
            f"migration {ours.version:04d}_{ours.name} is not the one that the database has had: its file "
            "was changed afterwards. Put the released file back (reinstall siaga112) and make the change in "
            "a new migration"
        )


async def _run(connection: Connection, migration: Migration) -> None:
    sql = migration.sql + (
        "\n;INSERT INTO siaga112.migration (version, name, sha256) "  # noqa: S608 - our file's name
        f"VALUES ({migration.version}, '{migration.name}', '{migration.sha256}');"
    )
    await _guarded(connection, f"migration {migration.version:04d}_{migration.name}", sql)


async def _guarded(connection: Connection, what: str, sql: str) -> None:
    try:
        async with connection.transaction():
            await connection.execute(sql)
    except asyncpg.InsufficientPrivilegeError as error:
        raise MigrationError(
            f"{what}: this role may not do that ({error}); run `siaga112 migrate` as the database's owner"
        ) from error
    except (
        asyncpg.SyntaxOrAccessError,
        asyncpg.DataError,
        asyncpg.IntegrityConstraintViolationError,
    ) as error:
        raise MigrationError(f"{what} failed and was undone: {error}") from error
