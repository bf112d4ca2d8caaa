"""The feature codes of a phone that is in no talk: who may, what each does, and what is heard in return."""

from typing import assert_never

from siaga112.routing import happenings, ids
from siaga112.routing.agent import (
    Agent,
    Available,
    LoggedOut,
    NotResponding,
    OnCall,
    Paused,
    Reserved,
    Ringing,
    WrapUp,
)
from siaga112.routing.callers import Memory
from siaga112.routing.commands import Confirm, Watch
from siaga112.routing.decision import Decision
from siaga112.routing.events import Barged, CodeDialled, Wish
from siaga112.routing.floor import Floor
from siaga112.routing.happenings import AgentEvent, Wished, WrapUpEnded
from siaga112.routing.plan import Tier
from siaga112.routing.supervision import LastCall, Supervision, is_order
from siaga112.routing.talks import Watched
from siaga112.routing.words import AgentId, ChannelId, Confirmation, LegId, Watching

SURGE = "a mass event"
"""Under this name it is remembered that one was declared."""

_SURGE_KNOWN = 7 * 24 * 3600.0
"""Seconds for which a restarted router knows it."""

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


def answer_code(floor: Floor, event: CodeDialled, now: float, decision: Decision) -> None:
    """An agent dialled a feature code: let it take effect, and say so."""
    known = floor.staff.by_phone(event.endpoint)
    confirmation = Confirmation.UNKNOWN
    if known is not None and (wanted := watching(event.code)) is not None:
        _watch(floor, known, event.channel_id, *wanted, now, decision)
        return
    if known is not None:
        floor.staff.happens(known.id, happenings.Reached(reachable=True), now)
        if is_order(event.code):
            confirmation = _order(floor, event.code, known.id, now, decision)
        else:
            effect, confirmation = said(event.code, known)
            if effect is not None:
                floor.staff.happens(known.id, effect, now)
    decision.commands.append(Confirm(event.channel_id, confirmation))


def _order(floor: Floor, code: str, agent_id: AgentId, now: float, decision: Decision) -> Confirmation:
    """A supervisor's order: what it changes outlives us."""
    before = floor.surge.ordered
    supervision = Supervision(floor.callers, floor.surge)
    done = supervision.order(code, agent_id, floor.last_calls.get(agent_id), floor.plan, now)
    if done.line is not None:
        decision.journal.append(done.line)
    if floor.surge.ordered != before:
        until = now + _SURGE_KNOWN if floor.surge.ordered else now
        decision.memory.append(Memory(SURGE, until, {}))
    return done.confirmation


def _watch(  # noqa: PLR0913, PLR0917 - who, by which phone, how, whom
    floor: Floor,
    supervisor: Agent,
    channel: ChannelId,
    how: Watching,
    agent_id: AgentId,
    now: float,
    decision: Decision,
) -> None:
    """Let a supervisor take part in a talk unasked; nobody else may."""
    seat, watched = floor.plan.seats.get(supervisor.id), floor.staff.agents.get(agent_id)
    if seat is None or seat.tier is not Tier.SUPERVISOR:
        decision.commands.append(Confirm(channel, Confirmation.NOT_ALLOWED))
        return
    call_id, leg = watched.phone if watched is not None and watched.phone is not None else (None, None)
    call = None if call_id is None else floor.calls.get(call_id)
    if call is None or leg not in {one.leg for one in call.talkers}:
        decision.commands.append(Confirm(channel, Confirmation.NOT_TALKING))
        return
    floor.last_calls[supervisor.id] = LastCall(call.id, call.caller.number)
    floor.staff.happens(supervisor.id, happenings.Watches(on=True), now)
    if how is Watching.BARGE:
        floor.call_event(call, Barged(call.id, supervisor.id, agent_id, channel), now, decision)
        return
    floor.write(call, Watched(supervisor.id, agent_id, how), now, decision)
    decision.commands.append(Watch(channel, how, ids.agent_channel(call.id, LegId(leg))))
