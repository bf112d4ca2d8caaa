"""The router is the queue that theory is about: seeded, so that it is the same on every machine."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from bench.erlang import erlang_a, erlang_c, mean_wait
from bench.figures import Check
from bench.queueing import Calls, Demand, Twin, everyday, router_waits, textbook
from bench.simulate import Point, Size, checks, impatient, patient, result

from siaga112.routing.plan import Plan

TINY = Size(router=300, twin=4_000, impatient=1_200)


def _draw(demand: Demand, calls: int) -> Calls:
    return demand.draw(calls, random.Random(1))  # noqa: S311 - the same calls each time


@pytest.mark.parametrize("plan", [textbook, everyday])
@pytest.mark.parametrize("demand", [Demand(2, 1.6), Demand(4, 3.2), Demand(3, 6.25, patience=60.0)])
def test_every_wait_is_that_of_first_come_first_served(demand: Demand, plan: Callable[[int], Plan]) -> None:
    """Nobody waits a moment longer or shorter than in line; ring-all, ageing and prompts do not change it."""
    calls = _draw(demand, 400)
    router, twin = router_waits(plan(demand.takers), calls), Twin(demand.takers).waits(calls)
    assert router.waited == pytest.approx(twin.waited, abs=1e-6)
    assert router.lost == twin.lost
    assert max(twin.waited) > 30


def test_the_comparison_sees_a_difference() -> None:
    """Call-takers who rest are another queue."""
    demand, tired = Demand(2, 1.2), textbook(2)
    tired = replace(tired, timings=replace(tired.timings, wrap_up=5.0))
    calls = _draw(demand, 300)
    router, twin = router_waits(tired, calls), Twin(demand.takers).waits(calls)
    assert max(abs(a - b) for a, b in zip(router.waited, twin.waited, strict=True)) > 1


@pytest.mark.parametrize("takers", [2, 4])
@pytest.mark.parametrize("busy", [0.5, 0.8])
def test_waits_as_erlang_c_says(takers: int, busy: float) -> None:
    """Mean wait and share waiting, within the bounds that so few calls allow."""
    point = patient(takers, busy, TINY)
    assert point.apart == pytest.approx(0, abs=1e-6)
    assert point.waits == pytest.approx(mean_wait(takers * busy, takers, 75.0), rel=0.15)
    assert point.waiting == pytest.approx(erlang_c(takers * busy, takers), rel=0.05)


@pytest.mark.parametrize("hourly", [300, 428])
def test_gives_up_as_erlang_a_says(hourly: int) -> None:
    """Ten and fourteen times a quiet hour: the share of callers who are lost."""
    point = impatient(3, hourly, TINY)
    assert point.lost_apart == 0
    assert point.lost == pytest.approx(erlang_a(hourly * 75 / 3600, 3, 75.0, 60.0).lost, abs=0.05)


def _failed(found: list[Check]) -> set[str]:
    return {check.what for check in found if not check.ok}


def test_what_is_wrong_is_marked() -> None:
    """A router that lets callers wait 6 % longer, or loses 6 more of a hundred, does not pass."""
    demand = Demand(2, 1.0)
    wait, waiting = mean_wait(1.0, 2, 75.0), erlang_c(1.0, 2)
    good = Point(demand, wait, 0.1, waiting, 0.0, wait, 0.0, 0, (1, 1))
    crowd = replace(good, demand=Demand(3, 6.25, patience=60.0), lost=0.53)
    assert not _failed(checks([good], [crowd], 0.0))
    assert _failed(checks([replace(good, waits=1.06 * wait)], [crowd], 0.0)) == {"mean wait, largest error"}
    assert len(_failed(checks([good], [replace(crowd, lost=0.6)], 0.0))) == 1
    assert len(_failed(checks([replace(good, apart=0.1)], [crowd], 0.0))) == 1
    assert len(_failed(checks([replace(good, waits_sure=0.05 * wait)], [crowd], 0.0))) == 1
    assert not result([good], [crowd], 0.1).sound


def test_pictures() -> None:
    """Drawn in both languages, with the figures' words as text."""
    drawn = result([patient(2, 0.5, TINY)], [impatient(3, 300, TINY)], 0.0).pictures
    assert set(drawn) == {"queue.svg", "queue.id.svg"}
    assert "call-takers" in drawn["queue.svg"]
    assert "petugas" in drawn["queue.id.svg"]
