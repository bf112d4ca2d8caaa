"""Makes the prompts' and the hold music's WAV files: `make prompts`, or `python -m siaga112.lab.prompts`.

Knows asterisk-conf/prompts.toml, espeak-ng and 8 kHz PCM. Does not know when a prompt is played.
The files are in the repo, so only who changes a text needs espeak-ng; a voice artist's files of the
same names replace ours (pass --keep to leave files alone that are there).
"""

# array.array[int] is a real subscript only from Python 3.12 on.
from __future__ import annotations

import argparse
import array
import io
import math
import shutil
import subprocess
import sys
import tomllib
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from siaga112.lab.errors import LabError
from siaga112.lab.layout import asterisk_conf

RATE = 8000
# The loudest sample, and the average of the speech, against full scale: a hiding caller may have
# the phone on speaker.
PEAK = 0.5
LOUDNESS = 0.09
# Below this share of the peak it is the pause before or after the words.
SILENCE = 0.02
EDGE = RATE // 20
VOICES = {"id": ("id", "182"), "en": ("en-gb", "165")}
HOLD_SECONDS = 8
HOLD_PEAK = 0.12


@dataclass(frozen=True)
class Prompt:
    """One text in each language."""

    id: str
    texts: dict[str, str]


def manifest(path: Path | None = None) -> list[Prompt]:
    """The prompts of prompts.toml."""
    read = tomllib.loads((path or asterisk_conf() / "prompts.toml").read_text(encoding="utf-8"))
    return [Prompt(name, dict(texts)) for name, texts in read["prompts"].items()]


def wav_path(base: Path, language: str, prompt: str) -> Path:
    """Where a prompt's file is, as Asterisk looks for `siaga112/<prompt>` in a language."""
    return base / "sounds" / language / "siaga112" / f"{prompt}.wav"


def speak(text: str, language: str) -> array.array[int]:
    """The text as espeak-ng says it, at 8 kHz."""
    program = shutil.which("espeak-ng")
    if program is None:
        raise LabError("espeak-ng is missing: `apt-get install espeak-ng`")
    voice, speed = VOICES[language]
    done = subprocess.run(
        [program, "-v", voice, "-s", speed, "-g", "1", "--stdout", text], capture_output=True, check=True
    )
    with wave.open(io.BytesIO(done.stdout)) as spoken:
        rate = spoken.getframerate()
        # The header was written to a pipe before the length was known: the samples are all that follows it.
        samples = array.array("h", done.stdout[44 : 44 + (len(done.stdout) - 44) // 2 * 2])
    return resample(samples, rate)


def resample(samples: Sequence[int], rate: int) -> array.array[int]:
    """To 8 kHz, through a windowed-sinc low-pass at 3.4 kHz: what the telephone carries."""
    reach = 24
    cutoff = 3400 / rate
    taps = [_tap(offset, cutoff, reach) for offset in range(-reach * 16, reach * 16 + 1)]
    step = rate / RATE
    result = array.array("h")
    for position in range(int(len(samples) / step)):
        centre = position * step
        first = math.ceil(centre) - reach
        total = 0.0
        for index in range(max(first, 0), min(first + 2 * reach, len(samples))):
            total += samples[index] * taps[round((centre - index) * 16) + reach * 16]
        result.append(max(-32768, min(32767, round(total))))
    return result


def _tap(offset: int, cutoff: float, reach: int) -> float:
    """A sixteenth-sample step of the low-pass's impulse response."""
    time = offset / 16
    window = 0.5 + 0.5 * math.cos(math.pi * time / reach)
    if offset == 0:
        return 2 * cutoff
    return window * math.sin(2 * math.pi * cutoff * time) / (math.pi * time)


def level(samples: Sequence[int]) -> array.array[int]:
    """Without the silence at the ends, at the common loudness, and never over the peak."""
    peak = max((abs(sample) for sample in samples), default=0)
    if peak == 0:
        raise LabError("espeak-ng said nothing")
    loud = [index for index, sample in enumerate(samples) if abs(sample) > SILENCE * peak]
    words = samples[max(loud[0] - EDGE, 0) : loud[-1] + EDGE]
    mean = math.sqrt(sum(sample * sample for sample in words) / len(words))
    gain = min(LOUDNESS * 32768 / mean, PEAK * 32768 / peak)
    return array.array("h", (round(sample * gain) for sample in words))


def hold_music() -> array.array[int]:
    """Eight quiet seconds that loop: two soft chords, each swelling and fading to nothing."""
    # Every tone swings a whole number of times in four seconds, so the loop has no seam.
    chords = ((196.0, 246.75, 293.75), (174.5, 220.0, 261.5))
    half = RATE * HOLD_SECONDS // 2
    result = array.array("h")
    for chord in chords:
        for index in range(half):
            swell = math.sin(math.pi * index / half) ** 2
            tone = sum(math.sin(2 * math.pi * pitch * index / RATE) for pitch in chord) / len(chord)
            result.append(round(32767 * HOLD_PEAK * swell * tone))
    return result


def write_wav(path: Path, samples: array.array[int]) -> None:
    """8 kHz, mono, 16 bit: the one format that every Asterisk plays without a codec."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = array.array("h", samples)
    if sys.byteorder == "big":
        data.byteswap()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(data.tobytes())


def make(base: Path, *, keep: bool) -> int:
    """Write every file that is wanted; how many were written."""
    written = 0
    wanted = [
        (prompt.texts[language], language, wav_path(base, language, prompt.id))
        for prompt in manifest(base / "prompts.toml")
        for language in VOICES
    ]
    for text, language, path in wanted:
        if not (keep and path.exists()):
            write_wav(path, level(speak(text, language)))
            written += 1
            print(f"{written}/{len(wanted)} {path.relative_to(base)}", flush=True)
    hold = base / "moh" / "siaga112" / "hold.wav"
    if not (keep and hold.exists()):
        write_wav(hold, hold_music())
        written += 1
    return written


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Make the prompts from prompts.toml with espeak-ng.")
    parser.add_argument("--keep", action="store_true", help="leave files alone that are there")
    parser.add_argument("--base", type=Path, default=asterisk_conf(), help="the asterisk-conf folder")
    args = parser.parse_args()
    try:
        print(f"{make(args.base, keep=args.keep)} files written")
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
