"""Small automata over blocks: keys, machine tones, lone utterances, voice. Pure, time as an argument.

Each is a frozen value with one step. Knows how long something must last to count. Does not know what
follows from it: that is the verdict's.
"""

from dataclasses import dataclass, replace
from typing import Final

from siaga112.audio import tones
from siaga112.audio.detector import Activity
from siaga112.audio.settings import BLOCK_S, EarSettings

_HALVES: Final = 2
"""A key is down after two halves (32 ms; any key of 48 ms fills two), and up after two without it."""
_TWICE_S: Final = 0.2
"""The same key in the audio and as an event of the network, this close together, is one press."""
_PIECE_BLOCKS: Final = 5
_PIECES: Final = 3
"""A cadence too quick for one stable piece (congestion: 0.25 s) shows as three of 160 ms."""
_GAP_BLOCKS: Final = 2
"""What a word may be interrupted by: a stop consonant."""


@dataclass(frozen=True, slots=True)
class KeyWatch:
    """Debounces in-band keys and joins them with those the network reports."""

    digits: str = ""
    pressed_at: float = float("-inf")
    in_band: bool = False
    """Where the last one came from."""
    candidate: int = -1
    run: int = 0
    down: int = -1
    up_run: int = 0

    @property
    def idle(self) -> bool:
        """Nothing is pending: a block without keys changes nothing."""
        return self.candidate == -1 and self.down == -1

    def hear(self, now: float, halves: tuple[int, int]) -> "KeyWatch":
        """Steps over both halves of a block."""
        watch = self
        for digit in halves:
            watch = watch._half(now, digit)
        return watch

    def _half(self, now: float, digit: int) -> "KeyWatch":
        run = self.run + 1 if digit == self.candidate else 1
        up_run = 0 if digit == self.down else self.up_run + 1
        down = self.down if up_run < _HALVES else -1
        watch = replace(self, candidate=digit, run=run, up_run=up_run, down=down)
        if digit != -1 and run >= _HALVES and digit != self.down:
            pressed = replace(watch, down=digit, up_run=0)
            return pressed.press(now, tones.KEYS[digit], in_band=True)
        return watch

    def press(self, now: float, digit: str, *, in_band: bool) -> "KeyWatch":
        """A whole key, from either source."""
        other = in_band != self.in_band
        if other and self.digits[-1:] == digit and now - self.pressed_at < _TWICE_S:
            return self
        return replace(self, digits=self.digits + digit, pressed_at=now, in_band=in_band)


@dataclass(frozen=True, slots=True)
class ToneWatch:
    """Waits for a machine's tone to be stable for long enough."""

    group: int = 0
    run: int = 0
    pieces: int = 0
    seconds: float = 0.0
    hertz: float | None = None
    """The tone that was stable; None: none yet."""

    def hear(self, tone: int, settings: EarSettings) -> "ToneWatch":
        """Steps over one block; tone is an index into tones.MACHINE_HZ or -1."""
        if tone == -1:
            return replace(self, group=0, run=0) if self.group else self
        group = tones.MACHINE_GROUP[tone]
        run = self.run + 1 if group == self.group else 1
        pieces = self.pieces + (run == _PIECE_BLOCKS)
        stable = run * BLOCK_S > settings.tone_s or pieces >= _PIECES
        hertz = tones.MACHINE_HZ[tone] if stable and self.hertz is None else self.hertz
        return ToneWatch(group, run, pieces, self.seconds + BLOCK_S, hertz)


@dataclass(frozen=True, slots=True)
class UtteranceWatch:
    """Counts lone sounds as long as a word on an otherwise quiet line."""

    count: int = 0
    run: int = 0
    gap: int = 0

    def stands_out(self, activity: Activity, settings: EarSettings) -> bool:
        """True for a block that may belong to one."""
        quiet = activity.floor <= settings.utterance_floor_dbfs
        return quiet and activity.level >= activity.floor + settings.utterance_rise_db

    def hear(self, activity: Activity, settings: EarSettings) -> "UtteranceWatch":
        """Steps over one block."""
        if self.stands_out(activity, settings):
            run = self.run + 1
            needed = round(settings.utterance_s / BLOCK_S)
            return UtteranceWatch(self.count + (run == needed), run, 0)
        if self.gap < _GAP_BLOCKS and self.run:
            return replace(self, gap=self.gap + 1)
        return UtteranceWatch(self.count)


@dataclass(frozen=True, slots=True)
class VoiceWatch:
    """Counts blocks of voice within the window, at both operating points."""

    blocks: int = 0
    """Blocks of voice in all."""
    sure: tuple[float, ...] = ()
    """When the last ones at the stricter point were."""
    maybe: tuple[float, ...] = ()
    spoken_at: float | None = None
    possible_at: float | None = None
    onset: float | None = None
    clear_at: float = float("-inf")
    """When voice was last well above the gate."""

    def hear(self, now: float, activity: Activity, gate: float, settings: EarSettings) -> "VoiceWatch":
        """Steps over one block; what is not above the gate is no voice, but may be the end of a word."""
        loud = activity.level > gate
        if not loud and now - self.clear_at > settings.word_end_s:
            return self
        watch, probability = self._possible(now, activity, settings, loud=loud), activity.probability
        if loud and probability >= settings.spoken_probability:
            sure = _recent(self.sure, now, settings.spoken_blocks, settings.window_s)
            watch = replace(watch, blocks=self.blocks + 1, sure=sure)
            if self.spoken_at is None and len(sure) >= settings.spoken_blocks:
                watch = replace(watch, spoken_at=now)
        return watch

    def _possible(self, now: float, activity: Activity, settings: EarSettings, *, loud: bool) -> "VoiceWatch":
        if self.possible_at is not None or activity.probability < settings.possible_probability:
            return self
        maybe = _recent(self.maybe, now, settings.possible_blocks, settings.window_s)
        clear = loud and activity.level > settings.clear_voice_dbfs
        watch = replace(self, maybe=maybe, clear_at=now if clear else self.clear_at)
        if len(maybe) >= settings.possible_blocks:
            watch = replace(watch, possible_at=now, onset=maybe[0] - BLOCK_S)
        return watch


def _recent(times: tuple[float, ...], now: float, most: int, window: float) -> tuple[float, ...]:
    """The last few times with this one, those outside the window forgotten."""
    kept = times[-most + 1 :] if most > 1 else ()
    return (*(time for time in kept if time > now - window), now)
