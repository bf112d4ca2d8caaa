"""The options that several commands have in common."""

import argparse
from pathlib import Path
from typing import Final

CONFIG: Final = Path("/etc/siaga112/siaga112.toml")
"""Where the configuration is when nobody says otherwise."""


def add_config(command: argparse.ArgumentParser) -> None:
    """Let a command be told where the configuration is."""
    command.add_argument("--config", type=Path, default=CONFIG, metavar="FILE")


def add_period(command: argparse.ArgumentParser) -> None:
    """Let a command be told from which day to which, as `first` and `last`."""
    command.add_argument("--from", dest="first", required=True, metavar="DATE", help="first day, YYYY-MM-DD")
    command.add_argument("--to", dest="last", required=True, metavar="DATE", help="last day, included")
