"""What can happen to the core: its input, past tense. The counterpart of `commands`.

Each event is a fact about one call, one agent or the whole centre. Where it came from (Asterisk, a timer,
an operator) the core neither knows nor cares.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from siaga112.routing.commands import Command
from siaga112.routing.heard import Heard
from siaga112.routing.plan import Plan
from siaga112.routing.words import (
    AgentId,
    CallId,
    ChannelId,
    Failure,
    LegId,
    NumberSource,
    Outcome,
    Purpose,
    Refusal,
    Why,
)


@dataclass(frozen=True, slots=True)
class CallArrived:
    """A call reached us; `must_claim` when the dialplan waits for us to take it."""

    call_id: CallId
    channel_id: ChannelId
    number: str | None
    number_source: NumberSource
    restricted: bool
    dialled: str
    recording: str | None
    must_claim: bool


@dataclass(frozen=True, slots=True)
class CallerEntered:
    """The caller's channel is in our hands."""

    call_id: CallId


@dataclass(frozen=True, slots=True)
class AgentChosen:
    """The router picked an agent for this call."""

    call_id: CallId
    agent_id: AgentId
    endpoint: str


@dataclass(frozen=True, slots=True)
class LegRinging:
    """The agent's phone rings."""

    call_id: CallId
    leg: LegId


@dataclass(frozen=True, slots=True)
class LegAnswered:
    """The agent picked up and the channel is in our hands."""

    call_id: CallId
    leg: LegId


@dataclass(frozen=True, slots=True)
class LegGone:
    """A leg does not exist any more, or has left us; said any number of times."""

    call_id: CallId
    leg: LegId
    why: Why
    cause: int | None = None


@dataclass(frozen=True, slots=True)
class PromptEnded:
    """The n-th prompt of a call is over, by itself, by us or by a missing file."""

    call_id: CallId
    n: int


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A telephone key was pressed on a leg."""

    call_id: CallId
    leg: LegId
    digit: str


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a code means, and how they are rung.

    Attributes:
        agent_id: The seat, or where none of ours is rung the agency.
        shown: Whether that phone is shown the caller's number.
    """

    agent_id: AgentId
    endpoint: str
    agency: str | None = None
    inside: bool = True
    region: bool = False
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody in a talk asks for somebody else, by a code; answered by `TargetNamed`."""

    leg: LegId
    purpose: Purpose
    code: str


@dataclass(frozen=True, slots=True)
class TargetNamed:
    """The router looked up whom a code means, and whether that phone may be rung."""

    call_id: CallId
    asked: Asked
    target: Target | Refusal


@dataclass(frozen=True, slots=True)
class Barged:
    """A supervisor wants to be one more in the talk of an agent, with the phone that dialled the code."""

    call_id: CallId
    supervisor: AgentId
    agent_id: AgentId
    channel_id: ChannelId


@dataclass(frozen=True, slots=True)
class GuestGone:
    """The phone of somebody who was one more in the talk was hung up, or is out of our hands."""

    call_id: CallId
    channel_id: ChannelId


@dataclass(frozen=True, slots=True)
class HandOverOrdered:
    """A call that nobody answered yet shall go to the dialplan's fallback."""

    call_id: CallId
    reason: str
    outcome: Outcome = Outcome.OVERFLOWED


@dataclass(frozen=True, slots=True)
class RingWithdrawn:
    """The phone that rings for a call is needed by one that may be an emergency."""

    call_id: CallId


@dataclass(frozen=True, slots=True)
class Resumed:
    """An interruption is over: whether the caller is answered, and which legs really are in the bridge.

    Attributes:
        outside: Guests' phones that are in our hands and not in the bridge.
    """

    call_id: CallId
    answered: bool
    bridged: frozenset[LegId]
    outside: frozenset[ChannelId] = frozenset()


@dataclass(frozen=True, slots=True)
class TapAllowed:
    """It is this caller's turn to be listened to."""

    call_id: CallId


@dataclass(frozen=True, slots=True)
class CommandFailed:
    """A command did not do what it should."""

    command: Command
    failure: Failure


@dataclass(frozen=True, slots=True)
class DeadlinePassed:
    """A time that the state named has come."""


class Wish(StrEnum):
    """What an agent wants to be when nothing else is going on."""

    READY = "ready"
    PAUSED = "paused"
    LOGGED_OUT = "logged_out"


@dataclass(frozen=True, slots=True)
class CodeDialled:
    """Somebody dialled a feature code from the phone of an endpoint."""

    channel_id: ChannelId
    endpoint: str
    code: str


@dataclass(frozen=True, slots=True)
class PhonesSeen:
    """Which phones can be reached just now; every other one cannot. `busy`: which have a call of any kind."""

    reachable: frozenset[str]
    busy: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LegSight:
    """A leg as seen after an interruption; `ours` when the channel is in our application."""

    up: bool
    ours: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What Asterisk really has: every leg, bridge and reachable phone of ours."""

    legs: Mapping[tuple[CallId, LegId], LegSight]
    arrivals: tuple[CallArrived, ...]
    bridges: Mapping[CallId, frozenset[LegId]]
    reachable: frozenset[str]
    taps: frozenset[tuple[CallId, int]] = frozenset()
    """Which taps there are: of which call, and the how many-th."""
    busy: frozenset[str] = frozenset()
    """Which phones have a call, of any kind."""
    desks: Mapping[ChannelId, CallId | None] = field(default_factory=dict)
    """The phones that dialled a code and are in our hands, and in which call's bridge they are, if in any."""


@dataclass(frozen=True, slots=True)
class Resynced:
    """This is how things were when we asked: after an interruption, or in a routine look.

    What came into being after `asked_at` (Unix seconds) may be missing from the snapshot. In a routine
    look nothing was missed, so whatever does not agree is a fault to mend.
    """

    snapshot: Snapshot
    asked_at: float
    routine: bool = False


@dataclass(frozen=True, slots=True)
class ConnectionDropped:
    """Nothing reaches us from Asterisk until the next `Resynced`: decide nothing new."""


@dataclass(frozen=True, slots=True)
class PlanChanged:
    """The operator's plan has changed; calls in progress keep what they have."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class DrainOrdered:
    """Take no new calls; give those that wait to the dialplan's fallback."""


CallEvent = (
    CallerEntered
    | AgentChosen
    | LegRinging
    | LegAnswered
    | LegGone
    | PromptEnded
    | KeyPressed
    | TargetNamed
    | Barged
    | GuestGone
    | HandOverOrdered
    | RingWithdrawn
    | Resumed
    | TapAllowed
    | CommandFailed
    | DeadlinePassed
    | Heard
)
"""What a call in progress may meet."""

Event = (
    CallArrived
    | CallerEntered
    | LegRinging
    | LegAnswered
    | LegGone
    | PromptEnded
    | KeyPressed
    | CommandFailed
    | Heard
    | CodeDialled
    | PhonesSeen
    | Resynced
    | ConnectionDropped
    | PlanChanged
    | DrainOrdered
)
"""What the router may be told."""
