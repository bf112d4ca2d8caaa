"""What can happen to one call-taker, past tense."""

from dataclasses import dataclass

from siaga112.routing.events import DeadlinePassed, Wish
from siaga112.routing.words import CallId, LegId, OfferResult


@dataclass(frozen=True, slots=True)
class Wished:
    """The agent dialled what they want to be."""

    wish: Wish


@dataclass(frozen=True, slots=True)
class Chosen:
    """A call is offered to the agent."""

    call_id: CallId
    leg: LegId


@dataclass(frozen=True, slots=True)
class Invited:
    """The agent is asked into the talk of a colleague, whatever they are doing."""

    call_id: CallId
    leg: LegId


@dataclass(frozen=True, slots=True)
class Uninvited:
    """Nothing came of it."""


@dataclass(frozen=True, slots=True)
class PhoneRang:
    """The phone rings."""


@dataclass(frozen=True, slots=True)
class PickedUp:
    """The agent answered."""


@dataclass(frozen=True, slots=True)
class OfferLost:
    """The offer came to nothing."""

    result: OfferResult


@dataclass(frozen=True, slots=True)
class PhoneFree:
    """No leg of ours is left on the phone."""


@dataclass(frozen=True, slots=True)
class Reached:
    """The phone became reachable, or stopped being so."""

    reachable: bool


@dataclass(frozen=True, slots=True)
class Watches:
    """The agent began to take part in a colleague's talk by a code, or has hung up again."""

    on: bool


@dataclass(frozen=True, slots=True)
class WrapUpEnded:
    """The agent asked for the next call."""


AgentEvent = (
    Wished
    | Chosen
    | Invited
    | Uninvited
    | PhoneRang
    | PickedUp
    | OfferLost
    | PhoneFree
    | Reached
    | Watches
    | WrapUpEnded
    | DeadlinePassed
)
