"""Offer latency on the wire: from the caller's INVITE to the INVITE that rings the chosen call-taker's phone.

Beside it, in alternating rounds on the same Asterisk, a plain `Dial()` of the same phones, so that what else
the machine does hits both. Read from the loopback interface, matched by the caller's number.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.figures import Check, Result, at_most, exactly, percentile, ratio
from bench.stage import OURS, PLAIN, Stage, stage
from bench.wire import Capture, offers

RATES = (5, 20, 40)
SECONDS = {5: 20, 20: 10, 40: 10}
"""How long a round is: at 5 calls/s longer, for enough calls."""
ROUNDS = 4
P50, P99 = 2.5, 3.0
"""What siaga112 may take, in times of the plain Dial()."""
_WAYS = {"Dial()": PLAIN, "siaga112": OURS}


@dataclass
class Series:
    """What was seen of one way at one rate."""

    ms: list[float] = field(default_factory=list)
    failed: int = 0
    unseen: int = 0
    """Calls that came in and for which no phone was rung, or that the capture missed."""


def measure(say: Callable[[str], None], *, quick: bool, folder: Path | None = None) -> Result:
    """Alternate between the two ways at each rate."""
    found: dict[tuple[int, str], Series] = {(rate, way): Series() for rate in RATES for way in _WAYS}
    left: dict[int, tuple[int, int]] = {}
    with stage(say, folder) as ready:
        for way in _WAYS.values():
            ready.calls(20, 10, dialled=way)  # The first calls load what is loaded once.
        for rate in RATES:
            left[rate] = _alternate(ready, rate, found, say, quick=quick)
    return _result(found, left)


def _alternate(
    ready: Stage, rate: int, found: dict[tuple[int, str], Series], say: Callable[[str], None], *, quick: bool
) -> tuple[int, int]:
    left = (0, 0)
    for number in range(2 if quick else ROUNDS):
        for way in list(_WAYS)[:: -1 if number % 2 else 1]:  # ABBA: what drifts, drifts for both
            say(f"{rate} calls/s, round {number + 1}: {way}")
            _round(ready, way, rate, SECONDS[rate] // (2 if quick else 1), found[rate, way])
            channels, bridges = ready.left_over()
            left = left[0] + channels, left[1] + bridges
    return left


def _round(ready: Stage, way: str, rate: int, seconds: int, series: Series) -> None:
    with Capture(ready.sip_port) as capture:
        summary = ready.calls(rate * seconds, rate, dialled=_WAYS[way])
    if capture.lost:
        raise RuntimeError(f"the capture lost {capture.lost} packets: its figures would not be true")
    seen = offers(capture.invites, ready.sip_port)
    series.failed += summary.failed
    for number in summary.numbers:
        came, rung = seen.get(number, (0.0, None))
        if rung is None:
            series.unseen += 1
        else:
            series.ms.append((rung - came) * 1000)


def _result(found: dict[tuple[int, str], Series], left: dict[int, tuple[int, int]]) -> Result:
    rows, checks = [], []
    for rate in RATES:
        plain, ours = found[rate, "Dial()"], found[rate, "siaga112"]
        rows += [_row(rate, way, found[rate, way]) for way in _WAYS]
        ratios = [ratio(percentile(ours.ms, share), percentile(plain.ms, share)) for share in (0.5, 0.99)]
        rows.append((f"{rate}/s", "ratio", "", f"{ratios[0]:.2f} x", f"{ratios[1]:.2f} x", "", ""))
        checks += [at_most(f"p50 at {rate}/s", ratios[0], P50), at_most(f"p99 at {rate}/s", ratios[1], P99)]
        checks += _sound(rate, (plain, ours), left[rate])
    return Result(
        "offer",
        "Offer latency on the wire: INVITE in → INVITE out to the phone",
        ("rate", "way", "calls", "p50", "p99", "max", "failed"),
        rows,
        checks,
        ["`Dial()` is one line of dialplan, without recording, claim, record or queue."],
        {f"{rate}/s {way}": series.ms for (rate, way), series in found.items()},
    )


def _row(rate: int, way: str, series: Series) -> tuple[str, ...]:
    figures = [f"{percentile(series.ms, share):.2f} ms" for share in (0.5, 0.99, 1.0)]
    return f"{rate}/s", way, str(len(series.ms)), *figures, str(series.failed + series.unseen)


def _sound(rate: int, both: Sequence[Series], left: tuple[int, int]) -> list[Check]:
    return [
        exactly(f"failed calls at {rate}/s", sum(one.failed for one in both), 0),
        exactly(f"calls without an offer seen at {rate}/s", sum(one.unseen for one in both), 0),
        exactly(f"channels left at {rate}/s", left[0], 0),
        exactly(f"bridges left at {rate}/s", left[1], 0),
    ]
