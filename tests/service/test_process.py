"""The daemon as a process of its own: its signals, its exit statuses, and its log on standard output."""

import signal
from pathlib import Path
from typing import Any

import aiohttp

from siaga112.ari.wire import authorization
from tests.fakes.server import PASSWORD, USER, FakeAsterisk
from tests.service.daemon import NUMBER, in_fallback, invite
from tests.service.process import PLAN, change


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
