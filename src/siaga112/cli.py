"""The command line: `siaga112 …` and `python -m siaga112 …`.

Knows the sub-commands and turns errors into one sentence and an exit code. Knows nothing of what they do.
"""

import argparse
import sys
from collections.abc import Sequence

import siaga112.lab.cli
from siaga112.errors import Siaga112Error


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="siaga112", description="Answers 112 beside Asterisk.")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    siaga112.lab.cli.add_commands(subparsers)
    args = parser.parse_args(argv)
    try:
        return int(args.run(args))
    except Siaga112Error as error:
        print(f"siaga112: {error}", file=sys.stderr)
        return 1
