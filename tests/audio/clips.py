"""Our own clips: every class of audio, made here, the same on every run. Speech is espeak-ng's Indonesian."""

import io
import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from siaga112.audio import g711
from siaga112.audio.g711 import Law
from siaga112.audio.replay import Take
from siaga112.audio.settings import RATE
from siaga112.audio.wav import Recording

Sound = NDArray[np.float64]

KEY_HERTZ = {
    digit: (row, column)
    for row, digits in zip((697, 770, 852, 941), ("123", "456", "789", "*0#"), strict=True)
    for column, digit in zip((1209, 1336, 1477), digits, strict=True)
}


def silence(seconds: float) -> Sound:
    """Nothing at all."""
    return np.zeros(round(seconds * RATE))


def noise(seconds: float, dbfs: float, seed: int = 112) -> Sound:
    """White noise at a level: comfort noise, or rain, by its loudness."""
    samples = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return at_level(samples, dbfs)


def street(seconds: float, dbfs: float, seed: int = 112) -> Sound:
    """Noise that swells and fades, darker than white: traffic."""
    white = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    spectrum = np.fft.rfft(white)
    hertz = np.fft.rfftfreq(len(white), 1 / RATE)
    dark = np.fft.irfft(spectrum / (1 + (hertz / 500) ** 2), len(white))
    times = np.arange(len(dark)) / RATE
    swelling = dark * (1 + 0.6 * np.sin(2 * np.pi * 0.3 * times))
    return at_level(swelling, dbfs)


def tone(seconds: float, *hertz: float, dbfs: float = -18) -> Sound:
    """One or more sines together."""
    times = np.arange(round(seconds * RATE)) / RATE
    mixed = np.stack([np.sin(2 * np.pi * f * times) for f in hertz]).sum(axis=0)
    return at_level(mixed, dbfs)


def key(digit: str, seconds: float = 0.1, dbfs: float = -18) -> Sound:
    """A key of the telephone."""
    return tone(seconds, *KEY_HERTZ[digit], dbfs=dbfs)


def tap(dbfs: float = -8, seed: int = 1) -> Sound:
    """A finger on the microphone: 40 ms, dying away."""
    times = np.arange(round(0.04 * RATE)) / RATE
    hit: Sound = np.random.default_rng(seed).standard_normal(len(times)) * np.exp(-times / 0.006)
    return hit * (10 ** (dbfs / 20) / float(np.abs(hit).max()))


def chords(seconds: float) -> Sound:
    """Music on hold, more or less: plucked chords."""
    played = []
    for number in range(round(seconds / 0.5)):
        root = 220 * 2 ** ((0, 5, 7, 4)[number % 4] / 12)
        pluck = np.exp(-np.arange(RATE // 2) / RATE / 0.2)
        played.append(tone(0.5, root, root * 1.26, root * 1.5, root * 2) * pluck)
    return np.concatenate(played)


def at_level(sound: Sound, dbfs: float) -> Sound:
    """The same sound at an RMS level."""
    power = float(np.mean(sound**2))
    return sound * (10 ** (dbfs / 20) / np.sqrt(power)) if power else sound


def spoken(text: str, dbfs: float = -26, voice: str = "id") -> Sound:
    """An Indonesian sentence. Needs espeak-ng (apt install espeak-ng)."""
    program = shutil.which("espeak-ng")
    if program is None:
        raise RuntimeError("espeak-ng is missing; install it with: apt install espeak-ng")
    made = subprocess.run(  # noqa: S603  # a fixed program with our own words
        [program, "-v", voice, "-s", "150", "--stdout", text], capture_output=True, check=True
    ).stdout
    # --stdout writes a header before the length is known, so the length in it is not to be believed.
    with wave.open(io.BytesIO(made)) as file:
        rate = file.getframerate()
    samples = np.frombuffer(made[44 : len(made) // 2 * 2], dtype="<i2") / 32768
    return at_level(_telephone(samples, rate), dbfs)


def _telephone(samples: Sound, rate: int) -> Sound:
    """To 8000 Hz and the band from 300 to 3400 Hz."""
    length = round(len(samples) * RATE / rate)
    spectrum = np.fft.rfft(samples)[: length // 2 + 1]
    hertz = np.arange(len(spectrum)) * RATE / length
    spectrum[(hertz < 300) | (hertz > 3400)] = 0
    resampled: Sound = np.fft.irfft(spectrum, length) * (length / len(samples))
    return resampled


def place(base: Sound, *parts: tuple[float, Sound]) -> Sound:
    """Lays sounds upon a longer one, each from its second on."""
    mixed = base.copy()
    for second, sound in parts:
        start = round(second * RATE)
        fitting = sound[: len(mixed) - start]
        mixed[start : start + len(fitting)] += fitting
    return mixed


def take(sound: Sound, law: Law = Law.ALAW, lost: tuple[tuple[int, int], ...] = ()) -> Take:
    """The sound as it would come over the line."""
    return Take(Recording(Path("clip"), law, g711.encode(sound, law)), lost)


def wav(payload: bytes, tag: int, bits: int, rate: int = RATE, channels: int = 1) -> bytes:
    """A WAV file with this payload, honest or not about what is in it."""
    width = channels * bits // 8
    header = b"fmt " + (16).to_bytes(4, "little")
    header += tag.to_bytes(2, "little") + channels.to_bytes(2, "little")
    header += rate.to_bytes(4, "little") + (rate * width).to_bytes(4, "little")
    header += width.to_bytes(2, "little") + bits.to_bytes(2, "little")
    body = b"WAVE" + header + b"data" + len(payload).to_bytes(4, "little") + payload
    return b"RIFF" + len(body).to_bytes(4, "little") + body
