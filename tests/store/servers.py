"""Small things around a shipper and a PostgreSQL that the tests of both need."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from siaga112.lab.layout import Layout
from siaga112.lab.ports import pick
from siaga112.lab.postgres import Postgres
from siaga112.lab.root import ensure_root
from siaga112.store.shipper import Limits, Shipper

QUICK = Limits(
    connect=1.0, command=0.5, idle=0.05, retry_first=0.02, retry_last=0.1, retry_password=0.1, gather=0.1
)
"""Limits that let a test see an outage and its end in a second."""


def start_postgres(folder: Path) -> Postgres:
    """Start a PostgreSQL of the lab's in a folder of its own."""
    root = ensure_root()
    layout = Layout(folder)
    layout.make()
    layout.hosts.write_text("127.0.0.1 localhost\n")
    postgres = Postgres(root.fs, layout, pick(), secrets.token_hex(8))
    postgres.create(root.cluster)
    postgres.start()
    postgres.prepare()
    return postgres


def named(dsn: str, database: str) -> str:
    """The same server, another database."""
    return urlsplit(dsn)._replace(path=f"/{database}").geturl()


@contextlib.asynccontextmanager
async def running(shipper: Shipper) -> AsyncIterator[Shipper]:
    """Have a shipper run while the block does."""
    task = asyncio.create_task(shipper.run())
    try:
        yield shipper
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def eventually(true: Callable[[], bool], patience: float = 15.0) -> None:
    """Wait until something of another process has become true."""
    async with asyncio.timeout(patience):
        while not true():  # noqa: ASYNC110 - no event of ours tells of it
            await asyncio.sleep(0.01)


async def column(dsn: str, query: str) -> list[object]:
    """The first column of a query's answer."""
    connection = await asyncpg.connect(dsn)
    try:
        return [row[0] for row in await connection.fetch(query)]
    finally:
        await connection.close()
