"""Keys and machine tones: Goertzel's measurement at exact frequencies, all callers at once.

Knows which frequencies mean what. Does not know how long one must last to count: that is for the
verdict. A cry or a scream is often a single spectral peak too, so only the exact frequencies of
machines count, and only where nearly all of the block's energy is.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from siaga112.audio.g711 import Samples
from siaga112.audio.settings import BLOCK, RATE

HALF: Final = BLOCK // 2
"""16 ms: keys are judged on halves, so that the shortest legal one (40 ms) fills one at least."""
_HALF_S: Final = HALF / RATE

KEY_ROWS: Final = (697.0, 770.0, 852.0, 941.0)
KEY_COLUMNS: Final = (1209.0, 1336.0, 1477.0, 1633.0)
KEYS: Final = "123A456B789C*0#D"

MACHINE_HZ: Final = (425.0, 950.0, 1400.0, 1800.0, 1100.0, 2100.0)
"""Network tones of Indonesia; the three of "number unobtainable"; fax calling; fax and modem answering."""
MACHINE_GROUP: Final = (1, 2, 2, 2, 3, 4)
"""The three tones of one announcement follow each other: together they are one tone."""

_KEY_LOUDNESS: Final = 1e-4
"""-40 dBFS: keys are loud, and what is quieter may be somebody else's."""
_KEY_PURITY: Final = 0.85
"""Share of the energy in the two frequencies. Keys have .95 and more, after GSM coding too, and this
much with noise 7 dB below them; voices that fall upon two of the lines have reached .8."""
_KEY_TWIST: Final = 10.0
"""Ratio (10 dB) that the two may differ by."""
_KEY_SECOND: Final = 0.2
"""What the next best row or column may have of the best one."""
_KEY_OFF: Final = (0.99, 1.0, 1.01)
"""A telephone may be off by 1.5 %. That far beside its line a tone fills half of it: so each has three."""
_TONE_LOUDNESS: Final = 1e-5
_TONE_PURITY: Final = 0.75

_CHUNK: Final = 32
"""Callers in one matrix product. A fixed size keeps every product's order of adding the same, and so
each caller's result the same bit for bit in any company."""


def _basis() -> NDArray[np.float32]:
    keys = np.outer(_KEY_OFF, KEY_ROWS + KEY_COLUMNS).ravel()
    hertz = np.concatenate([keys, MACHINE_HZ])
    angle = 2 * np.pi * np.arange(HALF)[:, None] * hertz / RATE
    return np.concatenate([np.cos(angle), -np.sin(angle)], axis=1).astype(np.float32)


_BASIS: Final = _basis()
_LINES: Final = _BASIS.shape[1] // 2
_KEY_LINES: Final = (len(_KEY_OFF), len(KEY_ROWS) + len(KEY_COLUMNS))
_TONE_LINES: Final = slice(_KEY_LINES[0] * _KEY_LINES[1], None)
_TONE_HERTZ: Final = np.array(MACHINE_HZ, dtype=np.float32)
# Between the halves of a block a tone at the exact frequency turns by this much.
_TURN: Final = np.exp(2j * np.pi * _TONE_HERTZ * _HALF_S).astype(np.complex64)


@dataclass(frozen=True, slots=True)
class Tones:
    """What was found in one block of each caller."""

    keys: NDArray[np.intp]
    """(callers, 2): index into KEYS for each half, -1 for none."""
    machine: NDArray[np.intp]
    """(callers,): index into MACHINE_HZ, -1 for none."""


def find(samples: Samples, tolerance: float) -> Tones:
    """Finds keys and machine tones in (callers, BLOCK) samples."""
    halves = samples.reshape(-1, 2, HALF)
    energy = (halves * halves).sum(axis=2)
    lines = _correlate(samples)
    return Tones(_keys(lines, energy), _machine(lines, energy, tolerance))


def _correlate(samples: Samples) -> NDArray[np.complex64]:
    """(callers, 2, lines): each half's correlation with each frequency."""
    callers = len(samples)
    padded = np.zeros((-(-callers // _CHUNK) * _CHUNK, BLOCK), dtype=np.float32)
    padded[:callers] = samples
    found = np.concatenate(
        [chunk.reshape(-1, HALF) @ _BASIS for chunk in np.split(padded, len(padded) // _CHUNK)]
    ).reshape(-1, 2, 2 * _LINES)[:callers]
    return found[..., :_LINES] + np.complex64(1j) * found[..., _LINES:]


def _power(lines: NDArray[np.complex64]) -> NDArray[np.float32]:
    """Energy that a sine of that frequency would have had in the half."""
    scale = np.float32(2 / HALF)
    return (lines.real * lines.real + lines.imag * lines.imag) * scale


def _keys(lines: NDArray[np.complex64], energy: NDArray[np.float32]) -> NDArray[np.intp]:
    beside = _power(lines[..., : _TONE_LINES.start]).reshape(*energy.shape, *_KEY_LINES)
    power = beside.max(axis=-2)
    rows, columns = np.sort(power[..., :4], axis=-1), np.sort(power[..., 4:], axis=-1)
    row, column = rows[..., 3], columns[..., 3]
    # The fourth column (A to D) is on no telephone, but birds and voices find it.
    known = columns[..., 3] > power[..., 7]
    clear = known & (rows[..., 2] < _KEY_SECOND * row) & (columns[..., 2] < _KEY_SECOND * column)
    balanced = (row < _KEY_TWIST * column) & (column < _KEY_TWIST * row)
    pure = row + column > _KEY_PURITY * energy
    loud = energy > _KEY_LOUDNESS * HALF
    digit = 4 * power[..., :4].argmax(axis=-1) + power[..., 4:].argmax(axis=-1)
    return np.where(clear & balanced & pure & loud, digit, -1)


def _machine(lines: NDArray[np.complex64], energy: NDArray[np.float32], tolerance: float) -> NDArray[np.intp]:
    tone = lines[..., _TONE_LINES]
    turned = tone[:, 1] * tone[:, 0].conj() * _TURN.conj()
    off = np.arctan2(turned.imag, turned.real) / np.float32(2 * np.pi * _HALF_S)
    # A frequency beside the line fills it less than its share: sinc tells how much less.
    power = _power(tone).sum(axis=1) / np.sinc(off * np.float32(_HALF_S)) ** 2
    total = energy.sum(axis=1)
    exact = np.abs(off) <= tolerance * _TONE_HERTZ
    pure = power > _TONE_PURITY * total[:, None]
    loud = (total > _TONE_LOUDNESS * BLOCK)[:, None]
    score = np.where(exact & pure & loud, power, 0)
    return np.where(score.max(axis=1) > 0, score.argmax(axis=1), -1)
