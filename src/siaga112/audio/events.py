"""What the ear says: small frozen facts, on the clock of the audio, that know nothing of calls.

Names of classes and suspicions are the ones that records, dashboards and scripts rely on.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum


class AudioClass(StrEnum):
    """What is on the line."""

    SPEAKING = "speaking"
    POSSIBLE_SPEECH = "possible_speech"
    NOISE_ONLY = "noise_only"
    SILENT = "silent"
    NO_AUDIO = "no_audio"
    DTMF_RESPONSE = "dtmf_response"
    TONE_MACHINE = "tone_machine"


class Suspicion(StrEnum):
    """What the ear advises; others (repeat_suspect …) come from elsewhere."""

    NONE = "none"
    SILENT_SUSPECT = "silent_suspect"
    GHOST_SUSPECT = "ghost_suspect"


SUSPICION: dict[AudioClass, Suspicion] = {
    AudioClass.SPEAKING: Suspicion.NONE,
    AudioClass.POSSIBLE_SPEECH: Suspicion.NONE,
    AudioClass.DTMF_RESPONSE: Suspicion.NONE,
    # Somebody may be there whom we cannot hear: a dead microphone, a lost direction of the audio.
    AudioClass.SILENT: Suspicion.SILENT_SUSPECT,
    AudioClass.NO_AUDIO: Suspicion.SILENT_SUSPECT,
    AudioClass.NOISE_ONLY: Suspicion.GHOST_SUSPECT,
    AudioClass.TONE_MACHINE: Suspicion.GHOST_SUSPECT,
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a verdict is what it is; times in seconds from when listening began."""

    heard_s: float
    """Audio that came and was looked at."""
    packets: int
    spoken_s: float | None
    """When SPOKEN was reached."""
    possible_s: float | None
    """When POSSIBLE was reached."""
    utterances: int
    """Lone sounds as long as a word on a quiet line."""
    keys: str
    bursts: int
    first_burst_s: float | None
    tone_hz: float | None
    tone_seconds: float
    level_dbfs: float | None
    """Median level of the telephone band."""
    level_p95_dbfs: float | None
    floor_dbfs: float | None
    digital_silence_share: float
    """How much of what was heard was the code for nothing."""
    levels: tuple[int, ...] = ()
    """How many blocks were at each level, in steps of 5 dB from -80 dBFS up."""

    def __post_init__(self) -> None:
        """JSON knows no tuples."""
        object.__setattr__(self, "levels", tuple(self.levels))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the line is taken for from now on, until the next verdict."""

    audio_class: AudioClass
    suspicion: Suspicion
    voice_seconds: float
    first_voice_s: float | None
    decided_s: float
    evidence: Evidence

    def as_json(self) -> dict[str, object]:
        """For a record, or a line of output."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class FirstVoice:
    """Speech became possible for the first time; onset is when the voice began."""

    at: float
    onset: float


@dataclass(frozen=True, slots=True)
class Burst:
    """Something was heard above the floor."""

    at: float
    rise_db: float


@dataclass(frozen=True, slots=True)
class Key:
    """A key was pressed, in the audio or as an event of the telephone network."""

    at: float
    digit: str


@dataclass(frozen=True, slots=True)
class ToneHeard:
    """A machine's tone has been stable for long enough."""

    at: float
    hertz: float


@dataclass(frozen=True, slots=True)
class ClassChanged:
    """The verdict is another than before; `was` is None for the first one of a call."""

    at: float
    was: AudioClass | None
    verdict: Verdict


EarEvent = FirstVoice | Burst | Key | ToneHeard | ClassChanged
