"""The daemon as a process of its own: its signals, its exit statuses, and its log on standard output."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from siaga112.ari.wire import authorization
from tests.fakes.server import PASSWORD, PATIENCE, USER, FakeAsterisk
from tests.service.daemon import NOWHERE, NUMBER, in_fallback, invite

PLAN = """
[centre]
code = "35.79"
name = "Kota Contoh"
[[agents]]
id = "101"
endpoint = "PJSIP/101"
"""


class Process:
    """A running `siaga112 run`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said: list[dict[str, Any]] = []

    async def until(self, event: str) -> dict[str, Any]:
        """Read the log until something is told."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while line := await self.process.stdout.readline():
                self.said.append(json.loads(line))
                if self.said[-1]["event"] == event:
                    return self.said[-1]
        assert self.process.stderr is not None
        raise AssertionError((await self.process.stderr.read()).decode())

    async def ended(self) -> tuple[int, str]:
        """Wait for the end: the exit status, and what stands on standard error."""
        async with asyncio.timeout(PATIENCE):
            out, complaint = await self.process.communicate()
            self.said += [json.loads(one) for one in out.splitlines()]
            return await self.process.wait(), complaint.decode()


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


def change(config: Path, before: str, after: str) -> None:
    """Change the operator's file."""
    config.write_text(config.read_text().replace(before, after))


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


async def test_signals(fake: FakeAsterisk, run: Any, config: Path) -> None:
    """SIGHUP reads the plan again, SIGTERM drains and ends with 0; every line of the log is JSON."""
    one = await run()
    await one.until("asterisk_connected")
    plan = config.with_name("plan.toml")
    plan.write_text(PLAN + '[[agents]]\nid = "102"\nendpoint = "PJSIP/102"\n')
    one.process.send_signal(signal.SIGHUP)
    assert (await one.until("plan_loaded"))["agents"] == 2
    plan.write_text("[centre]\n")
    one.process.send_signal(signal.SIGHUP)
    assert (await one.until("plan_refused"))["faults"] == [
        "centre.code: Field required",
        "centre.name: Field required",
    ]
    caller = await invite(fake)
    one.process.send_signal(signal.SIGTERM)
    assert await one.ended() == (0, "")
    assert in_fallback(fake, caller)
    assert [line["event"] for line in one.said][-1] == "stopped"
    for line in one.said:
        assert NUMBER not in str({key: value for key, value in line.items() if "pii" not in key})
        assert {"level", "timestamp"} <= line.keys()


async def test_replaced_ends_with_3(fake: FakeAsterisk, run: Any) -> None:
    """Another instance has taken over: a status of its own, on which systemd does not start us again."""
    one = await run()
    await one.until("asterisk_connected")
    address = f"{fake.url}/events?app=siaga112"
    header = authorization(USER, PASSWORD)
    async with aiohttp.ClientSession(headers=header) as session, session.ws_connect(address):
        status, complaint = await one.ended()
    assert (status, complaint) == (3, "")
    (told,) = [line for line in one.said if line["event"] == "replaced"]
    assert told["error"] == "another instance has taken the Stasis application"


async def test_the_second_on_a_spool_ends_with_1(fake: FakeAsterisk, run: Any) -> None:
    """One sentence on standard error, no traceback; the first goes on."""
    first = await run()
    await first.until("asterisk_connected")
    second = await run()
    status, complaint = await second.ended()
    assert status == 1
    assert complaint.startswith("siaga112: another siaga112 is using ")
    assert complaint.count("\n") == 1
    assert first.process.returncode is None
    assert "spool.sqlite3" in complaint
    await invite(fake)


async def test_a_port_that_is_taken_ends_with_1(fake: FakeAsterisk, run: Any, config: Path) -> None:
    """The key is named, and nothing of Asterisk's was touched."""
    taken = fake.url.rpartition(":")[2].partition("/")[0]
    change(config, "port = 0", f"port = {taken}")
    status, complaint = await (await run()).ended()
    assert status == 1
    assert f"http.host and port: 127.0.0.1:{taken} cannot be had" in complaint
    assert fake.knocks == 0
