"""What one event costs the pure core: beside a bare dict dispatch, and with a long queue."""

import statistics
import time
from collections.abc import Callable

from bench.figures import Check, Result, at_least, ratio
from bench.stream import Recorded, opened, plan, recorded, replay

AGENTS = 100
CALLS = 3000
RATE = 3.0
"""Calls a second: what a hundred agents take in the stream's world without a queue that grows."""
WAITING = (10, 100, 1000, 10_000)
WAITING_CALLS = 300
ROUNDS = 5
WANTED = 20_000


def measure(say: Callable[[str], None], *, quick: bool) -> Result:
    """Replay a recorded stream; processor time of this one thread, the median of some rounds."""
    say("recording a stream of calls")
    calls = CALLS // (3 if quick else 1)
    _, stream = recorded(agents=AGENTS, waiting=0, calls=calls, rate=RATE)
    core, bare = [], []
    for number in range(ROUNDS):
        say(f"replaying {len(stream):,} events, round {number + 1} of {ROUNDS}")
        core.append(_core([], stream))
        bare.append(_bare(stream))
    rows = [_row("the core", core), _row("bare dict dispatch", bare)]
    waiting = {}
    for crowd in WAITING:
        say(f"replaying with {crowd:,} calls waiting")
        filling, busy = recorded(agents=AGENTS, waiting=crowd, calls=WAITING_CALLS, rate=RATE)
        times = [_core(filling, busy) for _ in range(2 if quick else 3)]
        rows.append(_row(f"the core, {crowd:,} calls waiting", times))
        waiting[crowd] = statistics.median(times)
    rate = 1 / statistics.median(core)
    return Result(
        "router",
        f"router.handle, {AGENTS} agents, {len(stream):,} events of {calls:,} calls, one core",
        ("what", "events/s", "µs an event", "spread"),
        rows,
        [at_least("events a second", rate, WANTED, "/s"), _flat(waiting)],
        [f"The core costs {ratio(statistics.median(core), statistics.median(bare)):.0f} x a bare dispatch."],
        {"core_s": core, "bare_s": bare, "waiting_s": waiting, "events": len(stream)},
    )


def _flat(waiting: dict[int, float]) -> Check:
    """A thousand times as many waiting calls may cost a few times as much, never a thousand times."""
    growth = ratio(waiting[WAITING[-1]], waiting[WAITING[0]])
    return Check("10,000 waiting against 10", f"{growth:.2f} x", "≤ 3 x", growth <= 3)


def _core(filling: Recorded, stream: Recorded) -> float:
    """Seconds an event."""
    router = opened(plan(AGENTS))
    replay(router, filling)
    start = time.process_time()
    replay(router, stream)
    return (time.process_time() - start) / len(stream)


def _bare(stream: Recorded) -> float:
    """The least that any program does with an event: find what it is for, count it there."""
    counts: dict[object, int] = {}

    def count(event: object) -> None:
        name = getattr(event, "call_id", None)
        counts[name] = counts.get(name, 0) + 1

    table: dict[type, Callable[[object], None]] = dict.fromkeys({type(event) for event, _ in stream}, count)
    start = time.process_time()
    for event, _ in stream:
        table[type(event)](event)
    return (time.process_time() - start) / len(stream)


def _row(what: str, seconds: list[float]) -> tuple[str, ...]:
    middle = statistics.median(seconds)
    spread = f"{min(seconds) * 1e6:.1f}-{max(seconds) * 1e6:.1f}"
    return what, f"{1 / middle:,.0f}", f"{middle * 1e6:.1f}", spread
