"""The feature codes of a call-taker's phone: what each does to the agent, and what the agent hears."""

from typing import assert_never

from siaga112.routing.agent import (
    Agent,
    AgentEvent,
    Available,
    LoggedOut,
    NotResponding,
    OnCall,
    Paused,
    Reserved,
    Ringing,
    Wished,
    WrapUp,
    WrapUpEnded,
)
from siaga112.routing.events import Wish
from siaga112.routing.words import Confirmation

_CODES: dict[str, tuple[AgentEvent, Confirmation]] = {
    "*11": (Wished(Wish.READY), Confirmation.READY),
    "*12": (Wished(Wish.PAUSED), Confirmation.PAUSED),
    "*13": (Wished(Wish.LOGGED_OUT), Confirmation.LOGGED_OUT),
    "*14": (WrapUpEnded(), Confirmation.WRAP_UP_ENDED),
}


def said(code: str, agent: Agent) -> tuple[AgentEvent | None, Confirmation]:
    """Say what a code does, and what is spoken in return; `*19` only asks."""
    if code == "*19":
        return None, _state_of(agent)
    return _CODES.get(code, (None, Confirmation.UNKNOWN))


def _state_of(agent: Agent) -> Confirmation:
    match agent.state:
        case Available() | Reserved() | Ringing():
            return Confirmation.STATE_READY
        case Paused():
            return Confirmation.STATE_PAUSED
        case LoggedOut():
            return Confirmation.STATE_LOGGED_OUT
        case OnCall():
            return Confirmation.STATE_ON_CALL
        case WrapUp():
            return Confirmation.STATE_WRAP_UP
        case NotResponding():
            return Confirmation.STATE_NOT_RESPONDING
        case _:
            assert_never(agent.state)
