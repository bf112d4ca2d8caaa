"""How much may wait in the spool, and for how long. Knows numbers alone."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may wait, and for how long, before somebody must look; beyond it nothing is thrown away."""

    bytes: float = math.inf
    seconds: float = math.inf

    def over(self, size: int, age: float) -> str | None:
        """Say in words that the spool is beyond its bounds; None while it is not."""
        if size <= self.bytes and age <= self.seconds:
            return None
        return (
            f"{size / 1e6:.0f} MB, the oldest row has waited {age / 3600:.1f} h "
            f"(bounds: {self.bytes / 1e6:.0f} MB, {self.seconds / 3600:g} h)"
        )
