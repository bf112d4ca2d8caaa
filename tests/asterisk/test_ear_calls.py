"""Callers of every kind through the whole centre: what they are taken for, and where that puts them.

All of them at once, each with a sound of its own, made here; nobody picks up, so the whole procedure runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from siaga112.audio import g711
from siaga112.audio.g711 import Law
from siaga112.lab.callers import place
from siaga112.lab.rtp import Key, RtpPeer, Script
from siaga112.lab.softphone import Softphone
from tests.asterisk.centre import Centre, soon
from tests.audio import clips

SECONDS = 28.0
"""How long each call lasts."""
LISTENING = """
[listening]
challenge = 10
again = 5
no_answer = 4

[ivr]
mode = "off"
"""
"""The real times but for these, so that nobody need wait: asked at 8 s, asked again, given up near 24 s."""

LINE = clips.noise(SECONDS + 2, -65)
ASKED = 15.5
"""Seconds after the answer at which the question has been put."""


def cough() -> clips.Sound:
    """A burst of noise that dies away."""
    fading = np.exp(-np.arange(3200) / 1600)
    return clips.at_level(np.random.default_rng(7).standard_normal(3200) * fading, -25)


def said(at: float, text: str = "Tolong, ada kebakaran di rumah saya") -> clips.Sound:
    """A quiet line on which somebody says something at a time."""
    return clips.place(LINE, (at, clips.spoken(text)))


@dataclass(frozen=True)
class Case:
    """A caller, and what the record must say; `first_voice`: seconds after the answer."""

    sound: clips.Sound | None
    heard: str
    suspicion: str
    band: int
    first_voice: float | None = None
    voice_s: tuple[float, float] = (0.0, 0.3)
    keys: Sequence[Key] = ()
    lost: float = 0.0
    journal: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    """Flags and signs that must be in the journal."""


def sign(word: str) -> frozenset[tuple[str, str]]:
    """The journal of who was suspected, asked, and answered."""
    return frozenset({("suspected", "silent_suspect"), ("suspected", "none"), ("challenge_ended", word)})


def cases() -> dict[str, Case]:
    """Everybody who calls."""
    silent, ghost = ("silent", "silent_suspect", 3), ("noise_only", "ghost_suspect", 3)
    speaks = {"first_voice": 1.0, "voice_s": (0.8, 6.0)}
    return {
        "talk": Case(said(1), "speaking", "none", 1, **speaks),  # type: ignore[arg-type]
        "digital silence": Case(clips.silence(SECONDS), *silent),
        "comfort noise": Case(clips.noise(SECONDS, -60), *silent),
        "no RTP": Case(None, "no_audio", "silent_suspect", 3),
        "street": Case(clips.street(SECONDS, -35), *ghost),
        "music": Case(clips.chords(SECONDS), "noise_only", "", 0, voice_s=(0.0, 1.0)),
        "tap": Case(
            clips.place(LINE, (ASKED, clips.tap()), (ASKED + 0.6, clips.tap())),
            *("silent", "none", 0),
            journal=sign("sound"),
        ),
        "cough": Case(
            clips.place(LINE, (ASKED, cough())), "possible_speech", "none", 0, journal=sign("sound")
        ),
        "press 5": Case(LINE, "dtmf_response", "none", 0, keys=(Key("5", 15.0),), journal=sign("key")),
        "key heard as tones": Case(
            clips.place(LINE, (15.0, clips.key("5", 0.2))), "dtmf_response", "none", 0, journal=sign("sound")
        ),
        "speaks after 9 s": Case(
            said(9), "speaking", "none", 0, first_voice=9.0, voice_s=(0.8, 6.0), journal=sign("word")
        ),
        "a fifth lost": Case(said(1), "speaking", "none", 1, lost=0.2, **speaks),  # type: ignore[arg-type]
    }


@asynccontextmanager
async def listens(centre: Centre) -> AsyncIterator[None]:
    """The centre's plan with the times of this test."""
    plan = centre.lab.layout.plan.read_text()
    centre.reload(plan.replace("wait_prompt = 5", "wait_prompt = 20") + LISTENING)
    try:
        yield
    finally:
        centre.reload(plan)


async def calls(centre: Centre, case: Case) -> dict[str, Any]:
    """One caller; returns the record with its journal."""
    sound = None if case.sound is None else g711.encode(case.sound, Law.ALAW)
    async with RtpPeer(Script(sound, case.keys, lost=case.lost)) as mouth:
        summary = await place(centre.ground, "talk", talk_s=SECONDS, ear=mouth)
    record = await centre.record(summary.numbers[0])
    assert summary.failed == 0
    return record | {"journal": await centre.journal(record)}


def found(record: dict[str, Any]) -> set[tuple[str, str]]:
    """Flags and signs in a journal."""
    words = {"suspected": "suspicion", "challenge_ended": "sign"}
    return {
        (one["kind"], one["data"][words[one["kind"]]]) for one in record["journal"] if one["kind"] in words
    }


def faults(name: str, case: Case, record: dict[str, Any]) -> list[str]:
    """What is not as it must be."""
    wrong = []
    told = (record["audio_class"], record["suspicion"], record["band"])
    if case.suspicion and told != (case.heard, case.suspicion, case.band):
        wrong.append(f"{name}: {told}, not {(case.heard, case.suspicion, case.band)}")
    least, most = case.voice_s
    if record["voice_seconds"] is None or not least <= record["voice_seconds"] <= most:
        wrong.append(f"{name}: {record['voice_seconds']} s of voice")
    began = record["first_voice_at"] and (record["first_voice_at"] - record["answered_at"]).total_seconds()
    if case.first_voice is None:
        if began is not None and case.voice_s[1] < 0.5:
            wrong.append(f"{name}: a voice at {began}")
    elif began is None or abs(began - case.first_voice) > 1.0:
        wrong.append(f"{name}: first voice at {began} s, not {case.first_voice}")
    if not case.journal <= found(record):
        wrong.append(f"{name}: the journal has {sorted(found(record), key=str)}")
    if record["ended_by"] != "caller":
        wrong.append(f"{name}: ended by {record['ended_by']}: the machine ends no call")
    return wrong


@pytest.mark.alone
async def test_callers_of_every_kind_are_taken_for_what_they_are(centre: Centre) -> None:
    """Class, suspicion, seconds of voice, its beginning and band of twelve callers at once."""
    known = cases()
    async with listens(centre):
        records = await asyncio.gather(*(calls(centre, case) for case in known.values()))
        await centre.at_rest()
    pairs = zip(known.items(), records, strict=True)
    wrong = [one for (name, case), record in pairs for one in faults(name, case, record)]
    assert not wrong, "\n".join(wrong)
    music = records[list(known).index("music")]
    assert music["audio_class"] in {"noise_only", "possible_speech", "tone_machine"}
    sums = [one["data"] for one in records[0]["journal"] if one["kind"] == "listening_ended"]
    assert sum(sums[0]["levels"]) > 100, "the levels that were heard are in the journal"


def tone_level(samples: Sequence[int], hertz: float) -> float:
    """The strongest tenth of a second of a tone, in dB below full scale."""
    sound = np.asarray(samples, dtype=np.float64) / 32768
    size = 800
    turn = np.exp(-2j * np.pi * hertz * np.arange(size) / 8000)
    blocks = sound[: len(sound) // size * size].reshape(-1, size)
    return float(20 * np.log10(np.abs(blocks @ turn).max() * 2 / size + 1e-9))


@pytest.mark.alone
async def test_picked_up_and_no_answer_is_a_beep_that_only_the_call_taker_hears(centre: Centre) -> None:
    """The flag comes with it, on the wallboard and in the record; the call goes on until a person ends it."""
    silence = g711.encode(clips.silence(30), Law.ALAW)
    async with (
        listens(centre),
        Softphone(centre.ground, "110", answer_after=0.2) as phone,
        RtpPeer(Script(silence)) as caller,
    ):
        await phone.dial("*11")
        before = len(phone.events)
        calling = asyncio.create_task(place(centre.ground, "talk", talk_s=13, ear=caller))

        async def flagged() -> bool:
            calls = centre.get("/api/v1/calls")
            return [(one["audio_class"], one["suspicion"]) for one in calls] == [("silent", "ghost_suspect")]

        await soon("the wallboard shows it", flagged)
        summary = await calling
        await phone.happened("CALL_CLOSED", since=before)
        record = await centre.record(summary.numbers[0])
        await phone.dial("*13")
        journal = await centre.journal(record)
        heard_by_taker, heard_by_caller = phone.heard(), caller.calls[-1].samples()
    assert (record["suspicion"], record["audio_class"]) == ("ghost_suspect", "silent")
    assert (record["ended_by"], record["disposition"]) == ("caller", "unclassified")
    assert [one["kind"] for one in journal].count("beeped") == 1
    assert tone_level(heard_by_taker, 660) > -35
    assert tone_level(heard_by_caller, 660) < tone_level(heard_by_taker, 660) - 15
    await centre.at_rest()
