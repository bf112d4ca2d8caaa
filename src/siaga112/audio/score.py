"""Statistics of right and wrong: intervals, percentiles, ROC. Knows numbers only."""

from collections.abc import Sequence
from math import sqrt
from typing import Final

import numpy as np

_Z: Final = 1.959964
"""95 % of a normal distribution lie within so many standard deviations."""


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % confidence interval of a share, sensible for small numbers and for none at all."""
    if of == 0:
        return 0.0, 1.0
    share, spread = hits / of, _Z * _Z / of
    middle = share + spread / 2
    reach = _Z * sqrt(share * (1 - share) / of + spread / (4 * of))
    return max(0.0, (middle - reach) / (1 + spread)), min(1.0, (middle + reach) / (1 + spread))


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value that so many do not exceed; None of nothing."""
    if not values:
        return None
    return float(np.quantile(np.array(values), share, method="higher"))


def roc(speakers: Sequence[float], others: Sequence[float]) -> tuple[list[float], list[float]]:
    """False alarms and hits, each from 0 to 1, as the threshold falls through every score."""
    thresholds = sorted({*speakers, *others}, reverse=True)
    alarms = [sum(score >= cut for score in others) / max(1, len(others)) for cut in thresholds]
    hits = [sum(score >= cut for score in speakers) / max(1, len(speakers)) for cut in thresholds]
    return [0.0, *alarms, 1.0], [0.0, *hits, 1.0]


def area(alarms: Sequence[float], hits: Sequence[float]) -> float:
    """The area below the ROC: 1 is perfect, .5 is a coin."""
    return float(np.trapezoid(np.array(hits), np.array(alarms)))
