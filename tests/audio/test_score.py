"""Statistics: known values."""

import pytest

from siaga112.audio import score


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (1, 228, 0.0008, 0.0244), (50, 100, 0.4038, 0.5962)],
)
def test_wilson_intervals(hits: int, of: int, low: float, high: float) -> None:
    """Published values; nothing of nothing says nothing."""
    assert score.wilson(hits, of) == pytest.approx((low, high), abs=2e-4)


def test_no_clips_no_knowledge() -> None:
    """The interval of an empty set is everything."""
    assert score.wilson(0, 0) == (0.0, 1.0)


def test_percentiles() -> None:
    """A value that occurred; None where there are none."""
    values = [float(n) for n in range(1, 21)]
    assert score.percentile(values, 0.5) == 11
    assert score.percentile(values, 0.95) == 20
    assert score.percentile([], 0.95) is None


def test_roc_of_a_perfect_and_of_a_useless_score() -> None:
    """Area 1 where every speaker scores above every other, 0.5 where all score the same."""
    assert score.area(*score.roc([0.9, 0.8], [0.2, 0.1])) == pytest.approx(1)
    assert score.area(*score.roc([0.5, 0.5], [0.5])) == pytest.approx(0.5)
    assert score.area(*score.roc([0.1], [0.9])) == pytest.approx(0)


def test_roc_counts_each_pair_once() -> None:
    """The area is the share of pairs in the right order, ties counting half."""
    speakers, others = [0.9, 0.4, 0.4], [0.5, 0.4]
    pairs = [1, 1, 0, 0.5, 0, 0.5]
    assert score.area(*score.roc(speakers, others)) == pytest.approx(sum(pairs) / 6)
