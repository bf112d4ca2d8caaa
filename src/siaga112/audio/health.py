"""How an ear does, in a few numbers. Knows what is counted, not how."""

from dataclasses import dataclass


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
    strangers: int = 0
    """Packets from an address that is nobody's."""
    failures: int = 0
    alive: bool = True
    """Whether there is an ear at all."""
    deaf: str = ""
    """Why nothing is heard at all; empty while something is."""
