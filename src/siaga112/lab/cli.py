"""`siaga112 lab up` and `siaga112 lab asterisk`; `lab call` is in call_cli.py.

Knows argparse, signals and lab.json. Does not know how a lab is made.
"""

import argparse
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from siaga112.lab.asterisk import Asterisk
from siaga112.lab.call_cli import add_call_command
from siaga112.lab.errors import LabError
from siaga112.lab.lab import Lab
from siaga112.lab.layout import Layout
from siaga112.lab.root import ensure_root

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - it has no public name

DEFAULT_DIR = Path(tempfile.gettempdir()) / "siaga112-lab"


def add_commands(subparsers: "Subparsers") -> None:
    """Mount `lab` and its sub-commands."""
    lab = subparsers.add_parser("lab", help="a whole 112 centre on this machine, for trying and testing")
    commands = lab.add_subparsers(required=True, metavar="COMMAND")
    add_up(commands)
    add_asterisk(commands)
    add_call_command(commands)


def add_up(commands: "Subparsers") -> None:
    """`lab up`."""
    up = commands.add_parser("up", help="start Asterisk, PostgreSQL, the daemon and simulated call-takers")
    add_dir(up)
    up.add_argument("--agents", type=_count, default=3, metavar="N", help="simulated call-takers (default 3)")
    up.add_argument(
        "--sip-port", type=_port, default=0, metavar="P", help="SIP, UDP and TCP (default: a free one)"
    )
    up.add_argument(
        "--http-port", type=_port, default=0, metavar="P", help="the daemon's (default: a free one)"
    )
    up.add_argument("--no-daemon", action="store_true", help="Asterisk, PostgreSQL and phones only")
    up.set_defaults(run=run_up)


def add_asterisk(commands: "Subparsers") -> None:
    """`lab asterisk`."""
    asterisk = commands.add_parser("asterisk", help="run a command on the lab's Asterisk")
    asterisk.add_argument("line", metavar="'CLI command'")
    add_dir(asterisk)
    asterisk.set_defaults(run=run_asterisk)


def add_dir(parser: argparse.ArgumentParser) -> None:
    """The option that says which lab."""
    parser.add_argument(
        "--dir", type=Path, default=DEFAULT_DIR, help=f"the lab's folder (default {DEFAULT_DIR})"
    )


def run_up(args: argparse.Namespace) -> int:
    """Start a lab, say so, and stop it at Ctrl-C or SIGTERM."""
    stopping = threading.Event()
    lab = Lab(
        args.dir,
        agents=args.agents,
        sip_port=args.sip_port,
        http_port=args.http_port,
        daemon=not args.no_daemon,
        say=_say,
    )
    status = 130
    with _stop_signals(stopping), lab:
        # Before the line is out: whoever reads it may interrupt at once, and that is an end in order.
        status = 0
        print(f"ready {lab.layout.json}", flush=True)
        _watch(lab, stopping)
    # Ctrl-C ends up here as well: _stop_signals takes the interrupt, Lab.__exit__ has stopped it all.
    return status


def _watch(lab: Lab, stopping: threading.Event) -> None:
    """Wait for the end; a part that ends before is told once and left as it is: labs are for killing."""
    told: set[int] = set()
    while not stopping.wait(0.5):
        for part in lab.parts():
            if not part.alive and part.pid not in told:
                told.add(part.pid)
                _say(f"{part.name} ended with code {part.returncode}; its log: {part.log}")


def run_asterisk(args: argparse.Namespace) -> int:
    """Print what the lab's Asterisk answers."""
    layout = Layout(args.dir.resolve())
    if not layout.json.exists():
        raise LabError(f"no lab runs in {layout.dir}: start one with `siaga112 lab up --dir {layout.dir}`")
    print(Asterisk(ensure_root().fs, layout).cli(args.line), end="")
    return 0


@contextmanager
def _stop_signals(stopping: threading.Event) -> Iterator[None]:
    # Until the lab is up, a signal has to break into what is being waited for; afterwards it only
    # sets the flag.
    def stop(_number: int, _frame: FrameType | None) -> None:
        if stopping.is_set():
            return
        stopping.set()
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for number, action in before.items():
            signal.signal(number, action)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) > 20:
        raise argparse.ArgumentTypeError("there are twenty seats: 0 to 20")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError("a port is 1 to 65535, or 0 for any free one")
    return int(text)
