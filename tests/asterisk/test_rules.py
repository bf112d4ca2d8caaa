"""The rules of the queue and the menu, shown with real calls.

README.md beside this file says which test shows which.
"""

import asyncio
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from siaga112.lab.callers import CallSummary, place
from siaga112.lab.lab import Lab
from siaga112.lab.phones import Phone
from siaga112.lab.rtp import Key
from tests.asterisk.centre import Centre, soon
from tests.asterisk.test_ivr import calls, prompts, waiting

TIMES = {
    "ring": 2,
    "wrap_up": 0,
    "wait_prompt": 5,
    "ring_all": 3,
    "supervisors": 5,
    "overflow": 8,
    "starve": 6,
}
BRIEFED = 3
"""A talk that lasts longer than the word that a call-taker hears before it."""
MORE = """
[admission]
overflow = "PJSIP/120"

[block]
enabled = true
wait = 4
reasons = { 1 = "threats" }
"""


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre where seconds are what tens of seconds are elsewhere, with an agency and a supervisor."""
    with Lab(tmp_path_factory.mktemp("strict"), daemon=True, timings=TIMES) as lab:
        centre = Centre(lab)
        plan = lab.layout.plan.read_text()
        for agent, role in (("103", "opd"), ("104", "supervisor")):
            plan = plan.replace(f'id = "{agent}"\n', f'id = "{agent}"\nrole = "{role}"\n')
        plan = re.sub(r'\n\[\[agents\]\]\nid = "120"\n(.+\n)+', "", plan)
        expired = '\n[[information]]\nkey = "7"\nsound = "info_old"\nexpires = 2020-01-01T00:00:00+07:00\n'
        centre.reload(plan + MORE + expired)
        yield centre


def _at(journal: list[dict[str, Any]], kind: str, **data: object) -> float:
    """Seconds from the arrival to the first entry of a kind that holds these values."""
    found = (x for x in journal if x["kind"] == kind and data.items() <= x["data"].items())
    return float((next(found)["at"] - journal[0]["at"]).total_seconds())


def _calling(centre: Centre, *keys: Key, talk_s: float = 60.0) -> "asyncio.Task[CallSummary]":
    """A caller who presses keys, or one who speaks: whoever does neither is suspected sooner or later."""
    who = calls(centre, *keys, talk_s=talk_s) if keys else place(centre.ground, "talk", talk_s=talk_s)
    return asyncio.create_task(who)


async def _in_bands(centre: Centre, *bands: int) -> None:
    """Calls of these bands wait, and no other."""

    async def seen() -> bool:
        queued = [one["band"] for one in centre.get("/api/v1/calls") if one["state"] == "queued"]
        return sorted(queued) == sorted(bands)

    await soon(f"{bands} wait", seen)


async def _records(centre: Centre, *calling: "asyncio.Task[CallSummary]") -> list[dict[str, Any]]:
    return [await centre.record((await one).numbers[0]) for one in calling]


def _answered_in_turn(records: list[dict[str, Any]]) -> bool:
    times = [one["agent_answered_at"] for one in records]
    return None not in times and times == sorted(times)


async def test_a_key_ends_the_prompts(strict: Centre) -> None:
    """1 leads to the hold sound at once, and so does a key that means nothing."""
    for digit in "17":
        summary = await calls(strict, Key(digit, 0.5), talk_s=2.5)
        record = await strict.record(summary.numbers[0])
        assert (await prompts(strict, record), record["band"], record["dtmf"]) == (["greet"], 1, digit)


async def test_an_expired_message_leads_to_a_person(strict: Centre) -> None:
    """Its key is one that means nothing: the caller waits for an officer, in the band of information."""
    calling = _calling(strict, Key("2", 0.5), Key("7", 2.0), talk_s=4)
    await _in_bands(strict, 2)
    (record,) = await _records(strict, calling)
    assert await prompts(strict, record) == ["greet", "info_menu"]
    assert record["band"] == 2


async def test_the_longer_a_call_waits_the_more_phones_ring(strict: Centre) -> None:
    """Call-takers, then agencies, then supervisors and who missed it, then another centre, which takes it."""
    with (
        strict.phone("101", behaviour="noanswer"),
        strict.phone("103", behaviour="busy"),
        strict.phone("104", behaviour="rejects"),
        Phone(strict.ground, "120", answer_after=0.5, talk_s=1),
    ):
        summary = await place(strict.ground, "talk", talk_s=60)
        record = await strict.record(summary.numbers[0])
        journal = await strict.journal(record)
        await strict.at_rest()
    assert _at(journal, "offer_made", agent_id="101") < 1
    assert _at(journal, "offer_made", agent_id="103") >= TIMES["ring_all"]
    assert _at(journal, "offer_made", agent_id="104") >= TIMES["supervisors"]
    assert _at(journal, "offer_made", agent_id="overflow") >= TIMES["overflow"]
    assert [one["data"]["pressure"] for one in journal if one["kind"] == "escalated"] == [1, 2, 3]
    results = dict(reversed(await strict.offers(record)))
    assert results == {"101": "rona", "103": "busy", "104": "busy", "overflow": "answered"}
    why = {one["data"]["agent_id"]: one["data"]["why"] for one in journal if one["kind"] == "leg_ended"}
    assert (why["103"], why["104"]) == ("busy", "rejected"), "told apart"
    assert (await prompts(strict, record)).count("overflow") == 1
    assert record["outcome"] == "overflowed"


async def test_bands_go_before_time_until_the_wait_is_too_long(strict: Centre) -> None:
    """Who cannot speak, then who asked long ago, then the emergencies since, in their order."""
    asking = _calling(strict, Key("2", 0.5), Key("0", 2.0))
    await _in_bands(strict, 2)

    async def too_long() -> bool:
        return strict.metric("siaga112_queue_longest_wait_seconds") > TIMES["starve"] + 0.5

    await soon("it has waited too long", too_long)
    silent = _calling(strict, Key("5", 0.5))
    await _in_bands(strict, 2, 0)
    with strict.phone("101", talk_s=BRIEFED):
        await _in_bands(strict, 2)
        first = _calling(strict)
        await _in_bands(strict, 2, 1)
        second = _calling(strict)
        records = await _records(strict, silent, asking, first, second)
        await strict.at_rest()
    assert _answered_in_turn(records)
    assert [one["band"] for one in records] == [0, 2, 1, 1]


async def test_information_leaves_a_call_taker_for_an_emergency(strict: Centre) -> None:
    """Two call-takers, three who only ask: one of them is served at a time, and an emergency at once."""
    asking = [_calling(strict, Key("2", 0.5), Key("0", 2.0)) for _ in range(3)]
    await _in_bands(strict, 2, 2, 2)
    with strict.phone(["101", "102"], talk_s=3):
        await _in_bands(strict, 2, 2)
        emergency = _calling(strict)
        urgent, *asked = await _records(strict, emergency, *asking)
        await strict.at_rest()
    assert urgent["wait_s"] < 2
    asked.sort(key=lambda one: one["agent_answered_at"])
    assert urgent["agent_answered_at"] < asked[1]["agent_answered_at"]
    for before, after in pairwise(asked):
        assert before["ended_at"] <= after["agent_answered_at"], "one at a time"


async def test_the_order_outlives_the_daemon(strict: Centre) -> None:
    """Killed (-9) while callers wait: all keep their places, and who called before is known."""
    early = await place(strict.ground, "talk", talk_s=1.5)
    number = early.numbers[0]
    first = _calling(strict)
    await waiting(strict, 1)
    second = _calling(strict)
    await waiting(strict, 2)
    await strict.wrote("caller_answered", calls=2)
    strict.lab.kill_daemon()
    strict.lab.start_daemon()
    await waiting(strict, 2)
    third = _calling(strict)
    await waiting(strict, 3)
    again = asyncio.create_task(place(strict.ground, "talk", talk_s=60, number=number))
    await waiting(strict, 4)
    with strict.phone("101", talk_s=0.3):
        records = await _records(strict, first, second, third)
        await again
        both = await soon("both records", lambda: _two(strict, number))
        await strict.at_rest()
    assert _answered_in_turn(records)
    assert _answered_in_turn([both[1], records[2]]), "who waited before goes before who came just now"
    assert [one["attempt"] for one in both] == [1, 2]


async def _two(centre: Centre, number: str) -> list[dict[str, Any]]:
    rows = await centre.records([number])
    return rows if len(rows) == 2 and rows[1]["ended_at"] is not None else []


async def test_a_phone_that_dies_in_a_talk_costs_the_caller_seconds(strict: Centre) -> None:
    """Pulled out in the middle: found dead, the caller is told and is the first in line for the next one."""
    # It must not hang up while it is still being told about the caller, however busy the machine.
    with strict.phone("102", answer_after=0.5, talk_s=2 * BRIEFED) as second:
        second.dial("*12", listen=False)
        with Phone(strict.ground, "101", answer_after=0.2) as dying:
            dying.dial("*11", listen=False)
            calling = _calling(strict)

            async def talks() -> bool:
                return [one["state"] for one in strict.get("/api/v1/calls")] == ["connected"]

            await soon("they talk", talks)
        second.dial("*11", listen=False)
        (record,) = await _records(strict, calling)
        await strict.at_rest()
    talks_with = [agent for agent, result in await strict.offers(record) if result == "answered"]
    assert talks_with == ["101", "102"]
    assert "reconnect" in await prompts(strict, record)
    assert (record["band"], record["outcome"], record["ended_by"]) == (0, "answered", "agent")


async def test_two_phones_on_one_seat_are_one_call_taker(strict: Centre) -> None:
    """Who registers last has the seat; dialling *11 on both makes one who is ready, and one phone rings."""
    sql = "SELECT count(*) AS n FROM siaga112.agent_state WHERE agent_id = '105' AND state = 'available'"
    with Phone(strict.ground, "105") as first:
        first.dial("*11", listen=False)
        with strict.phone("105", talk_s=0.5) as second:
            summary = await place(strict.ground, "talk", talk_s=30)
            record = await strict.record(summary.numbers[0])
            await strict.at_rest()
            assert (first.heard("ringing"), second.heard("ringing")) == ([], summary.numbers)
    assert await strict.offers(record) == [("105", "answered")]
    (ready,) = await strict.query(sql)
    assert ready["n"] == 2, "once when it became ready, once after the talk"


async def test_a_full_centre_lets_in_who_may_speak(strict: Centre) -> None:
    """Two of whom nothing is heard fill it: the last is set aside, recorded as refused, and lives on."""
    plan = strict.lab.layout.plan.read_text()
    strict.reload(plan.replace("[admission]\n", "[admission]\nmost_calls = 2\n"))
    try:
        ghosts = [asyncio.create_task(place(strict.ground, "noaudio", talk_s=14)) for _ in range(2)]
        await soon("both are suspected", lambda: _suspected(strict, 2))
        caller = _calling(strict, talk_s=3)
        await soon("one of them has left", lambda: _suspected(strict, 1))
        (record,) = await _records(strict, caller)
        summaries = await asyncio.gather(*ghosts)
        left = await _records(strict, *ghosts)
        await strict.at_rest()
    finally:
        strict.reload(plan)
    assert record["served_by"] == "daemon"
    assert [(one.completed, one.ended_by_far_end) for one in summaries] == [(1, 0)] * 2
    told = sorted((one["outcome"], one["served_by"]) for one in left)
    assert told == [("abandoned_queue", "daemon"), ("refused", "fallback")]


async def _suspected(centre: Centre, count: int) -> bool:
    return [x["suspicion"] for x in centre.get("/api/v1/calls")].count("silent_suspect") == count


async def test_a_supervisor_declares_a_mass_event(strict: Centre) -> None:
    """*91 holds for the next call, and *90 ends it; a call-taker's seat may not."""
    heard = []
    with Phone(strict.ground, ["101", "104"]) as phones:
        for agent, code, is_on in (("101", "*91", 0), ("104", "*91", 1), ("104", "*90", 0)):
            phones.agents = [agent]
            phones.dial(code)
            assert strict.metric("siaga112_surge_mode") == is_on
            summary = await place(strict.ground, "talk", talk_s=1)
            heard += await prompts(strict, await strict.record(summary.numbers[0]))
    assert heard == ["greet", "surge", "greet"]


async def test_a_blocked_caller_reaches_a_person_by_a_key_or_later(strict: Centre) -> None:
    """Blocked by the supervisor who had the call: no phone rings before key 1, or before the plan's time."""
    with strict.phone("104", talk_s=0.5) as supervisor:
        number = (await place(strict.ground, "talk", talk_s=60)).numbers[0]
        blocked = await strict.record(number)
        supervisor.dial("*71")
    assert strict.metric("siaga112_blocked_numbers") == 1
    with strict.phone("101", talk_s=BRIEFED):
        async with asyncio.timeout(60):
            await _again(strict, number, 2, Key("1", 1.5))
            await _again(strict, number, 3)
    journal = await strict.journal(blocked)
    assert ("number_blocked", "threats") in [(x["kind"], x["data"].get("reason")) for x in journal]
    rows = await strict.records([number])
    by_key, by_patience = [await strict.journal(one) for one in rows[1:]]
    assert _at(by_key, "offer_made") >= _at(by_key, "key_heard", digit="1")
    assert _at(by_patience, "offer_made") >= 4
    assert [one["outcome"] for one in rows] == ["answered"] * 3
    assert [one["suspicion"] for one in rows[1:]] == ["abuse_flagged"] * 2


async def _again(centre: Centre, number: str, attempt: int, *keys: Key) -> None:
    """The same caller once more, until the record is there."""
    await calls(centre, *keys, talk_s=60, number=number)

    async def recorded() -> bool:
        rows = await centre.records([number])
        return len(rows) == attempt and rows[-1]["ended_at"] is not None

    await soon("it is recorded", recorded)
