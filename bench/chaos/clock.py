"""The daemon with a wall clock that can be set: `python -m bench.chaos.clock FILE run --config …`.

The file holds by how many seconds the clock is wrong. Nothing of the daemon is changed but `time.time`, and
that before anything of it is loaded: to set the machine's own clock would hit everything on it.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path


def _wrong(true: Callable[[], float], file: Path) -> Callable[[], float]:
    def now() -> float:
        return true() + float(file.read_text() or 0)

    return now


if __name__ == "__main__":
    time.time = _wrong(time.time, Path(sys.argv.pop(1)))
    from siaga112.cli import main

    sys.exit(main())
