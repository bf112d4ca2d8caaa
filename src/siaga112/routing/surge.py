"""Whether a mass event is on: many arrivals, many waiting, or somebody said so."""

from collections import deque

from siaga112.routing.plan import Plan

_MINUTE = 60.0


class SurgeWatch:
    """Watches arrivals and waiting calls."""

    def __init__(self) -> None:
        self.arrivals: deque[float] = deque()
        self.busy_at: float | None = None
        """When it was last as busy as a mass event."""

    def arrived(self, now: float, waiting: int, plan: Plan) -> None:
        """A call came."""
        self.arrivals.append(now)
        while self.arrivals[0] <= now - _MINUTE:
            self.arrivals.popleft()
        if len(self.arrivals) >= plan.surge.arrivals or waiting >= plan.surge.waiting:
            self.busy_at = now

    def is_on(self, now: float, plan: Plan) -> bool:
        """Whether a call that comes now is one of a mass event."""
        if plan.surge_by_hand:
            return True
        return self.busy_at is not None and now - self.busy_at < plan.surge.calm

    def fork(self) -> "SurgeWatch":
        """Make an independent copy."""
        twin = SurgeWatch()
        twin.arrivals, twin.busy_at = deque(self.arrivals), self.busy_at
        return twin
