"""What the journal says of a talk: hold, who is asked in, comes and leaves, and who listens.

Each is one row of `call_event`, as those of `entries` are.
"""

from dataclasses import dataclass
from typing import ClassVar

from siaga112.routing.words import AgentId, ChannelId, LegId, OfferResult, Purpose, Refusal, Watching


@dataclass(frozen=True, slots=True)
class Held:
    """The caller was taken out of the talk and hears music; `leg` saw to that."""

    kind: ClassVar = "held"
    leg: LegId
    agent_id: AgentId | None


@dataclass(frozen=True, slots=True)
class Resumed:
    """The caller is in the talk again."""

    kind: ClassVar = "resumed"


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody is being rung who shall come into the talk.

    Attributes:
        agent_id: The seat, or where none of ours is rung the agency.
        agency: The agency of the plan, if it was one that was asked for.
        asked: The leg that asked for it.
        inside: A seat of ours, whose keys may be codes.
        region: The centre of another region.
    """

    kind: ClassVar = "invited"
    leg: LegId
    agent_id: AgentId
    agency: str | None
    purpose: Purpose
    asked: LegId
    inside: bool
    region: bool


@dataclass(frozen=True, slots=True)
class InviteEnded:
    """That phone was answered, and whoever it was is in the talk; or it rings no more."""

    kind: ClassVar = "invite_ended"
    leg: LegId
    agent_id: AgentId
    agency: str | None
    result: OfferResult


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody was let go while the talk goes on without them."""

    kind: ClassVar = "left"
    leg: LegId
    agent_id: AgentId


@dataclass(frozen=True, slots=True)
class CodeRefused:
    """A code that was pressed during the talk came to nothing."""

    kind: ClassVar = "code_refused"
    agent_id: AgentId
    code: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Watched:
    """A supervisor began to listen to the talk of a call-taker, or more.

    Attributes:
        channel_id: The phone, where it is one more in the talk.
    """

    kind: ClassVar = "watched"
    supervisor: AgentId
    agent_id: AgentId
    watching: Watching
    channel_id: ChannelId | None = None


@dataclass(frozen=True, slots=True)
class WatchEnded:
    """A supervisor who was one more in the talk is so no longer."""

    kind: ClassVar = "watch_ended"
    supervisor: AgentId
    channel_id: ChannelId


Talk = Held | Resumed | Invited | InviteEnded | Left | CodeRefused | Watched | WatchEnded
