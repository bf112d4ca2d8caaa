"""The time that is written down never runs back, and follows a clock that was set only when asked to."""

from itertools import pairwise

import pytest

from siaga112.clock import Clock


class Clocks:
    """The wall's clock and the steady one, to be set by hand."""

    def __init__(self) -> None:
        self.wall = 1_760_000_000.0
        self.steady = 5_000.0

    def pass_time(self, seconds: float) -> None:
        """Let both go on."""
        self.wall += seconds
        self.steady += seconds


@pytest.fixture
def clocks() -> Clocks:
    """Two clocks that agree."""
    return Clocks()


@pytest.fixture
def clock(clocks: Clocks) -> Clock:
    """The clock under test."""
    return Clock(lambda: clocks.wall, lambda: clocks.steady)


def test_it_tells_unix_time(clock: Clock, clocks: Clocks) -> None:
    """It begins with the wall's time and goes on with it."""
    assert clock.now() == pytest.approx(1_760_000_000.0)
    clocks.pass_time(2.5)
    assert clock.now() == pytest.approx(1_760_000_002.5)


def test_every_time_is_later_than_the_one_before(clock: Clock) -> None:
    """Two things in the same tick of the machine still have an order."""
    times = [clock.now() for _ in range(100)]
    assert all(later > earlier for earlier, later in pairwise(times))


@pytest.mark.parametrize("step", [-3600.0, 3600.0])
def test_a_wall_clock_that_is_set_changes_nothing(clock: Clock, clocks: Clocks, step: float) -> None:
    """Neither a deadline comes an hour early nor does a call end before it began."""
    before = clock.now()
    clocks.wall += step
    clocks.pass_time(1.0)
    assert clock.now() - before == pytest.approx(1.0)


@pytest.mark.parametrize("step", [-3600.0, 3600.0])
def test_it_follows_when_nothing_is_in_progress(clock: Clock, clocks: Clocks, step: float) -> None:
    """Asked to settle, it takes the wall's time again, and says how far it was off."""
    clock.now()
    clocks.wall += step
    assert clock.settle() == pytest.approx(step)
    assert clock.now() == pytest.approx(clocks.wall)


def test_settling_on_a_clock_that_was_not_set_never_runs_back(clocks: Clocks) -> None:
    """The two clocks cannot be read at once; what lies between is no step, and time goes on."""
    readings = iter([0.0, 0.0, 0.0, -2e-5, 0.0, 0.0])
    clock = Clock(lambda: clocks.wall + next(readings), lambda: clocks.steady)
    earlier = clock.now()
    for _ in range(3):
        clock.settle()
        later = clock.now()
        assert later > earlier
        earlier = later
