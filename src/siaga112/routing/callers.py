"""What is remembered of numbers: who called a moment ago, and who was found to play.

Kept in memory only, for minutes and hours; nobody is ever shut out by it.
"""

from dataclasses import dataclass

from siaga112.routing.plan import Plan
from siaga112.routing.words import AgentId, CallId

_REMEMBERED = 4096


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


class Callers:
    """Remembers numbers."""

    def __init__(self) -> None:
        self.pasts: dict[str, Past] = {}
        self.scores: dict[str, Score] = {}

    def past(self, number: str | None, plan: Plan, now: float) -> Past | None:
        """Find the earlier call that a call now joins."""
        past = self.pasts.get(number) if number is not None else None
        return past if past is not None and now - past.ended_at <= plan.returning.within else None

    def ended(self, number: str | None, past: Past) -> None:
        """Remember a call that has ended."""
        if number is not None:
            self.pasts.pop(number, None)
            self.pasts[number] = past
            if len(self.pasts) > _REMEMBERED:
                del self.pasts[next(iter(self.pasts))]

    def blame(self, number: str | None, call_id: CallId, plan: Plan, now: float) -> None:
        """A call-taker found that this number was misused in a call."""
        known = self.scores.get(number) if number is not None else None
        if number is not None and (known is None or known.call_id != call_id):
            self.scores[number] = Score(now, self.score(number, plan, now) + 1, call_id)
            if len(self.scores) > _REMEMBERED:
                del self.scores[next(iter(self.scores))]

    def score(self, number: str | None, plan: Plan, now: float) -> float:
        """Weigh the verdicts on a number; each fades away in a day."""
        known = self.scores.get(number) if number is not None else None
        if known is None:
            return 0.0
        return max(0.0, known.weight - (now - known.at) / plan.misuse.decay * max(1.0, known.weight))

    def fork(self) -> "Callers":
        """Make an independent copy."""
        twin = Callers()
        twin.pasts, twin.scores = dict(self.pasts), dict(self.scores)
        return twin
