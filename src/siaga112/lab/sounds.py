"""What the lab's people sound like: speech, silence, a street.

Knows G.711 and how to make audio at run time. Speech is put together from the repository's own
prompts (real phonemes, so a voice detector hears a voice); where they are missing, a small
formant synthesiser babbles instead. Knows nothing about SIP, SIPp or calls.
"""

from __future__ import annotations

import math
import random
import wave
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

RATE = 8000
Law = Literal["PCMA", "PCMU"]
Sound = Literal["caller", "agent", "silence", "street"]

SUFFIX: dict[Law, str] = {"PCMA": "al", "PCMU": "ul"}


def _alaw(sample: int) -> int:
    """One linear sample as A-law (ITU-T G.711): the even bits are inverted."""
    sign = 0x80 if sample >= 0 else 0x00
    magnitude = min(abs(sample if sample >= 0 else -sample - 1), 0x7FFF) >> 3
    exponent = max(magnitude.bit_length() - 5, 0)
    mantissa = (magnitude >> max(exponent, 1)) & 0x0F
    return (sign | exponent << 4 | mantissa) ^ 0x55


def _ulaw(sample: int) -> int:
    """One linear sample as µ-law (ITU-T G.711): biased by 33 steps, all bits inverted."""
    sign = 0x80 if sample < 0 else 0x00
    magnitude = min(abs(sample), 32635) + 132
    exponent = max(magnitude.bit_length() - 8, 0)
    return ~(sign | exponent << 4 | (magnitude >> exponent + 3) & 0x0F) & 0xFF


def encode(samples: Sequence[int], law: Law) -> bytes:
    """Linear 16-bit samples as G.711."""
    one = _alaw if law == "PCMA" else _ulaw
    known: dict[int, int] = {}
    return bytes(known[s] if s in known else known.setdefault(s, one(s)) for s in samples)


def decode(payload: bytes, law: Law) -> array[int]:
    """G.711 as linear 16-bit samples."""
    table = _ALAW_TABLE if law == "PCMA" else _ULAW_TABLE
    return array("h", (table[byte] for byte in payload))


def _decode_alaw(byte: int) -> int:
    byte ^= 0x55
    exponent, mantissa = byte >> 4 & 7, byte & 15
    magnitude = (mantissa << 4) + 8 if exponent == 0 else ((mantissa << 4) + 0x108) << exponent - 1
    return magnitude if byte & 0x80 else -magnitude


def _decode_ulaw(byte: int) -> int:
    byte = ~byte & 0xFF
    magnitude = (((byte & 15) << 3) + 132 << (byte >> 4 & 7)) - 132
    return -magnitude if byte & 0x80 else magnitude


_ALAW_TABLE = [_decode_alaw(byte) for byte in range(256)]
_ULAW_TABLE = [_decode_ulaw(byte) for byte in range(256)]


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


def _resonance(formant: float, width: float) -> tuple[float, float]:
    radius = math.exp(-math.pi * width / RATE)
    return 2 * radius * math.cos(2 * math.pi * formant / RATE), -radius * radius


_VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480))


def babble(seconds: float, pitch: float, seed: int = 1) -> array[int]:
    """Syllables of vowels through three formants, with pauses between words."""
    dice = random.Random(seed)  # noqa: S311 - the same babble in each run
    out = array("h")
    while len(out) < seconds * RATE:
        for _ in range(dice.randint(2, 4)):
            out.extend(_syllable(dice.choice(_VOWELS), pitch * dice.uniform(0.9, 1.15)))
        out.extend(silence(dice.uniform(0.12, 0.35)))
    peak = max(out, default=0) or 1
    return array("h", (sample * 14000 // peak for sample in out[: int(seconds * RATE)]))


def _syllable(formants: tuple[int, int, int], pitch: float) -> Iterator[int]:
    length, poles = int(0.16 * RATE), [_resonance(f, 90) for f in formants]
    memory = [[0.0, 0.0] for _ in poles]
    phase = 0.0
    for n in range(length):
        phase += pitch / RATE
        value = 1.0 if phase >= 1.0 else 0.0
        phase %= 1.0
        for (a, b), state in zip(poles, memory, strict=True):
            value += a * state[0] + b * state[1]
            state[:] = [value, state[0]]
        yield int(max(-1.0, min(1.0, value / 60)) * 14000 * math.sin(math.pi * n / length))


def speech(prompts: Path, seconds: float, *, seed: int, pitch: float) -> array[int]:
    """Someone speaking: prompts one after another in an order of their own, or babble."""
    files = sorted(prompts.glob("*.wav"))
    random.Random(seed).shuffle(files)  # noqa: S311 - the same order in each run
    out = array("h")
    for path in files:
        with wave.open(str(path), "rb") as sound:
            if (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (RATE, 1, 2):
                out.extend(array("h", sound.readframes(sound.getnframes())))
                out.extend(silence(0.25))
        if len(out) >= seconds * RATE:
            return out[: int(seconds * RATE)]
    return out or babble(seconds, pitch, seed)


def samples_of(sound: Sound, prompts: Path, seconds: float = 20.0) -> array[int]:
    """The samples of one of the lab's sounds."""
    match sound:
        case "caller":
            return speech(prompts, seconds, seed=5, pitch=190.0)
        case "agent":
            return speech(prompts, seconds, seed=8, pitch=110.0)
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
