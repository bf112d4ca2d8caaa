"""Who sees a caller's number: nobody without a trace, whatever role, whatever transaction."""

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import asyncpg
import pytest

from siaga112.store.migrate import Connection
from tests.store.callers import answered, call_of, recording, store

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
CALL, NUMBER = call_of(AT), "081234567890"
ROLES = ("writer", "reader", "auditor")


@pytest.fixture
async def logins(dsn: str, database: Connection) -> AsyncIterator[dict[str, Connection]]:
    """A login of each role, and a call in the records."""
    await store(database, answered(AT, NUMBER))
    parts, made = urlsplit(dsn), {}
    for role in ROLES:
        name, password = f"{role}_{secrets.token_hex(4)}", secrets.token_hex(8)
        await database.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}' IN ROLE siaga112_{role}")
        theirs = parts._replace(netloc=f"{name}:{password}@{parts.hostname}:{parts.port}").geturl()
        made[role] = (name, await asyncpg.connect(theirs))
    yield {role: connection for role, (_, connection) in made.items()}
    for name, connection in made.values():
        await connection.close()
        await database.execute(f"DROP ROLE {name}")


async def ask(connection: Connection, what: str = "number", reason: str = "call back") -> int:
    """Ask to see something of the call."""
    return int(await connection.fetchval("SELECT siaga112.ask($1, $2, $3, 'Budi')", CALL, what, reason))


@pytest.mark.parametrize(("what", "shown"), [("number", NUMBER), ("recording", recording(AT))])
async def test_seeing_leaves_a_trace(
    logins: dict[str, Connection], database: Connection, what: str, shown: str
) -> None:
    """Every role gets it for a reason; who, when, what and why is written down."""
    for role, login in logins.items():
        asked = await ask(login, what)
        assert await login.fetchval("SELECT siaga112.reveal($1)", asked) == shown
        row = await database.fetchrow("SELECT * FROM siaga112.access_log ORDER BY id DESC LIMIT 1")
        assert row is not None
        _told(row, role, what, shown)


def _told(row: asyncpg.Record, role: str, what: str, shown: str) -> None:
    assert (row["person"], row["what"], row["reason"], str(row["call_id"])) == (
        "Budi",
        what,
        "call back",
        CALL,
    )
    assert row["login"].startswith(role)
    assert shown not in str(dict(row)), "the log itself tells nothing of the caller"


async def test_no_sight_without_a_trace(logins: dict[str, Connection], database: Connection) -> None:
    """Asking and seeing in one transaction, which could be rolled back, is refused."""
    reader = logins["reader"]
    for inner in (False, True):
        transaction = reader.transaction()
        await transaction.start()
        if inner:
            async with reader.transaction():
                asked = await ask(reader)
        else:
            asked = await ask(reader)
        with pytest.raises(asyncpg.ObjectNotInPrerequisiteStateError, match="must be committed"):
            await reader.fetchval("SELECT siaga112.reveal($1)", asked)
        await transaction.rollback()
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="have not asked"):
            await reader.fetchval("SELECT siaga112.reveal($1)", asked)
    assert await database.fetchval("SELECT count(*) FROM siaga112.access_log") == 0


async def test_what_one_asked_another_does_not_see(
    logins: dict[str, Connection], database: Connection
) -> None:
    """What was asked is answered to who asked, and only for a quarter of an hour."""
    asked = await ask(logins["reader"])
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await logins["auditor"].fetchval("SELECT siaga112.reveal($1)", asked)
    await database.execute("UPDATE siaga112.access_log SET at = at - interval '16 minutes'")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await logins["reader"].fetchval("SELECT siaga112.reveal($1)", asked)


async def test_a_reason_is_needed(database: Connection) -> None:
    """Without a reason, or for anything else, nothing is even asked."""
    for what, reason in (("number", " "), ("number", ""), ("address", "to visit")):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await ask(database, what, reason)


async def test_what_is_seen_without_a_reason(logins: dict[str, Connection]) -> None:
    """The records with a masked number, and the journal with none."""
    row = dict(await logins["reader"].fetchrow("SELECT * FROM siaga112.call_masked") or {})
    assert row["caller_number"] == "0812****90"
    assert row["recorded"] is True
    assert {"recording", "channel_id"}.isdisjoint(row)
    events = await logins["reader"].fetch("SELECT data::text FROM siaga112.call_event_masked ORDER BY seq")
    assert len(events) == 9
    text = "\n".join(event[0] for event in events)
    assert '"number": null' in text
    assert NUMBER not in text
    assert ".wav" not in text


async def test_masks(database: Connection) -> None:
    """A short number shows nothing at all."""
    for number, masked in ((NUMBER, "0812****90"), ("0811", "****"), ("", "****"), (None, None)):
        assert await database.fetchval("SELECT siaga112.masked($1)", number) == masked


async def test_holds(logins: dict[str, Connection], database: Connection) -> None:
    """An auditor holds a call and releases it; what a hold forbids works again afterwards."""
    auditor = logins["auditor"]
    forget = "SELECT siaga112.forget(ARRAY[$1::uuid], '{number,recording}')"
    assert await auditor.fetchval("SELECT siaga112.hold($1, 'Ani', 'police')", CALL) is True
    assert await auditor.fetchval("SELECT siaga112.hold($1, 'Ani', 'police')", CALL) is False
    assert await database.fetchval(forget, CALL) == 0
    assert await database.fetchval("SELECT caller_number FROM siaga112.call_record") == NUMBER
    assert await auditor.fetchval("SELECT siaga112.release($1, 'Ani', 'closed')", CALL) is True
    assert await auditor.fetchval("SELECT siaga112.release($1, 'Ani', 'closed')", CALL) is False
    assert await database.fetchval(forget, CALL) == 1
    assert await database.fetchval("SELECT caller_number FROM siaga112.call_record") is None
