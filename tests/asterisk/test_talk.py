"""Hold, transfer, three in a talk, and supervisors in it: by keys on real phones, heard on the wire."""

import wave
from collections.abc import Awaitable, Iterator
from typing import Any

import numpy as np
import pytest

from siaga112.lab.callers import CallSummary
from siaga112.lab.phones import Phone
from siaga112.lab.rtp import Key, RtpPeer
from tests.asterisk.centre import Centre, soon
from tests.asterisk.talks import (
    TONES,
    barging,
    hear,
    hears,
    talking,
    tone,
    tones,
    voice,
    watching,
)
from tests.asterisk.test_ivr import calls, prompts

AGENCIES = """
[[agencies]]
id = "pmi"
code = "1"
name = "PMI"
endpoint = "PJSIP/118"

[[agencies]]
id = "bpbd"
code = "2"
name = "BPBD"
endpoint = "PJSIP/119"

[[agencies]]
id = "neighbour"
code = "3"
name = "112 next door"
endpoint = "PJSIP/118"
region = true
"""


@pytest.fixture(scope="module")
def desks(centre: Centre) -> Iterator[Centre]:
    """A centre with agencies, a supervisor (107), and little patience with who is asked into a talk."""
    plan = centre.lab.layout.plan.read_text()
    head, *seats = plan.split("[[agents]]")
    kept = [one.rstrip() for one in seats[:7]]
    kept[6] += '\nrole = "supervisor"'
    head = head.replace("[timings]\n", "[timings]\ntransfer = 3\n")
    centre.reload("[[agents]]".join([head, *(f"{one}\n\n" for one in kept)]) + AGENCIES)
    yield centre
    centre.reload(plan)


async def test_a_held_caller_hears_music_and_comes_back(desks: Centre) -> None:
    """`*4` takes the caller out of the talk and into the music, `*4` again brings them back."""
    async with talking(desks, "0811000001") as talk:
        await hears(talk.ear, something=False)
        talk.press("*4")
        await talk.wrote("held")
        await hears(talk.ear, something=True)
        assert [one["held"] for one in desks.get("/api/v1/calls")] == [True]
        talk.press("*4")
        await talk.wrote("resumed")
        await hears(talk.ear, something=False)
        record = await talk.record(ends="101")
    assert (record["outcome"], record["ended_by"], record["agent_id"]) == ("answered", "agent", "101")


async def test_a_transfer_hands_the_caller_over(desks: Centre) -> None:
    """`*2` and a code: the other 112 centre rings, takes the caller, and the call-taker is free again."""
    async with RtpPeer(voice(desks, "agent")) as mouth, talking(desks, "0811000002") as talk:
        with Phone(desks.ground, "118", answer_after=1, ear=mouth) as neighbour:
            talk.press("*23#")
            await hears(talk.ear, something=True)
            ended = await talk.wrote("invite_ended")
            await talk.wrote("left")
            await hears(mouth, something=False)
            assert desks.agent("101")["state"] == "available"
            record = await talk.record(ends="118")
            assert neighbour.heard("answered") == ["0811000002"]
    assert (ended["agency"], ended["result"]) == ("neighbour", "answered")
    assert (record["outcome"], record["agent_id"]) == ("transferred_region", "101")
    assert await desks.offers(record) == [("101", "answered")]


async def test_who_does_not_answer_gives_the_caller_back(desks: Centre) -> None:
    """A target that rings in vain: within 15 s the caller is with the call-taker again."""
    async with talking(desks, "0811000003", taker="agent") as talk:
        with Phone(desks.ground, "119", behaviour="noanswer") as absent:
            talk.press("*22#")
            held, back = await talk.wrote("held"), await talk.wrote("resumed")
            await hears(talk.ear, something=True)
            assert absent.heard("cancelled") == ["0811000003"]
        record = await talk.record(ends="101")
        ended = await talk.wrote("invite_ended")
    assert 2.9 < back["at"] - held["at"] < 15
    assert (ended["agency"], ended["result"]) == ("bpbd", "rona")
    assert (record["outcome"], record["ended_by"]) == ("answered", "agent")


async def test_three_talk_and_the_call_taker_may_leave(desks: Centre) -> None:
    """`*3` and a code: the agency is one more in the talk, and stays with the caller when 101 hangs up."""
    async with (
        RtpPeer(voice(desks, "agent")) as mouth,
        talking(desks, "0811000004", caller="caller") as talk,
    ):
        with Phone(desks.ground, "118", answer_after=0.3, ear=mouth):
            talk.press("*31#")
            joined = await talk.wrote("invite_ended")
            await hears(talk.ear, something=True)
            await hears(mouth, something=True)
            talk.hang_up("101")
            gone = await talk.wrote("leg_ended")
            await hears(talk.ear, something=True)
            record = await talk.record(ends="118")
    assert joined["agency"] == "pmi"
    assert (gone["agent_id"], gone["why"]) == ("101", "hung_up")
    assert (record["outcome"], record["agent_id"]) == ("answered", "101")
    assert record["talk_s"] > gone["at"] - record["agent_answered_at"].timestamp() + 0.1


async def test_a_warm_transfer(desks: Centre) -> None:
    """Hold, ask the agency alone, hang up: the caller is with the agency."""
    async with RtpPeer(voice(desks, "agent")) as mouth, talking(desks, "0811000005") as talk:
        with Phone(desks.ground, "118", answer_after=0.3, ear=mouth):
            talk.press("*4")
            await talk.wrote("held")
            talk.press("*31#")
            await talk.wrote("invite_ended")
            await hears(talk.taker, something=True)
            talk.hang_up("101")
            await talk.wrote("resumed")
            await hears(talk.ear, something=True)
            record = await talk.record(ends="118")
    assert (record["outcome"], record["ended_by"]) == ("answered", "agent")


async def test_a_target_whose_line_breaks_sends_the_caller_to_the_next(desks: Centre) -> None:
    """The agency's line fails after the transfer: the caller is first in line, and 101 has them again."""
    async with RtpPeer(voice(desks, "agent")) as mouth, talking(desks, "0811000006") as talk:
        with Phone(desks.ground, "118", answer_after=0.2, talk_s=2, breaks=True, ear=mouth):
            talk.press("*21#")
            await talk.wrote("left")
            why = (await talk.wrote("requeued"))["reason"]
            await talk.wrote("connected", count=2)
            record = await talk.record(ends="101")
        kinds = [one["kind"] for one in await desks.journal(record)]
    assert (why, kinds.count("requeued")) == ("the agent's leg is broken", 1)
    assert await desks.offers(record) == [("101", "answered"), ("101", "answered")]
    assert (record["outcome"], record["ended_by"], record["band"]) == ("answered", "agent", 0)


async def test_a_supervisor_whispers(desks: Centre) -> None:
    """`*32101`: the call-taker hears the supervisor, the caller hears nothing."""
    async with RtpPeer(voice(desks, "agent")) as mouth, talking(desks, "0811000007") as talk:
        with Phone(desks.ground, "107") as phone:
            await hears(talk.taker, something=False)
            async with watching(phone, "*32101", mouth):
                told = await talk.wrote("watched")
                await hears(talk.taker, something=True)
                await hears(talk.ear, something=False)
        await talk.record(ends="101")
    assert (told["supervisor"], told["agent_id"], told["watching"]) == ("107", "101", "whisper")


async def test_a_supervisor_barges_into_three(desks: Centre) -> None:
    """`*33101`: all three hear the supervisor, who may leave, come again, and is freed when the talk ends."""
    caller, taker, agency, chief = TONES
    async with (
        RtpPeer(tone(agency)) as third,
        RtpPeer(tone(chief)) as fourth,
        talking(desks, "0811000009", caller=caller, taker=taker) as talk,
    ):
        three = {caller: talk.ear, taker: talk.taker, agency: third}
        with Phone(desks.ground, "118", answer_after=0.3, ear=third), Phone(desks.ground, "107") as phone:
            talk.press("*31#")
            await hear(three)
            visit = barging(phone, "*33101", fourth)
            await hear(three | {chief: fourth})
            talk.hang_up("107")
            await talk.wrote("watch_ended")
            await visit
            await hear(three)
            visit = barging(phone, "*33101", fourth)
            await hear(three | {chief: fourth})
            talk.hang_up("101")
            await hear({caller: talk.ear, agency: third, chief: fourth})
            record = await talk.record(ends="118")
            await visit
    assert (record["outcome"], record["ended_by"], record["agent_id"]) == ("answered", "agent", "101")
    with wave.open(str(desks.lab.layout.monitor / record["recording"])) as recording:
        samples = np.frombuffer(recording.readframes(recording.getnframes()), dtype=np.int16)
    assert any(chief in tones(list(samples[n : n + 8000])) for n in range(0, len(samples) - 8000, 8000))


async def test_a_supervisor_listens_and_nobody_else_may(desks: Centre) -> None:
    """`*31101` from a supervisor's phone: both are heard. From another phone it is refused, in words."""
    async with (
        RtpPeer(voice(desks, "silence")) as ear,
        talking(desks, "0811000008", caller="caller") as talk,
    ):
        with Phone(desks.ground, "107") as phone, Phone(desks.ground, "102") as other:
            other.dial("*31101")
            async with watching(phone, "*31101", ear):
                told = await talk.wrote("watched")
                await hears(ear, something=True)
            phone.dial("*31103")
        await talk.record(ends="101")
    assert (told["supervisor"], told["watching"]) == ("107", "listen")


async def test_a_verdict_marks_a_number_until_it_is_taken_back(desks: Centre) -> None:
    """Ghost, then information: the last counts. Prank: the next call is asked for key 1, then normal."""
    plan = desks.lab.layout.plan.read_text()
    desks.reload(plan + "\n[misuse]\nthreshold = 0.9\n")
    number = "0811000010"
    try:
        first = await _verdicts(desks, number, {"*6": 1, "*8": 2})
        second = await _verdicts(desks, number, {"*7": 3}, attempt=2)
        calling = calls(desks, Key("1", 2.5), talk_s=5, number=number)
        flagged = await _ended(desks, number, 3, calling)
    finally:
        desks.reload(plan)
    said = [x["data"]["disposition"] for x in await desks.journal(first) if x["kind"] == "classified"]
    assert (said, first["disposition"]) == (["ghost", "information"], "information")
    assert (second["disposition"], second["suspicion"], second["band"]) == ("prank", "none", 1)
    assert (await prompts(desks, flagged))[0] == "flagged"
    assert [x["data"]["band"] for x in await desks.journal(flagged) if x["kind"] == "arrived"] == [4]
    assert (flagged["band"], flagged["suspicion"]) == (1, "abuse_flagged"), "key 1 makes it a normal call"


async def _verdicts(centre: Centre, number: str, codes: dict[str, int], attempt: int = 1) -> dict[str, Any]:
    """A talk in which the call-taker says what it is; with each code: which verdict on this number it is."""
    async with talking(centre, number, attempt=attempt) as talk:
        for code, count in codes.items():
            talk.press(code)
            await talk.wrote("classified", count)
        talk.hang_up("101")
        return await _ended(centre, number, attempt, talk.calling)


async def _ended(centre: Centre, number: str, count: int, calling: Awaitable[CallSummary]) -> dict[str, Any]:
    """The record of this number's last call, once so many have ended."""
    await calling

    async def ended() -> list[dict[str, Any]]:
        rows = await centre.records([number])
        return rows if len(rows) == count and rows[-1]["ended_at"] is not None else []

    found = (await soon("it is recorded", ended))[-1]
    await centre.at_rest()
    return found
