"""Hundreds of calls whose callers, phones and hang-ups race each other: each is handed over once or not.

`SIAGA112_RACES` says how many calls (`make chaos`: a thousand); what races whom is drawn by lot, the same lot
each time.
"""

import asyncio
import os
import random
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from siaga112.lab.callers import CallSummary, place
from siaga112.lab.lab import Lab
from tests.asterisk.centre import Centre, soon

RACES = int(os.environ.get("SIAGA112_RACES", "100"))
CROWDS, DESKS = 4, 4
RATE = 1.0
"""Calls a second of each crowd: four in all."""
PATIENT = 120.0
"""Seconds for a busy machine to write everything down."""

LEGS = """
SELECT made.data->>'agent_id' AS agent, made.at AS begins, gone.at AS ends
FROM siaga112.call_event made LEFT JOIN siaga112.call_event gone
  ON gone.call_id = made.call_id AND gone.kind = 'leg_ended' AND gone.data->'leg' = made.data->'leg'
WHERE made.kind = 'offer_made' ORDER BY 1, 2
"""


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Centre]:
    """A centre whose phones ring a second, and that does not listen: what is tried here is who meets whom."""
    with Lab(tmp_path / "lab", daemon=True, timings={"ring": 1, "wrap_up": 0, "wait_prompt": 5}) as lab:
        centre = Centre(lab)
        centre.reload(lab.layout.plan.read_text() + "\n[listening]\nenabled = false\n")
        yield centre


async def test_whatever_races_each_call_is_handed_over_once(busy: Centre) -> None:
    """Nothing is left over, each call has one whole record, nobody two calls; first come, first rung.

    A machine that is too busy lets the fallback have some of them: those count, and are not judged.
    """
    lot = random.Random(112)  # noqa: S311 - a lot that is drawn again the same
    with ExitStack() as desks:
        for n in range(DESKS):
            seats = [str(101 + 2 * n), str(102 + 2 * n)]
            answer_after, talk_s = lot.uniform(0.02, 1.1), lot.uniform(0.05, 0.8)
            desks.enter_context(busy.phone(seats, answer_after=answer_after, talk_s=talk_s))
        crowds = await asyncio.gather(*(_crowd(busy, lot) for _ in range(CROWDS)))
        numbers = [number for one in crowds for number in one.numbers]
        rows = await busy.records(numbers, PATIENT)
        await busy.at_rest()
    assert len(rows) == len(set(numbers)) == RACES // CROWDS * CROWDS
    assert {one["outcome"] for one in rows if one["served_by"] == "daemon"} <= {
        *("answered", "abandoned_ringing", "abandoned_queue", "short_abandon", "abandoned_setup"),
    }
    await soon("the journals are whole", lambda: _whole(busy, len(rows)), PATIENT)
    await _never_two_at_once(busy)
    _first_come_first_rung(rows)


async def _crowd(centre: Centre, lot: random.Random) -> CallSummary:
    """Callers who hang up after a time of their own."""
    kind = lot.choice(["talk", "talk", "abandon"])
    return await place(centre.ground, kind, count=RACES // CROWDS, rate=RATE, talk_s=lot.uniform(0.02, 1.6))


async def _whole(centre: Centre, calls: int) -> bool:
    sql = (
        "SELECT count(*) AS n, count(DISTINCT call_id) AS calls FROM siaga112.call_event WHERE kind = 'ended'"
    )
    (ends,) = await centre.query(sql)
    fallback = await centre.query("SELECT 1 FROM siaga112.call_record WHERE served_by = 'fallback'")
    flawed = await centre.query("SELECT 1 FROM siaga112.call_record WHERE journal_flaw IS NOT NULL")
    assert not flawed
    assert ends["n"] == ends["calls"], "a call ends once"
    return bool(ends["calls"] + len(fallback) >= calls)


async def _never_two_at_once(centre: Centre) -> None:
    legs = await centre.query(LEGS)
    assert legs, "phones rang"
    for before, after in pairwise(legs):
        if before["agent"] == after["agent"]:
            assert before["ends"] is not None, before
            assert before["ends"] <= after["begins"], (before, after)


def _first_come_first_rung(rows: list[dict[str, Any]]) -> None:
    ours = [one for one in rows if one["served_by"] == "daemon" and one["first_offered_at"] is not None]
    rung = [one["first_offered_at"] for one in sorted(ours, key=lambda one: one["queued_at"])]
    assert rung == sorted(rung)
