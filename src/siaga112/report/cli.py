"""`siaga112 report`: its arguments. What it does is loaded only when it is asked for."""

import argparse
from pathlib import Path
from typing import Any

FORMATS = ("table", "csv", "json", "html")


def add_commands(commands: Any) -> None:
    """Mount `report`."""
    what = "a period's evaluation: figures, trends, call-takers, longest waits"
    command = commands.add_parser("report", help=what, description=what)
    command.add_argument("--config", type=Path, default=Path("/etc/siaga112/siaga112.toml"), metavar="FILE")
    command.add_argument("--from", dest="first", required=True, metavar="DATE", help="first day, YYYY-MM-DD")
    command.add_argument("--to", dest="last", required=True, metavar="DATE", help="last day, included")
    command.add_argument("--format", choices=FORMATS, default="table")
    command.add_argument("--language", choices=("id", "en"), help="of table and html; default: the plan's")
    command.add_argument("--out", type=Path, metavar="FILE", help="write there instead of standard output")
    command.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from siaga112.report.command import run  # noqa: PLC0415 - each command loads what it needs

    return run(args)
