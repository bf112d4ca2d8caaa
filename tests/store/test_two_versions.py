"""An older daemon beside a newer one: what it writes fits the tables as they are now."""

from dataclasses import replace

from siaga112.store.encoding import encode
from siaga112.store.migrate import Connection
from siaga112.store.rows import TABLES, Row, Table
from siaga112.store.sql import _insert
from tests.store.samples import centre, ended, event, offer, record, state

SINCE = {"centre": {"shifts"}, "call_record": {"journal_seq", "journal_flaw"}}
"""Columns that the first version did not know, by table."""


def _older(table: Table) -> Table:
    """A table as the first version knew it."""
    unknown = SINCE.get(table.name, set())
    return replace(table, columns=tuple(one for one in table.columns if one.name not in unknown))


async def _write(database: Connection, table: Table, *rows: Row) -> None:
    bodies = ",".join(encode(row.values) for row in rows)
    await database.execute(_insert(table), f"[{bodies}]")


async def test_the_older_ones_rows_arrive(database: Connection) -> None:
    """Every table takes the first version's statements, new rows and newer versions of them."""
    newest = [
        ended(1, talk_s=3.0),
        offer(1, 1, ended_at=2e9, result="rona"),
        state("101", "paused", 1e9, 2e9),
    ]
    for row in [centre(), event(1, 1), record(1), offer(1, 1), state("101", "paused", 1e9), *newest]:
        await _write(database, _older(TABLES[row.table]), row)
    assert await database.fetchval("SELECT talk_s FROM siaga112.call_record") == 3.0
    assert await database.fetchval("SELECT result FROM siaga112.call_offer") == "rona"
    assert await database.fetchval("SELECT to_at IS NOT NULL FROM siaga112.agent_state")
    assert await database.fetchval("SELECT calls FROM siaga112.kpi_daily") == 1


async def test_they_take_turns(database: Connection) -> None:
    """The older daemon's version of a record leaves what only the newer one knows as it was."""
    await _write(database, TABLES["centre"], Row.of("centre", centre().values | {"shifts": []}))
    await _write(database, TABLES["call_record"], ended(1, journal_seq=9))
    await _write(database, _older(TABLES["call_record"]), ended(1, talk_s=4.0))
    await _write(database, _older(TABLES["centre"]), centre())
    row = await database.fetchrow("SELECT talk_s, journal_seq FROM siaga112.call_record")
    assert row is not None
    assert tuple(row) == (4.0, 9)
    assert await database.fetchval("SELECT shifts FROM siaga112.centre") == "[]"
