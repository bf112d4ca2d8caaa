"""Forty calls a second for a minute, everything on this one machine: no failed call, and one record each."""

import time
from collections.abc import Callable
from pathlib import Path

from bench.figures import Check, Result, exactly
from bench.processes import Cores
from bench.stage import TALK_S, Stage, stage

RATE = 40
SECONDS = 60
WANTED_RATE = 0.95
"""Of the rate; a machine too slow to place the calls has measured something else."""


def measure(say: Callable[[str], None], *, quick: bool, folder: Path | None = None) -> Result:
    """Place the calls and count what came of them."""
    seconds = SECONDS // (6 if quick else 1)
    with stage(say, folder) as ready:
        ready.calls(20, 10)
        return _load(ready, seconds, say)


def _load(ready: Stage, seconds: int, say: Callable[[str], None]) -> Result:
    count = RATE * seconds
    say(f"{count:,} calls at {RATE}/s")
    cores = Cores.of(ready.lab)
    summary = ready.calls(count, RATE)
    used = cores.since()
    say("waiting for the records")
    begun = time.monotonic()
    records = ready.records(summary.numbers)
    waited = time.monotonic() - begun
    channels, bridges = ready.left_over()
    placed = count / (summary.seconds - TALK_S)
    return Result(
        "load",
        f"{RATE} calls/s for {seconds} s, callers and phones on the same machine",
        ("what", "figure"),
        [
            ("calls placed", f"{count:,} at {placed:.1f}/s"),
            ("answered", f"{summary.answered:,}"),
            ("INVITE to 200 OK", " / ".join(f"{k} {v:.0f} ms" for k, v in summary.answer_ms.items())),
            *[(f"cores used by {name}", f"{share:.2f}") for name, share in used.items()],
            ("last record in PostgreSQL", f"{waited:.1f} s after the last call"),
        ],
        [
            exactly("failed calls", summary.failed, 0),
            exactly("callers without a record", count - len(records), 0),
            exactly("callers with more than one", sum(n != 1 for n in records.values()), 0),
            exactly("channels left", channels, 0),
            exactly("bridges left", bridges, 0),
            Check(
                "rate reached", f"{placed:.1f}/s", f"≥ {RATE * WANTED_RATE:g}/s", placed >= RATE * WANTED_RATE
            ),
        ],
        summary.errors,
        {"answer_ms": summary.answer_ms, "cores": used, "seconds": summary.seconds},
    )
