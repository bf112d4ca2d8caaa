"""Talks for tests: a caller, a call-taker who presses keys, and what everybody hears, on the wire."""

import asyncio
import json
import math
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from siaga112.lab.callers import CallSummary, place
from siaga112.lab.errors import LabError
from siaga112.lab.phones import Phone
from siaga112.lab.rtp import RtpPeer, Script
from siaga112.lab.sounds import encode, loudness
from tests.asterisk.centre import Centre, soon

LOUD = -45
"""dBFS: whoever is heard is louder; silence is much quieter."""
QUIET = -60
TONES = (440, 610, 850, 1190)
"""Hertz; none of them is a difference of two others, which loud sums might add."""


@dataclass
class Talk:
    """A caller and a call-taker who talk, and what each hears."""

    centre: Centre
    number: str
    ear: RtpPeer
    taker: RtpPeer
    calling: "asyncio.Task[CallSummary]"

    def press(self, keys: str) -> None:
        """The call-taker presses keys."""
        self.taker.calls[-1].press(keys)

    async def wrote(self, kind: str, count: int = 1) -> dict[str, Any]:
        """The journal's last entry of a kind, once there are so many."""
        sql = """SELECT call_id, extract(epoch FROM e.at) AS at, e.data
                 FROM siaga112.call_event e JOIN siaga112.call_record r USING (call_id)
                 WHERE r.caller_number = $1 AND e.kind = $2 ORDER BY e.seq"""

        async def found() -> list[dict[str, Any]]:
            rows = await self.centre.query(sql, self.number, kind)
            return rows if len(rows) >= count else []

        last = (await soon(f"{kind} is in the journal", found))[-1]
        told: dict[str, Any] = json.loads(last["data"])
        return told | {"at": float(last["at"]), "call_id": str(last["call_id"])}

    def hang_up(self, whose: str) -> None:
        """Asterisk ends somebody's leg as their own goodbye would."""
        listed = self.centre.lab.asterisk_cli("core show channels concise").splitlines()
        (channel,) = [one.partition("!")[0] for one in listed if one.startswith(f"PJSIP/{whose}-")]
        self.centre.lab.asterisk_cli(f"channel request hangup {channel}")

    async def record(self, ends: str | None = None) -> dict[str, Any]:
        """The record, once the call has ended, by whose goodbye, and nothing is left of it."""
        if ends is not None:
            self.hang_up(ends)
        await self.calling
        record = await self.centre.record(self.number)
        await self.centre.at_rest()
        return record


def voice(centre: Centre, sound: str) -> Script:
    """What somebody sends."""
    return Script((centre.ground.sounds / f"{sound}.al").read_bytes())


def tone(hertz: int) -> Script:
    """A voice that is told from others wherever it is heard: a tone."""
    swing = [4000 * math.sin(2 * math.pi * hertz * n / 8000) for n in range(8000)]
    return Script(encode([round(one) for one in swing], "PCMA"))


def tones(samples: Sequence[int]) -> set[int]:
    """Which of those voices are heard in a second of sound."""
    strength = np.abs(np.fft.rfft(samples)) / len(samples) * 2
    return {hertz for hertz in TONES if strength[hertz - 3 : hertz + 4].max() > 1000}


async def hears(ear: RtpPeer, *, something: bool) -> None:
    """The last second of what somebody hears is a voice or music, or it is silence."""

    async def so() -> bool:
        samples = ear.calls[-1].samples()[-8000:] if ear.calls else []
        level = loudness(samples)
        return len(samples) == 8000 and (level > LOUD if something else level < QUIET)

    await soon("a voice is heard" if something else "it is silent", so)


async def hear(heard: Mapping[int, RtpPeer]) -> None:
    """Everybody with such a voice hears all others of them, and nobody else."""

    async def so() -> bool:
        last = {own: ear.calls[-1].samples()[-8000:] if ear.calls else [] for own, ear in heard.items()}
        return all(len(one) == 8000 and tones(one) == {*heard} - {own} for own, one in last.items())

    await soon(f"{sorted(heard)} hear each other", so)


@asynccontextmanager
async def talking(
    centre: Centre,
    number: str,
    *,
    caller: str | int = "silence",
    taker: str | int = "silence",
    attempt: int = 1,
) -> AsyncIterator[Talk]:
    """A caller talks with 101, whose phone is one that presses keys; each has a sound or a tone."""
    said = [tone(one) if isinstance(one, int) else voice(centre, one) for one in (caller, taker)]
    async with AsyncExitStack() as stack:
        ear = await stack.enter_async_context(RtpPeer(said[0]))
        mouth = await stack.enter_async_context(RtpPeer(said[1]))
        stack.enter_context(centre.phone("101", ear=mouth))
        placing = place(centre.ground, "talk", number=number, talk_s=40, ear=ear)
        talk = Talk(centre, number, ear, mouth, asyncio.create_task(placing))
        await talk.wrote("connected", attempt)
        await soon("both are sent something", lambda: sent(ear, mouth))
        yield talk


async def sent(*ears: RtpPeer) -> bool:
    """Whether everybody is sent something."""
    return all(one.calls and one.calls[-1].packets > 5 for one in ears)


@asynccontextmanager
async def watching(phone: Phone, code: str, ear: RtpPeer) -> AsyncIterator[None]:
    """A supervisor dials a code, stays a while, and hangs up."""
    call = asyncio.create_task(asyncio.to_thread(phone.dial, code, stay_s=3, ear=ear))
    yield
    with suppress(LabError):  # Nobody but the supervisor ended it.
        await call


def barging(phone: Phone, code: str, ear: RtpPeer) -> "asyncio.Task[None]":
    """A supervisor dials a code and stays until somebody else ends it; it fails if nobody does."""
    return asyncio.create_task(asyncio.to_thread(phone.dial, code, stay_s=60, ear=ear))
