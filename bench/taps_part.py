"""Callers of several kinds listened to at once: SIPp, Asterisk, the daemon's own taps, the records.

What the daemon does for every call goes on meanwhile: recording, music, prompts, the question for a sign of
life. How late frames come is measured where they are heard, against the clock that sent them.
"""

import asyncio
import re
import time
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import asyncpg

from bench.figures import Check, Result
from bench.processes import Cores
from bench.stage import Stage, empty_stage
from siaga112.audio.detector import Detector
from siaga112.audio.g711 import Law
from siaga112.audio.network import VoiceNetwork
from siaga112.audio.replay import Take, replay
from siaga112.audio.settings import DEFAULT, RATE
from siaga112.audio.wav import Recording
from siaga112.lab.callers import CallSummary, place
from siaga112.lab.rtp import RtpPeer, Script

AT_ONCE: Final = 50
"""Taps that must be open at the same time."""
LATE_MS: Final = 60
STAY_S: Final = 42.0
"""How long everybody stays: the question has been put, and twenty seconds after it is over."""
COMING_S: Final = 5.0
"""All of a sort come within this time, evenly."""
LATE_WORD_S: Final = 20.0
"""Who speaks late is listened to until then, so that all taps are open together for long."""
_SETTLED_S: Final = 3.0
"""The ear's figures come once a second."""
_QUERY = """
select audio_class, suspicion, extract(epoch from first_voice_at)::float8 as first_voice
from siaga112.call_record where caller_number = any($1) and ended_at is not null order by answered_at
"""
_FRAMES = re.compile(r'siaga112_audio_frames_total\{behind_ms="([^"]+)"\} ([0-9.e+]+)')
_PLAIN = re.compile(r"^(siaga112_audio_\w+) ([0-9.e+]+)$", re.MULTILINE)
_SHARES = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999, "all": 1.0}
_COLUMNS = ("callers", "calls", "must be taken for", "verdicts right")


@dataclass(frozen=True)
class Sort:
    """Callers of a sort, and what their records must say."""

    name: str
    kind: str
    count: int
    audio_class: str
    suspicion: str
    late_word: bool = False
    lost: float = 0.0

    @property
    def verdict(self) -> tuple[str, str]:
        """Class and suspicion."""
        return self.audio_class, self.suspicion


SORTS: Final = (
    Sort("a street", "ghost", 14, "noise_only", "ghost_suspect"),
    Sort("silence", "silent", 12, "silent", "silent_suspect"),
    Sort("no RTP", "noaudio", 5, "no_audio", "silent_suspect"),
    Sort("silence, then key 5", "silent5", 6, "dtmf_response", "none"),
    Sort("silence, then speech", "talk", 8, "speaking", "none", late_word=True),
    Sort("the same, a tenth lost", "talk", 5, "speaking", "none", late_word=True, lost=0.1),
    Sort("speech at once", "talk", 8, "speaking", "none"),
)


@dataclass
class Found:
    """What a run showed."""

    right: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    behind: dict[float, int] = field(default_factory=dict)
    """Frames by how many ms behind their clock they came at most."""
    late: int = 0
    taps: int = 0
    """The most at once."""
    way_s: list[float] = field(default_factory=list)
    """From a late speaker's telephone to the ear."""
    cores: dict[str, float] = field(default_factory=dict)

    def share(self, share: float) -> float:
        """The bound that so many of the frames keep."""
        counted, wanted = 0, share * sum(self.behind.values())
        for bound, frames in sorted(self.behind.items()):
            counted += frames
            if frames and counted >= wanted:
                return bound
        return 0.0


def measure(say: Callable[[str], None], *, quick: bool) -> Result:
    """Let all of them call, and read their records."""
    sorts = SORTS[1::2] if quick else SORTS
    with empty_stage(say, timings={"wrap_up": 2.0}) as stage:
        say(f"{sum(one.count for one in sorts)} callers")
        found = asyncio.run(_run(stage, sorts))
    return _result(sorts, found, quick=quick)


def _result(sorts: Sequence[Sort], found: Found, *, quick: bool) -> Result:
    calls, right = sum(one.count for one in sorts), sum(found.right.values())
    wanted = 1 if quick else AT_ONCE
    frames = sum(found.behind.values())
    return Result(
        "taps",
        "Callers listened to at once, through SIPp and Asterisk",
        _COLUMNS,
        [(one.name, str(one.count), one.audio_class, str(found.right[one.name])) for one in sorts],
        checks=[
            Check("verdicts right", f"{right} of {calls}", "all", right == calls),
            Check("taps at once", str(found.taps), f"{wanted} at least", found.taps >= wanted),
            Check(
                f"frames late by more than {LATE_MS} ms", f"{found.late} of {frames:,}", "0", not found.late
            ),
        ],
        notes=[
            "frames behind the clock that sent them: "
            + ", ".join(f"{name} ≤ {found.share(share):g} ms" for name, share in _SHARES.items()),
            f"a late speaker's first word, from telephone to ear: {_span(found.way_s)}",
            "cores: " + ", ".join(f"{name} {used:.2f}" for name, used in found.cores.items()),
            *found.wrong,
        ],
        data={"behind_ms": {str(bound): n for bound, n in found.behind.items()}, "cores": found.cores},
    )


def _span(seconds: Sequence[float]) -> str:
    if not seconds:
        return "nobody spoke late"
    ordered = sorted(1000 * one for one in seconds)
    return f"{ordered[0]:.0f} to {ordered[-1]:.0f} ms, median {ordered[len(ordered) // 2]:.0f} ms"


async def _run(stage: Stage, sorts: Sequence[Sort]) -> Found:
    found, pids = Found(), stage.lab.json["pids"]
    used = Cores({name: pids[name] for name in ("asterisk", "daemon")} | {"ear": _ear_of(pids["daemon"])})
    async with AsyncExitStack() as stack:
        peers = [await _late_speaker(stage, one, stack) for one in sorts]
        calls = [asyncio.create_task(_calls(stage, one, ear)) for one, ear in zip(sorts, peers, strict=True)]
        async with asyncio.timeout(COMING_S + STAY_S + 60):
            while not all(one.done() for one in calls):
                metrics = await asyncio.to_thread(_metrics, stage.lab.http)
                if (taps := metrics["siaga112_audio_taps"]) >= found.taps:
                    found.taps, found.cores = round(taps), used.since()
                await asyncio.sleep(1)
    await asyncio.sleep(_SETTLED_S)
    metrics = await asyncio.to_thread(_metrics, stage.lab.http)
    found.late = round(metrics.pop("siaga112_audio_late_frames_total"))
    found.behind = {float(name): round(n) for name, n in metrics.items() if not name.startswith("siaga112")}
    onset = _word_s(stage)
    for sort, call, peer in zip(sorts, calls, peers, strict=True):
        records = await _records(stage.lab.dsn, call.result().numbers)
        faults = [one for one in records if (one["audio_class"], one["suspicion"]) != sort.verdict]
        found.right[sort.name] = len(records) - len(faults)
        found.wrong += [f"{sort.name}: {dict(one)}" for one in faults]
        for one, heard in zip(records, [] if peer is None else peer.calls, strict=False):
            if one["first_voice"] is not None:
                said = time.time() - asyncio.get_running_loop().time() + heard.since + onset
                found.way_s.append(one["first_voice"] - said)
    return found


async def _late_speaker(stage: Stage, sort: Sort, stack: AsyncExitStack) -> RtpPeer | None:
    """A mouth for all of a sort who speak late; the others' sound is played by SIPp itself."""
    if not sort.late_word:
        return None
    return await stack.enter_async_context(RtpPeer(Script(_late_word(stage), lost=sort.lost)))


def _late_word(stage: Stage) -> bytes:
    words = (stage.ground.sounds / "caller.al").read_bytes()
    return Law.ALAW.idle * round(RATE * LATE_WORD_S) + words


def _word_s(stage: Stage) -> float:
    """When the ear hears the first word of a late speaker who is beside it."""
    take = Take(Recording(Path("late"), Law.ALAW, _late_word(stage)))
    (outcome,) = replay([take], Detector(VoiceNetwork(), DEFAULT), DEFAULT)
    return outcome.verdict.first_voice_s or 0.0


async def _calls(stage: Stage, sort: Sort, ear: RtpPeer | None) -> CallSummary:
    rate = sort.count / COMING_S
    return await place(
        stage.ground, sort.kind, count=sort.count, rate=rate, talk_s=STAY_S, answer_s=20, ear=ear
    )


async def _records(dsn: str, numbers: Sequence[str]) -> list[asyncpg.Record]:
    """What the ear made of every caller, in the order of their calls, once all records have arrived."""
    connection = await asyncpg.connect(dsn)
    try:
        async with asyncio.timeout(30):
            while True:
                rows = await connection.fetch(_QUERY, numbers)
                if len(rows) == len(numbers):
                    return list(rows)
                await asyncio.sleep(0.5)
    finally:
        await connection.close()


def _metrics(http: str) -> dict[str, float]:
    """The ear's figures by name; frames by their bound."""
    with urllib.request.urlopen(f"{http}/metrics", timeout=10) as answer:  # noqa: S310 - our own
        text = str(answer.read().decode())
    return {name: float(n) for name, n in (*_PLAIN.findall(text), *_FRAMES.findall(text))}


def _ear_of(daemon: int) -> int:
    """The process that hears, which the daemon has started."""
    for pid in Path(f"/proc/{daemon}/task/{daemon}/children").read_text().split():
        if b"siaga112.audio.apart" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return int(pid)
    raise RuntimeError("the daemon has no ear")
