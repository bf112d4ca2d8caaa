"""What a user would take instead: Asterisk's TALK_DETECT rule, and webrtcvad where it is installed.

Knows their rules only, to print them in the same table. Nothing live depends on them.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import numpy as np

from siaga112.audio.g711 import LINEAR, Law
from siaga112.audio.replay import Take
from siaga112.audio.settings import FRAME, RATE

TALK_DETECT_LEVEL: Final = 256.0
"""Mean of the magnitudes of a frame's 16-bit samples that Asterisk takes for talking by default."""
WEBRTC_FRAMES: Final = 13
"""Frames of voice in a clip that make a speaker: a quarter of a second, as for the ear."""
_WEBRTC_MODE: Final = 3


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a reference makes of a clip."""

    score: float
    speaking: bool


def frames(take: Take) -> list[bytes]:
    """The 20 ms frames that arrived, as 16-bit PCM."""
    law, payload = take.recording.law, take.recording.payload
    gone = {number for first, last in take.lost for number in range(first, last + 1)}
    whole = len(payload) // law.width // FRAME
    size = FRAME * law.width
    kept = [payload[n * size : (n + 1) * size] for n in range(whole) if n not in gone]
    if law is Law.LINEAR:
        return kept
    return [LINEAR[law][np.frombuffer(frame, dtype=np.uint8)].tobytes() for frame in kept]


def talk_detect(take: Take) -> Opinion:
    """Asterisk's rule: a frame whose mean magnitude reaches the threshold is talking."""
    means = [float(np.abs(np.frombuffer(pcm, "<i2").astype(float)).mean()) for pcm in frames(take)]
    loudest = max(means, default=0.0)
    return Opinion(loudest, loudest >= TALK_DETECT_LEVEL)


class WebRtc:
    """webrtcvad at its strictest, counting frames of voice."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def __call__(self, take: Take) -> Opinion:
        """Counts the frames it calls voice."""
        vad = self._module.Vad(_WEBRTC_MODE)
        voiced = sum(vad.is_speech(pcm, RATE) for pcm in frames(take))
        return Opinion(float(voiced), voiced >= WEBRTC_FRAMES)


def webrtc() -> WebRtc | None:
    """The reference, or None where it is not installed."""
    try:
        return WebRtc(import_module("webrtcvad"))
    except ImportError:
        return None
