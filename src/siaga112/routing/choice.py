"""Who is rung next: the free agents by tier and idle time, and the rules for picking one for a call.

A call with no special wish takes the longest idle in O(log n). Wishes (the agent who had the caller before,
a language, somebody who is good at such calls) are wishes: they are dropped rather than let a caller wait.
"""

from collections.abc import Iterator

from siaga112.routing.agent import Agent, NotResponding
from siaga112.routing.call import Call
from siaga112.routing.plan import Plan, Seat, Tier
from siaga112.routing.queue import Line
from siaga112.routing.words import AgentId, OfferResult

_TIERS = (
    (Tier.CALL_TAKER,),
    (Tier.CALL_TAKER, Tier.OPD),
    (Tier.CALL_TAKER, Tier.OPD, Tier.SUPERVISOR),
)
_LAST_RESORT = 2
"""The pressure from which on those are rung again who did not answer before."""


class Free:
    """The agents who could be rung."""

    def __init__(self) -> None:
        self.lines: dict[Tier, Line[AgentId]] = {tier: Line() for tier in Tier}
        self.silent: Line[AgentId] = Line()
        """Those who did not answer the last time, or take part in a talk; their phones can be reached."""
        self.special: dict[AgentId, None] = {}
        """The free ones who are good at some bands only."""

    def put(self, agent: Agent, seat: Seat | None) -> None:
        """Take an agent in or out, as they stand now."""
        self.remove(agent.id)
        if agent.choosable and not agent.watches:
            tier = Tier.CALL_TAKER if seat is None else seat.tier
            self.lines[tier].put(agent.id, (agent.missed, agent.idle_since))
            if seat is not None and seat.bands:
                self.special[agent.id] = None
        elif agent.choosable or _might_answer(agent):
            self.silent.put(agent.id, (agent.idle_since,))

    def remove(self, agent_id: AgentId) -> None:
        """Take an agent out."""
        for line in (*self.lines.values(), self.silent):
            line.remove(agent_id)
        self.special.pop(agent_id, None)

    def first(self) -> AgentId | None:
        """Any agent who may take any call."""
        return self.lines[Tier.CALL_TAKER].first()

    @property
    def nobody(self) -> bool:
        """Whether there is nobody at all, whatever the call."""
        return not self.silent and not any(self.lines.values())

    def choose(self, call: Call, plan: Plan) -> AgentId | None:
        """Pick an agent for a call; None if none may be rung for it yet."""
        if call.preferred is not None and self._is_free(call.preferred, call):
            return call.preferred
        if call.language != plan.language or self.special:
            found = self._best(call, plan)
            if found is not None:
                return found
        for tier in _tiers(call):
            if (found := self.lines[tier].first()) is not None:
                return found
        return self.silent.first() if call.pressure >= _LAST_RESORT else None

    def _best(self, call: Call, plan: Plan) -> AgentId | None:
        """Find who fits in most ways: language before what they are good at, and then the longest idle."""

        def fits(agent_id: AgentId) -> tuple[bool, bool]:
            seat = plan.seats[agent_id]
            speaks = call.language == plan.language or call.language in seat.languages
            return speaks, seat.suits(call.band)

        return max(self._in_order(call), key=fits, default=None)

    def _is_free(self, agent_id: AgentId, call: Call) -> bool:
        return any(agent_id in self.lines[tier] for tier in _tiers(call))

    def _in_order(self, call: Call) -> Iterator[AgentId]:
        for tier in _tiers(call):
            yield from self.lines[tier].in_order()

    def fork(self) -> "Free":
        """Make an independent copy."""
        twin = Free()
        twin.lines = {tier: line.fork() for tier, line in self.lines.items()}
        twin.silent, twin.special = self.silent.fork(), dict(self.special)
        return twin


def reach(call: Call) -> int:
    """Say how far a call has come: calls with the same reach may ring the same phones."""
    return min(call.pressure, len(_TIERS) - 1)


def may_ring(call: Call, seat: Seat | None) -> bool:
    """Whether a call has come far enough for a seat's phone."""
    return (Tier.CALL_TAKER if seat is None else seat.tier) in _tiers(call)


def _tiers(call: Call) -> tuple[Tier, ...]:
    return _TIERS[reach(call)]


def _might_answer(agent: Agent) -> bool:
    missed = isinstance(agent.state, NotResponding) and agent.state.result is OfferResult.RONA
    return missed and agent.reachable and agent.phone is None
