"""A fake Asterisk, daemons beside it, what they log, and a real PostgreSQL for the tests that need one."""

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from tests.fakes import server as fakes
from tests.fakes.asterisk import AsteriskModel
from tests.fakes.server import PASSWORD, USER, FakeAsterisk
from tests.service.daemon import NOWHERE, SELDOM, STEADY, Daemon, plan, settings
from tests.service.process import PLAN, Process
from tests.store.servers import named

Start = Callable[..., Awaitable[Daemon]]


@pytest.fixture(autouse=True)
def log() -> Iterator[list[Any]]:
    """Every line that is logged."""
    with capture_logs() as lines:
        yield lines


@pytest.fixture
async def fake() -> AsyncIterator[FakeAsterisk]:
    """An Asterisk with two phones that are registered."""
    model = AsteriskModel(phones={"PJSIP/101": "online", "PJSIP/102": "online"})
    async with fakes.serving(model) as running:
        yield running


@pytest.fixture
async def start(fake: FakeAsterisk, tmp_path: Path) -> AsyncIterator[Start]:
    """Start a daemon beside the fake; those of one test share a spool. What still runs is ended."""
    running: list[Daemon] = []

    async def begin(*, agents: int = 2, synced: bool = True, **parts: Any) -> Daemon:
        pace, rounds = parts.pop("pace", STEADY), parts.pop("rounds", SELDOM)
        ear = parts.pop("ear", ())
        centre = plan(agents, supervisors=parts.pop("supervisors", 0), listens=bool(ear))
        one = Daemon(fake, settings(fake, tmp_path, **parts), centre, pace, rounds)
        one.service.ear_command = ear
        running.append(await one.start())
        return await one.synced() if synced else one

    yield begin
    for one in running:
        if one.task is not None and not one.task.done():
            await one.crash()


@pytest.fixture
async def dsn(server: str) -> AsyncIterator[str]:
    """A database of this test's own, empty: the daemon brings it up to date."""
    name = f"siaga112_service_{secrets.token_hex(6)}"
    connection = await asyncpg.connect(server)
    await connection.execute(f"CREATE DATABASE {name} STRATEGY file_copy")
    yield named(server, name)
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


@pytest.fixture
def config(fake: FakeAsterisk, tmp_path: Path) -> Path:
    """A configuration as an operator writes it."""
    (tmp_path / "plan.toml").write_text(PLAN)
    path = tmp_path / "siaga112.toml"
    path.write_text(
        f'[asterisk]\nurl = "{fake.url}"\nuser = "{USER}"\npassword = "{PASSWORD}"\n'
        f'[postgres]\ndsn = "{NOWHERE}"\n[spool]\npath = "spool.sqlite3"\n'
        "[http]\nport = 0\n[drain]\npatience = 0.2\n"
    )
    return path


@pytest.fixture
async def run(config: Path) -> AsyncIterator[Any]:
    """Start the daemon as a process; what still runs at the end is killed."""
    running: list[Process] = []

    async def begin() -> Process:
        command = (sys.executable, "-m", "siaga112", "run", "--config", str(config))
        pipe = asyncio.subprocess.PIPE
        running.append(Process(await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)))
        return running[-1]

    yield begin
    for one in running:
        if one.process.returncode is None:
            one.process.kill()
            await one.ended()
