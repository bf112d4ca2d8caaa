"""The call-takers: who has which phone, in what state each is, who can be rung, and what others see of it.

Knows agents and the plan's seats. Does not know calls, but by the leg that a phone has.
"""

from collections.abc import Iterator

from siaga112.routing import agent as agents
from siaga112.routing import happenings
from siaga112.routing.agent import Agent
from siaga112.routing.choice import Free
from siaga112.routing.decision import AgentChange, LastSeen
from siaga112.routing.plan import Plan
from siaga112.routing.queue import Line
from siaga112.routing.words import AgentId, CallId, LegId


class Staff:
    """All of them."""

    def __init__(self, plan: Plan) -> None:
        self.agents: dict[AgentId, Agent] = {}
        self.free = Free()
        self.on_duty: dict[AgentId, None] = {}
        """Who takes calls, now or as soon as the present one is over."""
        self.deadlines: Line[AgentId] = Line()
        self._plan = plan
        self._shown: dict[AgentId, LastSeen] = {}
        self._touched: dict[AgentId, None] = {}
        self.seat(plan)

    def seat(self, plan: Plan) -> None:
        """Follow the plan: new seats appear logged out, changed phones are taken over, old seats go."""
        self._plan = plan
        for seat in plan.seats.values():
            known = self.agents.get(seat.agent_id)
            moved = known is None or known.endpoint != seat.endpoint
            self._set(Agent(seat.agent_id, seat.endpoint) if known is None or moved else known)
        for gone in [one for one in self.agents if one not in plan.seats]:
            del self.agents[gone]
            self.free.remove(gone)
            self.on_duty.pop(gone, None)
            self.deadlines.remove(gone)
            self._touched[gone] = None

    def happens(self, agent_id: AgentId, event: happenings.AgentEvent, now: float) -> None:
        """Let one event happen to somebody; whoever has no seat is nobody."""
        known = self.agents.get(agent_id)
        if known is not None:
            self._set(agents.step(known, event, self._plan.timings, now))

    def _set(self, agent: Agent) -> None:
        self.agents[agent.id] = agent
        self._touched[agent.id] = None
        self.free.put(agent, self._plan.seats.get(agent.id))
        if agent.on_duty:
            self.on_duty[agent.id] = None
        else:
            self.on_duty.pop(agent.id, None)
        if agent.deadline is None:
            self.deadlines.remove(agent.id)
        else:
            self.deadlines.put(agent.id, (agent.deadline,))

    def look_at_phones(self, reachable: frozenset[str], busy: frozenset[str], now: float) -> None:
        """Take over which phones can be reached, and which have a call."""
        for one in list(self.agents.values()):
            if one.watches and one.endpoint not in busy:
                self.happens(one.id, happenings.Watches(on=False), now)
            if one.reachable != (one.endpoint in reachable):
                self.happens(one.id, happenings.Reached(not one.reachable), now)

    def by_phone(self, endpoint: str) -> Agent | None:
        """Find whose phone it is."""
        return next((x for x in self.agents.values() if x.endpoint == endpoint), None)

    def legs(self) -> Iterator[tuple[AgentId, CallId, LegId]]:
        """Give every leg of ours that a phone seems to have."""
        for one in list(self.agents.values()):
            if one.phone is not None:
                yield (one.id, *one.phone)

    def doubtful(self) -> list[tuple[CallId, LegId]]:
        """List the legs in a talk whose phone cannot be reached: is anybody there?"""
        talking = (one for one in self.agents.values() if isinstance(one.state, agents.OnCall))
        return [one.phone for one in talking if one.phone is not None and not one.reachable]

    # What others see.

    def restore(self, agent_id: AgentId, last: LastSeen, now: float) -> None:
        """Take up how somebody was seen by a daemon before us."""
        self._shown[agent_id] = last
        self._touched[agent_id] = None
        self.happens(agent_id, happenings.Wished(agents.wish_of(last.state)), now)

    def seen(self, agent_id: AgentId) -> LastSeen:
        """Say how somebody looks, and since when."""
        return self._shown[agent_id]

    def changes(self, now: float) -> list[AgentChange]:
        """Say who looks different than when this was asked last."""
        found = []
        for agent_id in self._touched:
            known, shown = self.agents.get(agent_id), self._shown.get(agent_id)
            state, reason = (known.state_name, known.reason) if known else ("logged_out", None)
            if shown is not None and shown[:2] == (state, reason):
                continue
            self._shown[agent_id] = LastSeen(state, reason, now)
            found.append(AgentChange(agent_id, state, reason, now, *(shown or ())))
        self._touched.clear()
        return found

    def fork(self) -> "Staff":
        """Make an independent copy."""
        twin = Staff(self._plan)
        twin.agents, twin.on_duty = dict(self.agents), dict(self.on_duty)
        twin.free, twin.deadlines = self.free.fork(), self.deadlines.fork()
        twin._shown, twin._touched = dict(self._shown), dict(self._touched)
        return twin
