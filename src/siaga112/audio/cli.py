"""`siaga112 audio …` on the command line.

Knows the arguments. What the commands do, and the network they need, is loaded only when one is run.
"""

import argparse
from pathlib import Path
from typing import Any


def add_commands(subparsers: Any) -> None:
    """Mounts `audio` with its commands; each sets run, which takes the arguments to an exit code."""
    audio = subparsers.add_parser("audio", help="listen to recordings as to live callers")
    commands = audio.add_subparsers(required=True, metavar="COMMAND")
    classify = commands.add_parser("classify", help="say what is on each recording, a JSON line a file")
    classify.add_argument("files", nargs="+", type=Path, metavar="FILE")
    classify.set_defaults(run=_classify)
    judge = commands.add_parser("evaluate", help="how well the ear does on labelled recordings")
    judge.add_argument("manifest", type=Path, metavar="MANIFEST", help="CSV: path, expected_class, …")
    judge.add_argument("--figures", type=Path, metavar="DIR", help="draw the ROC and each class there")
    judge.add_argument("--json", type=Path, metavar="FILE", help="write everything there as JSON")
    judge.set_defaults(run=_evaluate)


def _classify(args: argparse.Namespace) -> int:
    from siaga112.audio.commands import run_classify  # noqa: PLC0415 - the network takes a while to load

    return run_classify(args)


def _evaluate(args: argparse.Namespace) -> int:
    from siaga112.audio.commands import run_evaluate  # noqa: PLC0415 - the network takes a while to load

    return run_evaluate(args)
