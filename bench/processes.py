"""What processes use, as the kernel counts it: processor time and memory."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from siaga112.lab.lab import Lab

_TICKS = os.sysconf("SC_CLK_TCK")


def seconds_used(pid: int) -> float:
    """Processor time that a process has used so far, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_kib(pid: int) -> int:
    """Memory that a process has in RAM."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError(f"process {pid} has no memory: it has ended")


class Cores:
    """How much of a core each of some processes uses."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = dict(pids)
        self._begun = time.monotonic()
        self._before = {name: seconds_used(pid) for name, pid in self._pids.items()}

    @classmethod
    def of(cls, lab: Lab) -> Self:
        """The lab's own parts; PostgreSQL's backends, which come and go, are not counted."""
        return cls({name: pid for name, pid in lab.json["pids"].items() if name != "postgres"})

    def since(self) -> dict[str, float]:
        """Cores used since the beginning."""
        passed = time.monotonic() - self._begun
        return {name: (seconds_used(pid) - self._before[name]) / passed for name, pid in self._pids.items()}
