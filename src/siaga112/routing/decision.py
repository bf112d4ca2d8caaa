"""What comes of one event: what to do, what to write down, and what looks different from now on."""

from dataclasses import dataclass, field
from typing import NamedTuple

from siaga112.routing.callers import Memory
from siaga112.routing.commands import Command
from siaga112.routing.entries import Journaled
from siaga112.routing.words import AgentId, CallId, QueueState


@dataclass(frozen=True, slots=True)
class AgentChange:
    """An agent's state as tables and metrics know it, from now on."""

    agent_id: AgentId
    state: str
    reason: str | None
    since: float
    before: str | None = None
    before_reason: str | None = None
    before_since: float | None = None


class LastSeen(NamedTuple):
    """How an agent was seen last, by an earlier run too."""

    state: str
    reason: str | None
    since: float


@dataclass(slots=True)
class Decision:
    """What came of one event: commands in order, journal entries in order, agents that changed."""

    commands: list[Command] = field(default_factory=list)
    journal: list[Journaled] = field(default_factory=list)
    agents: list[AgentChange] = field(default_factory=list)
    mended: list[tuple[CallId, str]] = field(default_factory=list)
    """What a routine look found that events had not told, and of which call."""
    memory: list[Memory] = field(default_factory=list)
    """What a restarted router must know again."""
    queue: QueueState | None = None
    """How the queue stands from now on, where that is new."""
