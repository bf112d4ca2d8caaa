"""What `siaga112 audio classify` and `siaga112 audio evaluate` do: the live ear on recordings.

Knows arguments, output and exit codes. Does not know how anything is heard.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from siaga112.audio import evaluate, table
from siaga112.audio.detector import Detector
from siaga112.audio.manifest import read_manifest
from siaga112.audio.network import VoiceNetwork
from siaga112.audio.replay import SIDE_BY_SIDE, Take, replay
from siaga112.audio.settings import DEFAULT
from siaga112.audio.wav import RecordingError, read


def run_classify(args: argparse.Namespace) -> int:
    """One JSON line a file on standard output, one sentence a bad file on standard error."""
    detector = Detector(VoiceNetwork(), DEFAULT)
    bad = False
    for paths in _batches(args.files):
        takes = []
        for path in paths:
            try:
                takes.append(Take(read(path)))
            except RecordingError as error:
                bad = True
                sys.stderr.write(f"siaga112: {error}\n")
        for take, outcome in zip(takes, replay(takes, detector, DEFAULT), strict=True):
            line = {"path": str(take.recording.path)} | outcome.verdict.as_json()
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return 2 if bad else 0


def run_evaluate(args: argparse.Namespace) -> int:
    """The table of conditions on standard output; pictures and JSON where they are wanted."""
    try:
        clips = read_manifest(args.manifest)
    except RecordingError as error:
        sys.stderr.write(f"siaga112: {error}\n")
        return 2
    judged = evaluate.judge(clips, DEFAULT)
    conditions = evaluate.rows(judged, DEFAULT, by_class=False)
    classes = evaluate.rows(judged, DEFAULT, by_class=True)
    goals = evaluate.targets(judged, DEFAULT)
    sys.stdout.write(table.text(conditions, classes, goals) + "\n")
    for name, area in table.areas(judged).items():
        sys.stdout.write(f"  area below the ROC, {name}: {area:.3f}\n")
    if args.json:
        content = json.dumps(table.as_json(judged, conditions, classes, goals), indent=1)
        args.json.write_text(content + "\n", encoding="utf-8")
    if args.figures:
        from siaga112.audio import figures  # noqa: PLC0415  # drawing is slow to import

        for path in figures.draw(judged, args.figures, DEFAULT):
            sys.stdout.write(f"  drawn: {path}\n")
    return 0


def _batches(paths: list[Path]) -> Iterator[list[Path]]:
    for first in range(0, len(paths), SIDE_BY_SIDE):
        yield paths[first : first + SIDE_BY_SIDE]
