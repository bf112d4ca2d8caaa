"""Each kind of caller is on the wire what its name says."""

import asyncio
import json
from typing import Any

import pytest

from siaga112.lab.call_cli import run_call
from siaga112.lab.callers import KINDS, place
from siaga112.lab.errors import LabError
from siaga112.lab.ground import Ground
from siaga112.lab.lab import Lab
from siaga112.lab.phones import Phone
from siaga112.lab.sounds import Law
from tests.asterisk.listening import NUMBER, Listening, listening


async def _start(ear: Listening, ground: Ground, kind: str, talk_s: float) -> "asyncio.Task[object]":
    call = asyncio.create_task(place(ground, kind, talk_s=talk_s, dialled=NUMBER))
    await ear.event("StasisStart")
    return call


async def test_talk_is_answered_and_hangs_up(ground: Ground) -> None:
    """Callers who talk are answered by a phone, each with a number of its own, and none fails."""
    with Phone(ground, "101", answer_after=0.1) as phone:
        summary = await place(ground, "talk", count=3, rate=10, talk_s=0.5)
    assert (summary.answered, summary.completed, summary.failed) == (3, 3, 0)
    assert len(set(summary.numbers)) == 3
    assert sorted(phone.heard("answered")) == sorted(summary.numbers)
    assert summary.ended_by_far_end == 0
    assert summary.answer_ms["p50"] > 0


async def test_far_end_hangs_up_first(ground: Ground) -> None:
    """A call that the call-taker ends is a completed call, and the summary says who ended it."""
    with Phone(ground, "101", answer_after=0.1, talk_s=0.3):
        summary = await place(ground, "talk", talk_s=30)
    assert (summary.completed, summary.ended_by_far_end) == (1, 1)
    assert summary.seconds < 10


async def test_nobody_answers_in_time(ground: Ground) -> None:
    """A caller whom nobody answers has failed, and has cancelled properly."""
    with Phone(ground, "101", behaviour="noanswer") as phone:
        summary = await place(ground, "talk", answer_s=1.0)
    assert (summary.answered, summary.cancelled, summary.failed) == (0, 1, 1)
    assert phone.heard("cancelled") == summary.numbers


async def test_hangup_ringing(ground: Ground, plain_lab: Lab) -> None:
    """Someone who hangs up while a phone rings stops the ringing and leaves no channel."""
    with Phone(ground, "101", answer_after=20) as phone:
        summary = await place(ground, "hangup-ringing", talk_s=3.0)
        assert phone.heard("ringing") == phone.heard("cancelled") == summary.numbers
    assert (summary.cancelled, summary.completed, summary.failed) == (1, 1, 0)
    assert "0 active channels" in plain_lab.asterisk_cli("core show channels count")


async def test_abandon(ground: Ground) -> None:
    """Someone who gives up at once is no failure, answered or not."""
    with Phone(ground, "101") as phone:
        summary = await place(ground, "abandon")
        assert phone.heard("answered") == []
    assert (summary.completed, summary.failed) == (1, 0)


async def test_abandon_after_the_answer(ground: Ground, plain_lab: Lab) -> None:
    """Where 112 answers at once, giving up is a BYE."""
    async with listening(plain_lab):
        summary = await place(ground, "abandon", dialled=NUMBER)
    assert (summary.answered, summary.cancelled, summary.completed) == (1, 0, 1)


async def test_keys(ground: Ground, plain_lab: Lab) -> None:
    """The caller's key arrives at Asterisk as a telephone event, and once."""
    async with listening(plain_lab) as ear:
        # What SIP carries is the same for `info` and `silent5`; a key that waits 12 s proves no more.
        await place(ground, "info", talk_s=KINDS["info"].keys[0].at + 0.6, dialled=NUMBER)
        await ear.event("StasisEnd")
    assert [event["digit"] for event in ear.events("ChannelDtmfReceived")] == ["2"]


@pytest.mark.parametrize("kind", KINDS)
def test_keys_are_pressed_in_time(kind: str) -> None:
    """Nobody hangs up before having pressed a key."""
    assert all(key.at + 0.5 < KINDS[kind].talk_s for key in KINDS[kind].keys)


@pytest.mark.parametrize("law", ["PCMA", "PCMU"])
async def test_both_laws(ground: Ground, plain_lab: Lab, law: Law) -> None:
    """A caller speaks the codec that was agreed on, whichever of the two it is."""
    async with listening(plain_lab) as ear:
        call = asyncio.create_task(place(ground, "talk", talk_s=1.0, dialled=NUMBER, offer=(law,)))
        channel = (await ear.event("StasisStart"))["channel"]["id"]
        native = await ear.variable(channel, "CHANNEL(audioreadformat)")
        summary = await call
    assert native == {"PCMA": "alaw", "PCMU": "ulaw"}[law]
    assert summary.failed == 0


@pytest.mark.parametrize(("kind", "sends"), [("talk", True), ("silent", True), ("noaudio", False)])
async def test_audio_or_none(ground: Ground, plain_lab: Lab, kind: str, sends: bool) -> None:  # noqa: FBT001
    """Silence is sent as packets; a caller without audio sends not one."""
    async with listening(plain_lab) as ear:
        call = await _start(ear, ground, kind, 1.2)
        channel = (await ear.event("StasisStart"))["channel"]["id"]
        await asyncio.sleep(0.8)  # the time in which packets could come
        packets = await ear.packets(channel)
        await call
    assert (packets > 20) if sends else (packets == 0)


@pytest.mark.parametrize(
    ("kind", "source", "restricted"), [("talk", "from", "0"), ("anon", "pai", "1"), ("nosim", "none", "0")]
)
async def test_number(ground: Ground, plain_lab: Lab, kind: str, source: str, restricted: str) -> None:
    """The number is From's, or the asserted one of a caller who hides it, or there is none."""
    async with listening(plain_lab) as ear:
        call = asyncio.create_task(place(ground, kind, talk_s=0.5, number="08120000112", dialled=NUMBER))
        started = await ear.event("StasisStart")
        channel = started["channel"]["id"]
        assert await ear.variable(channel, "S112_CLI") == source
        assert await ear.variable(channel, "S112_CLIR") == restricted
        await call
    assert started["channel"]["caller"]["number"] == ("" if source == "none" else "08120000112")


async def test_unknown_kind(ground: Ground) -> None:
    """A kind that does not exist is a sentence that names those that do."""
    with pytest.raises(LabError, match="hangup-ringing"):
        await place(ground, "shout")


@pytest.mark.parametrize("wrong", [{"number": "08;11"}, {"number": ""}, {"rate": 0}])
async def test_what_cannot_be_called(ground: Ground, wrong: dict[str, Any]) -> None:
    """A number or rate that SIPp would misread is refused before anything is called."""
    with pytest.raises(LabError):
        await place(ground, "talk", **wrong)


def test_command(plain_lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """`lab call` finds the lab by its folder, prints JSON, and its code says whether a call failed."""
    import argparse  # noqa: PLC0415

    from siaga112.lab.call_cli import add_call_command  # noqa: PLC0415

    parser = argparse.ArgumentParser()
    add_call_command(parser.add_subparsers())
    line = ["call", "abandon", "--count", "2", "--rate", "20", "--from", "0811", "--talk", "0.2"]
    assert run_call(parser.parse_args([*line, "--dir", str(plain_lab.layout.dir)])) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["kind"], printed["count"], printed["completed"]) == ("abandon", 2, 2)
    assert printed["numbers"] == ["0811", "0811"]
