"""What is measured on a block of samples: high-pass, levels, floor, bursts. All callers at once.

Knows arithmetic on arrays of (callers, samples). Does not know the network, keys or verdicts. Only
element-wise operations in a fixed order are used, so that a caller's numbers are the same bit for bit
whoever else is in the batch.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from siaga112.audio.g711 import Samples
from siaga112.audio.settings import BLOCK, RATE

Rows = NDArray[np.float32]

HIGH_PASS_HZ: Final = 120.0
"""Hum, wind and DC live below; a voice in the telephone band does not need it."""
SILENCE_DBFS: Final = -120.0
STEP: Final = 64
"""Samples in a step of 8 ms, the grain of levels and bursts."""
STEPS: Final = BLOCK // STEP
STEP_S: Final = STEP / RATE

FLOOR_LOWEST: Final = -70.0
"""G.711 itself makes noise near -72 dBFS: a floor below that means nothing."""
_FLOOR_HIGHEST_START: Final = -45.0
"""A call that begins in mid-word must not take the word for its floor."""
_LEARN_STEPS: Final = 60
_UP_DB: Final = 6.0 * STEP_S
"""With the fall below, the floor rests at the level that 30 of 100 steps do not reach."""
_DOWN_DB: Final = 14.0 * STEP_S
_FAST_DB: Final = 60.0 * STEP_S
_LASTING_STEPS: Final = 125
"""One second above the floor is not a burst, it is the new floor."""
_NOTHING_DBFS: Final = -90.0
"""Below this a step carries nothing at all: lost, or digital silence. It does not move the floor ..."""
_RESTING_DBFS: Final = -55.0
"""... but after as long as makes a new floor, silence that really came is this floor: on a line that carries
nothing, the first knock stands out. Lower, and the comfort noise of some lines would."""

_POLE: Final = float(np.exp(-2 * np.pi * HIGH_PASS_HZ / RATE))
_GAIN: Final = np.float32((1 + _POLE) / 2)
"""What passes, passes at its own level."""
_DOUBLINGS: Final = tuple((1 << k, np.float32(_POLE ** (1 << k))) for k in range(8))


def high_pass(samples: Samples, memory: Rows) -> tuple[Samples, Rows]:
    """Two first-order sections; memory is (callers, 4): last input and output of each."""
    first, one = _section(samples, memory[:, :2])
    second, two = _section(first, memory[:, 2:])
    return second, np.concatenate([one, two], axis=1)


def _section(samples: Samples, memory: Rows) -> tuple[Samples, Rows]:
    """y[n] = a y[n-1] + g (x[n] - x[n-1]), unrolled by doubling: 8 array operations, not 256."""
    out = np.empty_like(samples)
    np.subtract(samples[:, 1:], samples[:, :-1], out=out[:, 1:])
    out[:, 0] = samples[:, 0] - memory[:, 0]
    out *= _GAIN
    out[:, 0] += _DOUBLINGS[0][1] * memory[:, 1]
    for reach, weight in _DOUBLINGS:
        out[:, reach:] += weight * out[:, :-reach]
    return out, np.stack([samples[:, -1], out[:, -1]], axis=1)


def to_dbfs(power: NDArray[np.floating]) -> Rows:
    """Mean squares to dBFS, never below SILENCE_DBFS."""
    decibels = (10 * np.log10(np.maximum(power, 1e-12))).astype(np.float32)
    clamped: Rows = np.maximum(decibels, np.float32(SILENCE_DBFS))
    return clamped


def powers(samples: Samples) -> NDArray[np.float32]:
    """Mean square of every step of 8 ms: (callers, STEPS)."""
    means: Rows = (samples.reshape(-1, STEPS, STEP) ** 2).mean(axis=2)
    return means


@dataclass(frozen=True, slots=True)
class BurstRule:
    """When a run of steps above the floor is a burst: long enough, or shorter but a hard knock."""

    rise_db: float
    steps: int
    knock_rise_db: float
    knock_steps: int


FOLLOW_COLUMNS: Final = 6
"""Kept of each caller: floor, steps heard, steps above the floor in a row, the highest rise in them,
whether that run was told as a burst, steps of digital silence in a row."""


def follow(levels: Rows, received: NDArray[np.bool_], memory: Rows, rule: BurstRule) -> tuple[Rows, Rows]:
    """Moves each caller's floor along and finds the runs of steps that have become bursts.

    Args:
        levels: dBFS of every step, (callers, STEPS).
        received: whether anything of the block came, (callers,); what is lost says nothing.
        memory: (callers, FOLLOW_COLUMNS).
        rule: what a burst is.

    Returns:
        How far above the floor the burst was that became one in this block (0: none), and memory.
    """
    floor, age, run, peak, told, still = (memory[:, column].copy() for column in range(FOLLOW_COLUMNS))
    burst = np.zeros_like(floor)
    for level in levels.T:
        there = level > _NOTHING_DBFS
        still = np.where(there, 0, still + received).astype(np.float32)
        floor, age = _rested(floor, age, still > _LASTING_STEPS)
        start = there & (age == 0)
        floor[start] = np.clip(level[start], FLOOR_LOWEST, _FLOOR_HIGHEST_START)
        rise = level - floor
        above = there & (rise > rule.rise_db)
        run = np.where(above, run + 1, 0).astype(np.float32)
        peak = np.where(above, np.maximum(peak, rise), 0).astype(np.float32)
        knock = (run >= rule.knock_steps) & (peak > rule.knock_rise_db)
        learnt = age >= _LEARN_STEPS
        onset = learnt & (told == 0) & (knock | (run >= rule.steps))
        burst = np.where(onset, np.maximum(burst, peak), burst)
        told = np.where(above, np.maximum(told, onset), 0).astype(np.float32)
        floor = _moved(floor, level, there, learnt, run)
        age += there
    return burst, np.stack([floor, age, run, peak, told, still], axis=1).astype(np.float32)


def _rested(floor: Rows, age: Rows, resting: NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """What lasting silence makes of the floor, and that it is known from then on."""
    lowered = np.where(age == 0, np.float32(_RESTING_DBFS), np.minimum(floor, np.float32(_RESTING_DBFS)))
    known = np.maximum(age, np.float32(_LEARN_STEPS))
    return np.where(resting, lowered, floor), np.where(resting, known, age)


def _moved(
    floor: Rows,
    level: Rows,
    there: NDArray[np.bool_],
    learnt: NDArray[np.bool_],
    run: Rows,
) -> Rows:
    """The floor after a step: up slowly, down faster, and fast while it is not known yet."""
    fast = (run > _LASTING_STEPS) | ~learnt
    up = np.where(fast, np.float32(_FAST_DB), np.float32(_UP_DB))
    down = np.where(learnt, np.float32(_DOWN_DB), np.float32(_FAST_DB))
    moved = np.where(level > floor, np.minimum(floor + up, level), floor - down)
    return np.where(there, np.maximum(moved, np.float32(FLOOR_LOWEST)), floor).astype(np.float32)
