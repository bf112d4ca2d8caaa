"""Which tests may run beside which, where several processes run them: `alone` keeps all others out.

What a test marked so tells is a matter of time, such as sound that must be heard while it is spoken. The
other process computes nothing meanwhile; its labs stand idle.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def in_company(folder: Path, *, alone: bool) -> Iterator[None]:
    """Run beside the others, or when all of them have ended.

    Whoever wants to be alone waits in the door and so lets nobody else in, or they would wait for ever.
    """
    with (folder / "door").open("w") as door, (folder / "room").open("w") as room:
        fcntl.flock(door, fcntl.LOCK_EX)
        fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(door, fcntl.LOCK_UN)
        yield
