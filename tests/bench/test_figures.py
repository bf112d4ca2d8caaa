"""The bench's arithmetic."""

import math

import pytest
from bench.figures import Check, Result, at_least, at_most, exactly, percentile, ratio


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.01, 1.0), (0.5, 50.0), (0.501, 51.0), (0.99, 99.0), (0.991, 100.0), (1.0, 100.0)],
)
def test_nearest_rank(share: float, expected: float) -> None:
    """A percentile is one of the values: the smallest that so large a share does not exceed."""
    values = [float(n) for n in range(100, 0, -1)]
    assert percentile(values, share) == expected


def test_slowest_of_a_few() -> None:
    """Of fewer than a hundred values the 99th percentile is the slowest: it is never made to look better."""
    assert percentile([3.0, 1.0, 2.0], 0.99) == 3.0


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 0.0), ([1.0], 1.1)])
def test_no_percentile(values: list[float], share: float) -> None:
    """Nothing measured gives no figure, rather than a wrong one."""
    with pytest.raises(ValueError, match="no percentile"):
        percentile(values, share)


def test_ratio() -> None:
    """Against a reference of nothing, any limit is missed."""
    assert ratio(5.0, 2.0) == 2.5
    assert math.isinf(ratio(1.0, 0.0))
    assert not at_most("x", ratio(1.0, 0.0), 3).ok


def test_limits_are_met_by_themselves() -> None:
    """A figure that is exactly what was wanted is good enough."""
    assert at_most("x", 2.5, 2.5).ok
    assert not at_most("x", 2.51, 2.5).ok
    assert at_least("x", 20_000, 20_000, "/s").ok
    assert not at_least("x", 19_999, 20_000, "/s").ok


def test_what_a_slow_machine_excuses() -> None:
    """A slow machine may miss a time, never a count."""
    missed = at_most("p50", 9.0, 2.5)
    lost = exactly("failed calls", 1, 0)
    assert _result(missed, exactly("failed calls", 0, 0)).sound
    assert not _result(missed, lost).sound


def _result(*checks: Check) -> Result:
    return Result("part", "title", ("a",), [("1",)], list(checks))
