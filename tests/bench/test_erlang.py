"""Erlang's formulas against figures that were worked out elsewhere."""

import math

import pytest
from bench.erlang import answered_within, erlang_a, erlang_b, erlang_c, mean_wait, takers_needed


@pytest.mark.parametrize(
    ("load", "takers", "blocked"), [(1.0, 1, 0.5), (2.0, 2, 0.4), (5.0, 10, 0.01838), (20.0, 30, 0.00846)]
)
def test_b(load: float, takers: int, blocked: float) -> None:
    """The values of the traffic tables."""
    assert erlang_b(load, takers) == pytest.approx(blocked, rel=1e-3)


def test_c_of_one_and_two() -> None:
    """One taker: callers wait with the probability that the taker is busy. Two: 2 r² / (1 + r)."""
    for busy in (0.1, 0.5, 0.9):
        assert erlang_c(busy, 1) == pytest.approx(busy)
        assert erlang_c(2 * busy, 2) == pytest.approx(2 * busy**2 / (1 + busy))
        assert mean_wait(busy, 1, 60.0) == pytest.approx(60 * busy / (1 - busy))


def test_too_much_load() -> None:
    """Patient callers who are too many wait for ever."""
    assert erlang_c(3.0, 3) == 1.0
    assert math.isinf(mean_wait(3.0, 3, 60.0))
    assert answered_within(3.5, 3, 60.0, 20.0) == 0.0


@pytest.mark.parametrize(
    ("hourly", "takers"),
    [
        (5, (2, 2, 2)),
        (18, (2, 3, 3)),
        (30, (3, 3, 4)),
        (44, (3, 4, 5)),
        (70, (4, 5, 7)),
        (174, (6, 8, 12)),
        (277, (8, 11, 17)),
        (415, (11, 15, 24)),
    ],
)
def test_staffing(hourly: int, takers: tuple[int, ...]) -> None:
    """How many takers a centre needs for 90 % in 15 s and 95 % in 20 s, at 60, 90 and 150 s a call."""
    needed = [takers_needed(hourly * handling / 3600, handling) for handling in (60.0, 90.0, 150.0)]
    assert tuple(needed) == takers


@pytest.mark.parametrize(
    ("takers", "hourly", "lost", "crowd"),
    [
        (3, 30, 0.008, None),
        (3, 300, 0.53, None),
        (3, 428, 0.67, None),
        (3, 3_000, 0.95, 68),
        (33, 4_150, 0.62, 96),
        (33, 41_500, 0.96, 760),
    ],
)
def test_a(takers: int, hourly: int, lost: float, crowd: int | None) -> None:
    """How many give up, and how many are there, when the ground shakes; also with thousands of callers."""
    found = erlang_a(hourly * 75 / 3600, takers, 75.0, 60.0)
    assert found.lost == pytest.approx(lost, abs=0.006)
    if crowd is not None:
        assert found.crowd_99 == crowd


def test_a_without_impatience_is_c() -> None:
    """Callers who are as good as patient wait as Erlang-C says, and none is lost."""
    found = erlang_a(2.0, 3, 75.0, 1e9)
    assert found.waits == pytest.approx(erlang_c(2.0, 3), rel=1e-5)
    assert found.lost == pytest.approx(0.0, abs=1e-6)
    assert found.in_system == pytest.approx(2.0 + mean_wait(2.0, 3, 75.0) * 2.0 / 75.0, rel=1e-5)
