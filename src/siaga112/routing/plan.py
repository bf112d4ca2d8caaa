"""The centre's plan, as the core needs it: who may take calls, and the times that rule them.

Plain values; reading and checking the operator's file is `siaga112.config`'s business.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from siaga112.routing.words import AgentId


@dataclass(frozen=True, slots=True)
class Seat:
    """One call-taker and the phone in front of them."""

    agent_id: AgentId
    endpoint: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Timings:
    """All times in seconds."""

    ring: float = 8.0
    """How long a phone rings before the next one is tried."""
    wrap_up: float = 20.0
    """Rest after a call; 0 for none."""
    wait_prompt: float = 20.0
    """How often a waiting caller is spoken to."""
    short_abandon: float = 5.0
    """A caller who leaves before this, without any phone having rung, is a short abandon."""
    arrival: float = 3.0
    """How long a claimed call may take to come into our hands."""
    busy_rest: float = 10.0
    """How long a phone that was busy or unreachable is left in peace."""
    clearing: float = 3.0
    """How often a hang-up that had no effect is repeated."""


LEASE: Final = 45
"""Seconds after which the dialplan takes a waiting caller back from a daemon that has gone silent."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything the router is told by the operator."""

    centre: str
    language: str = "id"
    timings: Timings = field(default_factory=Timings)
    seats: Mapping[AgentId, Seat] = field(default_factory=dict)
