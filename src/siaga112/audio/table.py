"""The evaluation as text and as JSON. Knows columns; judges nothing."""

from collections.abc import Sequence
from typing import Final

from siaga112.audio import score
from siaga112.audio.evaluate import HEARD, Judged, Row, Target
from siaga112.audio.events import AudioClass

_SHORT: Final = {
    AudioClass.SPEAKING: "speak",
    AudioClass.POSSIBLE_SPEECH: "poss",
    AudioClass.NOISE_ONLY: "noise",
    AudioClass.SILENT: "silent",
    AudioClass.NO_AUDIO: "no-aud",
    AudioClass.DTMF_RESPONSE: "key",
    AudioClass.TONE_MACHINE: "tone",
}
_LEGEND: Final = """\
speak … tone: clips by audio_class. missed: speakers called neither speaking nor possible_speech.
false: clips of nobody (silent, noise_only, no_audio) called speaking. alive: clips whose sounds would
have answered a challenge. s50, s95: seconds from the first word to `speaking`. Behind: clips that the
rules people use instead take for speech (TALK_DETECT: mean level of a frame ≥ 256)."""


def text(conditions: Sequence[Row], classes: Sequence[Row], targets: Sequence[Target]) -> str:
    """Both tables, the legend and the targets."""
    every = [*conditions, *classes]
    peers = list(every[0].references) if every else []
    head = ["condition", "clips", *_SHORT.values(), "missed", "false", "alive", "s50", "s95", *peers]
    lines = [[*_cells(row), *(str(row.references[peer]) for peer in peers)] for row in every]
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    formatted = [_line(cells, widths) for cells in (head, *lines)]
    rule = "─" * len(formatted[0])
    cut = 1 + len(conditions)
    parts = [formatted[0], rule, *formatted[1:cut], rule, *formatted[cut:], rule, _LEGEND, ""]
    return "\n".join([*parts, *map(_promise, targets)])


def _cells(row: Row) -> list[str]:
    speakers, nobody = row.expected == "speaking", row.expected in ("silent", "noise_only", "no_audio")
    return [
        row.name,
        str(row.clips),
        *(str(row.classes.get(name, "·")) for name in _SHORT),
        str(row.missed) if speakers else "",
        str(row.false_alarms) if nobody else "",
        str(row.alive),
        _seconds(row.latencies_sure, 0.5),
        _seconds(row.latencies_sure, 0.95),
    ]


def _seconds(values: Sequence[float], share: float) -> str:
    found = score.percentile(values, share)
    return "" if found is None else f"{found:.2f}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = zip(cells, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)])


def _promise(target: Target) -> str:
    if target.of == 0:
        return f"  --   {target.name}: no such clips in this set"
    low, high = score.wilson(target.hits, target.of)
    share = 100 * target.hits / target.of
    verdict = "ok  " if target.met else "MISS"
    return (
        f"  {verdict} {target.name}: {target.hits} of {target.of} = {share:.1f} % "
        f"(95 % interval {100 * low:.1f} to {100 * high:.1f} %), wanted {target.limit}"
    )


def as_json(
    judged: Sequence[Judged], conditions: Sequence[Row], classes: Sequence[Row], goals: Sequence[Target]
) -> dict[str, object]:
    """Everything that the table says, the ROC's area, and each clip's verdict."""
    return {
        "clips": len(judged),
        "targets": [
            {
                "name": goal.name,
                "hits": goal.hits,
                "of": goal.of,
                "wanted": goal.limit,
                "met": goal.met,
                "interval_95": score.wilson(goal.hits, goal.of),
            }
            for goal in goals
        ],
        "areas": areas(judged),
        "conditions": [_row_json(row) for row in conditions],
        "classes": [_row_json(row) for row in classes],
        "verdicts": [
            {"path": str(one.clip.take.recording.path), "expected": one.clip.expected}
            | one.outcome.verdict.as_json()
            for one in judged
        ],
    }


def _row_json(row: Row) -> dict[str, object]:
    heard = sum(row.classes.get(name, 0) for name in HEARD)
    return {
        "name": row.name,
        "expected": row.expected,
        "clips": row.clips,
        "classes": row.classes,
        "heard": heard,
        "heard_interval_95": score.wilson(heard, row.clips),
        "missed": row.missed,
        "false_alarms": row.false_alarms,
        "alive": row.alive,
        "possible_s": {
            "p50": score.percentile(row.latencies, 0.5),
            "p95": score.percentile(row.latencies, 0.95),
        },
        "speaking_s": {
            "p50": score.percentile(row.latencies_sure, 0.5),
            "p95": score.percentile(row.latencies_sure, 0.95),
        },
        "references": row.references,
    }


def curves(judged: Sequence[Judged]) -> dict[str, tuple[list[float], list[float]]]:
    """The ROC of the ear and of each reference: speakers against silence, noise, music and tones."""
    speakers = [one for one in judged if one.clip.expected == "speaking"]
    others = [
        one
        for one in judged
        if one.clip.expected in ("silent", "noise_only", "no_audio", "music", "tone_machine")
    ]
    if not speakers or not others:
        return {}
    found = {"the ear": score.roc([one.score for one in speakers], [one.score for one in others])}
    for name in speakers[0].opinions:
        found[name] = score.roc(
            [one.opinions[name].score for one in speakers],
            [one.opinions[name].score for one in others],
        )
    return found


def areas(judged: Sequence[Judged]) -> dict[str, float]:
    """The area below each ROC."""
    return {name: score.area(*curve) for name, curve in curves(judged).items()}
