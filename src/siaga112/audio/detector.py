"""The detector: blocks of many callers in, activity of each out. Pure, no clock, no judgement.

Knows how measures, tones and network are put together and what is kept of a caller between blocks (one
row of numbers). Does not know time, classes or thresholds of time.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from siaga112.audio import g711, measure, tones
from siaga112.audio.g711 import Law, Samples
from siaga112.audio.network import CONTEXT, STATE, VoiceNetwork
from siaga112.audio.settings import BLOCK, DEFAULT, EarSettings

HISTOGRAM_DB: Final = 80
"""Levels from -80 to 0 dBFS are counted in bins of 1 dB."""

_NETWORK: Final = slice(0, STATE)
_CONTEXT: Final = slice(STATE, STATE + CONTEXT)
_FILTER: Final = slice(STATE + CONTEXT, STATE + CONTEXT + 4)
_FOLLOW: Final = slice(_FILTER.stop, _FILTER.stop + measure.FOLLOW_COLUMNS)
_QUIET: Final = _FOLLOW.stop
_DIGITAL: Final = _QUIET + 1
_LEVELS: Final = slice(_DIGITAL + 1, _DIGITAL + 1 + HISTOGRAM_DB)
MEMORY: Final = _LEVELS.stop

_QUIET_BLOCKS: Final = 16
"""The network goes on for half a second into near-silence: stopped at once, it comes back deaf to the
next word; after that nothing changes in it, and a silent caller costs nothing."""

Memory = NDArray[np.float32]
"""All that is kept of one caller between blocks: a row of MEMORY numbers, never changed in place."""


class Block(NamedTuple):
    """32 ms of one caller."""

    payload: bytes
    law: Law
    received: int
    """How many of its samples really came; the rest is filled with the idle code."""


class Activity(NamedTuple):
    """What was heard in one block of one caller."""

    level: float
    """dBFS in the telephone band."""
    floor: float
    probability: float
    """Of voice, as the network sees it."""
    burst: float
    """How far above the floor the burst is that became one in this block; 0: none."""
    keys: tuple[int, int]
    """Index into tones.KEYS for each half; -1: none."""
    tone: int
    """Index into tones.MACHINE_HZ; -1: none."""
    received: bool


def blank() -> Memory:
    """The memory of a caller who has not been heard yet."""
    memory = np.zeros(MEMORY, dtype=np.float32)
    memory[_FOLLOW.start] = measure.FLOOR_LOWEST
    return memory


class Detector:
    """Holds the network and the settings; everything about a caller goes in and comes out."""

    def __init__(self, network: VoiceNetwork, settings: EarSettings = DEFAULT) -> None:
        self._network = network
        self._settings = settings
        self._burst = measure.BurstRule(
            settings.burst_rise_db,
            round(settings.burst_s / measure.STEP_S),
            settings.knock_rise_db,
            round(settings.knock_s / measure.STEP_S),
        )

    def listen(
        self, memories: Sequence[Memory], blocks: Sequence[Block]
    ) -> tuple[list[Memory], list[Activity]]:
        """Hears one block of every caller given; the order of both lists is the order given."""
        if not blocks:
            return [], []
        was = np.stack(memories)
        now = np.empty_like(was)
        raw, digital = _samples(blocks)
        received = np.array([block.received for block in blocks]) > 0
        samples, now[:, _FILTER] = measure.high_pass(raw, was[:, _FILTER])
        power = measure.powers(samples)
        burst, now[:, _FOLLOW] = measure.follow(
            measure.to_dbfs(power), received, was[:, _FOLLOW], self._burst
        )
        level = measure.to_dbfs(power.mean(axis=1))
        now[:, _DIGITAL] = was[:, _DIGITAL] + (digital & received)
        now[:, _LEVELS] = _count(was[:, _LEVELS], level, received)
        voice = self._voice(was, now, samples, level)
        found = tones.find(samples, self._settings.tone_tolerance)
        columns = (level, now[:, _FOLLOW.start], voice, burst)
        activities = map(
            Activity,
            *(column.tolist() for column in columns),
            map(tuple, found.keys.tolist()),
            found.machine.tolist(),
            received.tolist(),
        )
        return list(now), list(activities)

    def _voice(
        self, was: Memory, now: Memory, samples: Samples, level: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        near_silence = level <= self._settings.near_silence_dbfs
        now[:, _QUIET] = np.where(near_silence, was[:, _QUIET] + 1, 0)
        now[:, _CONTEXT] = samples[:, -CONTEXT:]
        now[:, _NETWORK] = was[:, _NETWORK]
        awake = now[:, _QUIET] <= _QUIET_BLOCKS
        voice = np.zeros(len(samples), dtype=np.float32)
        seen = np.concatenate([was[awake, _CONTEXT], samples[awake]], axis=1)
        voice[awake], now[awake, _NETWORK] = self._network.listen(seen, was[awake, _NETWORK])
        return voice


def _samples(blocks: Sequence[Block]) -> tuple[Samples, NDArray[np.bool_]]:
    """Decodes all blocks: (callers, BLOCK) samples, and whose block is digital silence."""
    laws = np.array([block.law for block in blocks])
    if not (laws == Law.LINEAR).any():
        codes = np.frombuffer(b"".join(block.payload for block in blocks), dtype=np.uint8)
        return g711.decode_blocks(codes.reshape(-1, BLOCK), laws)
    rows = [g711.decode(block.payload, block.law) for block in blocks]
    idle = [g711.is_idle(block.payload, block.law) for block in blocks]
    return np.stack(rows), np.array(idle)


def _count(
    histogram: NDArray[np.float32], level: NDArray[np.float32], received: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Adds one block's level to each caller's histogram."""
    counted = histogram.copy()
    column = np.clip(level + HISTOGRAM_DB, 0, HISTOGRAM_DB - 1).astype(np.intp)
    counted[np.arange(len(level)), column] += received
    return counted


class LevelSummary(NamedTuple):
    """What the memory knows of the levels heard so far."""

    blocks: int
    median: float
    p95: float
    digital_share: float


def summary(memory: Memory) -> LevelSummary | None:
    """Median and 95th percentile of the levels heard so far; None if nothing was received."""
    heard = np.cumsum(memory[_LEVELS])
    total = float(heard[-1])
    if total == 0:
        return None
    median, p95 = (float(np.searchsorted(heard, share * total)) - HISTOGRAM_DB + 0.5 for share in (0.5, 0.95))
    return LevelSummary(int(total), median, p95, float(memory[_DIGITAL]) / total)


def levels(memory: Memory) -> tuple[int, ...]:
    """How many blocks were at each level, from -80 dBFS up in steps of 5 dB."""
    return tuple(memory[_LEVELS].reshape(-1, 5).sum(axis=1).astype(int).tolist())


def histogram(memory: Memory) -> list[int]:
    """How many blocks were at each level, from -80 dBFS up in steps of 1 dB."""
    return [int(count) for count in memory[_LEVELS]]
