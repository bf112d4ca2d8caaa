"""`python -m bench [PART …]`: run parts of the bench, show what they found, write it down.

Exit status 1 if something is wrong that no slow machine excuses (a failed call, a missing record, a channel
left behind, memory that grows); a figure that is missed is marked, as it may be the machine's fault.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from bench import (
    ear_part,
    load,
    matrix,
    memory,
    offer,
    overload,
    records,
    report,
    router,
    set_part,
    simulate,
    tap_part,
    taps_part,
    year,
)
from bench.figures import Result
from bench.wire import NoCaptureError
from siaga112.errors import Siaga112Error

Part = Callable[..., Result]
PARTS: dict[str, Part] = {
    "offer": offer.measure,
    "load": load.measure,
    "router": router.measure,
    "simulate": simulate.measure,
    "t3": matrix.t3,
    "t4": matrix.t4,
    "t5": overload.t5,
    "t8": overload.t8,
    "memory": memory.measure,
    "ear": ear_part.measure,
    "tap": tap_part.measure,
    "taps": taps_part.measure,
    "set": set_part.measure,
    "records": records.measure,
    "year": year.measure,
}


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="What siaga112 costs.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of: {', '.join(PARTS)} (all)")
    parser.add_argument("--quick", action="store_true", help="a fraction of the calls: to try it out")
    parser.add_argument("--out", type=Path, default=Path("bench-results"), help="the folder for the figures")
    args = parser.parse_args()
    unknown = [name for name in args.parts if name not in PARTS]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    console = Console()
    results = []
    try:
        for name in args.parts or PARTS:
            where = report.machine()
            with console.status(f"[bold]{name}[/bold]") as status:
                result = PARTS[name](_sayer(status.update, name), quick=args.quick)
            report.show(console, result)
            report.write(args.out, [result], where)
            results.append(result)
    except (NoCaptureError, Siaga112Error) as error:
        console.print(f"[red]bench: {error}[/red]", highlight=False)
        return 1
    console.print(f"figures: {args.out}/*.json, {args.out}/summary.md", highlight=False)
    return 0 if all(result.sound for result in results) else 1


def _sayer(update: Callable[[str], None], name: str) -> Callable[[str], None]:
    return lambda words: update(f"[bold]{name}[/bold] {words}")


if __name__ == "__main__":
    sys.exit(main())
