"""The table of conditions as docs/ear.md has it: what clips of each sort are taken for. Text only."""

from collections.abc import Iterator, Sequence

from siaga112.audio.evaluate import Judged, Row, rows
from siaga112.audio.events import AudioClass
from siaga112.audio.settings import DEFAULT

_NAMES = {
    AudioClass.SPEAKING: "speaking",
    AudioClass.POSSIBLE_SPEECH: "possible",
    AudioClass.NOISE_ONLY: "noise",
    AudioClass.SILENT: "silent",
    AudioClass.NO_AUDIO: "no audio",
    AudioClass.DTMF_RESPONSE: "key",
    AudioClass.TONE_MACHINE: "tone",
}


def markdown(judged: Sequence[Judged]) -> str:
    """Every condition, then all clips of a class; the references last."""
    conditions = rows(judged, DEFAULT, by_class=False)
    classes = rows(judged, DEFAULT, by_class=True)
    head = ("condition", "clips", *_NAMES.values(), "missed", *classes[0].references)
    lines = [head, ("---",) * len(head)]
    lines += [tuple(_cells(row, row.name)) for row in conditions]
    lines += [tuple(_cells(row, f"**{row.name}**")) for row in classes]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cells(row: Row, name: str) -> Iterator[str]:
    yield from (name, str(row.clips))
    yield from (str(row.classes.get(one, "")) for one in _NAMES)
    yield str(row.missed) if row.expected == "speaking" else ""
    yield from map(str, row.references.values())
