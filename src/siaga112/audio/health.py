"""How an ear does, in a few numbers. Knows what is counted, not how."""

from dataclasses import dataclass
from typing import Final

BEHIND_MS: Final = (5, 10, 20, 30, 40, 60, 100, 200, 500)
"""Frames are counted by how far behind their own clock they came: up to each of these, and beyond."""


@dataclass(frozen=True, slots=True)
class Health:
    """How an ear does: sums since it began to work."""

    taps: int = 0
    """Callers who are listened to now."""
    frames: int = 0
    """Frames of sound that came."""
    late: int = 0
    """Frames that came too late, and blocks that were not heard in time."""
    lost: int = 0
    behind: tuple[int, ...] = ()
    """Frames by `BEHIND_MS`."""
    strangers: int = 0
    """Packets from an address that is nobody's."""
    failures: int = 0
    alive: bool = True
    """Whether there is an ear at all."""
    deaf: str = ""
    """Why nothing is heard at all; empty while something is."""

    def __post_init__(self) -> None:
        """JSON knows no tuples."""
        object.__setattr__(self, "behind", tuple(self.behind))
