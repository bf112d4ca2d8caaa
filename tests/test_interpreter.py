"""The interpreter's settings, seen from outside: a process that has freed memory shows it."""

import subprocess
import sys

PROGRAM = """
from siaga112.interpreter import give_back

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4

texts = [bytes(700) for _ in range(40_000)]
kept = texts[::20]
del texts
before = resident()
give_back()
print(before - resident())
"""


def test_freed_memory_goes_back_though_something_lies_behind_it() -> None:
    """Of 28 MB of texts every twentieth stays: more than half of the pages between them are given back."""
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) > 14_000
