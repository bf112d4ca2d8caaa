"""How long to wait before the next attempt to connect: numbers in, numbers out.

Does not know clocks or sockets. Jitter is a function that returns 0 to 1.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

SHORTEST = 0.05
LONGEST = 1.0
SHORTEST_UNAUTHORIZED = 5.0
LONGEST_UNAUTHORIZED = 30.0


@dataclass(slots=True)
class Backoff:
    """Doubles from attempt to attempt; two daemons that lost one Asterisk do not return as one."""

    jitter: Callable[[], float]
    _next: float = field(default=SHORTEST, init=False)
    _next_unauthorized: float = field(default=SHORTEST_UNAUTHORIZED, init=False)

    def after_drop(self, lived: float) -> float:
        """Wait after a connection that lived for so many seconds (0: never was one).

        Only one that lasted longer than the longest wait starts the series anew: an Asterisk that
        accepts and drops at once must not be asked twenty times a second.
        """
        if lived > LONGEST:
            self._next = SHORTEST
            self._next_unauthorized = SHORTEST_UNAUTHORIZED
        wait, self._next = self._next, min(2 * self._next, LONGEST)
        return wait * (1 + self.jitter()) / 2

    def after_refusal(self) -> float:
        """Wait after wrong credentials: repeating them soon mends nothing and fills logs."""
        wait = self._next_unauthorized
        self._next_unauthorized = min(2 * wait, LONGEST_UNAUTHORIZED)
        return wait
