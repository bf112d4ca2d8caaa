"""The daemon's memory over ten thousand calls: the last thousand against the first."""

import statistics
from collections.abc import Callable
from pathlib import Path

from bench.figures import Check, Result, exactly, ratio
from bench.processes import resident_kib
from bench.stage import Stage, stage

CALLS = 10_000
STEP = 250
"""Calls between two looks."""
RATE = 40
MOST = 1.05
"""How much more the last thousand may need than the first; an allocator is never quite still."""


def measure(say: Callable[[str], None], *, quick: bool, folder: Path | None = None) -> Result:
    """Look at the daemon's memory after every so many calls."""
    total = CALLS // (5 if quick else 1)
    with stage(say, folder) as ready:
        sizes, failed = _watch(ready, total, say)
    share = max(1, len(sizes) // 10)
    return _result(sizes, share, total, failed)


def _watch(ready: Stage, total: int, say: Callable[[str], None]) -> tuple[list[int], int]:
    sizes: list[int] = []
    failed = 0
    daemon = ready.lab.part("daemon").pid
    for done in range(0, total, STEP):
        say(f"{done:,} of {total:,} calls" + (f", {sizes[-1] / 1024:.1f} MiB" if sizes else ""))
        failed += ready.calls(STEP, RATE).failed
        sizes.append(resident_kib(daemon))
    return sizes, failed


def _result(sizes: list[int], share: int, total: int, failed: int) -> Result:
    first, last = statistics.mean(sizes[:share]), statistics.mean(sizes[-share:])
    growth = ratio(last, first)
    tenths = [statistics.mean(sizes[at : at + share]) for at in range(0, len(sizes) - share + 1, share)]
    middle = len(tenths) // 2
    left = (tenths[-1] - tenths[middle]) / (total * (len(tenths) - 1 - middle) / len(tenths))
    rows = [
        (
            f"{number * total // len(tenths):,} to {(number + 1) * total // len(tenths):,}",
            f"{kib / 1024:.1f} MiB",
        )
        for number, kib in enumerate(tenths)
    ]
    return Result(
        "memory",
        f"Resident memory of the daemon over {total:,} calls at {RATE}/s",
        ("calls", "resident"),
        rows,
        [
            Check(
                "last tenth against first", f"{growth:.3f} x", f"≤ {MOST:g} x", growth <= MOST, timed=False
            ),
            exactly("failed calls", failed, 0),
        ],
        [f"Each call of the second half left {left:+.3f} KiB behind: caches fill before, leaks go on."],
        {"kib": sizes},
    )
