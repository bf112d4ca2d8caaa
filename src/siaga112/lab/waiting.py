"""Waiting for a condition.

Knows the clock. Does not know what is waited for.
"""

import time
from collections.abc import Callable

from siaga112.lab.errors import LabError
from siaga112.lab.processes import Process, tail


def until(
    what: str,
    ready: Callable[[], bool],
    process: Process,
    *,
    patience: float,
    interval: float = 0.02,
) -> None:
    """Return as soon as `ready()`; raise when the process ends or the patience does."""
    deadline = time.monotonic() + patience
    while not ready():
        process.check()
        if time.monotonic() > deadline:
            raise LabError(f"{what} was not ready after {patience:g} s:\n{tail(process.log)}")
        time.sleep(interval)
