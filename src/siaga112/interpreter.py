"""The interpreter, set for a daemon that answers within milliseconds."""

import gc
import sys
from typing import Final

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
