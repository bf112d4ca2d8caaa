"""The bench's arithmetic and the form of its results; pure.

Knows numbers, rows and limits. Does not know what was measured, nor how it is shown.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


def percentile(values: Sequence[float], share: float) -> float:
    """Give the smallest value that at least this share of the values does not exceed (nearest rank).

    Raises:
        ValueError: there are no values, or the share is not above 0 and at most 1.
    """
    if not values or not 0 < share <= 1:
        raise ValueError(f"no percentile {share} of {len(values)} values")
    ordered = sorted(values)
    return ordered[math.ceil(share * len(ordered)) - 1]


def ratio(ours: float, reference: float) -> float:
    """Say how many times the reference ours is; infinite where the reference is nothing."""
    return ours / reference if reference else math.inf


@dataclass(frozen=True)
class Check:
    """One thing that must be reached, and whether it was."""

    what: str
    measured: str
    wanted: str
    ok: bool
    timed: bool = True
    """Whether a slow or busy machine alone may miss it; what is not timed must hold anywhere."""


@dataclass(frozen=True)
class Result:
    """What one part of the bench found."""

    part: str
    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    checks: list[Check] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    """The figures themselves, for whoever compares runs."""
    pictures: dict[str, str] = field(default_factory=dict)
    """File name to SVG."""

    @property
    def sound(self) -> bool:
        """Whether everything that does not depend on the machine's speed holds."""
        return all(check.ok for check in self.checks if not check.timed)


def at_most(what: str, value: float, limit: float, unit: str = "x") -> Check:
    """Check that a figure does not exceed its limit."""
    return Check(what, f"{value:.2f} {unit}", f"≤ {limit:g} {unit}", value <= limit)


def at_least(what: str, value: float, limit: float, unit: str) -> Check:
    """Check that a figure reaches its limit."""
    return Check(what, f"{value:,.0f} {unit}", f"≥ {limit:,.0f} {unit}", value >= limit)


def exactly(what: str, value: int, wanted: int) -> Check:
    """Check a count, which no slow machine may change."""
    return Check(what, str(value), str(wanted), value == wanted, timed=False)
