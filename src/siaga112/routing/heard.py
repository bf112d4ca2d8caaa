"""What the ear tells of a caller, in the core's words. Advice: nothing of it ends a call.

Plain values. Who hears, and how, the core does not know; that nobody hears any more is told as well.
"""

from dataclasses import dataclass

from siaga112.routing.words import AudioClass, CallId


@dataclass(frozen=True, slots=True)
class Line:
    """What a caller's line has been like since it is listened to; levels in dB below full scale."""

    audio_class: AudioClass | None = None
    """None: too early to say."""
    voice_seconds: float = 0.0
    heard_s: float = 0.0
    """Sound that came."""
    packets: int = 0
    bursts: int = 0
    """How often something stood out from the rest."""
    level_dbfs: float | None = None
    """The median."""
    level_p95_dbfs: float | None = None
    floor_dbfs: float | None = None
    levels: tuple[int, ...] = ()
    """How many blocks of 32 ms were at each level, in steps of 5 dB from -80 dBFS up."""

    def __post_init__(self) -> None:
        """JSON knows no tuples."""
        object.__setattr__(self, "levels", tuple(self.levels))


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that the n-th tap of a call brought."""

    call_id: CallId
    tap: int


@dataclass(frozen=True, slots=True)
class ClassHeard(Heard):
    """The line is taken for something else than before."""

    line: Line


@dataclass(frozen=True, slots=True)
class VoiceHeard(Heard):
    """Speech became possible for the first time; it began at `since`."""

    since: float


@dataclass(frozen=True, slots=True)
class SoundHeard(Heard):
    """Something stood out from the rest, at that time and by so many dB."""

    at: float
    rise_db: float


@dataclass(frozen=True, slots=True)
class KeyToned(Heard):
    """A key was heard as tones in the sound."""

    digit: str


@dataclass(frozen=True, slots=True)
class LineSummed(Heard):
    """How the line stands just now."""

    line: Line


@dataclass(frozen=True, slots=True)
class EarLost(Heard):
    """This caller is heard no more, though nobody wanted that."""
