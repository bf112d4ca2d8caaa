"""Full disks, and a password that changed: calls go on, an operator can see it, nothing is lost."""

import asyncio
import os
import resource
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from siaga112.lab.ports import pick
from tests.fakes.server import PATIENCE, FakeAsterisk
from tests.service.daemon import NOWHERE, invite, rows
from tests.service.process import Process, change
from tests.store.servers import column


@pytest.fixture
def port(config: Path) -> int:
    """Where the daemon answers."""
    number = pick()
    change(config, "port = 0", f"port = {number}")
    return number


async def _eventually(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await true():  # noqa: ASYNC110 - no event of ours tells of it
            await asyncio.sleep(0.02)


async def _get(port: int, path: str) -> Any:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as answer:
        return await (answer.json() if path == "/readyz" else answer.text())


async def test_the_spools_disk_is_full(fake: FakeAsterisk, run: Any, config: Path, port: int) -> None:
    """A call is served all the same; log, metric and readyz say it; what came meanwhile is written later."""
    one: Process = await run()
    await one.until("asterisk_connected")
    pid, limit = one.process.pid, resource.RLIMIT_FSIZE
    soft, hard = resource.prlimit(pid, limit)
    resource.prlimit(pid, limit, (0, hard))  # as a full disk: every write into a file is refused
    await invite(fake)
    assert (await one.until("spool_failed"))["level"] == "error"

    async def alarmed() -> bool:
        ready = await _get(port, "/readyz")
        return any(told.startswith("spool: ") and "memory" in told for told in ready["degraded"])

    await _eventually(alarmed)
    assert (await _get(port, "/readyz"))["ready"] is True
    assert "siaga112_spool_failures_total 0.0" not in await _get(port, "/metrics")
    assert rows(config.with_name("spool.sqlite3"), "call_record") == []
    resource.prlimit(pid, limit, (soft, hard))
    await one.until("spool_recovered")
    assert len(rows(config.with_name("spool.sqlite3"), "call_record")) == 1
    assert not await alarmed()


@pytest.fixture
async def mute(config: Path, port: int) -> AsyncIterator[int]:
    """A daemon whose log goes to a full disk; its port."""
    _ = port
    full = os.open("/dev/full", os.O_WRONLY)
    command = (sys.executable, "-m", "siaga112", "run", "--config", str(config))
    process = await asyncio.create_subprocess_exec(*command, stdout=full)
    os.close(full)
    yield port
    process.kill()
    await process.wait()


async def test_the_logs_disk_is_full(fake: FakeAsterisk, mute: int) -> None:
    """Lines are lost, and nothing else: the daemon starts and claims calls."""

    async def ready() -> bool:
        try:
            return bool((await _get(mute, "/readyz"))["ready"])
        except aiohttp.ClientConnectionError:
            return False

    await _eventually(ready)
    await invite(fake)


async def test_a_password_that_was_changed(fake: FakeAsterisk, run: Any, config: Path, dsn: str) -> None:
    """Written into the file, it is taken up by a reload; no restart, and no word of it in the log."""
    change(config, NOWHERE, dsn.replace("://siaga112:", "://siaga112:not-the-"))
    one: Process = await run()
    assert "InvalidPasswordError" in (await one.until("postgres_away"))["error"]
    if "asterisk_connected" not in [line["event"] for line in one.said]:
        await one.until("asterisk_connected")
    await invite(fake)
    change(config, "not-the-", "")
    os.kill(one.process.pid, signal.SIGHUP)
    await one.until("postgres_connected")

    async def written() -> bool:
        return await column(dsn, "SELECT count(*) FROM siaga112.call_record") == [1]

    await _eventually(written)
    secret = dsn.split(":")[2].partition("@")[0]
    assert secret not in str(one.said)


async def test_a_file_that_cannot_be_read_changes_nothing(fake: FakeAsterisk, run: Any, config: Path) -> None:
    """A reload of a configuration with a fault names it; everything stays as it was."""
    one: Process = await run()
    await one.until("asterisk_connected")
    change(config, "[spool]", "[spoool]")
    os.kill(one.process.pid, signal.SIGHUP)
    refused = await one.until("settings_refused")
    assert refused["faults"] == ["spoool: Extra inputs are not permitted"]
    await one.until("plan_loaded")
    await invite(fake)
