"""The command line: `siaga112 …` and `python -m siaga112 …`.

Knows the sub-commands and turns errors into one sentence and an exit status. Knows nothing of what they do.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from siaga112 import __version__
from siaga112.errors import Siaga112Error
from siaga112.options import add_config

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - it has no public name


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    args = _parser().parse_args(argv)
    try:
        status: int = args.run(args)
    except Siaga112Error as error:
        print(f"siaga112: {error}", file=sys.stderr)
        return error.exit_status
    return status


def _parser() -> argparse.ArgumentParser:
    import siaga112.audio.cli  # noqa: PLC0415 - the daemon need not load what only a desk needs
    import siaga112.clearance  # noqa: PLC0415
    import siaga112.export  # noqa: PLC0415
    import siaga112.lab.cli  # noqa: PLC0415
    import siaga112.records  # noqa: PLC0415
    import siaga112.report.cli  # noqa: PLC0415

    parser = argparse.ArgumentParser(prog="siaga112", description="Answers 112 beside Asterisk.")
    parser.add_argument("--version", action="version", version=f"siaga112 {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _with_config(commands, "run", "the daemon, in the foreground", _run)
    _with_config(commands, "check", "would a call be served, and what mends it if not", _check)
    _with_config(commands, "migrate", "bring the database up to date", _migrate)
    _with_config(commands, "agents", "who is in what state", _agents)
    _with_config(commands, "calls", "what is going on now", _calls)
    siaga112.lab.cli.add_commands(commands)
    siaga112.audio.cli.add_commands(commands)
    siaga112.report.cli.add_commands(commands)
    siaga112.records.add_commands(commands)
    siaga112.clearance.add_commands(commands)
    siaga112.export.add_commands(commands)
    return parser


def _with_config(
    commands: "Subparsers", name: str, what: str, run: Callable[[argparse.Namespace], int]
) -> None:
    """Add a command that needs the configuration."""
    command = commands.add_parser(name, help=what, description=what)
    add_config(command)
    command.set_defaults(run=run)


def _run(args: argparse.Namespace) -> int:
    from siaga112.daemon import run  # noqa: PLC0415 - each command loads what it needs

    return run(args.config)


def _check(args: argparse.Namespace) -> int:
    from siaga112.check.doctor import run  # noqa: PLC0415

    return run(args.config)


def _migrate(args: argparse.Namespace) -> int:
    from siaga112.config import load_settings  # noqa: PLC0415
    from siaga112.store.migrate import migrate  # noqa: PLC0415

    applied = asyncio.run(migrate(load_settings(args.config).postgres.dsn.get_secret_value()))
    print(
        "\n".join(f"applied {one.version:04d}_{one.name}" for one in applied) or "the database is up to date"
    )
    return 0


def _agents(args: argparse.Namespace) -> int:
    from siaga112 import views  # noqa: PLC0415

    views.show_agents(args.config)
    return 0


def _calls(args: argparse.Namespace) -> int:
    from siaga112 import views  # noqa: PLC0415

    views.show_calls(args.config)
    return 0
