"""The time that is written down: Unix seconds that never run back.

Taken from the monotonic clock and anchored to the wall clock, so that a clock that is set meanwhile neither
makes a call end before it began nor fires every deadline at once. The anchor follows the wall clock only when
the owner says that nothing is in progress (`settle`).
"""

import time
from collections.abc import Callable

_TICK = 1e-6


class Clock:
    """Gives a later time at every call."""

    def __init__(
        self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall, self._steady = wall, steady
        self._anchor = wall() - steady()
        self._last = 0.0

    def now(self) -> float:
        """Unix seconds, always later than those given before."""
        self._last = max(self._last + _TICK, self._steady() + self._anchor)
        return self._last

    def steady_at(self, moment: float) -> float:
        """Translate a time of ours into one of the monotonic clock."""
        return moment - self._anchor

    def settle(self) -> float:
        """Follow the wall clock again; returns by how many seconds it had been set."""
        anchor = self._wall() - self._steady()
        step, self._anchor = anchor - self._anchor, anchor
        self._last = 0.0
        return step
