"""The interpreter, set for a daemon that answers within milliseconds and lives for months."""

import asyncio
import ctypes
import gc
import sys
from typing import Final

_GIVE_BACK_S: Final = 30.0
_SWITCH_S: Final = 0.0001
_OBJECTS: Final = (10_000, 20, 50)
"""New objects before a small collection, and how many of those before a larger one."""


def be_prompt() -> None:
    """Keep the interpreter's own pauses off the calls; to be called when all is imported and put together.

    A full collection looks at every object there is, most of them modules and models that live as long as the
    process: 50 to 130 ms in the middle of a call. They are taken out of its sight, and the small collections,
    which hardly ever find anything, become rarer. And when the loop wakes up while another thread computes
    (the spool's does), it waits for that thread's turn to end: 5 ms by default.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_OBJECTS)
    sys.setswitchinterval(_SWITCH_S)


async def stay_small() -> None:
    """For ever: give memory back that is not needed any more."""
    while True:
        await asyncio.sleep(_GIVE_BACK_S)
        give_back()


def give_back() -> None:
    """Give the system the pages that were freed between others (malloc_trim(3)): half a millisecond.

    The C library itself only gives back what lies at the end. A batch of rows is a few hundred texts of half
    a kilobyte each; freed, they leave gaps that the next batch does not quite fit into.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # a word of glibc's; others do as they like
    if trim is not None:
        trim(0)
