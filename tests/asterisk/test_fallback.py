"""Without the daemon: a caller still gets a human, and what happened is on record."""

import asyncio
import csv
import json
import time
import wave
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from siaga112.lab.callers import place
from siaga112.lab.ground import Ground
from siaga112.lab.lab import ARI_USER, Lab
from siaga112.lab.phones import Phone
from siaga112.lab.rtp import Key, RtpPeer, Script
from siaga112.lab.sounds import loudness
from tests.asterisk.centre import soon


def _journal(lab: Lab) -> list[dict[str, str]]:
    """The fallback's journal as the daemon reads it."""
    path = lab.layout.fallback_journal
    lines = path.read_text().splitlines() if path.exists() else []
    texts = [json.loads(row[0])["extra"] for row in csv.reader(lines)]
    return [dict(pair.split("=", 1) for pair in text.split("|")) for text in texts]


async def _journalled(lab: Lab, number: str) -> list[dict[str, str]]:
    """The two events of one caller, waited for: the journal is written beside the call."""
    return await _until_two(lambda: [one for one in _journal(lab) if one["number"] == number])


async def _until_two(look: Callable[[], list[dict[str, str]]]) -> list[dict[str, str]]:
    deadline = time.monotonic() + 10
    while len(look()) < 2 and time.monotonic() < deadline:  # noqa: ASYNC110 - a file tells nobody
        await asyncio.sleep(0.05)
    return look()


async def test_call_reaches_a_phone_and_is_journalled(plain_lab: Lab, ground: Ground) -> None:
    """No daemon: a registered phone rings and answers; the journal says who, and there is a recording."""
    with Phone(ground, "117", answer_after=0.1):
        summary = await place(ground, "talk", talk_s=1.0, number="081230000117")
    assert (summary.completed, summary.failed, summary.ended_by_far_end) == (1, 0, 0)
    entered, ended = await _journalled(plain_lab, "081230000117")
    assert (entered["event"], entered["reason"], entered["agent"]) == ("entered", "timeout", "")
    assert (ended["event"], ended["agent"]) == ("ended", "117")
    assert int(ended["answered_at"]) >= int(entered["at"])
    with wave.open(str(plain_lab.layout.monitor / ended["recording"])) as recording:
        assert recording.getnframes() / recording.getframerate() > 0.5


@pytest.mark.parametrize(
    ("kind", "source", "restricted"), [("talk", "from", "0"), ("anon", "pai", "1"), ("nosim", "none", None)]
)
async def test_whose_number(
    plain_lab: Lab, ground: Ground, kind: str, source: str, restricted: str | None
) -> None:
    """P-Asserted-Identity of the trunk, else From, else none; nothing undialable passes for a number."""
    before = len(_journal(plain_lab))
    with Phone(ground, "116", answer_after=0.1):
        await place(ground, kind, talk_s=0.5)
    entered, _ended = await _until_two(lambda: _journal(plain_lab)[before:])
    assert entered["cli"] == source
    assert (entered["number"] == "") == (source == "none")
    assert restricted is None or entered["clir"] == restricted


async def test_who_was_set_aside_is_asked_for_a_key_that_rings_phones(plain_lab: Lab, ground: Ground) -> None:
    """A full centre's silent caller: spoken to, no phone rings until a key is pressed; then one answers."""
    plain_lab.asterisk_cli("dialplan add extension 777,1,Gosub(siaga112-caller,s,1) into from-trunk replace")
    plain_lab.asterisk_cli("dialplan add extension 777,2,Answer() into from-trunk replace")
    plain_lab.asterisk_cli("dialplan add extension 777,3,Goto(siaga112-aside,s,1) into from-trunk replace")
    voice = Script((ground.sounds / "silence.al").read_bytes(), [Key("4", 4.0)])
    with Phone(ground, "118", answer_after=0.1) as phone:
        async with RtpPeer(voice) as ear:
            placing = place(
                ground, "talk", talk_s=30, number="081230000777", dialled="777", ear=ear, answer_s=5
            )
            call = asyncio.create_task(placing)
            await soon("three seconds are heard", lambda: _heard(ear))
            assert loudness(ear.calls[-1].samples()[: 2 * 8000]) > -45, "a voice says what to press"
            assert phone.heard("ringing") == []
            await soon("the phone answers", lambda: _answered(phone))
            plain_lab.asterisk_cli("channel request hangup all")
            assert (await call).failed == 0
    entered, ended = await _journalled(plain_lab, "081230000777")
    assert (entered["reason"], ended["agent"]) == ("aside", "118")


async def _heard(ear: RtpPeer) -> bool:
    return bool(ear.calls) and len(ear.calls[-1].samples()) > 3 * 8000


async def _answered(phone: Phone) -> bool:
    return bool(phone.heard("answered"))


async def test_lease_ends_in_the_fallback(plain_lab: Lab, ground: Ground) -> None:
    """A daemon that claims a call and dies: when the lease is over, the caller gets a human all the same."""
    plain_lab.asterisk_cli("dialplan set global S112_LEASE 2")
    number = "081230000119"
    try:
        with Phone(ground, "115", answer_after=0.1):
            call = asyncio.create_task(place(ground, "talk", talk_s=1.0, number=number))
            await _claim_and_die(plain_lab)
            summary = await call
    finally:
        plain_lab.asterisk_cli("dialplan set global S112_LEASE 45")
    assert (summary.completed, summary.failed) == (1, 0)
    entered, ended = await _journalled(plain_lab, number)
    assert entered["reason"] == "lease"
    assert ended["agent"] == "115"


async def test_ten_callers_ring_the_phones_and_the_others_take_turns(plain_lab: Lab, ground: Ground) -> None:
    """A crowd does not ring every phone for everybody at once; all the same each of it gets a call-taker."""
    before = len(_journal(plain_lab))
    with Phone(ground, "114", answer_after=2.0):
        crowd = asyncio.create_task(place(ground, "talk", count=16, rate=20, talk_s=12.0))
        most = 0
        while not crowd.done():
            groups = await asyncio.to_thread(plain_lab.asterisk_cli, "group show channels")
            most = max(most, groups.count("ringing"))
    assert 8 <= most <= 12
    summary = await crowd
    assert (summary.completed, summary.failed, summary.ended_by_far_end) == (16, 0, 0)
    ended = [one for one in _journal(plain_lab)[before:] if one["event"] == "ended"]
    assert [one["agent"] for one in ended] == ["114"] * 16


async def _claim_and_die(lab: Lab) -> None:
    login = aiohttp.encode_basic_auth(ARI_USER, lab.site.ari_password)
    async with (
        aiohttp.ClientSession(headers={"Authorization": login}) as http,
        http.ws_connect(f"{lab.ari}/events?app=siaga112") as events,
    ):
        async for event in events:
            if event.json()["type"] == "CallBroadcast":
                query = {"channelId": event.json()["channel"]["id"], "application": "siaga112"}
                async with http.post(f"{lab.ari}/events/claim", params=query) as claimed:
                    assert claimed.status == 204
            elif event.json()["type"] == "StasisStart":
                return


async def test_never_hangs_up(tmp_path: Path) -> None:
    """Nobody there at all: the caller is answered and spoken to until they hang up themselves.

    In the second language the prompt's file is missing: no dead end either.
    """
    with Lab(tmp_path / "lab", daemon=False) as lab:
        ground = Ground.of(lab)
        lab.asterisk_cli("dialplan set global S112_LANGUAGE id")
        patient = asyncio.create_task(place(ground, "talk", talk_s=8.0, number="081230000118"))
        await _until_two(lambda: _journal(lab) * 2)
        (lab.layout.sounds / "en/siaga112/noagent.wav").unlink()
        lab.asterisk_cli("dialplan set global S112_LANGUAGE en")
        unlucky = await place(ground, "talk", talk_s=5.0, number="081230000119")
        for summary in (unlucky, await patient):
            assert (summary.completed, summary.failed, summary.ended_by_far_end) == (1, 0, 0)
        *_, ended = await _journalled(lab, "081230000119")
        assert ended["agent"] == ""
        assert int(ended["rounds"]) >= 2
