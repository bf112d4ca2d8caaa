"""One call-taker as a frozen value: what they wish to be, what they are, and whether the phone is free.

    logged_out ⇄ available ⇄ paused          reserved ──► ringing ──► on_call ──► wrap_up ──► (the wish)
                     │  ▲                        ▲            │
                     ▼  └────────────────────────┼────────────┘  not answered: not_responding
                     └───────────────────────────┘

An agent is offered a call only when available, reachable, and with no leg of ours on the phone: a phone that
is still being hung up is not free. Every state that is not a rest state ends with its leg or at its deadline.
"""

from dataclasses import dataclass, replace
from typing import assert_never

from siaga112.routing.events import DeadlinePassed, Wish
from siaga112.routing.happenings import (
    AgentEvent,
    Chosen,
    Invited,
    OfferLost,
    PhoneFree,
    PhoneRang,
    PickedUp,
    Reached,
    Uninvited,
    Watches,
    Wished,
    WrapUpEnded,
)
from siaga112.routing.plan import Timings
from siaga112.routing.words import AgentId, CallId, LegId, OfferResult


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """Not on duty."""

    name = "logged_out"


@dataclass(frozen=True, slots=True)
class Paused:
    """On duty, and takes no calls just now."""

    name = "paused"


@dataclass(frozen=True, slots=True)
class Available:
    """Ready for the next call."""

    name = "available"


@dataclass(frozen=True, slots=True)
class Reserved:
    """Chosen; the phone does not ring yet."""

    until: float
    name = "reserved"


@dataclass(frozen=True, slots=True)
class Ringing:
    """The phone rings."""

    until: float
    name = "ringing"


@dataclass(frozen=True, slots=True)
class OnCall:
    """Talks to a caller."""

    name = "on_call"


@dataclass(frozen=True, slots=True)
class WrapUp:
    """After-call work."""

    until: float
    name = "wrap_up"


@dataclass(frozen=True, slots=True)
class NotResponding:
    """Was offered a call in vain; without `until`, out until the agent shows life."""

    result: OfferResult
    until: float | None
    name = "not_responding"


_OVERDUE = 10.0
"""Seconds after the ring time in which an offer must have ended; else we have lost sight of it."""

AgentState = LoggedOut | Paused | Available | Reserved | Ringing | OnCall | WrapUp | NotResponding


_RESTS: dict[Wish, AgentState] = {
    Wish.READY: Available(),
    Wish.PAUSED: Paused(),
    Wish.LOGGED_OUT: LoggedOut(),
}


@dataclass(frozen=True, slots=True)
class Agent:
    """Everything that is known of one agent."""

    id: AgentId
    endpoint: str
    wish: Wish = Wish.LOGGED_OUT
    state: AgentState = LoggedOut()
    reachable: bool = False
    phone: tuple[CallId, LegId] | None = None
    """The leg of ours that the phone has, if any."""
    aside: AgentState | None = None
    """What they were doing when a colleague asked for them."""
    watches: bool = False
    """The phone is used to take part in a colleague's talk: it is rung only where no other can be."""
    missed: bool = False
    """Did not pick up the last call that was offered: others who are free are rung first."""
    idle_since: float = 0.0
    """Since when the agent has waited for a call; one that was cancelled soon does not count."""

    @property
    def choosable(self) -> bool:
        """Whether the next call may go to this agent."""
        return isinstance(self.state, Available) and self.reachable and self.phone is None

    @property
    def on_duty(self) -> bool:
        """Whether the agent takes calls, now or as soon as the present one is over."""
        return self.reachable and not isinstance(self.state, LoggedOut | Paused)

    @property
    def deadline(self) -> float | None:
        """When the state ends by itself."""
        match self.state:
            case WrapUp(until=until) | NotResponding(until=until):
                return until
            case Reserved(until=until) | Ringing(until=until):
                return until
            case _:
                return None

    @property
    def state_name(self) -> str:
        """The state's name in tables and metrics."""
        if isinstance(self.state, Available) and not self.reachable:
            return "unreachable"
        return self.state.name

    @property
    def reason(self) -> str | None:
        """Why, where the state alone does not say it."""
        return self.state.result.value if isinstance(self.state, NotResponding) else None


def step(agent: Agent, event: AgentEvent, timings: Timings, now: float) -> Agent:
    """Let one event happen to an agent."""
    match event:
        case Wished(wish):
            return _wish(agent, wish, now)
        case Chosen(call_id, leg):
            until = now + timings.ring + _OVERDUE
            return replace(agent, state=Reserved(until), phone=(call_id, leg))
        case Invited(call_id, leg):
            until = now + timings.transfer + _OVERDUE
            return replace(agent, state=Reserved(until), phone=(call_id, leg), aside=agent.state)
        case Uninvited():
            return replace(agent, state=_back_to(agent), aside=None)
        case PhoneRang():
            match agent.state:
                case Reserved(until=until):
                    return replace(agent, state=Ringing(until))
                case _:
                    return agent
        case PickedUp():
            return replace(agent, state=OnCall(), aside=None, missed=False)
        case OfferLost(result):
            return _lose_offer(agent, result, timings, now)
        case PhoneFree():
            return _free(agent, timings, now)
        case Reached(reachable):
            return replace(agent, reachable=reachable)
        case Watches(on):
            return replace(agent, watches=on)
        case WrapUpEnded():
            return _rest(agent, now) if isinstance(agent.state, WrapUp) else agent
        case DeadlinePassed():
            return _overdue(agent, timings, now)
        case _:
            assert_never(event)


def _rest(agent: Agent, now: float) -> Agent:
    return replace(agent, state=_RESTS[agent.wish], idle_since=now)


def _back_to(agent: Agent) -> AgentState:
    """A colleague's call that they did not take is not held against anybody."""
    match agent.aside:
        case WrapUp() | NotResponding() as resting if agent.wish is Wish.READY:
            return resting
        case _:
            return _RESTS[agent.wish]


def _overdue(agent: Agent, timings: Timings, now: float) -> Agent:
    """A state has lasted as long as it may."""
    if agent.deadline is None or agent.deadline > now:
        return agent
    if isinstance(agent.state, Reserved | Ringing):
        rest = NotResponding(OfferResult.UNREACHABLE, now + timings.busy_rest)
        return replace(agent, state=rest, phone=None)
    return _rest(agent, now)


def _wish(agent: Agent, wish: Wish, now: float) -> Agent:
    wished = replace(agent, wish=wish)
    match agent.state:
        case Available() if wish is Wish.READY:
            return wished
        case LoggedOut() | Paused() | Available() | WrapUp() | NotResponding():
            return _rest(wished, now)
        case Reserved() | Ringing() | OnCall():
            return wished  # Takes effect when the call is over.
        case _:
            assert_never(agent.state)


def _lose_offer(agent: Agent, result: OfferResult, timings: Timings, now: float) -> Agent:
    match result:
        case OfferResult.RONA:
            return replace(agent, state=NotResponding(result, None), missed=True)
        case OfferResult.BUSY | OfferResult.UNREACHABLE:
            return replace(agent, state=NotResponding(result, now + timings.busy_rest))
        case OfferResult.RING_CANCELLED | OfferResult.ANSWERED_ELSEWHERE:
            idle_since = now if _rang_long(agent, timings, now) else agent.idle_since
            return replace(agent, state=_RESTS[agent.wish], idle_since=idle_since)
        case OfferResult.ANSWERED:
            return agent
        case _:
            assert_never(result)


def _rang_long(agent: Agent, timings: Timings, now: float) -> bool:
    """Whether a phone that stops ringing did so for half its time: whoever it is may not be there.

    As the longest idle it would have every next call, too, whose callers give up one after the other.
    """
    if not isinstance(agent.state, Reserved | Ringing):
        return False
    return agent.state.until - _OVERDUE - now <= timings.ring / 2


def _free(agent: Agent, timings: Timings, now: float) -> Agent:
    freed = replace(agent, phone=None)
    if not isinstance(agent.state, OnCall):
        return freed
    if timings.wrap_up > 0:
        return replace(freed, state=WrapUp(now + timings.wrap_up))
    return _rest(freed, now)


def wish_of(state_name: str) -> Wish:
    """Say what an agent wished to be who was last seen in a state; whoever was at work is ready."""
    match state_name:
        case "logged_out":
            return Wish.LOGGED_OUT
        case "paused":
            return Wish.PAUSED
        case _:
            return Wish.READY
