"""A backup as the README makes it: restored elsewhere, the records, figures and months are what they were."""

import asyncio
import shutil
import subprocess
from pathlib import Path
from typing import Any

import asyncpg

from siaga112.lab.postgres import DATABASE, USER, Postgres, programs
from siaga112.lab.root import ensure_root
from siaga112.store import migrate
from siaga112.store.shipper import Shipper
from siaga112.store.spool import Spool
from tests.report.dataset import rows
from tests.store.samples import Told, ended, event
from tests.store.servers import QUICK, running

_TABLES = [
    "centre",
    "call_record",
    "call_event",
    "call_offer",
    "agent_state",
    "kpi_daily",
    "kpi_hourly",
    "kpi_kept",
    "agent_day_kept",
    "agent_time_kept",
]
_ROWS = "SELECT x::text FROM siaga112.{} x ORDER BY 1"
_MONTHS = "SELECT relid::text FROM pg_partition_tree('siaga112.call_record') ORDER BY 1"


def _run(postgres: Postgres, program: str, *words: str) -> None:
    """Run a program of PostgreSQL's beside the server; its folder /run/postgresql is the server's."""
    command = [f"{programs(ensure_root().fs)}/{program}", "-h", "/run/postgresql", "-p", str(postgres.port)]
    done = subprocess.run(  # noqa: S603 - our own command
        postgres.sandbox.argv([*command, "-U", USER, *words]), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


async def _everything(dsn: str) -> dict[str, list[Any]]:
    connection = await asyncpg.connect(dsn)
    found = {one: await connection.fetch(_ROWS.format(one)) for one in _TABLES}
    found["months"] = await connection.fetch(_MONTHS)
    await connection.close()
    return found


async def test_backup_and_restore(postgres: Postgres, tmp_path: Path) -> None:
    """pg_dump and the spool are the whole of it: with both, no row is missing and none is there twice."""
    path, kept = tmp_path / "spool" / "spool.sqlite3", tmp_path / "kept"
    await asyncio.to_thread(path.parent.mkdir)
    async with Spool(path) as spool, running(Shipper(spool, postgres.dsn, Told(), limits=QUICK)) as shipper:
        spool.append(rows(calls=60))
        assert await shipper.drain(30) == 0
    postgres.sql(DATABASE, "SELECT siaga112.keep_figures(500)")
    before = await _everything(postgres.dsn)
    assert len(before["kpi_kept"]) > 60
    async with Spool(path) as spool:
        spool.append([event(1, 1), ended(1)])  # not sent yet when the backup is made
    _run(postgres, "pg_dump", "-Fc", "-f", "/run/postgresql/backup", DATABASE)
    shutil.copytree(path.parent, kept)
    postgres.sql("postgres", f"DROP DATABASE {DATABASE}")
    _run(postgres, "createdb", DATABASE)
    _run(postgres, "pg_restore", "--exit-on-error", "-d", DATABASE, "/run/postgresql/backup")
    assert await _everything(postgres.dsn) == before
    assert await migrate.pending(postgres.dsn) == []
    async with (
        Spool(kept / path.name) as spool,
        running(Shipper(spool, postgres.dsn, Told(), limits=QUICK)) as shipper,
    ):
        assert await shipper.drain(30) == 0
    after = await _everything(postgres.dsn)
    assert len(after["call_record"]) == len(before["call_record"]) + 1
    assert len(after["call_event"]) == len(before["call_event"]) + 1
    assert after["kpi_daily"] != before["kpi_daily"], "a row that came late counts in the figures of its day"
