"""What supervisors order by feature code from their own phones: a mass event, and the block of a number.

Knows the codes and what each changes; whose phone it is and what to write, the router tells and does.
"""

from dataclasses import dataclass

from siaga112.routing.callers import Blocked, Callers
from siaga112.routing.entries import Entry, Journaled, NumberBlocked, NumberUnblocked, afterwards
from siaga112.routing.plan import Plan, Tier
from siaga112.routing.surge import SurgeWatch
from siaga112.routing.words import AgentId, CallId, Confirmation

_SURGE = {"*91": True, "*90": False}
_BLOCK = "*7"
_LIFT = "0"


@dataclass(frozen=True, slots=True)
class LastCall:
    """The call that an agent had last."""

    call_id: CallId
    number: str | None


@dataclass(frozen=True, slots=True)
class Ordered:
    """What came of a code: what the supervisor hears, and what stands in the call's journal."""

    confirmation: Confirmation
    line: Journaled | None = None


def is_order(code: str) -> bool:
    """Whether a code is one for supervisors: *90, *91, *70 to *79."""
    return code in _SURGE or (code.startswith(_BLOCK) and len(code) == len(_BLOCK) + 1)


class Supervision:
    """Carries out the orders."""

    def __init__(self, callers: Callers, surge: SurgeWatch) -> None:
        self._callers = callers
        self._surge = surge

    def order(self, code: str, agent_id: AgentId, last: LastCall | None, plan: Plan, now: float) -> Ordered:
        """Do what a code says, if this agent may."""
        seat = plan.seats.get(agent_id)
        if seat is None or seat.tier is not Tier.SUPERVISOR:
            return Ordered(Confirmation.NOT_ALLOWED)
        if code in _SURGE:
            self._surge.order(on=_SURGE[code])
            is_on = self._surge.is_on(now, plan)
            return Ordered(Confirmation.SURGE_ON if is_on else Confirmation.SURGE_OFF)
        digit = code.removeprefix(_BLOCK)
        if not plan.block.enabled or (digit != _LIFT and digit not in plan.block.reasons):
            return Ordered(Confirmation.NOT_ALLOWED)
        if last is None or last.number is None:
            return Ordered(Confirmation.NO_NUMBER)
        return self._block(digit, agent_id, last.call_id, last.number, plan, now)

    def _block(  # noqa: PLR0913, PLR0917 - who, whom, why, in which call, by which rules, when
        self, digit: str, agent_id: AgentId, call_id: CallId, number: str, plan: Plan, now: float
    ) -> Ordered:
        entry: Entry
        if digit == _LIFT:
            self._callers.unblock(number)
            entry, confirmation = NumberUnblocked(agent_id), Confirmation.UNBLOCKED
        else:
            order = Blocked(now + plan.block.lasts, agent_id, plan.block.reasons[digit])
            self._callers.block(number, order)
            entry = NumberBlocked(agent_id, order.reason, order.until)
            confirmation = Confirmation.BLOCKED
        return Ordered(confirmation, Journaled(call_id, afterwards(now), now, entry))
