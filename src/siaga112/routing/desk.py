"""The feature codes of a phone that is in no talk: what each does to the agent, and what the agent hears."""

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
from siaga112.routing.words import AgentId, Confirmation, Watching

_CODES: dict[str, tuple[AgentEvent, Confirmation]] = {
    "*11": (Wished(Wish.READY), Confirmation.READY),
    "*12": (Wished(Wish.PAUSED), Confirmation.PAUSED),
    "*13": (Wished(Wish.LOGGED_OUT), Confirmation.LOGGED_OUT),
    "*14": (WrapUpEnded(), Confirmation.WRAP_UP_ENDED),
}

_WATCHING = {"*31": Watching.LISTEN, "*32": Watching.WHISPER, "*33": Watching.BARGE}


def watching(code: str) -> tuple[Watching, AgentId] | None:
    """Say whose talk a code is about, and how it is to be watched; None if it is no such code."""
    how, whom = _WATCHING.get(code[:3]), code[3:]
    return None if how is None or not whom else (how, AgentId(whom))


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
