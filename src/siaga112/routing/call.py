"""One call as a frozen value, and the words of its states.

`step` in `steps` is the only thing that makes a new one. A timer is a field here (`until`), never an object.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from siaga112.routing.plan import Timings
from siaga112.routing.words import (
    AgentId,
    CallId,
    ChannelId,
    EndedBy,
    LegId,
    NumberSource,
    Outcome,
    ServedBy,
)


class Presence(StrEnum):
    """Where the caller's channel is."""

    ARRIVING = "arriving"
    PRESENT = "present"
    LEAVING = "leaving"
    """We hung it up or handed it over, and wait to see it gone."""
    GONE = "gone"


class Stage(StrEnum):
    """How far an agent's leg is."""

    DIALLING = "dialling"
    ANSWERED = "answered"
    DYING = "dying"
    """We hung it up and wait to see it gone."""


@dataclass(frozen=True, slots=True)
class AgentLeg:
    """A phone of ours that rings, talks or is being hung up; `until`: next ring or hang-up deadline."""

    leg: LegId
    agent_id: AgentId
    stage: Stage
    since: float
    """When it was dialled."""
    until: float | None


@dataclass(frozen=True, slots=True)
class Offered:
    """Arrived, not yet in our hands, and no phone rings for it."""


@dataclass(frozen=True, slots=True)
class Queued:
    """In our hands, and no phone rings for it."""


@dataclass(frozen=True, slots=True)
class Ringing:
    """At least one phone rings, or was answered a moment before the caller came into our hands."""


@dataclass(frozen=True, slots=True)
class Connected:
    """Caller and agent talk."""

    leg: LegId
    agent_id: AgentId


@dataclass(frozen=True, slots=True)
class Clearing:
    """The outcome is known; legs are still to go."""

    by: EndedBy
    outcome: Outcome
    served_by: ServedBy
    until: float


@dataclass(frozen=True, slots=True)
class Ended:
    """No leg is left."""


Phase = Offered | Queued | Ringing | Connected | Clearing | Ended


@dataclass(frozen=True, slots=True)
class Silence:
    """The caller hears nothing from us."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """The caller hears the n-th prompt."""

    n: int


@dataclass(frozen=True, slots=True)
class Holding:
    """The caller hears the hold sound."""


Sound = Silence | Hearing | Holding


@dataclass(frozen=True, slots=True)
class Caller:
    """Who called, as far as the trunk tells."""

    channel_id: ChannelId
    number: str | None
    number_source: NumberSource
    restricted: bool
    dialled: str
    recording: str | None


@dataclass(frozen=True, slots=True)
class Call:
    """Everything that is known of one call."""

    id: CallId
    caller: Caller
    language: str
    timings: Timings
    queued_at: float
    phase: Phase
    presence: Presence = Presence.ARRIVING
    legs: tuple[AgentLeg, ...] = ()
    sound: Sound = field(default_factory=Silence)
    band: int = 1
    journaled: int = 0
    prompts: int = 0
    offers: int = 0
    rounds_of_waiting: int = 0
    arrive_by: float | None = None
    """Until when a claimed call must have come into our hands."""
    speak_at: float | None = None
    """When the waiting caller is spoken to next."""
    bridged: bool = False
    talked: bool = False
    cause: int | None = None
    troubles: int = 0

    def leg(self, leg: LegId) -> AgentLeg | None:
        """Find an agent leg that is not gone yet."""
        return next((one for one in self.legs if one.leg == leg), None)

    @property
    def waits(self) -> bool:
        """Whether the call stands in the queue for an agent (no phone rings for it)."""
        return isinstance(self.phase, Offered | Queued)

    @property
    def alive(self) -> bool:
        """Whether any leg of it may still exist."""
        return self.presence is not Presence.GONE or bool(self.legs)

    @property
    def deadline(self) -> float | None:
        """The next time at which the call wants to be looked at."""
        times = [one.until for one in self.legs if one.until is not None]
        match self.phase:
            case Clearing(until=until):
                times.append(until)
            case Offered() | Queued() | Ringing():
                times += [one for one in (self.arrive_by, self.speak_at) if one is not None]
            case Connected() | Ended():
                pass
        return min(times, default=None)


def outcome_of(call: Call, *, now: float) -> Outcome:
    """Say where a call that ends now has ended, most telling first (domain: the two axes)."""
    if call.talked:
        return Outcome.ANSWERED
    if any(one.stage is not Stage.DYING for one in call.legs):
        return Outcome.ABANDONED_RINGING
    if call.presence is Presence.ARRIVING and not call.offers:
        return Outcome.ABANDONED_SETUP
    if not call.offers and now - call.queued_at <= call.timings.short_abandon:
        return Outcome.SHORT_ABANDON
    return Outcome.ABANDONED_QUEUE
