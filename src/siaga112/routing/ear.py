"""What a call knows of its caller's line: a frozen value, as the call is. Timers are fields of it."""

from dataclasses import dataclass, field

from siaga112.routing.heard import Line
from siaga112.routing.plan import Listening
from siaga112.routing.words import AudioClass, Sign

PERSON = frozenset({AudioClass.SPEAKING, AudioClass.POSSIBLE_SPEECH, AudioClass.DTMF_RESPONSE})
"""Somebody was there."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """A caller of whom nothing is heard is asked for a sign of life."""

    prompt: int
    """The prompt that asks."""
    asked_at: float | None = None
    """When it had been played; None: it still is."""
    again_at: float | None = None
    """When it is asked once more."""
    until: float | None = None
    """When it is given up."""
    usual: int = 0
    """How many sounds the line had in as long a time before."""
    sounds: int = 0
    """How many it has had since that came in time for an answer ..."""
    lately: int = 0
    """... and of those, since the question was last put."""
    stirred: bool = False
    """Whether anything at all was heard since."""


@dataclass(frozen=True, slots=True)
class Press:
    """The caller's last key: told by the network, or heard as tones; one press may be both."""

    digit: str
    at: float
    toned: bool
    told_twice: bool = False

    def other_way(self, later: "Press") -> bool:
        """Whether a later one is this one again, told the other way."""
        return not self.told_twice and self.digit == later.digit and self.toned != later.toned


@dataclass(frozen=True, slots=True)
class Ear:
    """All that was heard, and what is still to be waited for."""

    rules: Listening
    taps: int = 0
    """How often the caller has been listened to."""
    wanted_at: float | None = None
    """From when on they should be, whenever their turn comes; None: they are already, or need not be."""
    open: bool = False
    """Whether they are just now."""
    since: float = 0.0
    """Since when."""
    decides_at: float = 0.0
    """When who was not heard until then is said to be silent."""
    line: Line = field(default_factory=Line)
    person: bool = False
    """Somebody has spoken, perhaps spoken, or pressed a key."""
    sign: Sign | None = None
    """How the challenge was answered."""
    asked: bool = False
    """A caller is asked for a sign of life once."""
    asks: bool = False
    """The question is due, and waits for the prompt that plays."""
    ask_at: float | None = None
    challenge: Challenge | None = None
    sounds: tuple[float, ...] = ()
    """When something stood out from the rest, of late."""
    beep_at: float | None = None
    close_at: float | None = None
    press: Press | None = None

    @property
    def nobody(self) -> bool:
        """Whether the line is up, is listened to, and nobody was ever heard on it."""
        heard = self.line.audio_class
        return self.open and not self.person and heard is not None and heard not in PERSON

    @property
    def deadline(self) -> float | None:
        """The next time at which something is due."""
        times = [self.ask_at, self.beep_at, self.close_at]
        if self.challenge is not None:
            times += [self.challenge.again_at, self.challenge.until]
        return min((one for one in times if one is not None), default=None)
