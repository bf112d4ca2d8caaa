"""What one event costs the pure core: beside a bare dict dispatch, with a long queue, and at its worst.

The worst case is a line whose head may not have what is free: a supervisor who is not rung for calls that
came just now, and another centre that is asked only for those who have waited long.
"""

import math
import statistics
import time
from collections.abc import Callable

from bench.figures import Check, Result, at_least, at_most, ratio
from bench.stream import CENTRE, START, Recorded, arrival, opened, plan, recorded, replay
from siaga112.routing import ids
from siaga112.routing.events import CallerEntered, KeyPressed, LegGone
from siaga112.routing.plan import Plan, Seat, Surge, Tier, Timings
from siaga112.routing.router import Router
from siaga112.routing.words import CALLER, AgentId, CallId, ChannelId, Why

AGENTS = 100
CALLS = 3000
RATE = 3.0
"""Calls a second: what a hundred agents take in the stream's world without a queue that grows."""
WAITING = (10, 100, 1000, 10_000)
WAITING_CALLS = 300
ROUNDS = 5
WANTED = 20_000
BLOCKED_CALLS = 400


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
    blocked = {}
    for crowd in WAITING:
        say(f"{crowd:,} calls waiting beside a phone that is not for them")
        times = [_blocked(crowd) for _ in range(2 if quick else 3)]
        rows.append(_row(f"… and a phone is free that is not for them, {crowd:,}", times))
        blocked[crowd] = statistics.median(times)
    rate = 1 / statistics.median(core)
    return Result(
        "router",
        f"router.handle, {AGENTS} agents, {len(stream):,} events of {calls:,} calls, one core",
        ("what", "events/s", "µs an event", "spread"),
        rows,
        [
            at_least("events a second", rate, WANTED, "/s"),
            at_least(f"… with 1,000 waiting, {AGENTS} agents", 1 / waiting[1000], WANTED, "/s"),
            *(_growth(waiting, crowd) for crowd in WAITING[1:]),
            _growth(blocked, WAITING[-1], " (not for them)"),
        ],
        [f"The core costs {ratio(statistics.median(core), statistics.median(bare)):.0f} x a bare dispatch."],
        {"core_s": core, "bare_s": bare, "waiting_s": waiting, "blocked_s": blocked, "events": len(stream)},
    )


def _growth(seconds: dict[int, float], crowd: int, what: str = "") -> Check:
    """An event among so many may cost more than one among ten only as the logarithm grows."""
    growth, allowed = ratio(seconds[crowd], seconds[WAITING[0]]), math.log10(crowd) / math.log10(WAITING[0])
    return at_most(f"{crowd:,} waiting against {WAITING[0]}{what}", growth, allowed)


def _blocked(crowd: int) -> float:
    """Seconds an event while everybody waits, a supervisor is free, and an overflow target is there."""
    names = [AgentId(str(1001 + n)) for n in range(AGENTS)]
    seats = {name: Seat(name, f"PJSIP/{name}", tier=Tier.SUPERVISOR) for name in names}
    never = Timings(ring_all=1e9, supervisors=1e9, overflow=1e9, wait_prompt=1e9, starve=1e9)
    surge = Surge(waiting=10**9, arrivals=10**9)
    centre = Plan(CENTRE, timings=never, seats=seats, surge=surge, overflow="PJSIP/x", most_calls=10**9)
    router = opened(centre)
    for number in range(crowd):
        _come(router, number)
    start = time.process_time()
    for number in range(crowd, crowd + BLOCKED_CALLS):
        name = _come(router, number)
        router.handle(KeyPressed(name, CALLER, "1"), START)
        router.handle(LegGone(name, CALLER, Why.HUNG_UP, 16), START)
    return (time.process_time() - start) / (4 * BLOCKED_CALLS)


def _come(router: Router, number: int) -> CallId:
    channel = ChannelId(f"{START:.0f}.{number}")
    name = ids.call_id(CENTRE, channel)
    router.handle(arrival(name, channel), START)
    router.handle(CallerEntered(name), START)
    return name


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
