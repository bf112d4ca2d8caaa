"""What the journal says of a caller who is listened to: the evidence for every flag, and every flag.

Each is one row of `call_event`, as those of `entries` are.
"""

from dataclasses import dataclass
from typing import ClassVar

from siaga112.routing.heard import Line
from siaga112.routing.words import LegId, Sign, Suspicion


@dataclass(frozen=True, slots=True)
class ListeningBegan:
    """The ear hears the caller, for the n-th time."""

    kind: ClassVar = "listening_began"
    n: int


@dataclass(frozen=True, slots=True)
class ClassChanged(Line):
    """The caller's line is taken for something else than before."""

    kind: ClassVar = "class_changed"


@dataclass(frozen=True, slots=True)
class VoiceBegan:
    """The caller was heard to speak, or may have been; the voice began then (Unix seconds)."""

    kind: ClassVar = "voice_began"
    since: float


@dataclass(frozen=True, slots=True)
class SoundAnswered:
    """Something stood out from the rest right after the caller was asked for a sign of life."""

    kind: ClassVar = "sound_answered"
    after_s: float
    rise_db: float


@dataclass(frozen=True, slots=True)
class Suspected:
    """The machine's advice from now on; `none` takes it back."""

    kind: ClassVar = "suspected"
    suspicion: Suspicion
    reason: str


@dataclass(frozen=True, slots=True)
class Challenged:
    """The caller is asked for a sign of life."""

    kind: ClassVar = "challenged"


@dataclass(frozen=True, slots=True)
class ChallengeEnded:
    """The caller gave a sign of life, or none; sounds that are usual on this line are neither."""

    kind: ClassVar = "challenge_ended"
    sign: Sign | None
    sounds: int = 0
    usual: int = 0


@dataclass(frozen=True, slots=True)
class Beeped:
    """The call-taker was told by a soft beep that nothing is heard."""

    kind: ClassVar = "beeped"
    leg: LegId


@dataclass(frozen=True, slots=True)
class ListeningEnded(Line):
    """The ear hears the caller no more; what the line was like."""

    kind: ClassVar = "listening_ended"


Evidence = (
    ListeningBegan
    | ClassChanged
    | VoiceBegan
    | SoundAnswered
    | Suspected
    | Challenged
    | ChallengeEnded
    | Beeped
    | ListeningEnded
)
