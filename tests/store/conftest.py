"""A database for each test, cloned from one that was migrated once; and a server for who breaks it."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from siaga112.lab.postgres import Postgres
from siaga112.store.migrate import Connection, migrate
from tests.store.servers import named, start_postgres

_TEMPLATE = f"siaga112_template_{os.getpid()}"


async def _run(dsn: str, *statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


@pytest.fixture(scope="session")
def template(server: str) -> Iterator[str]:
    """The name of a database that was migrated once, to be cloned."""
    with asyncio.Runner() as runner:
        runner.run(_run(server, f"CREATE DATABASE {_TEMPLATE}"))
        runner.run(migrate(named(server, _TEMPLATE)))
        yield _TEMPLATE
        runner.run(_run(server, f"DROP DATABASE {_TEMPLATE} WITH (FORCE)"))


@pytest.fixture
async def dsn(server: str, template: str) -> AsyncIterator[str]:
    """A migrated database of this test's own."""
    name = f"siaga112_test_{secrets.token_hex(6)}"
    await _run(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    yield named(server, name)
    await _run(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def empty(server: str) -> AsyncIterator[str]:
    """A database of this test's own with nothing in it."""
    name = f"siaga112_empty_{secrets.token_hex(6)}"
    await _run(server, f"CREATE DATABASE {name} STRATEGY file_copy")
    yield named(server, name)
    await _run(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    """A server of this test's own, which it may stop, freeze or spoil."""
    own = start_postgres(tmp_path / "postgres")
    yield own
    own.stop()


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Connection]:
    """A connection to the migrated database."""
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()
