"""What callers notice when a part of the centre dies: nothing, or a moment's delay. Everything is real.

Each test has a lab of its own, because it kills parts of it.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from siaga112.ari.client import AriClient
from siaga112.lab.callers import CallSummary, place
from siaga112.lab.lab import Lab
from siaga112.lab.phones import Phone
from siaga112.lab.processes import Process
from siaga112.lab.rtp import RtpPeer
from tests.asterisk.centre import Centre, soon, until
from tests.asterisk.talks import TONES, barging, hear, talking, tone

CROWD = 1400
"""Channels: a list of them is larger than the stack of Asterisk's threads."""


@pytest.fixture
def frail(tmp_path: Path) -> Iterator[Centre]:
    """A whole centre that may be broken."""
    with Lab(tmp_path / "lab", daemon=True, timings={"ring": 3, "wrap_up": 0, "wait_prompt": 5}) as lab:
        yield Centre(lab)


def _calling(centre: Centre, kind: str = "talk", **how: float) -> "asyncio.Task[CallSummary]":
    return asyncio.create_task(place(centre.ground, kind, **how))  # type: ignore[arg-type]


async def _states(centre: Centre, *wanted: str) -> None:
    async def seen() -> bool:
        return sorted(one["state"] for one in centre.get("/api/v1/calls")) == sorted(wanted)

    await soon(f"calls are {wanted}", seen)


def _phones_in_talk(lab: Lab) -> int:
    """How many SIP channels are up; the ear's own end with theirs."""
    return lab.asterisk_cli("core show channels concise").count("PJSIP/")


async def test_a_conversation_outlives_the_daemon(frail: Centre) -> None:
    """Killed (-9) while two people talk: they go on talking, the restarted daemon adopts the call."""
    with frail.phone("101") as phone:
        calling = _calling(frail, talk_s=14)
        await _states(frail, "connected")
        await frail.wrote("connected")
        frail.lab.kill_daemon()
        assert _phones_in_talk(frail.lab) == 2
        frail.lab.start_daemon()
        await _states(frail, "connected")
        assert frail.agent("101")["state"] == "on_call"
        summary = await calling
        record = await frail.record(summary.numbers[0])
        await frail.at_rest()
        assert frail.agent("101")["state"] == "available"
        assert phone.heard("answered") == summary.numbers
    assert (summary.completed, summary.failed, summary.ended_by_far_end) == (1, 0, 0)
    assert (record["outcome"], record["ended_by"], record["agent_id"]) == ("answered", "caller", "101")
    assert record["talk_s"] > 10
    kinds = [one["kind"] for one in await frail.journal(record)]
    assert kinds.count("adopted") == 1
    assert kinds[-1] == "ended"


async def test_a_supervisor_in_a_talk_outlives_the_daemon(frail: Centre) -> None:
    """Killed (-9) with a supervisor in the talk: all three talk on, and its end frees the supervisor."""
    frail.reload(frail.lab.layout.plan.read_text().replace('id = "107"', 'id = "107"\nrole = "supervisor"'))
    caller, taker, chief, _ = TONES
    async with (
        RtpPeer(tone(chief)) as third,
        talking(frail, "0811000020", caller=caller, taker=taker) as talk,
    ):
        three = {caller: talk.ear, taker: talk.taker, chief: third}
        with Phone(frail.ground, "107") as phone:
            visit = barging(phone, "*33101", third)
            await talk.wrote("watched")
            await hear(three)
            frail.lab.kill_daemon()
            frail.lab.start_daemon()
            await _states(frail, "connected")
            await hear(three)
            record = await talk.record(ends="101")
            await visit
    kinds = [one["kind"] for one in await frail.journal(record)]
    assert (record["outcome"], record["ended_by"]) == ("answered", "agent")
    assert kinds.index("adopted") < kinds.index("leg_ended") < kinds.index("watch_ended")


async def test_a_call_that_ended_while_the_daemon_was_dead_is_closed(frail: Centre) -> None:
    """The caller hung up meanwhile: the restarted daemon writes the end, and nothing is left in Asterisk."""
    with frail.phone("101"):
        calling = _calling(frail, talk_s=3)
        await _states(frail, "connected")
        await frail.wrote("connected")
        frail.lab.kill_daemon()
        summary = await calling
        frail.lab.start_daemon()
        record = await frail.record(summary.numbers[0])
        await frail.at_rest()
    assert (record["outcome"], record["ended_by"]) == ("answered", "caller")


async def test_a_waiting_caller_is_adopted_and_answered(frail: Centre) -> None:
    """Killed (-9) while a caller waits in the queue: the restarted daemon goes on where that left off."""
    calling = _calling(frail, talk_s=40)
    await _states(frail, "queued")
    await frail.wrote("caller_answered")
    frail.lab.kill_daemon()
    frail.lab.start_daemon()
    await _states(frail, "queued")
    with frail.phone("101", talk_s=0.5):
        summary = await calling
        record = await frail.record(summary.numbers[0])
        await frail.at_rest()
    assert (record["outcome"], record["ended_by"]) == ("answered", "agent")


async def test_calls_are_answered_while_the_daemon_is_dead(frail: Centre) -> None:
    """The fallback rings every registered call-taker; after the restart calls are the daemon's again."""
    with frail.phone("101") as phone:
        frail.lab.kill_daemon()
        away = await place(frail.ground, "talk", count=3, rate=2, talk_s=1.5)
        assert (away.completed, away.failed) == (3, 0)
        assert sorted(phone.heard("answered")) == sorted(away.numbers)
        frail.lab.start_daemon()
        back = await place(frail.ground, "talk", talk_s=1)
        record = await frail.record(back.numbers[0])
        await frail.at_rest()
    assert record["served_by"] == "daemon"


async def test_calls_are_answered_while_the_daemon_is_frozen(frail: Centre) -> None:
    """New calls reach the fallback because nobody claims them; a caller inside is taken back by the lease."""
    waiting = _calling(frail, talk_s=90)
    await _states(frail, "queued")
    frail.lab.freeze("daemon")
    with Phone(frail.ground, "101", answer_after=0.2, talk_s=0.5) as phone:
        fresh = await place(frail.ground, "talk", talk_s=30)
        assert phone.heard("answered") == fresh.numbers
        inside = await waiting
        assert phone.heard("answered") == [*fresh.numbers, *inside.numbers]
        frail.lab.thaw("daemon")
        record = await frail.record(inside.numbers[0])
        await frail.at_rest()
    assert (fresh.completed, inside.completed) == (1, 1)
    assert record["served_by"] == "fallback"


async def test_no_record_is_lost_while_postgres_is_away(frail: Centre) -> None:
    """PostgreSQL stopped for 30 s during calls: calls go on, and afterwards each has exactly one record."""
    with frail.phone(["101", "102", "103", "104"], talk_s=0.5):
        calling = asyncio.create_task(place(frail.ground, "talk", count=40, rate=1, talk_s=30))
        await asyncio.sleep(3)  # the outage itself is a length of time, not a condition
        frail.lab.stop_postgres()
        await asyncio.sleep(30)
        ready = frail.get("/readyz")
        frail.lab.start_postgres()
        summary = await calling
        records = await frail.records(summary.numbers)
        await frail.at_rest()
    assert ready["ready"]
    assert any(one.startswith("postgres: ") for one in ready["degraded"])
    assert (summary.completed, summary.failed) == (40, 0)
    assert sorted(one["caller_number"] for one in records) == sorted(summary.numbers)
    assert {one["outcome"] for one in records} == {"answered"}
    gaps = "SELECT call_id FROM siaga112.call_event GROUP BY call_id HAVING count(*) <> max(seq)"
    assert await frail.query(gaps) == []
    until("the spool is empty", lambda: frail.metric("siaga112_records_spooled") == 0)


async def test_the_daemon_starts_while_postgres_is_away(frail: Centre) -> None:
    """A start without PostgreSQL is a start: the call is served and its record follows later."""
    frail.lab.stop_daemon()
    frail.lab.stop_postgres()
    frail.lab.start_daemon()
    with frail.phone("101"):
        summary = await place(frail.ground, "talk", talk_s=1)
        assert summary.completed == 1
        frail.lab.start_postgres()
        record = await frail.record(summary.numbers[0])
    assert record["outcome"] == "answered"


async def test_asterisk_restarted_under_the_daemon(frail: Centre) -> None:
    """Asterisk killed in mid-call: the record is closed; Asterisk back: the daemon serves again by itself."""
    with frail.phone("101") as phone:
        calling = _calling(frail, talk_s=3)
        await _states(frail, "connected")
        frail.lab.part("asterisk").kill()
        until("noticed", lambda: not frail.get("/readyz")["ready"])
        frail.lab.stop_asterisk()
        frail.lab.start_asterisk()
        until("connected again", lambda: frail.get("/readyz")["ready"])
        lost = await calling
        record = await frail.record(lost.numbers[0])
        assert record["ended_at"]
        until("registered again", lambda: frail.agent("101")["state"] == "available")
        again = await place(frail.ground, "talk", talk_s=1)
        assert again.completed == 1
        assert phone.heard("answered")[-1:] == again.numbers


async def test_a_stop_hands_the_waiting_to_the_fallback(frail: Centre) -> None:
    """SIGTERM: who waits is rung through by the dialplan, and every record is written."""
    with Phone(frail.ground, "101", answer_after=1.0, talk_s=1.0) as phone:
        calling = _calling(frail, talk_s=40)
        await _states(frail, "queued")
        os.kill(frail.lab.json["pids"]["daemon"], signal.SIGTERM)
        summary = await calling
        assert phone.heard("answered") == summary.numbers
    record = await frail.record(summary.numbers[0])
    assert (summary.completed, summary.ended_by_far_end) == (1, 1)
    assert (record["outcome"], record["served_by"]) == ("overflowed", "fallback")
    until("it has stopped", lambda: not frail.lab.part("daemon").alive)


def test_a_wrong_password_is_said_and_not_hammered(frail: Centre) -> None:
    """With a wrong ARI password the daemon says what to compare, once, and is not ready."""
    frail.lab.stop_daemon()
    config = Path(frail.lab.json["config"])
    config.write_text(config.read_text().replace(frail.lab.json["ari_password"], "wrong"))
    log = frail.lab.layout.dir / "wrong.log"
    command = [sys.executable, "-m", "siaga112", "run", "--config", str(config)]
    daemon = Process.outside("wrong", command, log)
    try:
        until("it says so", lambda: "asterisk_unavailable" in log.read_text())
        ready = frail.get("/readyz")
        assert not ready["ready"]
        assert "ari.conf" in ready["missing"][0]
        assert log.read_text().count("asterisk_unavailable") == 1
    finally:
        daemon.stop(signal.SIGTERM, patience=30)
    assert "wrong" not in log.read_text()


async def test_asterisk_survives_being_looked_at_in_a_crowd(tmp_path: Path) -> None:
    """With hundreds of channels a daemon that starts takes stock of them, and nobody falls over it."""
    with Lab(tmp_path / "lab", daemon=False) as lab:
        lab.asterisk_cli("dialplan add extension s,1,Wait,120 into crowd")
        login = (lab.json["ari_user"], lab.json["ari_password"])
        async with AriClient(lab.ari, *login, "crowd") as client:
            for _ in range(CROWD // 2):
                await client.channels.originate(endpoint="Local/s@crowd", context="crowd", extension="s")
        assert f"{CROWD} active channels" in lab.asterisk_cli("core show channels count")
        try:
            lab.start_daemon()
            assert lab.part("asterisk").alive
        finally:
            lab.stop_daemon()
