"""Calls that the dialplan's fallback served while we were away: each has exactly one record, and it is true.

Everything is real. Each test has a lab of its own, because it kills the daemon.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from siaga112.lab.callers import CallSummary, place
from siaga112.lab.lab import Lab
from siaga112.lab.phones import Phone
from tests.asterisk.centre import Centre, soon


@pytest.fixture
def frail(tmp_path: Path) -> Iterator[Centre]:
    """A whole centre that may be broken."""
    with Lab(tmp_path / "lab", daemon=True, timings={"ring": 3, "wrap_up": 0, "wait_prompt": 5}) as lab:
        yield Centre(lab)


async def _recorded(frail: Centre, count: int) -> list[dict[str, Any]]:
    """Every record, once there are so many and the fallback's part is in all of them."""
    sql = "SELECT * FROM siaga112.call_record ORDER BY started_at, call_id"

    async def complete() -> list[dict[str, Any]]:
        rows = await frail.query(sql)
        done = [row for row in rows if row["ended_at"] is not None and row["journal_seq"] > 1_000_000]
        return rows if len(done) == count else []

    return await soon(f"there are {count} records", complete)


async def _queued(frail: Centre) -> None:
    async def seen() -> bool:
        return [one["state"] for one in frail.get("/api/v1/calls")] == ["queued"]

    await soon("the call waits", seen)


async def test_calls_that_we_never_saw(frail: Centre) -> None:
    """The daemon is dead: calls answered, hung up by the call-taker, given up, and without a number."""
    frail.lab.kill_daemon()
    with Phone(frail.ground, "101", answer_after=0.2):
        answered = await place(frail.ground, "talk", count=2, rate=0.5, talk_s=1.2)
        await place(frail.ground, "nosim", talk_s=1.0)
    with Phone(frail.ground, "102", answer_after=0.2, talk_s=1.0):
        sent_away = await place(frail.ground, "talk", talk_s=30.0)
    given_up = await place(frail.ground, "talk", talk_s=1.5)
    frail.lab.start_daemon()
    rows = await _recorded(frail, 5)
    assert len(rows) == 5
    assert all(row["served_by"] == "fallback" for row in rows)
    of = {row["caller_number"]: row for row in rows}
    for number in answered.numbers:
        row = of[number]
        assert (row["outcome"], row["agent_id"], row["ended_by"]) == ("answered", "101", "caller")
        assert row["started_at"] <= row["queued_at"] <= row["agent_answered_at"] <= row["ended_at"]
        assert 0 <= row["talk_s"] <= 4
        assert row["recording"]
    assert (of[sent_away.numbers[0]]["agent_id"], of[sent_away.numbers[0]]["ended_by"]) == ("102", "agent")
    lost = of[given_up.numbers[0]]
    assert (lost["outcome"], lost["agent_id"], lost["ended_by"]) == ("abandoned_queue", None, "caller")
    assert (of[None]["caller_number_source"], of[None]["outcome"]) == ("none", "answered")
    assert frail.metric("siaga112_fallback_calls_total") == 5
    await _counted(frail, calls=5, answers=4)
    await _exactly_once(frail, rows)


async def _counted(frail: Centre, *, calls: int, answers: int) -> None:
    """The metrics come to say what the records say, each call once."""

    async def same() -> bool:
        counted = (frail.metric("siaga112_calls_total"), frail.metric("siaga112_answer_seconds_count"))
        return counted == (calls, answers)

    await soon("every call is counted once", same)


async def _exactly_once(frail: Centre, rows: list[dict[str, Any]]) -> None:
    """A second start, and a rebuild of everything, change nothing: not one row more, not one figure else."""
    frail.lab.kill_daemon()
    (frail.lab.layout.dir / "spool.fallback").unlink()  # everything is read once more
    frail.lab.start_daemon()
    await soon("it has been read again", lambda: _imported(frail, len(rows)))
    again = await frail.query("SELECT * FROM siaga112.call_record ORDER BY started_at, call_id")
    assert again == rows


async def _imported(frail: Centre, count: int) -> bool:
    return (
        frail.metric("siaga112_fallback_calls_total") == count
        and frail.metric("siaga112_records_spooled") == 0
    )


async def test_handed_over_by_a_stop(frail: Centre) -> None:
    """SIGTERM while a caller waits: the record that said overflowed says in the end who answered."""
    with Phone(frail.ground, "101", answer_after=0.5, talk_s=1.0):
        calling = asyncio.create_task(place(frail.ground, "talk", talk_s=40))
        await _queued(frail)
        frail.lab.stop_daemon()
        summary: CallSummary = await calling
    frail.lab.start_daemon()
    (row,) = await _recorded(frail, 1)
    assert row["caller_number"] == summary.numbers[0]
    assert (row["outcome"], row["served_by"], row["agent_id"]) == ("answered", "fallback", "101")
    await _counted(frail, calls=1, answers=1)
    journal = await frail.journal(row)
    assert (row["started_at"], row["ended_by"]) == (journal[0]["at"], "agent")
    assert row["answered_at"] is not None, "what we knew stays"
    kinds = [one["kind"] for one in journal]
    assert kinds[0] == "arrived"
    assert kinds[-3:] == ["ended", "fallback_entered", "fallback_ended"]


async def test_the_lease_of_a_dead_daemon(frail: Centre) -> None:
    """Killed (-9) while a caller waits, not back before the lease is over: one record, of both parts."""
    calling = asyncio.create_task(place(frail.ground, "talk", talk_s=40))
    await _queued(frail)
    await frail.wrote("caller_answered")
    frail.lab.kill_daemon()
    channel = frail.lab.asterisk_cli("core show channels concise").split("!")[0]
    frail.lab.asterisk_cli(f"dialplan set chanvar {channel} TIMEOUT(absolute) 1")
    with Phone(frail.ground, "103", answer_after=0.2, talk_s=1.0):
        summary = await calling
    frail.lab.start_daemon()
    (row,) = await _recorded(frail, 1)
    assert (row["outcome"], row["served_by"], row["agent_id"]) == ("answered", "fallback", "103")
    await _counted(frail, calls=1, answers=1)
    assert row["caller_number"] == summary.numbers[0]
    kinds = [one["kind"] for one in await frail.journal(row)]
    assert (kinds[0], kinds.count("ended"), kinds[-1]) == ("arrived", 1, "fallback_ended")
    assert row["ended_at"] < (await frail.query("SELECT now() AS now"))[0]["now"]
