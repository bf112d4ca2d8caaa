"""What a write costs that does nothing but reach the disk: the least that any spool can take there."""

import os
import time
from pathlib import Path

PAGES = 2
"""As many as a usual group of rows fills."""
_PAGE, _ROOM = 4096, 16 << 20


def synced(path: Path, *, every: float, seconds: float) -> list[float]:
    """Write into a file that has its size already, and wait for the disk each time.

    Args:
        path: The file; it is made, and stays.
        every: Seconds from one write to the next.
        seconds: How long.

    Returns:
        Milliseconds, one for each write.
    """
    took: list[float] = []
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.write(file, bytes(_ROOM))
        os.fsync(file)
        begun = time.monotonic()
        while (due := begun + len(took) * every) < begun + seconds:
            time.sleep(max(0.0, due - time.monotonic()))
            before = time.perf_counter()
            os.pwrite(file, b"x" * _PAGE * PAGES, len(took) * _PAGE * PAGES % _ROOM)
            os.fdatasync(file)
            took.append((time.perf_counter() - before) * 1000)
    finally:
        os.close(file)
    return took
