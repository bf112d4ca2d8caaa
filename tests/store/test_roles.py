"""Rights: the daemon's role can do its work and nothing else, dashboards see figures and no caller."""

import secrets
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from siaga112.store.migrate import Connection, known, migrate
from siaga112.store.shipper import Shipper
from siaga112.store.spool import Spool
from tests.store.samples import Told, centre, ended, event, offer, state
from tests.store.servers import QUICK, column, running

CALL = "00000000-0000-8000-8000-000000000001"
SEEN = f"SELECT siaga112.ask('{CALL}', 'number', 'a test')"
RETENTION = (
    "SELECT siaga112.forget('{}', '{number}')",
    "SELECT siaga112.erase('{}', '201', 'a test')",
    "SELECT siaga112.drop_calls('{}', true)",
    "SELECT * FROM siaga112.drop_months('call_event', '2020-01-01')",
    "SELECT siaga112.expire('agents', '2020-01-01')",
)
HOLD = f"SELECT siaga112.hold('{CALL}', 'Ani', 'a test')"
FIGURES = (
    "SELECT calls FROM siaga112.kpi_daily",
    "SELECT * FROM siaga112.agent_shift",
    "SELECT * FROM siaga112.availability_daily",
    "SELECT name FROM siaga112.centre",
    "SELECT siaga112.percent(1, 2)",
    "SELECT caller_number FROM siaga112.call_masked",
    "SELECT data FROM siaga112.call_event_masked",
)
RAW = (
    "SELECT caller_number FROM siaga112.call_record",
    "SELECT data FROM siaga112.call_event",
    "SELECT caller_number FROM siaga112.call_record_before",
    "SELECT data FROM siaga112.call_event_before",
)
REPORTED = (
    *("kpi_tally", "agent_tally", "kpi_longest", "agency_request"),
    *("agent_zone", "agent_known", "agent_spell", "agent_time", "availability_daily"),
)
ALLOWED = {
    "writer": (
        *RAW[:2],
        *RETENTION,
        SEEN,
        HOLD,
        "SELECT siaga112.make_partitions()",
        "INSERT INTO siaga112.retention_run (days, removed) VALUES ('{}', '{}')",
        "SELECT * FROM siaga112.on_hold",
        "SELECT caller_number FROM siaga112.call_masked",
        *(f"SELECT * FROM siaga112.{name}" for name in REPORTED),  # noqa: S608 - our own words
        "SELECT siaga112.keep_figures(1)",
    ),
    "reader": (*FIGURES, SEEN),
    "auditor": (
        *FIGURES,
        SEEN,
        HOLD,
        "SELECT * FROM siaga112.access_log",
        "SELECT * FROM siaga112.legal_hold",
        "SELECT * FROM siaga112.retention_run",
        "SELECT * FROM siaga112.call_offer",
        "SELECT * FROM siaga112.agent_state",
    ),
}
UNTOUCHABLE = (
    "DELETE FROM siaga112.call_record",
    "UPDATE siaga112.call_event SET kind = 'x'",
    "DELETE FROM siaga112.call_event",
    "TRUNCATE siaga112.call_offer",
    "CREATE TABLE siaga112.mine ()",
    "UPDATE siaga112.migration SET name = 'x'",
    "UPDATE siaga112.access_log SET reason = 'x'",
    "DELETE FROM siaga112.access_log",
    "INSERT INTO siaga112.access_log (call_id) VALUES (NULL)",
    "DELETE FROM siaga112.retention_run",
    "UPDATE siaga112.legal_hold SET reason = 'x'",
    "SELECT siaga112.grant_roles()",
    "SELECT siaga112.keep_time(1)",
    "DELETE FROM siaga112.agent_day_kept",
)
READ_ONLY = (
    *UNTOUCHABLE,
    *RETENTION,
    *RAW,
    "UPDATE siaga112.centre SET name = 'x'",
    "UPDATE siaga112.call_record SET agent_id = 'x'",
    "INSERT INTO siaga112.centre VALUES ('1', 'x', 'UTC')",
    "INSERT INTO siaga112.retention_run (days, removed) VALUES ('{}', '{}')",
    "SELECT siaga112.make_partitions()",
)
FORBIDDEN = {
    "writer": UNTOUCHABLE,
    "reader": (*READ_ONLY, HOLD, "SELECT * FROM siaga112.access_log", "SELECT * FROM siaga112.call_offer"),
    "auditor": READ_ONLY,
}


async def _tried(database: Connection, role: str, sql: str) -> str | None:
    """Try a statement as a role, undone afterwards; give what PostgreSQL has against it."""
    undo = database.transaction()
    await undo.start()
    try:
        await database.execute(f"SET LOCAL ROLE siaga112_{role}")
        await database.fetch(sql)
    except asyncpg.InsufficientPrivilegeError as error:
        return str(error)
    finally:
        await undo.rollback()
    return None


@pytest.mark.parametrize("role", ALLOWED)
async def test_may(database: Connection, role: str) -> None:
    """What a role is for works."""
    refused = {sql: why for sql in ALLOWED[role] if (why := await _tried(database, role, sql)) is not None}
    assert refused == {}


@pytest.mark.parametrize("role", FORBIDDEN)
async def test_may_not(database: Connection, role: str) -> None:
    """What it is not for is refused by PostgreSQL."""
    done = [sql for sql in FORBIDDEN[role] if await _tried(database, role, sql) is None]
    assert done == []


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
    assert len(await migrate(theirs)) == len(known())
    own = await asyncpg.connect(theirs)
    granted = [row[0] for row in await own.fetch("SELECT siaga112.grant_roles()")]
    await own.close()
    assert granted == ["siaga112_writer", "siaga112_reader", "siaga112_auditor"]
    await admin.execute(f"ALTER DATABASE {parts.path[1:]} OWNER TO CURRENT_USER")
    await admin.close()
    cleaner = await asyncpg.connect(empty)
    await cleaner.execute(f"REASSIGN OWNED BY {name} TO CURRENT_USER; DROP OWNED BY {name}; DROP ROLE {name}")
    await cleaner.close()
