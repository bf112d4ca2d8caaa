"""The router against queueing theory: how long callers wait, and how many give up.

The router gets calls by chance and has to be a plain queue (`queueing`); what theory says is in `erlang`. A
mean wait is known well only from millions of calls, more than a router that writes everything down gets
through in a minute. So its twin, the same queue in ten lines of arithmetic, is given the router's calls
first: where every single caller waits exactly as long as at the router, the twin may speak for it on the
millions.
"""

import math
import os
import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from bench.erlang import erlang_a, erlang_c, mean_wait
from bench.figures import Check, Result
from bench.queueing import Calls, Demand, Twin, everyday, router_waits, textbook
from bench.simulate_picture import Dot, pictures

HANDLING = 75.0
PATIENCE = 60.0
OCCUPANCIES = (0.5, 0.6, 0.7, 0.8)
TAKERS = (2, 4, 8)
HOURLY = ((3, 30), (3, 300), (3, 428), (3, 3000), (33, 4150))
"""Takers, and calls an hour: a quiet hour, ten times as many, the earthquake's step (14), a hundred times; a
large city's tenfold."""
BATCHES = 40
SEED = 112
T_95 = 2.02
"""Student's factor for 95 % and so many batches."""
CLOSE, POINTS, SURE = 0.05, 0.05, 0.03
"""What is wanted: waits within 5 %, losses within 5 points, known to 3 %."""


@dataclass(frozen=True)
class Size:
    """How many calls each point gets."""

    router: int
    twin: int
    impatient: int


FULL, QUICK = Size(20_000, 60_000, 20_000), Size(3_000, 40_000, 4_000)


@dataclass(frozen=True)
class Point:
    """What was found for one demand."""

    demand: Demand
    waits: float
    """Mean wait in seconds, of the twin's calls."""
    waits_sure: float
    """Half the width of its confidence interval."""
    waiting: float
    """The share that waits."""
    lost: float
    direct: float
    """The mean wait of the router's own calls."""
    apart: float
    """The most by which a caller's wait at the router differs from that of the twin."""
    lost_apart: int
    """Callers who gave up at one and not at the other."""
    calls: tuple[int, int]
    """How many were given to the router, and to the twin."""


def patient(takers: int, occupancy: float, size: Size) -> Point:
    """Measure a demand of callers who all wait."""
    rare = max(1, takers // 4)  # The more takers, the fewer callers wait, and the more it takes to know.
    return _point(Demand(takers, takers * occupancy, HANDLING), size.router, size.twin * rare)


def impatient(takers: int, hourly: float, size: Size) -> Point:
    """Measure a demand of callers who give up."""
    demand = Demand(takers, hourly * HANDLING / 3600, HANDLING, PATIENCE)
    return _point(demand, size.impatient, size.impatient // 4)


def _point(demand: Demand, calls: int, batch: int) -> Point:
    seed = f"{SEED} {demand}"
    chance = random.Random(seed)  # noqa: S311 - a repeatable run, not a secret
    first = demand.draw(calls, chance)
    waits, twin = router_waits(textbook(demand.takers), first), Twin(demand.takers)
    same = twin.waits(first)
    means, shares, lost = zip(*_batches(demand, twin, chance, first.arrivals[-1], batch), strict=True)
    return Point(
        demand,
        statistics.fmean(means),
        T_95 * statistics.stdev(means) / math.sqrt(BATCHES),
        statistics.fmean(shares),
        statistics.fmean(lost),
        statistics.fmean(waits.waited),
        max(abs(a - b) for a, b in zip(waits.waited, same.waited, strict=True)),
        sum(a != b for a, b in zip(waits.lost, same.lost, strict=True)),
        (calls, batch * BATCHES),
    )


def _batches(
    demand: Demand, twin: Twin, chance: random.Random, begin: float, size: int
) -> Iterator[tuple[float, float, float]]:
    """Give mean wait, share waiting and share lost of one batch after the other."""
    for _ in range(BATCHES):
        calls = demand.draw(size, chance, begin)
        begin = calls.arrivals[-1]
        waits = twin.waits(calls)
        waited = statistics.fmean(waits.waited)
        yield waited, sum(one > 0 for one in waits.waited) / size, sum(waits.lost) / size


def default_plan_apart(calls: int) -> float:
    """Give the most by which the plan's own defaults change a wait, where all callers are of one band."""
    demand = Demand(4, 3.2, HANDLING)
    drawn: Calls = demand.draw(calls, random.Random(SEED))  # noqa: S311 - as above
    waits = router_waits(everyday(demand.takers), drawn).waited
    return max(abs(a - b) for a, b in zip(waits, Twin(demand.takers).waits(drawn).waited, strict=True))


def measure(say: Callable[[str], None], *, quick: bool) -> Result:
    """Simulate every demand, on all cores, and compare."""
    size = QUICK if quick else FULL
    workers = min(4, os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        default = pool.submit(default_plan_apart, size.impatient)
        calm = [pool.submit(patient, c, busy, size) for c in TAKERS for busy in OCCUPANCIES]
        crowd = [pool.submit(impatient, c, hourly, size) for c, hourly in HOURLY]
        for done, one in enumerate([*calm, *crowd], 1):
            say(f"{done} of {len(calm) + len(crowd)} demands")
            one.result()
        return result([one.result() for one in calm], [one.result() for one in crowd], default.result())


def result(calm: Sequence[Point], crowd: Sequence[Point], default_apart: float) -> Result:
    """Put what was found beside what theory says."""
    every = [*calm, *crowd]
    router, twin = (sum(one.calls[n] for one in every) for n in (0, 1))
    return Result(
        "simulate",
        f"The router against Erlang: {HANDLING:g} s a call, Poisson arrivals, exponential talks, no Asterisk",
        ("takers", "demand", "figure", "Erlang", "simulated", "± 95 %", "error"),
        [row for one in every for row in _rows(one)],
        checks(calm, crowd, default_apart),
        [
            f"{router:,} calls through router.handle, {twin:,} through its twin, which is the same queue.",
            "The plan leaves nothing but first come, first served: no prompts, no ageing, no ring-all.",
            "Phones are answered at once, call-takers do not rest, nobody redials.",
            f"Callers who give up have an exponential patience of {PATIENCE:g} s on average.",
            "Mean waits are over all callers, those who need not wait included.",
        ],
        {"points": [_data(one) for one in every]},
        pictures(_dots(calm), _dots(crowd), HANDLING, PATIENCE),
    )


def checks(calm: Sequence[Point], crowd: Sequence[Point], default_apart: float) -> list[Check]:
    """Say what must be reached; chance is seeded, so no machine may miss it."""
    every = [*calm, *crowd]
    waits = max(abs(_error(one)) for one in calm)
    shares = max(abs(one.waiting / _theory(one)[1] - 1) for one in calm)
    sure = max(one.waits_sure / _theory(one)[0] for one in calm)
    lost = max(abs(one.lost - _theory(one)[2]) for one in crowd)
    apart = max(default_apart, *(one.apart for one in every))
    given_up = sum(one.lost_apart for one in every)
    return [
        _within("mean wait, largest error", f"{waits:.1%}", f"≤ {CLOSE:.0%}", ok=waits <= CLOSE),
        _within("its confidence interval, widest", f"± {sure:.1%}", f"≤ {SURE:.0%}", ok=sure <= SURE),
        _within("P(wait), largest error", f"{shares:.1%}", f"≤ {CLOSE:.0%}", ok=shares <= CLOSE),
        _within(
            "share that gives up, largest error",
            f"{100 * lost:.1f} points",
            f"≤ {100 * POINTS:g} points",
            ok=lost <= POINTS,
        ),
        _within("a caller's wait, router against twin", f"{apart:.6f} s", "0 s", ok=apart < 1e-6),
        _within("callers who gave up at one only", str(given_up), "0", ok=given_up == 0),
        _within(
            "what ageing, ring-all and prompts change of a wait",
            f"{default_apart:.6f} s",
            "0 s",
            ok=default_apart < 1e-6,
        ),
    ]


def _within(what: str, measured: str, wanted: str, *, ok: bool) -> Check:
    return Check(what, measured, wanted, ok, timed=False)


def _theory(one: Point) -> tuple[float, float, float]:
    """Give mean wait, share waiting and share lost as Erlang has them."""
    who = one.demand
    if who.patience is None:
        wait = mean_wait(who.load, who.takers, who.handling)
        return wait, erlang_c(who.load, who.takers), 0.0
    theory = erlang_a(who.load, who.takers, who.handling, who.patience)
    return theory.lost * who.patience, theory.waits, theory.lost


def _error(one: Point) -> float:
    return one.waits / _theory(one)[0] - 1


def _rows(one: Point) -> Iterator[tuple[str, ...]]:
    who = one.demand
    wait, waiting, lost = _theory(one)
    takers, sure = str(who.takers), f"{one.waits_sure:.2f} s"
    if who.patience is None:
        demand, share = f"{who.load / who.takers:.0%} busy", one.waiting / waiting - 1
        yield takers, demand, "wait", f"{wait:.2f} s", f"{one.waits:.2f} s", sure, f"{_error(one):+.1%}"
        yield "", "", "P(wait)", f"{waiting:.1%}", f"{one.waiting:.1%}", "", f"{share:+.1%}"
    else:
        demand = f"{who.load / who.handling * 3600:,.0f}/h"
        points = f"{100 * (one.lost - lost):+.1f} points"
        yield takers, demand, "gives up", f"{lost:.1%}", f"{one.lost:.1%}", "", points


def _dots(points: Sequence[Point]) -> list[Dot]:
    return [Dot(x.demand.takers, x.demand.load, x.waits, x.waits_sure, x.lost) for x in points]


def _data(one: Point) -> dict[str, float | None]:
    wait, waiting, lost = _theory(one)
    return {
        "takers": one.demand.takers,
        "load": one.demand.load,
        "patience": one.demand.patience,
        "mean_wait": one.waits,
        "mean_wait_sure": one.waits_sure,
        "mean_wait_erlang": wait,
        "waits": one.waiting,
        "waits_erlang": waiting,
        "lost": one.lost,
        "lost_erlang": lost,
        "mean_wait_of_the_routers_own_calls": one.direct,
    }
