"""The time that is written down: Unix seconds that never run back.

Taken from the monotonic clock and anchored to the wall clock, so that a clock that is set meanwhile neither
makes a call end before it began nor fires every deadline at once. The anchor follows the wall clock only when
the owner says that nothing is in progress (`settle`).
"""

import time
from collections.abc import Callable

_TICK = 1e-6
_NOISE = 0.1
"""The two clocks cannot be read at once, and NTP slews what is less than 128 ms: only more is a step."""


class Clock:
    """Gives a later time at every call, until it settles on a wall clock that was set back."""

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

    def settle(self) -> float:
        """Follow the wall clock again; returns by how many seconds it had been set."""
        step = self._wall() - self._steady() - self._anchor
        if abs(step) < _NOISE:
            return 0.0
        self._anchor += step
        self._last = 0.0
        return step
