"""`siaga112 lab call KIND`: real SIP calls into a running lab.

Knows argparse and prints callers.CallSummary as JSON. Does not know what a kind does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from siaga112.lab.callers import KINDS, place
from siaga112.lab.ground import Ground

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001


def add_call_command(subparsers: Subparsers) -> None:
    """Mounts `call` beside `up`."""
    call = subparsers.add_parser(
        "call",
        help="place real SIP calls into a running lab",
        description="Prints a JSON summary; exit code 1 if a call failed at SIP level.",
    )
    call.add_argument("kind", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    call.add_argument("--count", type=_natural, default=1, metavar="N", help="how many calls (default 1)")
    call.add_argument(
        "--rate", type=_positive, default=1.0, metavar="R", help="calls started in a second (default 1)"
    )
    call.add_argument(
        "--from", dest="number", metavar="NUMBER", help="the caller's number (default: one for each call)"
    )
    call.add_argument(
        "--talk",
        type=_positive,
        metavar="SECONDS",
        help="how long each caller stays once answered (default: as its kind does)",
    )
    folder = Path(tempfile.gettempdir()) / "siaga112-lab"
    call.add_argument("--dir", type=Path, default=folder, help=f"the running lab's folder (default {folder})")
    call.set_defaults(run=run_call)


def run_call(args: argparse.Namespace) -> int:
    """Places the calls and prints what became of them."""
    summary = asyncio.run(
        place(
            Ground.at(args.dir),
            args.kind,
            count=args.count,
            rate=args.rate,
            talk_s=args.talk,
            number=args.number,
        )
    )
    print(json.dumps(summary.as_dict(), indent=2))
    return 1 if summary.failed else 0


def _natural(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of 1 or more")
    return int(text)


def _positive(text: str) -> float:
    with suppress(ValueError):
        if 0 < (number := float(text)) < float("inf"):
            return number
    raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
