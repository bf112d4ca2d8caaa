"""Who calls when, and callers on cue."""

import random
import statistics
from itertools import pairwise
from pathlib import Path

import pytest
from bench.crowd import Wave
from bench.matrix import BUSY_M, BUSY_XL, lag_99
from bench.overload import recovered_after, surge_after
from bench.puppets import Log, on_cue
from bench.sorts import exponential, mix

from siaga112.lab.sipp import SCENARIOS
from tests.bench.test_turns import answered, case


def test_the_labs_caller_takes_cues() -> None:
    """The scenario is the lab's own, with a word before the call, and one that ends it."""
    scenario = on_cue((SCENARIOS / "caller.xml").read_text())
    assert scenario.count('request="MESSAGE"') == 3
    assert "[field" not in scenario
    with pytest.raises(ValueError, match="changed"):
        on_cue("<scenario name='another'>\n")


def test_a_wave_is_its_rate_and_its_mix() -> None:
    """So many an hour, in the shares of the mix, with gaps by chance; one seed, one crowd."""
    wave = Wave(36_000, 3_600, mix("typical", 1.0))
    drawn, again = (list(wave.draw(random.Random(1), 5.0)) for _ in range(2))  # noqa: S311 - repeatable
    assert [at for at, _ in drawn] == [at for at, _ in again]
    assert len(drawn) == pytest.approx(36_000, rel=0.03)
    share = sum(sort.name == "early" for _, sort in drawn) / len(drawn)
    assert share == pytest.approx(0.35, abs=0.02)
    gaps = [b[0] - a[0] for a, b in pairwise(drawn)]
    assert statistics.stdev(gaps) == pytest.approx(statistics.fmean(gaps), rel=0.05)


def test_compressed_talks() -> None:
    """A factor shortens talks and nothing else."""
    chance = random.Random(1)  # noqa: S311 - repeatable
    ghost = next(sort for sort, _ in mix("typical", 10.0) if sort.name == "ghost")
    assert 1.5 <= ghost.talk(chance) <= 2.5
    patience = statistics.fmean(ghost.patience(chance) for _ in range(5_000))
    assert patience == pytest.approx(60, rel=0.1)
    people = exponential("people", 7.5, 6.0)
    assert statistics.fmean(people.talk(chance) for _ in range(5_000)) == pytest.approx(7.5, rel=0.1)


def test_the_matrix_is_the_domains() -> None:
    """T3: 44 calls an hour for 4 call-takers, one of whom never picks up; T4: 415 for 24."""
    assert (BUSY_M.hourly, BUSY_M.takers, round(BUSY_M.load, 2)) == (44, 4, 0.59)
    assert not all(desk.picks_up for desk in BUSY_M.desks)
    assert (BUSY_XL.hourly, BUSY_XL.takers) == (415, 24)


def test_a_log_that_grows(tmp_path: Path) -> None:
    """Each line is read once, and only when it is whole."""
    log = Log(tmp_path / "words.log")
    assert log.news() == []
    log.path.write_text("answered 081\nansw")
    assert log.news() == [("answered", "081")]
    with log.path.open("a") as file:
        file.write("ered 082\n")
    assert log.news() == [("answered", "082")]


def test_event_lag() -> None:
    """The bound of the bucket that holds 99 of a hundred."""
    lines = [f'siaga112_event_lag_seconds_bucket{{le="{le}"}} {n}' for le, n in (("0.01", 98), ("0.05", 99))]
    metrics = "\n".join([*lines, 'siaga112_event_lag_seconds_bucket{le="+Inf"} 100.0'])
    assert lag_99(metrics) == 0.05
    assert lag_99("") == float("inf")


def test_surge_and_recovery() -> None:
    """From the step to the announcement; from the step's end to the last caller who had to wait."""
    announced = case("a", 12, (12, "prompt_started"), (20, "ended"))
    announced.journal[1].data["prompt"] = "surge"
    assert surge_after([announced], 10) == 2
    assert surge_after([], 10) == float("inf")
    assert (
        recovered_after([answered("a", 90, 103), answered("b", 110, 118), answered("c", 150, 150)], 100) == 10
    )
