"""The menu, the bands and the rings of an emergency centre, with real calls."""

import asyncio

from siaga112.lab.callers import CallSummary, place
from siaga112.lab.rtp import Key, RtpPeer, Script
from tests.asterisk.centre import Centre, soon


async def calls(centre: Centre, *keys: Key, talk_s: float, number: str | None = None) -> CallSummary:
    """One caller who says nothing and presses keys."""
    silence = (centre.ground.sounds / "silence.al").read_bytes()
    async with RtpPeer(Script(silence, keys)) as ear:
        return await place(centre.ground, "talk", talk_s=talk_s, ear=ear, number=number)


async def waiting(centre: Centre, count: int) -> None:
    """So many calls wait."""

    async def seen() -> bool:
        states = [one["state"] for one in centre.get("/api/v1/calls")]
        return states.count("queued") == count

    await soon(f"{count} wait", seen)


async def prompts(centre: Centre, record: dict[str, object]) -> list[str]:
    """What was played in a call."""
    journal = await centre.journal(record)
    return [one["data"]["prompt"] for one in journal if one["kind"] == "prompt_started"]


async def test_doing_nothing_leads_to_a_call_taker_before_the_menu_ends(centre: Centre) -> None:
    """A free call-taker cuts the greeting: the phone rings while it plays."""
    with centre.phone("101"):
        summary = await place(centre.ground, "talk", talk_s=1.5)
        record = await centre.record(summary.numbers[0])
    assert await prompts(centre, record) == ["greet"]
    assert record["wait_s"] < 2


async def test_without_a_call_taker_the_menu_leads_to_the_queue(centre: Centre) -> None:
    """Greeting, menu, the word that it may take a while; nobody has to press anything."""
    summary = await place(centre.ground, "talk", talk_s=18)
    record = await centre.record(summary.numbers[0])
    assert (await prompts(centre, record))[:3] == ["greet", "menu", "wait_1"]
    assert record["outcome"] == "abandoned_queue"
    assert record["band"] == 1


async def test_two_is_recorded_information(centre: Centre) -> None:
    """Key 2, then 1: the caller hears the recording, waits for nobody, and was served by the machine."""
    summary = await calls(centre, Key("2", 1.0), Key("1", 2.5), talk_s=5)
    record = await centre.record(summary.numbers[0])
    assert (record["outcome"], record["band"], record["dtmf"]) == ("info_selfservice", 2, "21")
    assert await prompts(centre, record) == ["greet", "info_menu", "info_weather"]


async def test_a_star_in_the_information_is_an_emergency_at_once(centre: Centre) -> None:
    """Key 2 frees the phone that rang; the star rings it again."""
    with centre.phone("101", answer_after=2, talk_s=0.5):
        summary = await calls(centre, Key("2", 1.0), Key("*", 2.5), talk_s=30)
        record = await centre.record(summary.numbers[0])
        await centre.at_rest()
    assert (record["outcome"], record["band"]) == ("answered", 1)
    assert await centre.offers(record) == [("101", "ring_cancelled"), ("101", "answered")]


async def test_who_cannot_speak_overtakes_and_the_call_taker_is_told(centre: Centre) -> None:
    """Key 5 goes before those who came earlier, and is announced to the call-taker before the talk."""
    earlier = asyncio.create_task(place(centre.ground, "talk", talk_s=60))
    await waiting(centre, 1)
    silent = asyncio.create_task(calls(centre, Key("5", 1.0), talk_s=60))
    await waiting(centre, 2)

    async def asked_for_help() -> bool:
        bands = [one["band"] for one in centre.get("/api/v1/calls")]
        return 0 in bands

    await soon("key 5 is heard", asked_for_help)
    with centre.phone("101", talk_s=4):
        first = await centre.record((await silent).numbers[0])
        second = await centre.record((await earlier).numbers[0])
        await centre.at_rest()
    assert first["agent_answered_at"] < second["agent_answered_at"]
    assert first["started_at"] > second["started_at"]
    assert (first["band"], first["dtmf"]) == (0, "5")
    assert (await prompts(centre, first))[-1] == "w_silent"


async def test_an_emergency_takes_the_phone_that_rings_for_information(centre: Centre) -> None:
    """The only call-taker has not picked up yet: the phone rings for the emergency, then for who asked."""
    asking = asyncio.create_task(calls(centre, Key("2", 0.5), Key("0", 2.0), talk_s=60))

    async def asks() -> bool:
        return [(one["band"], one["waits"]) for one in centre.get("/api/v1/calls")] == [(2, True)]

    async def rings() -> bool:
        return bool(centre.agent("101")["call_id"])

    await soon("somebody asks", asks)
    with centre.phone("101", answer_after=2.5, talk_s=0.5):
        await soon("the phone rings", rings)
        emergency = await place(centre.ground, "talk", talk_s=60)
        asked, urgent = [await centre.record(one.numbers[0]) for one in (await asking, emergency)]
        await centre.at_rest()
    assert urgent["agent_answered_at"] < asked["agent_answered_at"]
    assert await centre.offers(asked) == [("101", "ring_cancelled"), ("101", "answered")]
    assert await centre.offers(urgent) == [("101", "answered")]


async def test_nine_is_english(centre: Centre) -> None:
    """Key 9 changes the language for the rest of the call."""
    summary = await calls(centre, Key("9", 1.0), talk_s=4)
    record = await centre.record(summary.numbers[0])
    assert record["language"] == "en"


async def test_two_missed_rings_ring_everybody(centre: Centre) -> None:
    """After two phones that nobody picked up every ready phone rings; the first answer wins."""
    with (
        centre.phone(["101", "102"], behaviour="noanswer"),
        centre.phone("103", answer_after=1.5, talk_s=0.5),
        centre.phone("104", answer_after=20) as slow,
    ):
        summary = await place(centre.ground, "talk", talk_s=60)
        record = await centre.record(summary.numbers[0])
        await centre.at_rest()
        assert slow.heard("cancelled") == summary.numbers
    assert sorted(await centre.offers(record)) == [
        ("101", "rona"),
        ("102", "rona"),
        ("103", "answered"),
        ("104", "answered_elsewhere"),
    ]


async def test_a_caller_who_comes_back_is_known(centre: Centre) -> None:
    """The second call of a number within minutes is its second attempt, and rings the same call-taker."""
    with centre.phone("101"), centre.phone("102"):
        first = await place(centre.ground, "talk", talk_s=1)
        number = first.numbers[0]
        await place(centre.ground, "talk", talk_s=1)
        await place(centre.ground, "talk", talk_s=4, number=number)

        async def both() -> list[dict[str, object]]:
            found = await centre.records([number])
            return found if len(found) == 2 else []

        one, two = await soon("two records", both)
    assert [one["attempt"], two["attempt"]] == [1, 2]
    assert one["agent_id"] == two["agent_id"]


async def test_ten_silent_callers_are_all_answered_or_leave_by_themselves(centre: Centre) -> None:
    """The machine ends no silent call: each gets to a person in the end."""
    flood = asyncio.create_task(place(centre.ground, "silent", count=10, rate=5, talk_s=60))
    await waiting(centre, 10)
    with centre.phone(["101", "102"], talk_s=0.3):
        summary = await flood
        records = await centre.records(summary.numbers)
        await centre.at_rest()
    assert (summary.completed, summary.failed) == (10, 0)
    assert {(one["outcome"], one["ended_by"]) for one in records} == {("answered", "agent")}


async def test_more_calls_than_the_limit_are_served_by_the_fallback_and_recorded(centre: Centre) -> None:
    """Beyond the limit nothing is lost: the dialplan answers, and the row says refused."""
    plan = centre.lab.layout.plan.read_text()
    centre.reload(plan + "\n[admission]\nmost_calls = 1\n")
    try:
        first = asyncio.create_task(place(centre.ground, "talk", talk_s=8))
        await waiting(centre, 1)
        second = await place(centre.ground, "talk", talk_s=3)
        refused = await centre.record(second.numbers[0])
        await first
        await centre.at_rest()
    finally:
        centre.reload(plan)
    assert (second.answered, second.failed) == (1, 0)
    assert (refused["outcome"], refused["served_by"]) == ("refused", "fallback")

    async def counted() -> bool:
        rows = await centre.query(
            "SELECT outcome, count(*) AS n FROM siaga112.call_record WHERE journal_seq > 1000000 GROUP BY 1"
        )
        return {one["outcome"]: one["n"] for one in rows}.get("refused") == 1

    await soon("the fallback's part is in the record, and the outcome has stayed", counted)
    assert centre.count("siaga112_calls_total", outcome="refused") == 1
