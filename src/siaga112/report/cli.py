"""`siaga112 report`: its arguments. What it does is loaded only when it is asked for."""

import argparse
from pathlib import Path
from typing import Any

from siaga112.options import add_config, add_period

FORMATS = ("table", "csv", "json", "html")


def add_commands(commands: Any) -> None:
    """Mount `report`."""
    what = "a period's evaluation: figures, trends, call-takers, longest waits"
    command = commands.add_parser("report", help=what, description=what)
    add_config(command)
    add_period(command)
    command.add_argument("--format", choices=FORMATS, default="table")
    command.add_argument("--language", choices=("id", "en"), help="of table and html; default: the plan's")
    command.add_argument("--out", type=Path, metavar="FILE", help="write there instead of standard output")
    command.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from siaga112.report.command import run  # noqa: PLC0415 - each command loads what it needs

    return run(args)
