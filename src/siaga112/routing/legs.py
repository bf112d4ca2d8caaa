"""The legs of a call as frozen values: the caller, the phones that ring or talk, and guests."""

from dataclasses import dataclass
from enum import StrEnum

from siaga112.routing.words import OVERFLOW, AgentId, ChannelId, LegId, NumberSource, Purpose


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
    BRIEFED = "briefed"
    """Picked up, and hears a word about the caller before the talk."""
    ANSWERED = "answered"
    DYING = "dying"
    """We hung it up and wait to see it gone."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a phone is rung for during a talk.

    Attributes:
        asked: The leg that asked for it.
        inside: A seat of ours.
        region: The centre of another region.
    """

    purpose: Purpose
    asked: LegId
    agency: str | None
    inside: bool
    region: bool


@dataclass(frozen=True, slots=True)
class AgentLeg:
    """A phone that rings, talks or is being hung up; `until`: next ring or hang-up deadline."""

    leg: LegId
    agent_id: AgentId
    stage: Stage
    since: float
    """When it was dialled."""
    until: float | None
    briefing: int = 0
    """Which prompt this agent hears."""
    invited: Invitation | None = None
    """Asked into a talk; None: rung for a call that waits."""
    keys: str = ""
    """The code that is being pressed."""
    keyed_at: float = 0.0
    """When its last key was pressed."""

    @property
    def inside(self) -> bool:
        """Whether it is a seat of ours, whose keys may be codes."""
        return self.agent_id != OVERFLOW if self.invited is None else self.invited.inside


@dataclass(frozen=True, slots=True)
class Guest:
    """A supervisor who is one more in the talk, unasked: whose coming and going changes nothing else."""

    agent_id: AgentId
    channel_id: ChannelId
    since: float


@dataclass(frozen=True, slots=True)
class Caller:
    """Who called, as far as the trunk tells."""

    channel_id: ChannelId
    number: str | None
    number_source: NumberSource
    restricted: bool
    dialled: str
    recording: str | None
