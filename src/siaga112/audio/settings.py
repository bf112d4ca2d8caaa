"""Every threshold of the ear, in one frozen place.

Knows numbers and why they are what they are. Does not know how they are used.
"""

from dataclasses import dataclass
from typing import Final

RATE: Final = 8000
"""Samples a second on a telephone line."""
FRAME: Final = 160
"""Samples in an RTP packet of 20 ms."""
BLOCK: Final = 256
"""Samples the network takes at a time."""
BLOCK_S: Final = BLOCK / RATE
"""32 ms: the ear's own tick."""


@dataclass(frozen=True, slots=True)
class EarSettings:
    """Thresholds; levels in dB relative to full scale (dBFS), times in seconds."""

    spoken_blocks: int = 8
    """Blocks of voice within the window that make a caller a speaker: a quarter of a second. Ten leave
    one short word in six at "possible"; six take more sneezes and cries for speech."""
    spoken_probability: float = 0.35
    """What the network must say at least for such a block."""
    possible_blocks: int = 5
    """Blocks that make speech possible: enough to clear a flag, not enough to call it speech."""
    possible_probability: float = 0.25
    """What the network must say at least for such a block."""
    window_s: float = 10.0
    """Only blocks this close together count together: an hour of noise must not add up to a word."""
    speech_gate_dbfs: float = -58.0
    """Quieter blocks are never voice: comfort noise scores up to .7 now and then."""
    clear_voice_dbfs: float = -54.0
    """A block of voice this loud (comfort noise is not) lets quieter ones be the end of the same word ..."""
    word_end_s: float = 0.17
    """... for so long: what dies away below the gate, or lost its packets, still makes speech possible."""
    near_silence_dbfs: float = -60.0
    """Quieter blocks are not shown to the network: nothing there can pass the gate."""
    echo_gate_dbfs: float = -40.0
    """While a prompt plays, only louder blocks count: the rest may be the prompt's echo ..."""
    echo_s: float = 0.3
    """... which comes back so long after it at most."""

    burst_rise_db: float = 9.0
    """A burst is this far above the floor ..."""
    burst_s: float = 0.04
    """... for at least this long ..."""
    knock_rise_db: float = 20.0
    """... or, somebody tapping on the telephone, this far ..."""
    knock_s: float = 0.024
    """... for this long; a click of the line is shorter."""

    tone_s: float = 0.3
    """A machine's tone is stable for longer than this; a cry on the same pitch is not."""
    tone_tolerance: float = 0.015
    """How far a machine's tone may be off its exact frequency."""

    no_audio_s: float = 3.0
    """No packet for this long: there is no audio."""
    provisional_s: float = 8.0
    """No voice until then: silent or noise_only, and the challenge may begin."""
    silent_level_dbfs: float = -40.0
    """A line that stays below this ..."""
    silent_spread_db: float = 4.0
    """... and hardly moves (95th percentile over median) is silent: comfort noise, hum."""
    silent_quiet_dbfs: float = -55.0
    """A line that is below this for 95 of 100 blocks is silent however it moves."""

    utterance_floor_dbfs: float = -42.0
    """On a line as quiet as this (comfort noise of any trunk; a street is louder) ..."""
    utterance_rise_db: float = 15.0
    """... something this far above the floor ..."""
    utterance_s: float = 0.35
    """... for as long as a short word is possible speech: a whisper, a cry, which the network misses."""
    utterance_most: int = 3
    """More than this many of them are rustling, not words."""

    challenge_s: float = 20.0
    """How long a challenged caller is listened to."""
    challenge_from_s: float = 0.3
    """A burst counts as an answer from this long after the prompt ..."""
    challenge_until_s: float = 8.0
    """... to this long after it."""


DEFAULT: Final = EarSettings()
