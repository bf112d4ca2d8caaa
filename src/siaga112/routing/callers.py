"""What is remembered of numbers: who called a moment ago, who was found to play, whom a supervisor blocked.

Kept for minutes and hours, across restarts (`known` and `learn`); nobody is ever shut out by it.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from siaga112.routing.plan import Plan
from siaga112.routing.words import AgentId, CallId

_REMEMBERED = 4096
_Told = TypeVar("_Told")


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier call from the same number.

    Attributes:
        rank_at: Since when the caller has waited, all attempts counted; None when a person answered.
        broke: The talk ended because a line failed, not because somebody hung up.
    """

    ended_at: float
    attempt: int
    rank_at: float | None
    agent_id: AgentId | None
    broke: bool


@dataclass(frozen=True, slots=True)
class Score:
    """The weight of verdicts at a time."""

    at: float
    weight: float
    call_id: CallId
    """The call of the last verdict: each call counts once."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """A supervisor's order about a number."""

    until: float
    agent_id: AgentId
    reason: str


@dataclass(frozen=True, slots=True)
class Memory:
    """Something that a restarted router must know again: by a name, and for how long."""

    name: str
    until: float
    what: Mapping[str, Any]


class Callers:
    """Remembers numbers."""

    def __init__(self) -> None:
        self.pasts: dict[str, Past] = {}
        self.scores: dict[str, Score] = {}
        self.blocks: dict[str, Blocked] = {}
        self.changed: dict[str, None] = {}
        """The numbers of which something else is known than was told last."""

    def past(self, number: str | None, plan: Plan, now: float) -> Past | None:
        """Find the earlier call that a call now joins."""
        past = self.pasts.get(number) if number is not None else None
        return past if past is not None and now - past.ended_at <= plan.returning.within else None

    def ended(self, number: str | None, past: Past, plan: Plan) -> None:
        """Remember a call that has ended, and forget those that no call can join any more."""
        if number is not None:
            self._keep(self.pasts, number, past)
        while self.pasts:
            oldest = next(iter(self.pasts))
            if past.ended_at - self.pasts[oldest].ended_at <= plan.returning.within:
                return
            del self.pasts[oldest]

    def blame(self, number: str | None, call_id: CallId, plan: Plan, now: float) -> None:
        """A call-taker found that this number was misused in a call."""
        known = self.scores.get(number) if number is not None else None
        if number is not None and (known is None or known.call_id != call_id):
            self._keep(self.scores, number, Score(now, self.score(number, plan, now) + 1, call_id))

    def acquit(self, number: str | None, call_id: CallId, plan: Plan, now: float) -> None:
        """The call-taker thinks better of this call: it counts no more."""
        known = self.scores.get(number) if number is not None else None
        if number is not None and known is not None and known.call_id == call_id:
            weight = max(0.0, self.score(number, plan, now) - 1)
            self._keep(self.scores, number, Score(now, weight, CallId("")))

    def score(self, number: str | None, plan: Plan, now: float) -> float:
        """Weigh the verdicts on a number; each fades away in a day."""
        known = self.scores.get(number) if number is not None else None
        if known is None:
            return 0.0
        return max(0.0, known.weight - (now - known.at) / plan.misuse.decay * max(1.0, known.weight))

    def block(self, number: str, order: Blocked) -> None:
        """A supervisor blocks a number."""
        self._keep(self.blocks, number, order)

    def unblock(self, number: str) -> None:
        """A supervisor lifts the block, if there is one."""
        if self.blocks.pop(number, None) is not None:
            self.changed[number] = None

    def is_blocked(self, number: str | None, now: float) -> bool:
        """Whether a number is blocked."""
        known = self.blocks.get(number) if number is not None else None
        return known is not None and now < known.until

    def _keep(self, known: dict[str, _Told], number: str, what: _Told) -> None:
        """Remember the latest; what was not renewed for longest is forgotten first."""
        known.pop(number, None)
        known[number] = what
        if len(known) > _REMEMBERED:
            del known[next(iter(known))]
        self.changed[number] = None

    # Across restarts.

    def news(self, plan: Plan) -> list[Memory]:
        """Say what is known of the numbers of which something changed since the last time."""
        told = [self._known(number, plan) for number in self.changed]
        self.changed.clear()
        return told

    def _known(self, number: str, plan: Plan) -> Memory:
        past, score, block = self.pasts.get(number), self.scores.get(number), self.blocks.get(number)
        ends = [0.0 if past is None else past.ended_at + plan.returning.within]
        ends.append(0.0 if score is None else score.at + plan.misuse.decay)
        ends.append(0.0 if block is None else block.until)
        known = {"past": past, "score": score, "block": block}
        return Memory(number, max(ends), {name: asdict(one) for name, one in known.items() if one})

    def learn(self, memory: Memory) -> None:
        """Take over what an earlier run knew; what another version wrote otherwise is forgotten."""
        with suppress(TypeError, KeyError):
            self.pasts[memory.name] = Past(**memory.what["past"])
        with suppress(TypeError, KeyError):
            self.scores[memory.name] = Score(**memory.what["score"])
        with suppress(TypeError, KeyError):
            self.blocks[memory.name] = Blocked(**memory.what["block"])

    def fork(self) -> "Callers":
        """Make an independent copy."""
        twin = Callers()
        twin.pasts, twin.scores = dict(self.pasts), dict(self.scores)
        twin.blocks, twin.changed = dict(self.blocks), dict(self.changed)
        return twin
