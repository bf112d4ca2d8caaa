"""How late packets come, told by those that follow. Pure.

Knows delays: arrival less what the sender's clock says. A packet that was held up is overtaken by the clock,
and those behind it catch up; a delay that stays is no lateness but a hole in the sound, which Asterisk leaves
where a caller's packet was lost: its clock stands still meanwhile.
"""

from bisect import bisect_left
from typing import Final

from siaga112.audio.health import BEHIND_MS

_BOUNDS: Final = tuple(ms / 1000 for ms in BEHIND_MS)
_FOLLOWING: Final = 50
"""Packets (a second) in which those behind must have caught up."""


class Lateness:
    """Counts one sender's packets by how far behind the quickest of the next ones they came."""

    __slots__ = ("_counts", "_recent")

    def __init__(self, counts: list[int]) -> None:
        self._counts = counts
        self._recent: list[float] = []

    def take(self, delay: float) -> None:
        """The next packet; only differences between delays matter."""
        self._recent.append(delay)
        if len(self._recent) == 2 * _FOLLOWING:
            self._judge(_FOLLOWING)

    def end(self) -> None:
        """Nothing follows, or by another clock."""
        self._judge(len(self._recent))

    def _judge(self, first: int) -> None:
        quickest = float("inf")
        for n, delay in zip(range(len(self._recent) - 1, -1, -1), reversed(self._recent), strict=True):
            quickest = min(quickest, delay)
            if n < first:
                self._counts[bisect_left(_BOUNDS, delay - quickest)] += 1
        del self._recent[:first]
