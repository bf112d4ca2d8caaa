"""How a daemon ends, in order or not, and what the next one makes of it."""

import asyncio
from typing import Any

import aiohttp
import asyncpg
import pytest

from siaga112.ari.wire import authorization
from siaga112.dispatcher import ReplacedError
from siaga112.store.errors import SpoolInUseError
from tests.fakes.asterisk import Chan
from tests.fakes.server import PASSWORD, PATIENCE, USER, FakeAsterisk
from tests.service.conftest import Start
from tests.service.daemon import (
    NUMBER,
    bridge_of,
    call_id,
    in_fallback,
    invite,
    over,
    ring,
    rung,
    talk,
    talks,
)


async def test_a_stop_hands_the_waiting_over_and_lets_the_talking_talk(
    fake: FakeAsterisk, start: Start
) -> None:
    """Drain: who waits or hears ringing goes to the fallback, who talks goes on, nothing new is claimed."""
    daemon = await start(patience=30.0)
    await daemon.on_duty("101", "102")
    talking, _ = await talk(fake)
    ringing, phone = await ring(fake, "0812")
    waiting = await invite(fake, "0813")
    daemon.stop.set()
    await fake.until(lambda: in_fallback(fake, ringing) and in_fallback(fake, waiting))
    await fake.until(lambda: phone not in fake.model.channels)
    assert fake.model.channels[waiting].heard[-1] == "siaga112-fallback/s"
    claims = fake.names().count("POST events")
    late = fake.do(lambda m: m.invite("0814"))
    status, body = await daemon.get("/readyz")
    assert (status, body["missing"]) == (503, ["daemon: it is being stopped"])
    assert talks(fake, talking)
    fake.do(lambda m: m.hangs_up(talking))
    assert daemon.task is not None
    await daemon.until(lambda: not daemon.router.calls)
    assert fake.names().count("POST events") == claims, "what comes during a drain is left to the dialplan"
    assert fake.model.channels[late].place == "broadcast"


async def test_a_stop_writes_every_record_and_returns(fake: FakeAsterisk, start: Start, dsn: str) -> None:
    """After a stop that nothing hindered, PostgreSQL has every record and the spool is empty."""
    daemon = await start(dsn=dsn, patience=10.0)
    await daemon.on_duty("101")
    answered, _ = await talk(fake)
    waiting = await invite(fake, "0813")
    fake.do(lambda m: m.hangs_up(answered))
    await daemon.end()
    connection = await asyncpg.connect(dsn)
    found = await connection.fetch("SELECT call_id, outcome, served_by FROM siaga112.call_record")
    await connection.close()
    assert {(str(one["call_id"]), one["outcome"], one["served_by"]) for one in found} == {
        (call_id(answered), "answered", "daemon"),
        (call_id(waiting), "overflowed", "fallback"),
    }
    assert not await daemon.rows("call_record")


async def test_a_stop_does_not_wait_for_ever(fake: FakeAsterisk, start: Start, log: list[Any]) -> None:
    """A conversation that outlasts the patience is left to the next start, which adopts it."""
    daemon = await start(patience=0.1)
    await daemon.on_duty("101")
    caller, _ = await talk(fake)
    await daemon.end()
    assert "calls_left_for_the_next_start" in [one["event"] for one in log]
    assert talks(fake, caller), "the two talk on"
    again = await start()
    assert list(again.router.calls) == [call_id(caller)]


async def test_a_crash_in_a_talk_costs_nothing(fake: FakeAsterisk, start: Start, dsn: str) -> None:
    """Killed in a talk: the two talk on, the next daemon adopts the call, its one record is complete."""
    daemon = await start(dsn=dsn)
    await daemon.on_duty("101")
    caller, agent = await talk(fake)
    await daemon.crash()
    assert talks(fake, caller)
    asked = len(fake.names())
    again = await start(dsn=dsn, patience=10.0)
    assert [one["state"] for one in (await again.get("/api/v1/agents"))[1]] == ["on_call", "logged_out"]
    told = set(fake.names()[asked:])
    assert told <= {"POST channels variable"}, "a talk that is well is left alone, but for its lease"
    fake.do(lambda m: m.hangs_up(agent))
    await over(fake)
    await again.end()
    connection = await asyncpg.connect(dsn)
    (record,) = await connection.fetch("SELECT * FROM siaga112.call_record")
    kinds = await connection.fetch("SELECT seq, kind FROM siaga112.call_event ORDER BY seq")
    await connection.close()
    assert (record["outcome"], record["ended_by"], record["agent_id"]) == ("answered", "agent", "101")
    assert record["caller_number"] == NUMBER
    assert None not in [record[one] for one in ("answered_at", "agent_answered_at", "ended_at", "talk_s")]
    assert [one["seq"] for one in kinds] == list(range(1, len(kinds) + 1)), "the journal has no gap"
    assert [one["kind"] for one in kinds].count("adopted") == 1


async def test_a_crash_while_a_phone_rings(fake: FakeAsterisk, start: Start) -> None:
    """Killed while a phone rings: it rings on, and who answers meanwhile is bridged by the next daemon."""
    daemon = await start()
    await daemon.on_duty("101")
    caller, phone = await ring(fake)
    await daemon.crash()
    fake.do(lambda m: m.picks_up(phone))
    again = await start()
    await fake.until(lambda: talks(fake, caller))
    assert len(again.router.calls) == 1


async def test_a_crash_while_a_caller_waits(fake: FakeAsterisk, start: Start) -> None:
    """Killed while a caller waits: the next daemon speaks, renews the lease and rings whoever is free."""
    daemon = await start()
    caller = await invite(fake)
    await daemon.crash()
    heard = len(fake.model.channels[caller].heard)
    again = await start()
    await fake.until(lambda: "POST channels variable" in fake.names())
    await fake.until(lambda: len(fake.model.channels[caller].heard) > heard)
    await again.on_duty("101")
    await fake.until(lambda: rung(fake))


async def test_a_crash_forgets_no_number(fake: FakeAsterisk, start: Start) -> None:
    """Killed between two calls of a number: the second is its second, with what was found of the first."""
    daemon = await start()
    await daemon.on_duty("101")
    caller, agent = await talk(fake)
    for digit in "*7":
        fake.do(lambda m, key=digit: m.presses(agent, key))  # type: ignore[misc]
    await daemon.until(lambda: daemon.router.callers.scores)
    fake.do(lambda m: m.hangs_up(caller))
    await over(fake)
    await daemon.settled()
    known = daemon.router.callers
    await daemon.crash()
    again = await start()
    assert (again.router.callers.pasts, again.router.callers.scores) == (known.pasts, known.scores)
    caller, _ = await ring(fake)
    call = again.router.calls[call_id(caller)]
    assert (call.attempt, call.preferred) == (2, "101")


async def test_a_call_that_ended_while_we_were_away_is_closed(fake: FakeAsterisk, start: Start) -> None:
    """Both hung up while no daemon ran: the next one closes the record, once, and drops the empty bridge."""
    daemon = await start()
    await daemon.on_duty("101")
    caller, agent = await talk(fake)
    await daemon.crash()
    fake.do(lambda m: m.hangs_up(caller))
    fake.do(lambda m: m.hangs_up(agent))
    again = await start()
    await over(fake)
    await again.settled()
    (record,) = await again.rows("call_record")
    assert (record["outcome"], record["ended_at"] is None) == ("answered", False)
    assert again.router.staff.seen(next(iter(again.router.staff.agents))).state == "available"


async def test_agents_are_what_they_were(fake: FakeAsterisk, start: Start) -> None:
    """Who was ready, on a break or logged out before a restart is so after it; nobody has to dial again."""
    daemon = await start()
    await daemon.on_duty("101", "102")
    phone = fake.do(lambda m: m.dial_code("PJSIP/102", "*12"))
    await fake.until(lambda: fake.model.channels[phone].place == "dialplan")
    await daemon.end()
    again = await start()
    assert [one["state"] for one in (await again.get("/api/v1/agents"))[1]] == ["available", "paused"]


async def test_leftovers_are_swept_one_by_one(fake: FakeAsterisk, start: Start) -> None:
    """Bridges and agents' channels of calls that nobody knows are removed; what is not ours stays."""
    stranger = call_id("1700000000.1")
    stray = f"s112.{stranger}.agent.1"
    fake.model.channels[stray] = Chan(stray, "PJSIP/101-00000001", "Up", "app")
    leaked = [f"s112.{stranger}.bridge", bridge_of("1700000000.2")]
    fake.model.bridges |= {leaked[0]: (stray,), leaked[1]: (), "conference-7": ()}
    await start()
    await fake.until(
        lambda: stray not in fake.model.channels and list(fake.model.bridges) == ["conference-7"]
    )
    assert sorted(fake.names()) == ["DELETE bridges", "DELETE bridges", "DELETE channels"]


async def test_a_caller_whom_nobody_remembers_is_served(fake: FakeAsterisk, start: Start) -> None:
    """A caller who waits in our hands while the spool knows nothing of it is taken up as a new one."""
    daemon = await start()
    caller = await invite(fake)
    await daemon.crash()
    daemon.settings.spool.path.unlink()
    again = await start()
    assert list(again.router.calls) == [call_id(caller)]
    await again.on_duty("101")
    await fake.until(lambda: rung(fake))


async def test_two_daemons_on_one_spool(start: Start) -> None:
    """The second one is refused with a sentence that names the file and the remedy; the first goes on."""
    first = await start()
    with pytest.raises(SpoolInUseError, match=r"another siaga112 is using .*spool.sqlite3.*path"):
        await start()
    assert first.task is not None
    assert not first.task.done()
    await first.on_duty("101")


async def test_the_next_on_the_application_stops_the_first(fake: FakeAsterisk, start: Start) -> None:
    """Replaced: the daemon ends at once, loudly, asks for nothing more, and leaves its calls as they are."""
    daemon = await start()
    await daemon.on_duty("101")
    caller, _ = await talk(fake)
    waiting = await invite(fake, "0813")
    await fake.until(lambda: fake.names()[-1] == "POST channels play")
    asked = len(fake.asked)
    header = authorization(USER, PASSWORD)
    address = f"{fake.url}/events?app=siaga112"
    async with aiohttp.ClientSession(headers=header) as session, session.ws_connect(address):
        assert daemon.task is not None
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait({daemon.task})
        fake.do(lambda m: m.hangs_up(waiting))
    ended = daemon.task.exception()
    assert isinstance(ended, ExceptionGroup)
    assert ended.subgroup(ReplacedError) is not None
    assert len(fake.asked) == asked
    assert talks(fake, caller)
