"""What the lab's people sound like: speech, silence, a street.

Makes the audio at run time. Speech is put together from the repository's own prompts, in which a
voice detector hears a voice. Knows nothing about SIP, SIPp or calls.
"""

from __future__ import annotations

import math
import random
import wave
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from siaga112.audio import g711
from siaga112.lab.errors import LabError

RATE = 8000
Law = Literal["PCMA", "PCMU"]
Sound = Literal["caller", "agent", "silence", "street"]

SUFFIX: dict[Law, str] = {"PCMA": "al", "PCMU": "ul"}
_LAWS: dict[Law, g711.Law] = {"PCMA": g711.Law.ALAW, "PCMU": g711.Law.ULAW}


def encode(samples: Sequence[int], law: Law) -> bytes:
    """Linear 16-bit samples as G.711."""
    return g711.encode(np.asarray(samples, dtype=np.float64) / 32768, _LAWS[law])


def decode(payload: bytes, law: Law) -> list[int]:
    """G.711 as linear 16-bit samples."""
    linear: list[int] = (g711.decode(payload, _LAWS[law]) * 32768).astype(np.int16).tolist()
    return linear


def silence(seconds: float) -> array[int]:
    """Digital silence: a line that is up and on which nobody speaks."""
    return array("h", bytes(2 * int(seconds * RATE)))


def street(seconds: float, seed: int = 112) -> array[int]:
    """A street without people: low rumble that swells and fades, some hiss, near -35 dBFS."""
    dice = random.Random(seed)  # noqa: S311 - noise for a test call, the same in each run
    samples, low = array("h"), 0.0
    for n in range(int(seconds * RATE)):
        white = dice.gauss(0.0, 1.0)
        low += (white - low) * 0.06
        swell = 1.0 + 0.5 * math.sin(2 * math.pi * n / RATE / 5.3)
        samples.append(int(2200 * low * swell + 90 * white))
    return samples


def speech(prompts: Path, seconds: float, seed: int) -> array[int]:
    """Someone speaking: prompts one after another, in an order of their own."""
    files = sorted(prompts.glob("*.wav"))
    random.Random(seed).shuffle(files)  # noqa: S311 - the same order in each run
    out = array("h")
    for path in files:
        with wave.open(str(path), "rb") as sound:
            out.extend(array("h", sound.readframes(sound.getnframes())))
        out.extend(silence(0.25))
        if len(out) >= seconds * RATE:
            return out[: int(seconds * RATE)]
    raise LabError(f"{prompts} has less than {seconds:g} s of prompts: run `make prompts`")


def samples_of(sound: Sound, prompts: Path, seconds: float = 20.0) -> array[int]:
    """The samples of one of the lab's sounds."""
    match sound:
        case "caller":
            return speech(prompts, seconds, seed=5)
        case "agent":
            return speech(prompts, seconds, seed=8)
        case "silence":
            return silence(seconds)
        case "street":
            return street(seconds)


def write_g711(folder: Path, prompts: Path) -> None:
    """Writes each sound in both laws as raw G.711 into `folder`, once."""
    folder.mkdir(parents=True, exist_ok=True)
    sounds: tuple[Sound, ...] = ("caller", "agent", "silence", "street")
    for sound in sounds:
        missing = [law for law in SUFFIX if not (folder / f"{sound}.{SUFFIX[law]}").exists()]
        samples = samples_of(sound, prompts) if missing else ()
        for law in missing:
            draft = folder / f"{sound}.{SUFFIX[law]}.part"
            draft.write_bytes(encode(samples, law))
            draft.replace(folder / f"{sound}.{SUFFIX[law]}")


def write_wav(path: Path, samples: array[int]) -> None:
    """Writes samples as an 8 kHz mono WAV file."""
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(samples.tobytes())


def loudness(samples: Sequence[int]) -> float:
    """Root mean square in dBFS; digital silence is -100."""
    if not samples:
        return -100.0
    power = sum(s * s for s in samples) / len(samples)
    return max(-100.0, 10 * math.log10(power / 32768**2)) if power else -100.0
