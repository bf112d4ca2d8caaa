"""Whether a mass event is on: many arrivals, many waiting, or somebody said so.

And whether it is a flood of silent calls: so many wait of whom nothing is heard that those who speak would
not get through.
"""

from collections import deque

from siaga112.routing.plan import Plan

_MINUTE = 60.0
_SILENT_EACH, _SILENT = 2, 5
"""Silent callers for each call-taker on duty, and at least, who make a flood."""
_HOUR = 60
"""Minutes over which what is usual is reckoned."""


class SurgeWatch:
    """Watches arrivals and waiting calls."""

    def __init__(self) -> None:
        self.arrivals: deque[float] = deque()
        self.minutes: dict[int, int] = {}
        """How many came in each minute of the last hour."""
        self.busy_at: float | None = None
        """When it was last as busy as a mass event."""
        self.silent_at: float | None = None
        """When so many were silent last."""
        self.ordered = False
        """A supervisor declared it."""

    def arrived(self, now: float, waiting: int, plan: Plan) -> None:
        """A call came."""
        self.arrivals.append(now)
        while self.arrivals[0] <= now - _MINUTE:
            self.arrivals.popleft()
        if len(self.arrivals) >= self._many(now, plan) or waiting >= plan.surge.waiting:
            self.busy_at = now
        minute = int(now // _MINUTE)
        if minute not in self.minutes:
            self.minutes = {at: n for at, n in self.minutes.items() if minute - at <= _HOUR}
        self.minutes[minute] = self.minutes.get(minute, 0) + 1

    def usual(self, now: float) -> float:
        """Arrivals a minute in the hour before this minute."""
        minute = int(now // _MINUTE)
        return sum(n for at, n in self.minutes.items() if 0 < minute - at <= _HOUR) / _HOUR

    def _many(self, now: float, plan: Plan) -> float:
        """So many within a minute are a mass event: a fixed number, or many times what is usual."""
        surge = plan.surge
        return min(surge.arrivals, max(surge.least, surge.times * self.usual(now)))

    def order(self, *, on: bool) -> None:
        """A supervisor says that it begins, or that it is over."""
        self.ordered = on
        if not on:
            self.busy_at = None

    def listened(self, now: float, suspects: int, takers: int) -> None:
        """Somebody moved in the line; so many in it may be silent or ghost calls."""
        if suspects >= max(_SILENT, _SILENT_EACH * takers):
            self.silent_at = now

    def is_silent(self, now: float, plan: Plan) -> bool:
        """Whether a flood of silent calls is on."""
        return self.silent_at is not None and now - self.silent_at < plan.surge.calm

    def is_on(self, now: float, plan: Plan) -> bool:
        """Whether a call that comes now is one of a mass event."""
        if plan.surge_by_hand or self.ordered:
            return True
        return self.busy_at is not None and now - self.busy_at < plan.surge.calm

    def fork(self) -> "SurgeWatch":
        """Make an independent copy."""
        twin = SurgeWatch()
        twin.arrivals, twin.minutes = deque(self.arrivals), dict(self.minutes)
        twin.busy_at, twin.ordered = self.busy_at, self.ordered
        twin.silent_at = self.silent_at
        return twin
