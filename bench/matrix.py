"""T3 and T4 of the test matrix: the usual demand, compressed, on the real Asterisk.

What is compressed: the gaps between calls and the talks, by one factor, so that the load in Erlang is that of
the matrix. What is not: how long a phone rings, how long prompts last, how soon people lose patience. A wait
because others talk is thereby shorter than in life, so the service level is also given with those waits
stretched again, and that is the one that must be met.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.centre import Desk, Run, centre
from bench.crowd import Wave
from bench.figures import Check, Result, exactly
from bench.ledger import Case, level
from bench.sorts import mean_talk, mix, stays
from bench.turns import Rules, overtakings
from siaga112.lab.sounds import Sound

WRAP_UP = 20.0
GONE = 5.0
"""Who hangs up within this time is a short abandon."""
TARGETS = ((15, 0.90), (20, 0.95))
_SAMPLE = re.compile(r'siaga112_event_lag_seconds_bucket\{le="([^"]+)"\} ([0-9.e+]+)')


@dataclass(frozen=True)
class Row:
    """One row of the matrix."""

    name: str
    hourly: float
    mix: str
    desks: tuple[Desk, ...]
    factor: float
    seconds: float

    @property
    def takers(self) -> int:
        """How many call-takers."""
        return sum(one.count for one in self.desks)

    @property
    def load(self) -> float:
        """What those who wait for a call-taker bring, in Erlang; wrap-up counted, rings not."""
        return self.hourly / 3600 * stays(self.mix) * (mean_talk(self.mix) + WRAP_UP)


BUSY_M = Row(
    "t3",
    44,
    "typical",
    (Desk(1, 2.0), Desk(1, 3.0), Desk(1, 4.0), Desk(1, 0.0, picks_up=False)),
    factor=15,
    seconds=240,
)
BUSY_XL = Row("t4", 415, "jakarta", (Desk(8, 1.0), Desk(8, 2.0), Desk(8, 3.0)), factor=10, seconds=120)


def t3(say: Callable[[str], None], *, quick: bool, folder: Path | None = None) -> Result:
    """Measure a busy hour of a middling regency, with a call-taker who does not pick up."""
    return _measure(BUSY_M, say, quick=quick, folder=folder)


def t4(say: Callable[[str], None], *, quick: bool, folder: Path | None = None) -> Result:
    """Measure a busy hour of a large city."""
    return _measure(BUSY_XL, say, quick=quick, folder=folder)


def _measure(row: Row, say: Callable[[str], None], *, quick: bool, folder: Path | None) -> Result:
    sorts = mix(row.mix, row.factor)
    seconds = row.seconds / (4 if quick else 1)
    sounds: dict[str, Sound | None] = {
        sort.name: "street" if sort.name == "ghost" else "caller" for sort, _ in sorts
    }
    timings = {"wrap_up": WRAP_UP / row.factor}
    with centre(say, row.desks, sounds, seed=112, timings=timings, folder=folder) as run:
        run.live(say, [Wave(seconds, row.hourly * row.factor, sorts)])
        say("waiting for the records")
        return _result(row, run, run.cases(), run.metrics())


def _result(row: Row, run: Run, found: Sequence[Case], metrics: str) -> Result:
    calls, lag = run.crowd.attempts, lag_99(metrics)
    raw, real, strict = (
        [level(found, t, **how) for t, _ in TARGETS]
        for how in ({"gone": GONE}, {"gone": GONE, "factor": row.factor}, {"factor": row.factor})
    )
    results = _offers(found)
    begin = min((one.began for one in found), default=0.0)
    hourly = calls / max(1.0, max((one.began for one in found), default=1.0) - begin) * 3600 / row.factor
    return Result(
        row.name,
        f"{row.name.upper()}: {row.hourly:g} calls/h, mix_{row.mix}, {row.takers} takers, SIPp",
        ("what", "figure"),
        [
            ("calls placed", f"{calls} ({hourly:.0f}/h in the centre's time)"),
            ("compressed", f"gaps, talks and wrap-up by {row.factor:g}; rings, prompts, patience are real"),
            ("offered load", f"{row.load:.2f} Erlang ({row.load / row.takers:.0%} of {row.takers} takers)"),
            ("outcomes", ", ".join(f"{n} {name}" for name, n in _outcomes(found).most_common())),
            ("phones rung", ", ".join(f"{n} {name}" for name, n in results.most_common())),
            ("SL15 / SL20 as measured", f"{raw[0]:.1%} / {raw[1]:.1%}"),
            ("… waits for a free taker stretched", f"{real[0]:.1%} / {real[1]:.1%}"),
            ("… nobody left out", f"{strict[0]:.1%} / {strict[1]:.1%}"),
        ],
        [
            *(
                Check(f"SL{t} (stretched)", f"{got:.1%}", f"≥ {share:.0%}", got >= share)
                for (t, share), got in zip(TARGETS, real, strict=True)
            ),
            Check("event to decision, p99", f"≤ {1000 * lag:g} ms", "< 50 ms", lag < 0.05),
            *every_call(run, found),
            *([_rona(results)] if not all(one.picks_up for one in row.desks) else []),
        ],
        [f"Of the SL, those gone within {GONE:g} s are left out, except in the last line."],
        {"level": raw, "stretched": real, "strict": strict, "calls": calls},
    )


def every_call(run: Run, found: Sequence[Case], rules: Rules | None = None) -> list[Check]:
    """Check what holds for every run: one whole record a call, the queue's order, nothing left behind."""
    channels, bridges = run.stage.left_over()
    ahead = overtakings([one for one in found if one.served_by == "daemon"], rules or Rules())
    return [
        exactly("calls without a finished record", run.crowd.attempts - _finished(found), 0),
        exactly("calls offered before somebody who stood before them", len(ahead), 0),
        exactly("channels and bridges left", channels + bridges, 0),
    ]


def _finished(found: Sequence[Case]) -> int:
    return sum(one.ended is not None and one.outcome is not None for one in found)


def _outcomes(found: Sequence[Case]) -> Counter[str]:
    return Counter(str(one.outcome) for one in found)


def _offers(found: Sequence[Case]) -> Counter[str]:
    return Counter(
        str(line.data["result"]) for one in found for line in one.journal if line.kind == "offer_ended"
    )


def _rona(results: Counter[str]) -> Check:
    return Check(
        "phones that nobody picked up", str(results["rona"]), "≥ 1", results["rona"] >= 1, timed=False
    )


def lag_99(metrics: str) -> float:
    """Read the 99th percentile off a histogram of Prometheus: the bound of the bucket that holds it."""
    buckets = [(float(bound.replace("+Inf", "inf")), float(n)) for bound, n in _SAMPLE.findall(metrics)]
    total = max((n for _, n in buckets), default=0.0)
    return min((bound for bound, n in buckets if n >= 0.99 * total), default=float("inf"))
