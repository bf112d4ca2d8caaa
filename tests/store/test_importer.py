"""Records of the fallback's calls come while the centre works, and overwrite nothing that comes meanwhile."""

import asyncio
import itertools
import time
from pathlib import Path

import asyncpg

from siaga112.fallback import Tail
from siaga112.importer import Importer
from siaga112.metrics import Metrics
from siaga112.refold import refold
from siaga112.routing.ids import call_id
from siaga112.store.encoding import encode
from siaga112.store.migrate import Connection
from siaga112.store.shipper import Shipper
from siaga112.store.spool import Spool
from siaga112.store.sql import INSERTS
from tests.asterisk.centre import soon
from tests.report.dataset import rows
from tests.store.samples import centre, event
from tests.test_fallback import ENDED, ENTERED, PLAN, line


async def _never_empty(spool: Spool) -> None:
    """Other calls go on."""
    for number in itertools.count(1):
        spool.append([event(number, 1)])
        await asyncio.sleep(0.01)


async def test_a_record_comes_though_the_spool_is_never_empty(
    dsn: str, database: Connection, tmp_path: Path
) -> None:
    """It is made as soon as what was spooled before the fallback's lines is in PostgreSQL."""
    journal, now = tmp_path / "fallback.csv", int(time.time())
    texts = [line(one.replace("17672436", f"{now}"[:8])) for one in (ENTERED, ENDED)]
    async with Spool(tmp_path / "spool.sqlite3") as spool, asyncio.TaskGroup() as tasks:
        spool.append([centre()])
        tail = Tail(journal, tmp_path / "read")
        works = [
            Shipper(spool, dsn).run(),
            _never_empty(spool),
            Importer(tail, spool, dsn, lambda: PLAN, Metrics()).run(),
        ]
        running = [tasks.create_task(one) for one in works]
        journal.write_text("\n".join([*texts, ""]), encoding="utf-8")
        sql = "SELECT served_by FROM siaga112.call_record WHERE call_id = $1"
        wanted = call_id("35.79", f"{now}"[:8] + "00.12")
        served = await soon("the record is made", lambda: database.fetchval(sql, wanted))
        for one in running:
            one.cancel()
    assert served == "fallback"


async def test_what_is_committed_meanwhile_is_not_overwritten(dsn: str, database: Connection) -> None:
    """Records are held before their journals are read: a batch on its way is waited for."""
    made = rows(calls=1, disposed=True)
    for table in ("centre", "call_event", "call_offer", "call_record"):
        found = [one for one in made if one.table == table]
        for one in found[:-1] if table == "call_event" else found:
            await database.execute(INSERTS[table], f"[{encode(one.values)}]")
    await database.execute("UPDATE siaga112.call_record SET talk_s = NULL")
    last = [one for one in made if one.table == "call_event"][-1]
    record = [one for one in made if one.table == "call_record"][-1]
    batch = await asyncpg.connect(dsn)
    transaction = batch.transaction()
    await transaction.start()
    for one in (last, record):
        await batch.execute(INSERTS[one.table], f"[{encode(one.values)}]")
    folding = asyncio.create_task(refold(database, "35.79", [str(record.values["call_id"])]))
    waits = "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock'"
    pid = database.get_server_pid()
    await soon("the fold waits", lambda: batch.fetchval(waits, pid))
    await transaction.commit()
    done = await folding
    await batch.close()
    assert (done.calls, done.changed, done.made) == (1, 0, 0)
    assert await database.fetchval("SELECT journal_seq FROM siaga112.call_record") == last.values["seq"]
