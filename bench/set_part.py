"""The labelled set through the ear and the whole procedure; `SIAGA112_AUDIO_SET` says where it is."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.conditions import markdown
from bench.figures import Check, Result
from bench.procedure import BEHIND, FIRST, PLACE, ends, table
from siaga112.audio import evaluate, figures
from siaga112.audio.manifest import read_manifest
from siaga112.audio.settings import DEFAULT
from siaga112.audio.table import areas

_NEARBY = Path(__file__).parent.parent.parent / "shared" / "audio"
"""Where the set lies if nothing else is said: beside the checkout, as its recordings belong to others."""
_TITLE = "The labelled set: where callers stand whom nobody picks up"
_COLUMNS = ("caller", "clips", FIRST, PLACE, BEHIND, "flagged")


def measure(say: Callable[[str], None], *, quick: bool) -> Result:
    """Judge every clip, then let each be a caller whom nobody picks up."""
    manifest = Path(os.environ.get("SIAGA112_AUDIO_SET", _NEARBY)) / "manifest.csv"
    if not manifest.exists():
        return _nothing(manifest)
    clips = read_manifest(manifest)
    clips = clips[::10] if quick else clips
    say(f"{len(clips)} clips")
    judged = evaluate.judge(clips, DEFAULT)
    folder = Path("bench-results") / "ear"
    drawn = [] if quick else [*figures.draw(judged, folder, DEFAULT), folder / "conditions.md"]
    if drawn:
        drawn[-1].write_text(markdown(judged), encoding="utf-8")
    say("the procedure")
    found = list(ends(clips))
    goals = evaluate.targets(judged, DEFAULT)
    checks = [
        *(Check(one.name, f"{one.hits} of {one.of}", one.limit, one.met, timed=False) for one in goals),
        _people_behind(found),
        _silent_behind(found),
    ]
    return Result(
        "set",
        _TITLE,
        _COLUMNS,
        table(found),
        checks=[] if quick else checks,
        notes=[
            *(f"area below the ROC, {name}: {area:.3f}" for name, area in areas(judged).items()),
            *(f"drawn: {path}" for path in drawn),
        ],
        data={"ends": found},
    )


def _nothing(manifest: Path) -> Result:
    """The set belongs to others and may not be there; the other parts can be measured all the same."""
    remedy = "SIAGA112_AUDIO_SET names the folder of a set"
    return Result(
        "set", _TITLE, _COLUMNS, [], [Check("the labelled set", f"no {manifest}", remedy, ok=False)]
    )


def _silent_behind(found: Sequence[tuple[str, str, bool]]) -> Check:
    """Who is never asked is never behind either: this tells that the question was put at all."""
    silent = [where for group, where, _ in found if group == "silent"]
    behind = silent.count(BEHIND)
    return Check(
        "silent lines put behind",
        f"{behind} of {len(silent)}",
        "all",
        behind == len(silent),
        timed=False,
    )


def _people_behind(found: Sequence[tuple[str, str, bool]]) -> Check:
    people = [where for group, where, _ in found if group == "nonverbal_human"]
    behind = people.count(BEHIND)
    return Check(
        "people without words put behind", f"{behind} of {len(people)}", "none", not behind, timed=False
    )
