"""Lines that misbehave and an ear that is broken, on real calls: no call is worse off for it."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import struct
from pathlib import Path
from typing import Any

from siaga112.audio import g711
from siaga112.audio.g711 import Law
from siaga112.audio.settings import FRAME
from siaga112.lab.callers import place
from siaga112.lab.lab import Lab
from siaga112.lab.rtp import TICK, RtpPeer, Script
from tests.asterisk.centre import Centre, soon, until
from tests.audio import clips

SECONDS = 13.0
"""How long each call lasts: who is silent is known after eight."""
STOPS_S = 4.0
LINE = clips.noise(SECONDS + 2, -65)


def said(at: float) -> bytes:
    """A quiet line on which somebody says something at a time."""
    return g711.encode(clips.place(LINE, (at, clips.spoken("Tolong, ada kebakaran di rumah saya"))), Law.ALAW)


async def speak_into(port: int, seconds: float) -> int:
    """Somebody else's voice, sent to the ear from a port that is no caller's; returns the packets."""
    voice = said(0.0)
    numbers = range(round(seconds / TICK))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for n in numbers:
            frame = voice[n * FRAME : (n + 1) * FRAME]
            stranger.sendto(struct.pack("!BBHII", 0x80, 8, n, n * FRAME, 7) + frame, ("127.0.0.1", port))
            await asyncio.sleep(TICK)
    return len(numbers)


async def port_of_the_ear(centre: Centre) -> int:
    """Where Asterisk sends callers' sound."""

    async def found() -> re.Match[str] | None:
        return re.search(
            r"UnicastRTP/127\.0\.0\.1:(\d+)", centre.lab.asterisk_cli("core show channels concise")
        )

    answer = await soon("somebody is listened to", found)
    assert answer is not None
    return int(answer[1])


async def test_lines_that_misbehave(centre: Centre) -> None:
    """Sound that stops, before a word or after it; a codec that changes; a stranger who speaks for a caller.

    No sound any more is a flag unless somebody has spoken; a voice in the new codec is a voice; and a voice
    from where no caller is is nobody's: ignored, and counted.
    """
    silent, scripts = g711.encode(LINE, Law.ALAW), {}
    scripts["stops"] = RtpPeer(Script(silent), lasts_s=STOPS_S)
    scripts["stops after a word"] = RtpPeer(Script(said(1.0)), lasts_s=STOPS_S)
    scripts["changes its codec"] = RtpPeer(Script(said(6.0), other_law_at=5.0))
    scripts["a stranger speaks"] = RtpPeer(Script(silent))
    before = centre.metric("siaga112_audio_strange_packets_total")

    async def call(mouth: RtpPeer) -> dict[str, Any]:
        async with mouth:
            summary = await place(centre.ground, "talk", talk_s=SECONDS, ear=mouth)
        assert summary.failed == 0
        return await centre.record(summary.numbers[0])

    calls = [asyncio.create_task(call(mouth)) for mouth in scripts.values()]
    sent = await speak_into(await port_of_the_ear(centre), 5.0)
    records = dict(zip(scripts, await asyncio.gather(*calls), strict=True))
    await centre.at_rest()
    assert {name: (one["audio_class"], one["suspicion"]) for name, one in records.items()} == {
        "stops": ("no_audio", "silent_suspect"),
        "stops after a word": ("speaking", "none"),
        "changes its codec": ("speaking", "none"),
        "a stranger speaks": ("silent", "silent_suspect"),
    }
    assert {one["ended_by"] for one in records.values()} == {"caller"}
    until(
        "the stranger's packets are counted",
        lambda: centre.metric("siaga112_audio_strange_packets_total") >= before + sent,
    )


async def test_an_ear_that_cannot_be_loaded_costs_only_the_flags(tmp_path: Path) -> None:
    """Broken from the start: calls are served and not flagged; metric, log and /readyz say so."""
    broken = tmp_path / "broken" / "onnxruntime.py"
    broken.parent.mkdir()
    broken.write_text("raise ImportError('libonnxruntime.so.1: cannot open shared object file')\n")
    lab = Lab(tmp_path / "lab", agents=1)
    path = os.pathsep.join([str(broken.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    lab.daemon_command = ["env", f"PYTHONPATH={path}", *lab.daemon_command]
    with lab:
        centre = Centre(lab)
        summary = await place(centre.ground, "silent", talk_s=10)
        record = await centre.record(summary.numbers[0])
        metric, log = centre.metric("siaga112_audio_deaf"), centre.log()
        ready = centre.get("/readyz")
    assert (record["outcome"], record["suspicion"], record["audio_class"]) == ("answered", "none", None)
    assert (record["band"], record["disposition"]) == (1, "unclassified")
    assert metric == 1
    assert any(one["event"] == "ear_trouble" for one in log)
    assert any("ear" in one for one in ready["degraded"]), ready
