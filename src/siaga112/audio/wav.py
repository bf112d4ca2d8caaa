"""Recordings of telephone lines: WAV files, and raw G.711 as Asterisk writes it.

Knows file formats and says in one sentence what to do about a file that does not fit. Does not know
what is in the audio.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

from siaga112.audio.g711 import Law
from siaga112.audio.settings import RATE
from siaga112.errors import Siaga112Error

_PCM, _ALAW, _ULAW, _EXTENSIBLE = 0x0001, 0x0006, 0x0007, 0xFFFE
_LAWS = {(_PCM, 16): Law.LINEAR, (_ALAW, 8): Law.ALAW, (_ULAW, 8): Law.ULAW}
_RAW = {
    ".ulaw": Law.ULAW,
    ".ul": Law.ULAW,
    ".mulaw": Law.ULAW,
    ".pcmu": Law.ULAW,
    ".alaw": Law.ALAW,
    ".al": Law.ALAW,
    ".pcma": Law.ALAW,
    ".sln": Law.LINEAR,
}
_REMEDY = "convert it with: sox {name} -r 8000 -c 1 -b 16 -e signed-integer out.wav"


class RecordingError(Siaga112Error):
    """A file that cannot be listened to, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One caller's audio as it came over the line."""

    path: Path
    law: Law
    payload: bytes

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return len(self.payload) // self.law.width

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.samples / RATE


def read(path: Path) -> Recording:
    """Reads a recording.

    Raises:
        RecordingError: with the reason and the remedy in one sentence.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RecordingError(
            f"{path}: cannot be read ({error.strerror}); check the path and the permissions"
        ) from error
    raw = _RAW.get(path.suffix.lower())
    recording = _parse(path, data) if raw is None else Recording(path, raw, data)
    if recording.samples == 0:
        raise RecordingError(f"{path}: holds no audio at all; check that the recording was finished")
    return recording


def _parse(path: Path, data: bytes) -> Recording:
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise RecordingError(
            f"{path}: is not a WAV file; give 8 kHz mono WAV (16-bit PCM, A-law or µ-law), "
            "or raw G.711 named .alaw or .ulaw"
        )
    law: Law | None = None
    at = 12
    while at + 8 <= len(data):
        kind, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        # A recorder that was killed leaves a size of 0 or of nonsense: take what is there.
        body = data[at + 8 : at + 8 + size]
        if kind == b"fmt ":
            law = _law(path, body)
        elif kind == b"data":
            if law is None:
                break
            return Recording(path, law, body if size else data[at + 8 :])
        at += 8 + size + (size & 1)
    raise RecordingError(
        f"{path}: the WAV file is damaged (no format or no data in it); record it again, "
        "or give its raw G.711 audio named .alaw or .ulaw"
    )


def _law(path: Path, body: bytes) -> Law:
    remedy = _REMEDY.format(name=path)
    if len(body) < 16:
        raise RecordingError(f"{path}: the WAV header is damaged; {remedy}")
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if tag == _EXTENSIBLE and len(body) >= 26:
        tag = struct.unpack_from("<H", body, 24)[0]
    if rate != RATE:
        raise RecordingError(f"{path}: is at {rate} Hz, but telephone lines have 8000; {remedy}")
    if channels != 1:
        raise RecordingError(f"{path}: has {channels} channels, but a caller has one; {remedy}")
    law = _LAWS.get((tag, bits))
    if law is None:
        raise RecordingError(
            f"{path}: is coded in a way not known here (format {tag:#06x}, {bits} bits); {remedy}"
        )
    return law
