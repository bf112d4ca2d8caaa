"""One call from beginning to end, as a whole daemon serves it."""

import re
from functools import partial
from typing import Any

import asyncpg
import pytest

from siaga112.ari.connection import Pace
from tests.fakes.server import FakeAsterisk
from tests.service.conftest import Start
from tests.service.daemon import NUMBER, Daemon, call_id, invite, over, ring, rung, talk

OLD = Pace(deadline=5.0, heartbeat=10.0, probe=0.02)
"""For an Asterisk that leaves the probe for REST over the websocket without an answer."""


async def finish(daemon: Daemon, caller: str) -> None:
    """Let the caller hang up, and wait until nothing is left of the call."""
    daemon.fake.do(lambda m: m.hangs_up(caller))
    await over(daemon.fake)
    await daemon.settled()


@pytest.mark.parametrize("events_first", [False, True])
async def test_a_call_becomes_one_record_in_postgres(
    fake: FakeAsterisk, start: Start, dsn: str, *, events_first: bool
) -> None:
    """Claimed, greeted, rung, bridged, hung up: one row, whatever comes first, reply or event."""
    fake.events_first = events_first
    daemon = await start(dsn=dsn, patience=10.0)
    await daemon.on_duty("101")
    caller, agent = await talk(fake)
    assert fake.model.channels[caller].heard == ("sound:siaga112/greet",)
    assert not fake.model.playbacks, "the prompt is cut when they talk"
    fake.do(lambda m: m.hangs_up(agent))
    await over(fake)
    await daemon.end()
    connection = await asyncpg.connect(dsn)
    records = await connection.fetch("SELECT * FROM siaga112.call_record")
    offers = await connection.fetch("SELECT * FROM siaga112.call_offer")
    kinds = await connection.fetch("SELECT kind FROM siaga112.call_event ORDER BY seq")
    await connection.close()
    (record,) = records
    assert str(record["call_id"]) == call_id(caller)
    assert (record["outcome"], record["ended_by"], record["served_by"]) == ("answered", "agent", "daemon")
    assert (record["caller_number"], record["caller_number_source"]) == (NUMBER, "pai")
    assert (record["agent_id"], record["offers"], record["hangup_cause"]) == ("101", 1, 16)
    times = ("started_at", "answered_at", "agent_answered_at", "ended_at")
    assert [record[one] for one in times] == sorted(record[one] for one in times)
    assert [(one["agent_id"], one["result"]) for one in offers] == [("101", "answered")]
    assert kinds[0]["kind"] == "arrived"
    assert kinds[-1]["kind"] == "ended"


async def test_over_http_a_calls_requests_go_one_behind_the_other(fake: FakeAsterisk, start: Start) -> None:
    """Without REST over the websocket the same requests go in the same order, each after a reply."""
    fake.speaks_rest, fake.has_filter, fake.version = False, False, "20.5.0"
    daemon = await start(pace=OLD)
    await daemon.on_duty("101")
    caller, _ = await talk(fake)
    await finish(daemon, caller)
    assert not fake.names(transport="websocket")
    assert fake.names() == [
        "POST channels continue",
        "POST channels",
        "POST events",
        "POST channels answer",
        "POST channels play",
        "DELETE playbacks",
        "POST bridges",
        "POST bridges addChannel",
        "POST channels variable",
        "DELETE channels",
        "DELETE bridges",
    ]


async def test_stasis_without_broadcast_serves_too(fake: FakeAsterisk, start: Start) -> None:
    """Where the dialplan has only Stasis() there is nothing to claim, and the call is served all the same."""
    daemon = await start()
    await daemon.on_duty("101")
    caller = fake.do(lambda m: m.invite(NUMBER, claim=False))
    await fake.until(lambda: rung(fake))
    assert fake.model.channels[caller].state == "Up"
    assert "POST events" not in fake.names()


async def test_a_phone_that_is_not_answered_gives_way_to_the_next(fake: FakeAsterisk, start: Start) -> None:
    """After 8 s the next phone rings, the first taker is not responding, and the caller keeps the place."""
    daemon = await start()
    await daemon.on_duty("101", "102")
    caller, first = await ring(fake)
    daemon.skip(8.1)
    await fake.until(lambda: first not in fake.model.channels and rung(fake))
    assert rung(fake)[0].name.startswith("PJSIP/102")
    _, agents = await daemon.get("/api/v1/agents")
    assert (agents[0]["id"], agents[0]["state"], agents[0]["reason"]) == ("101", "not_responding", "rona")
    await finish(daemon, caller)
    assert [one["result"] for one in await daemon.rows("call_offer")] == ["rona", "ring_cancelled"]


def end_prompt(fake: FakeAsterisk) -> None:
    """The prompt that plays is over."""
    playing = next(iter(fake.model.playbacks))
    fake.do(lambda m: m.playback_ends(playing))


def has_heard(fake: FakeAsterisk, caller: str, prompts: int) -> bool:
    """Whether so many prompts were played to a caller."""
    return len(fake.model.channels[caller].heard) == prompts


async def test_nobody_on_duty_the_caller_waits_and_is_spoken_to(fake: FakeAsterisk, start: Start) -> None:
    """No agent: greeting, menu, then a word every 20 s, the lease renewed each time; no hang-up by us."""
    daemon = await start()
    caller = await invite(fake)
    await fake.until(lambda: fake.model.playbacks)
    for heard in (2, 3):
        end_prompt(fake)
        await fake.until(partial(has_heard, fake, caller, heard))
    end_prompt(fake)
    await fake.until(lambda: "POST channels moh" in fake.names())
    daemon.skip(20.1)
    await fake.until(lambda: len(fake.model.channels[caller].heard) == 4)
    said = [one.removeprefix("sound:siaga112/") for one in fake.model.channels[caller].heard]
    assert said == ["greet", "menu", "wait_1", "wait_n"]
    lease = [one.request.query for one in fake.asked if one.name == "POST channels variable"]
    assert lease == [{"variable": "TIMEOUT(absolute)", "value": "45"}]
    await daemon.on_duty("101")
    await fake.until(lambda: rung(fake))


async def test_metrics_tell_what_happened(fake: FakeAsterisk, start: Start) -> None:
    """After one answered and one abandoned call the numbers are those; no label holds a caller's."""
    daemon = await start()
    await daemon.on_duty("101")
    caller, _ = await talk(fake)
    during = await daemon.metrics()
    assert during['siaga112_calls_in_progress{state="connected"}'] == 1
    assert during['siaga112_agents{state="on_call"}'] == 1
    await finish(daemon, caller)
    caller, _ = await ring(fake)
    await finish(daemon, caller)
    rows = [row for table in TABLES for row in await daemon.rows(table)]
    told = await daemon.metrics()
    expected = {
        'siaga112_calls_total{outcome="answered"}': 1,
        'siaga112_calls_total{outcome="abandoned_ringing"}': 1,
        'siaga112_calls_total{outcome="failed_technical"}': 0,
        'siaga112_offers_total{result="answered"}': 1,
        'siaga112_offers_total{result="ring_cancelled"}': 1,
        'siaga112_calls_in_progress{state="connected"}': 0,
        'siaga112_agents{state="available"}': 1,
        'siaga112_agents{state="logged_out"}': 1,
        'siaga112_queue_waiting{band="1"}': 0,
        "siaga112_oldest_wait_with_free_agent_seconds": 0,
        "siaga112_answer_seconds_count": 1,
        "siaga112_ari_connected": 1,
        "siaga112_fallback_calls_total": 0,
        "siaga112_records_written_total": 0,
    }
    assert {name: told[name] for name in expected} == expected
    asked = len(fake.asked)
    answered = sum(count for name, count in told.items() if name.startswith("siaga112_ari_requests_total"))
    assert answered == asked, "every request is counted once"
    assert told["siaga112_records_spooled"] == len(rows)
    assert not [one for one in told if re.search(r'="[^"]*\d{5}', one)], "no label holds a caller's number"


TABLES = ("call_record", "call_event", "call_offer", "agent_state", "centre")


async def test_logs_name_the_caller_under_pii_only(
    fake: FakeAsterisk, start: Start, log: list[dict[str, Any]]
) -> None:
    """Over a whole call with a failed command the number stands under keys that say pii and nowhere else."""
    daemon = await start()
    await daemon.on_duty("101", "102")
    caller, agent = await ring(fake)
    fake.do(lambda m: m.hangs_up(agent, 17))
    await fake.until(lambda: rung(fake))
    second = rung(fake)[0].id
    fake.do(lambda m: m.picks_up(second))
    fake.do(lambda m: m._tell("ChannelDtmfReceived", channel=m._json(caller), digit="5", duration_ms=90))
    await finish(daemon, caller)
    kinds = [one["event"] for one in log]
    assert {"arrived", "offer_made", "connected", "ended"} <= set(kinds)
    assert [one["pii_number"] for one in log if "pii_number" in one] == [NUMBER]
    assert [one["pii_digit"] for one in log if "pii_digit" in one] == ["5"]
    for line in log:
        plain = {key: value for key, value in line.items() if "pii" not in key}
        assert NUMBER not in str(plain), line
    transitions = [one for one in log if "seq" in one]
    assert {one["call_id"] for one in transitions} == {call_id(caller)}
    assert [one["seq"] for one in transitions] == list(range(1, len(transitions) + 1)), (
        "one line a transition"
    )
