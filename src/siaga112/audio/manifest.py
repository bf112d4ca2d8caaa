"""A labelled set of recordings: a CSV file beside them says what each one is.

Knows the columns: path, expected_class (both needed), condition, speech_segments ("1.2-3.4;5.0-6.1",
seconds), lost_frames_20ms ("0-49;120-120", packets that never arrive). Other columns are ignored.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

from siaga112.audio.replay import Take
from siaga112.audio.wav import RecordingError, read


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording and what is known of it."""

    take: Take
    condition: str
    expected: str
    speech: tuple[tuple[float, float], ...] = ()
    """From when to when somebody speaks."""

    @property
    def first_word_s(self) -> float | None:
        """When the first word begins."""
        return self.speech[0][0] if self.speech else None


def read_manifest(path: Path) -> list[Clip]:
    """Reads the manifest and every recording it names.

    Raises:
        RecordingError: with the reason and the remedy in one sentence.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RecordingError(
            f"{path}: cannot be read as a manifest ({error}); give a UTF-8 CSV file with the "
            "columns path and expected_class"
        ) from error
    if not rows or not {"path", "expected_class"} <= rows[0].keys():
        raise RecordingError(
            f"{path}: has no rows, or not the columns path and expected_class; add them "
            "(condition, speech_segments and lost_frames_20ms are optional)"
        )
    return [_clip(path, number, row) for number, row in enumerate(rows, start=2)]


def _clip(manifest: Path, number: int, row: dict[str, str | None]) -> Clip:
    expected = row.get("expected_class") or ""
    try:
        speech = tuple((float(a), float(b)) for a, b in _ranges(row.get("speech_segments")))
        lost = tuple((int(a), int(b)) for a, b in _ranges(row.get("lost_frames_20ms")))
    except ValueError as error:
        raise RecordingError(
            f"{manifest}: line {number}: {error}; write ranges as start-end;start-end"
        ) from error
    take = Take(read(manifest.parent / (row.get("path") or "")), lost)
    return Clip(take, row.get("condition") or expected, expected, speech)


def _ranges(text: str | None) -> list[tuple[str, str]]:
    ranges = []
    for part in filter(None, (text or "").split(";")):
        start, dash, end = part.partition("-")
        if not dash:
            raise ValueError(f"{part!r} is not a range")
        ranges.append((start, end))
    return ranges
