"""What can be seen of a daemon from outside: health, the API, the reload, what systemd hears."""

import asyncio
import json
import socket as sockets
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.server import PATIENCE, FakeAsterisk
from tests.service.conftest import Start
from tests.service.daemon import call_id, invite, over, rung, settings, talk

PLAN = """
[centre]
code = "35.79"
name = "Kota Contoh"
[timings]
wrap_up = 0
"""
SEAT = '[[agents]]\nid = "{0}"\nname = "Meja {0}"\nendpoint = "PJSIP/{0}"\n'


async def test_ready_without_postgres_is_ready(fake: FakeAsterisk, start: Start) -> None:
    """PostgreSQL away costs no call: 200, and the body says that records wait."""
    _ = fake
    daemon = await start()
    await daemon.until(lambda: daemon.service._shipper.last_error is not None)
    status, body = await daemon.get("/readyz")
    assert (status, body["ready"], body["missing"]) == (200, True, [])
    assert any(one.startswith("postgres: ") and "spool" in one for one in body["degraded"])
    assert any(one.startswith("agents: ") for one in body["degraded"])
    assert await daemon.get("/healthz") != (503, body)


async def test_a_wrong_password_is_told_and_not_hammered(
    fake: FakeAsterisk, start: Start, log: list[Any]
) -> None:
    """One attempt, then seconds of rest; readyz names the remedy, and the password stands nowhere."""
    fake.password = "another"
    daemon = await start(synced=False)
    await daemon.until(lambda: "ari.conf" in (daemon.service._observer.trouble or ""))
    status, body = await daemon.get("/readyz")
    assert status == 503
    assert "compare asterisk.user and password with ari.conf" in body["missing"][0]
    (told,) = [one for one in log if one["event"] == "asterisk_unavailable"]
    assert told["retry_in"] >= 5
    assert fake.knocks == 1
    assert settings(fake, Path()).asterisk.secret() not in str(log) + str(body)
    assert (await daemon.get("/healthz"))[0] == 200


async def test_oddities_are_counted_and_logged_once_a_kind(
    fake: FakeAsterisk, start: Start, log: list[Any]
) -> None:
    """What is no JSON, no event we know or about no call of ours is counted; each kind is one line."""
    daemon = await start()
    stray: dict[str, Any] = {
        "type": "StasisEnd",
        "application": "siaga112",
        "timestamp": "2026-01-01T00:00:00.000+0000",
    }
    fake.model.invite("0811")
    stray["channel"] = fake.model._json("1760000000.1")
    fake.model.channels.clear()
    fake.model.events.clear()
    for _ in range(3):
        fake.say("{")
        fake.say('{"type": "MoonRise", "application": "siaga112"}')
        fake.say('{"type": "StasisStart", "application": "siaga112"}')
        fake.say(json.dumps(stray))
    await daemon.on_duty("101")
    told = await daemon.metrics()
    kinds = {"not_json": 3, "unknown_event": 3, "bad_shape": 3}
    assert {one: told[f'siaga112_ari_oddities_total{{kind="{one}"}}'] for one in kinds} == kinds
    events = [one["event"] for one in log]
    assert (events.count("bad_frame"), events.count("unknown_event")) == (2, 1)
    assert not daemon.router.calls


async def test_a_new_plan_takes_effect_and_a_bad_one_does_not(
    fake: FakeAsterisk, start: Start, log: list[Any]
) -> None:
    """Reload: seats come and go, calls in progress stay; a plan with a fault is refused whole."""
    daemon = await start()
    await daemon.on_duty("101")
    caller, _ = await talk(fake)
    daemon.settings.plan.write_text(PLAN + SEAT.format("101") + SEAT.format("103"))
    daemon.service.reload()
    await daemon.until(lambda: sorted(daemon.router.staff.agents) == ["101", "103"])
    daemon.settings.plan.write_text(PLAN.replace("35.79", "x") + SEAT.format("104"))
    daemon.service.reload()
    (refused,) = [one for one in log if one["event"] == "plan_refused"]
    assert [one.split(":")[0] for one in refused["faults"]] == ["centre.code"]
    daemon.settings.plan.unlink()
    daemon.service.reload()
    assert sorted(daemon.router.staff.agents) == ["101", "103"]
    fake.do(lambda m: m.hangs_up(caller))
    await over(fake)
    fake.model.phones["PJSIP/103"] = "online"
    await daemon.on_duty("103")
    await invite(fake)
    await fake.until(lambda: rung(fake))


async def test_another_region_needs_a_restart(fake: FakeAsterisk, start: Start, log: list[Any]) -> None:
    """The ids of calls are made with the region's code: a reload that changed it would lose them."""
    _ = fake
    daemon = await start()
    daemon.settings.plan.write_text(PLAN.replace("35.79", "35.73") + SEAT.format("104"))
    daemon.service.reload()
    (refused,) = [one for one in log if one["event"] == "plan_refused"]
    assert refused["faults"] == ["centre.code: cannot change while the daemon runs; restart it"]
    assert sorted(daemon.router.staff.agents) == ["101", "102"]


# The API.


def misfits(value: Any, schema: dict[str, Any], every: dict[str, Any], at: str = "$") -> list[str]:
    """Say where a value does not fit a schema, as far as our schemas use JSON Schema."""
    known = {"$ref", "type", "anyOf", "items", "properties", "required"}
    known |= {"title", "description", "default"}
    assert not schema.keys() - known, "this check knows every word that the document uses"
    if "$ref" in schema:
        return misfits(value, every[schema["$ref"].rpartition("/")[2]], every, at)
    if "anyOf" in schema:
        return min((misfits(value, one, every, at) for one in schema["anyOf"]), key=len)
    kinds: dict[str, Any] = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "null": type(None),
    }
    match schema["type"]:
        case "array":
            inside = enumerate(value)
            return [x for n, one in inside for x in misfits(one, schema["items"], every, f"{at}[{n}]")]
        case "object" if not isinstance(value, dict):
            return [f"{at} is no object: {value!r}"]
        case "object":
            parts = schema["properties"]
            wrong = [f"{at}: {one}" for one in set(schema["required"]) ^ value.keys()]
            there = parts.keys() & value.keys()
            return wrong + [x for one in there for x in misfits(value[one], parts[one], every, f"{at}.{one}")]
        case kind:
            fits = isinstance(value, kinds[kind]) and (kind == "boolean" or not isinstance(value, bool))
            return [] if fits else [f"{at} is no {kind}: {value!r}"]


async def test_the_api_is_as_its_document_says(fake: FakeAsterisk, start: Start) -> None:
    """OpenAPI 3.1: every path answers, with what its schema says, while a call is going on and before."""
    daemon = await start()
    _, document = await daemon.get("/api/v1/openapi.json")
    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]) == {"/api/v1/centre", "/api/v1/agents", "/api/v1/calls"}
    every = document["components"]["schemas"]
    await daemon.on_duty("101")
    for going_on in (False, True):
        if going_on:
            await talk(fake)
        for path, operations in document["paths"].items():
            status, body = await daemon.get(path)
            answer = operations["get"]["responses"][str(status)]
            schema = answer["content"]["application/json"]["schema"]
            assert misfits(body, schema, every) == [], path
    assert misfits({"id": 5}, every["AgentView"], every), "the check itself can fail"


async def test_the_api_tells_the_truth(fake: FakeAsterisk, start: Start) -> None:
    """Who is in what state and what goes on, without the caller's number."""
    daemon = await start()
    await daemon.on_duty("101")
    caller, _ = await talk(fake)
    _, calls = await daemon.get("/api/v1/calls")
    _, agents = await daemon.get("/api/v1/agents")
    expected = {"call_id": call_id(caller), "state": "connected", "agent_id": "101", "dialled": "112"}
    assert {name: calls[0][name] for name in expected} == expected
    assert (agents[0]["state"], agents[0]["call_id"]) == ("on_call", call_id(caller))
    assert "0812" not in json.dumps([calls, agents])


async def test_the_wallboard_is_served(fake: FakeAsterisk, start: Start) -> None:
    """The page itself, and 404 for what is not there."""
    _ = fake
    daemon = await start()
    status, page = await daemon.get("/")
    assert (status, page.lstrip()[:9].lower()) == (200, "<!doctype")
    assert (await daemon.get("/nothing"))[0] == 404


@pytest.mark.parametrize("step", [-3600.0, 3600.0])
async def test_a_clock_that_is_set_makes_nobody_ill(start: Start, log: list[Any], step: float) -> None:
    """While nothing is in progress the wall clock is followed; health does not flicker for it."""
    daemon = await start()
    await daemon.on_duty("101")
    daemon.time.set_wall(step)
    daemon.skip(0)
    await daemon.until(lambda: "clock_was_set" in [one["event"] for one in log])
    assert 0 <= daemon.service.answers.seconds_since_turn() < 5
    assert (await daemon.get("/healthz"))[0] == 200


async def test_systemd_hears_what_it_needs(
    fake: FakeAsterisk, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """READY once in step with Asterisk and not before, then signs of life, and STOPPING at the end."""
    address = tmp_path / "notify"
    monkeypatch.setenv("NOTIFY_SOCKET", str(address))
    monkeypatch.setenv("WATCHDOG_USEC", "10000000")
    with sockets.socket(sockets.AF_UNIX, sockets.SOCK_DGRAM) as systemd:
        systemd.bind(str(address))
        systemd.settimeout(0)
        fake.freeze()
        daemon = await start(synced=False)
        assert (await daemon.get("/readyz"))[0] == 503
        with pytest.raises(BlockingIOError):
            systemd.recv(100)
        fake.thaw()
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(PATIENCE):
            assert await loop.sock_recv(systemd, 100) == b"READY=1"
            assert (await daemon.get("/readyz"))[0] == 200
            assert await loop.sock_recv(systemd, 100) == b"WATCHDOG=1"
            await daemon.end()
            assert await loop.sock_recv(systemd, 100) == b"STOPPING=1"


async def test_systemd_is_not_kept_waiting_by_a_broken_asterisk(
    fake: FakeAsterisk, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An Asterisk that refuses us is readyz's matter; the start of the daemon has succeeded."""
    address = tmp_path / "notify"
    monkeypatch.setenv("NOTIFY_SOCKET", str(address))
    fake.password = "another"
    with sockets.socket(sockets.AF_UNIX, sockets.SOCK_DGRAM) as systemd:
        systemd.bind(str(address))
        systemd.settimeout(0)
        await start(synced=False)
        async with asyncio.timeout(PATIENCE):
            assert await asyncio.get_running_loop().sock_recv(systemd, 100) == b"READY=1"
