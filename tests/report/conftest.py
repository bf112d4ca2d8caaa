"""A real PostgreSQL with four months of a made-up centre in it, and the files that a report needs."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import asyncpg
import pytest

from siaga112.report.calls import Shift
from siaga112.store.encoding import encode
from siaga112.store.migrate import Connection, migrate
from siaga112.store.rows import TABLES
from siaga112.store.sql import INSERTS
from tests.report.dataset import SHIFTS, rows
from tests.store.servers import named

_DATABASE = f"siaga112_report_{os.getpid()}"


async def _run(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(statement)
    await connection.close()


async def fill(dsn: str) -> None:
    """Put the four months in, and have their figures kept."""
    connection = await asyncpg.connect(dsn)
    bodies: dict[str, list[str]] = {table: [] for table in TABLES}
    for row in rows():
        bodies[row.table].append(encode(row.values))
    for table, parts in bodies.items():
        for begin in range(0, len(parts), 10_000):
            await connection.execute(INSERTS[table], f"[{','.join(parts[begin : begin + 10_000])}]")
    await connection.fetchval("SELECT siaga112.keep_figures(500)")
    await connection.execute("ANALYZE")
    await connection.close()


@pytest.fixture(scope="session")
def archived(server: str) -> Iterator[str]:
    """The DSN of the database that holds the four months; nobody changes it."""
    dsn = named(server, _DATABASE)
    with asyncio.Runner() as runner:
        runner.run(_run(server, f"CREATE DATABASE {_DATABASE}"))
        runner.run(migrate(dsn))
        runner.run(fill(dsn))
        yield dsn
        runner.run(_run(server, f"DROP DATABASE {_DATABASE} WITH (FORCE)"))


@pytest.fixture
async def database(archived: str) -> AsyncIterator[Connection]:
    """A connection to it, which changes nothing."""
    connection = await asyncpg.connect(archived, server_settings={"default_transaction_read_only": "on"})
    yield connection
    await connection.close()


@pytest.fixture
def config(archived: str, tmp_path: Path) -> Path:
    """A configuration of the made-up centre."""
    return write_config(tmp_path, archived)


def write_config(folder: Path, dsn: str, rota: Sequence[Shift] = SHIFTS) -> Path:
    """Write the two files."""
    shifts = "".join(
        f'[[shifts]]\nname = "{one.name}"\nbegins = {one.begins}\nends = {one.ends}\n' for one in rota
    )
    agents = "".join(
        f'[[agents]]\nid = "{n}"\nname = "Meja {n - 100}"\nendpoint = "PJSIP/{n}"\n' for n in range(101, 110)
    )
    plan = f'[centre]\ncode = "35.79"\nname = "Siaga 112 <Contoh>"\n{agents}{shifts}'
    (folder / "plan.toml").write_text(plan)
    path = folder / "siaga112.toml"
    path.write_text(f'[asterisk]\npassword = "x"\n[postgres]\ndsn = "{dsn}"\n')
    return path
