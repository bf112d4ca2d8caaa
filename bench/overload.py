"""T5 and T8 of the test matrix: more callers than call-takers can ever serve, on the real Asterisk.

T5, the earthquake: a quiet centre, then fourteen times its callers, who give up and try again. Everything is
compressed by one factor, the talks and gaps and the callers' patience alike; a ring is part of the talk.
What must come of it is said by Erlang-A.

T8, the flood: five silent calls a second beside the usual callers who need help. The flood is not compressed;
of the usual callers the gaps and talks are, so that some minutes have enough of them.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from bench.centre import Desk, Run, centre
from bench.crowd import Caller, Wave
from bench.erlang import erlang_a
from bench.figures import Check, Result, at_most, percentile
from bench.ledger import Case, level
from bench.matrix import every_call
from bench.sorts import exponential
from bench.turns import Rules
from siaga112.lab.sounds import Sound

TAKERS = 3
HANDLING, PATIENCE = 75.0, 60.0
QUIET, STEP = 30.0, 428.0
"""Calls an hour before the earthquake, and after."""
FACTOR = 10.0
RING = 0.3
REDIALS = 0.6
SURGE_WITHIN, CALM_WITHIN, POINTS = 30.0, 60.0, 0.10
FLOOD = 5.0
"""Silent calls a second."""
FLOOD_STAYS = 8.0
"""Mean seconds for which a silent caller stays, picked up or not."""
FLOOD_KNOWN = 20.0
"""Seconds after which the flood must have been noticed, and the heard go first."""
NEED = 30.0
"""Callers an hour who need help, beside the flood."""


def t5(say: Callable[[str], None], *, quick: bool, folder: Path | None = None) -> Result:
    """Measure a step to fourteen times the demand, with callers who try again, and the recovery from it."""
    people = exponential(
        "people", HANDLING / FACTOR - RING, PATIENCE / FACTOR, redials=REDIALS, redial_after=30 / FACTOR
    )
    calm, step, after = (20.0, 60.0, 40.0) if quick else (30.0, 180.0, 60.0)
    waves = [
        Wave(seconds, hourly * FACTOR, [(people, 1.0)])
        for seconds, hourly in ((calm, QUIET), (step, STEP), (after, QUIET))
    ]
    with centre(
        say, (Desk(TAKERS, RING),), {"people": "caller"}, seed=112, timings={"wrap_up": 0}, folder=folder
    ) as run:
        run.live(say, waves)
        say("waiting for the records")
        return _earthquake(run, run.cases(), run.began + calm, run.began + calm + step)


def _earthquake(run: Run, found: Sequence[Case], begin: float, end: float) -> Result:
    people = [one for one in run.crowd.callers.values() if one.attempts]
    step = [one for one in people if _first(found, one.number) is None or begin <= _began(found, one) < end]
    attempts = [one for one in found if begin <= one.began < end]
    lost = sum(not one.reached for one in step) / max(1, len(step))
    gave_up = sum(one.picked_up is None for one in attempts) / max(1, len(attempts))
    hourly = len(attempts) / (end - begin) * 3600 / FACTOR
    theory, of_attempts = _lost(STEP), _lost(hourly)
    surge, calm = surge_after(found, begin), recovered_after(found, end)
    return Result(
        "t5",
        f"T5: {QUIET:g} to {STEP:g} calls/h at once, {TAKERS} takers, redials p={REDIALS:g}, SIPp",
        ("what", "figure"),
        [
            ("callers, of them in the step", f"{len(people)}, {len(step)}"),
            ("calls placed, redials counted", str(run.crowd.attempts)),
            ("compressed", f"talks, gaps, patience by {FACTOR:g}; a ring of {RING:g} s is part of the talk"),
            ("callers whom nobody ever reached", f"{lost:.1%}; Erlang-A at {STEP:g}/h: {theory:.1%}"),
            ("calls given up", f"{gave_up:.1%}; Erlang-A at {hourly:.0f}/h, so many came: {of_attempts:.1%}"),
            ("mass event noticed", f"{surge:.1f} s and {_until(found, begin, surge)} calls after the step"),
            ("nobody waits longer than a moment", f"{calm:.1f} s after the step's end"),
        ],
        [
            Check(
                "never reached, against Erlang-A",
                f"{100 * (lost - theory):+.1f} points",
                f"± {100 * POINTS:g} points",
                abs(lost - theory) <= POINTS,
            ),
            at_most("mass event noticed within", surge, SURGE_WITHIN, "s"),
            at_most("recovered within", calm, CALM_WITHIN, "s"),
            *every_call(run, found),
        ],
        [],
        {"lost": lost, "erlang_a": theory, "gave_up": gave_up, "calls": run.crowd.attempts},
    )


def _lost(hourly: float) -> float:
    return erlang_a(hourly * HANDLING / 3600, TAKERS, HANDLING, PATIENCE).lost


def _first(found: Sequence[Case], number: str) -> Case | None:
    return min((one for one in found if one.number == number), key=lambda one: one.began, default=None)


def _began(found: Sequence[Case], caller: Caller) -> float:
    first = _first(found, caller.number)
    return caller.called_at if first is None else first.began


def surge_after(found: Sequence[Case], begin: float) -> float:
    """Seconds from the step until a caller hears the announcement of a mass event."""
    announced = (
        line.at
        for one in found
        for line in one.journal
        if line.kind == "prompt_started" and line.data["prompt"] == "surge"
    )
    return min((at - begin for at in announced if at >= begin), default=float("inf"))


def recovered_after(found: Sequence[Case], end: float, moment: float = 2.0) -> float:
    """Seconds from the step's end until the last call began that was not answered within a moment."""
    slow = [x.began for x in found if x.began >= end and (x.answer_s is None or x.answer_s > moment)]
    waiting = [(x.picked_up or x.ended or end) for x in found if x.began < end]
    return max([0.0, *(at - end for at in (*slow, *waiting))])


def _until(found: Sequence[Case], begin: float, seconds: float) -> int:
    return sum(begin <= one.began < begin + seconds for one in found)


def t8(say: Callable[[str], None], *, quick: bool, folder: Path | None = None) -> Result:
    """Measure how those who need help get through a flood of silent calls."""
    need = exponential("need", HANDLING / FACTOR - 1.0, PATIENCE)
    silent = exponential("silent", FLOOD_STAYS, FLOOD_STAYS)
    mute = exponential("mute", FLOOD_STAYS, FLOOD_STAYS)
    flood = FLOOD * 3600
    sorts = [(need, NEED * FACTOR), (silent, flood / 2), (mute, flood / 2)]
    wave = Wave(60.0 if quick else 240.0, NEED * FACTOR + flood, sorts)
    sounds: dict[str, Sound | None] = {"need": "caller", "silent": "silence", "mute": None}
    with centre(
        say, (Desk(TAKERS, 1.0),), sounds, seed=112, timings={"wrap_up": 20 / FACTOR}, folder=folder
    ) as run:
        run.live(say, [wave], patience=30.0)
        say("waiting for the records")
        return _flood(run, run.cases(), Rules(flood_from=run.began + FLOOD_KNOWN))


def _flood(run: Run, found: Sequence[Case], rules: Rules) -> Result:
    who = {one.number: one.sort.name for one in run.crowd.callers.values()}
    need = [one for one in found if who[one.number] == "need"]
    ghosts = [one for one in found if who[one.number] != "need"]
    waits = [one.answer_s for one in need if one.answer_s is not None]
    sl20 = level(need, 20.0)
    middle = f"{percentile(waits, 0.5):.1f} / {percentile(waits, 0.9):.1f} s" if waits else "nobody"
    return Result(
        "t8",
        f"T8: {FLOOD:g} silent calls/s beside {NEED:g}/h who need help, {TAKERS} takers, SIPp",
        ("what", "figure"),
        [
            ("calls placed", f"{len(ghosts)} of the flood, {len(need)} who need help"),
            (
                "the flood",
                f"half silence, half no audio; each stays {FLOOD_STAYS:g} s on average, picked up or not",
            ),
            ("compressed", f"gaps and talks of those who need help, wrap-up, by {FACTOR:g}"),
            ("picked up", f"{_picked_up(need)} who need help, {_picked_up(ghosts)} of the flood"),
            ("answered after, median and p90", middle),
            ("SL15 / SL20 of those who need help", f"{level(need, 15.0):.1%} / {sl20:.1%}"),
            ("given to the fallback", str(sum(one.served_by == "fallback" for one in found))),
        ],
        [
            Check("SL20 of those who need help", f"{sl20:.1%}", "≥ 90%", sl20 >= 0.9),
            *every_call(run, found, rules),
        ],
        [],
        {"sl20": sl20, "need": len(need), "flood": len(ghosts), "waits": waits},
    )


def _picked_up(found: Sequence[Case]) -> int:
    return sum(one.picked_up is not None for one in found)
