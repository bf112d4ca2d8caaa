"""Rights: the daemon's role can do its work and nothing else, dashboards see figures and no caller."""

import secrets
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from siaga112.store.migrate import Connection, migrate
from siaga112.store.shipper import Shipper
from siaga112.store.spool import Spool
from tests.store.samples import Told, centre, ended, event, offer, state
from tests.store.servers import QUICK, column, running

ALLOWED = {
    "writer": ["SELECT caller_number FROM siaga112.call_record", "SELECT siaga112.make_partitions()"],
    "reader": [
        "SELECT calls FROM siaga112.kpi_daily",
        "SELECT * FROM siaga112.agent_shift",
        "SELECT * FROM siaga112.availability_daily",
        "SELECT name FROM siaga112.centre",
        "SELECT siaga112.percent(1, 2)",
    ],
    "auditor": ["SELECT caller_number FROM siaga112.call_record", "SELECT data FROM siaga112.call_event"],
}
FORBIDDEN = {
    "writer": [
        "DELETE FROM siaga112.call_record",
        "UPDATE siaga112.call_event SET kind = 'x'",
        "DELETE FROM siaga112.call_event",
        "TRUNCATE siaga112.call_offer",
        "CREATE TABLE siaga112.mine ()",
        "UPDATE siaga112.migration SET name = 'x'",
    ],
    "reader": [
        "SELECT caller_number FROM siaga112.call_record",
        "SELECT data FROM siaga112.call_event",
        "SELECT caller_number FROM siaga112.call_record_before",
        "UPDATE siaga112.centre SET name = 'x'",
        "SELECT siaga112.make_partitions()",
    ],
    "auditor": [
        "UPDATE siaga112.call_record SET agent_id = 'x'",
        "INSERT INTO siaga112.centre VALUES ('1', 'x', 'UTC')",
        "SELECT siaga112.make_partitions()",
    ],
}


def _cases(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(role, sql) for role, every in table.items() for sql in every]


@pytest.mark.parametrize(("role", "sql"), _cases(ALLOWED))
async def test_may(database: Connection, role: str, sql: str) -> None:
    """What a role is for works."""
    await database.execute(f"SET ROLE siaga112_{role}")
    await database.fetch(sql)


@pytest.mark.parametrize(("role", "sql"), _cases(FORBIDDEN))
async def test_may_not(database: Connection, role: str, sql: str) -> None:
    """What it is not for is refused by PostgreSQL."""
    await database.execute(f"SET ROLE siaga112_{role}")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await database.execute(sql)


async def test_the_daemon_works_as_writer(dsn: str, tmp_path: Path, database: Connection) -> None:
    """A login with the writer's rights ships every kind of row, their newer versions, and makes months."""
    name, password = f"daemon_{secrets.token_hex(4)}", secrets.token_hex(8)
    await database.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}' IN ROLE siaga112_writer")
    parts = urlsplit(dsn)
    theirs = parts._replace(netloc=f"{name}:{password}@{parts.hostname}:{parts.port}").geturl()
    told = Told()
    async with Spool(tmp_path / "s") as spool, running(Shipper(spool, theirs, told, limits=QUICK)) as shipper:
        for version in (1.0, 2.0):
            rows = [
                centre(),
                event(1, 1),
                offer(1, 1),
                ended(1, talk_s=version),
                state("101", "available", 1.0),
            ]
            spool.append(rows)
            assert await shipper.drain(10) == 0
    assert await column(dsn, "SELECT talk_s FROM siaga112.call_record") == [2.0]
    assert {"rejected", "no_months", "disconnected"}.isdisjoint(told.names())
    await database.execute(f"DROP ROLE {name}")


async def test_an_owner_who_may_not_make_roles(empty: str, server: str) -> None:
    """Migrating works without the right to make roles; those that are there get their rights."""
    name, password = f"owner_{secrets.token_hex(4)}", secrets.token_hex(8)
    admin = await asyncpg.connect(server)
    await admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
    parts = urlsplit(empty)
    await admin.execute(f"ALTER DATABASE {parts.path[1:]} OWNER TO {name}")
    theirs = parts._replace(netloc=f"{name}:{password}@{parts.hostname}:{parts.port}").geturl()
    assert len(await migrate(theirs)) == 5
    own = await asyncpg.connect(theirs)
    granted = [row[0] for row in await own.fetch("SELECT siaga112.grant_roles()")]
    await own.close()
    assert granted == ["siaga112_writer", "siaga112_reader", "siaga112_auditor"]
    await admin.execute(f"ALTER DATABASE {parts.path[1:]} OWNER TO CURRENT_USER")
    await admin.close()
    cleaner = await asyncpg.connect(empty)
    await cleaner.execute(f"REASSIGN OWNED BY {name} TO CURRENT_USER; DROP OWNED BY {name}; DROP ROLE {name}")
    await cleaner.close()
