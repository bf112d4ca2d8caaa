"""One long-running process of the lab: start, signal, wait, stop.

Knows process groups, signals and bubblewrap's report of the inner process. Does not know what the
process is for.

No process outlives us: each is told by the kernel when its parent dies (bwrap --die-with-parent,
setpriv --pdeathsig). The kernel means the parent's *thread*, so a `Process` must be started from a
thread that lives as long as the lab.
"""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from siaga112.lab.errors import LabError
from siaga112.lab.sandbox import Sandbox, why_not

# We may have died before the child asked to be told of it: then it has another parent by now.
_STILL_THERE = 'test "$PPID" = "$0" && exec "$@"'


class Process:
    """A child in a session of its own, with its output in a log file."""

    def __init__(self, name: str, popen: "subprocess.Popen[bytes]", pid: int, log: Path) -> None:
        self.name = name
        self.pid = pid
        """The program's own process id (not that of the bwrap that watches it)."""
        self.log = log
        self._popen = popen

    @classmethod
    def inside(
        cls,
        name: str,
        sandbox: Sandbox,
        command: Sequence[str],
        log: Path,
        *,
        same_path: Sequence[Path] = (),
    ) -> "Process":
        """Start a command in the sandbox."""
        reading, writing = os.pipe()
        argv = sandbox.argv(command, same_path=same_path)
        argv[1:1] = ["--info-fd", str(writing)]
        with log.open("ab") as output:
            popen = _spawn(argv, output, pass_fds=(writing,))
        os.close(writing)
        with os.fdopen(reading) as info:
            report = info.read()
        if not report:
            popen.wait()
            raise LabError(f"{name} did not start: {why_not(tail(log))}")
        return cls(name, popen, int(json.loads(report)["child-pid"]), log)

    @classmethod
    def outside(
        cls, name: str, command: Sequence[str], log: Path, environment: dict[str, str] | None = None
    ) -> "Process":
        """Start a command of the host."""
        with log.open("ab") as output:
            argv = [setpriv(), "--pdeathsig", "KILL", "sh", "-c", _STILL_THERE, str(os.getpid())]
            popen = _spawn([*argv, *command], output, environment=environment)
        return cls(name, popen, popen.pid, log)

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._popen.poll() is None

    @property
    def returncode(self) -> int | None:
        """Its exit code once it has ended."""
        return self._popen.poll()

    def check(self) -> None:
        """Raise, with the end of its log, if it has ended."""
        if not self.alive:
            raise LabError(f"{self.name} ended with code {self.returncode}:\n{tail(self.log)}")

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the program itself."""
        if self.alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def freeze(self) -> None:
        """Stop it and all that it started, as a hung machine would."""
        for pid in self._everyone():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        for pid in self._everyone():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def stop(self, ask: signal.Signals = signal.SIGTERM, patience: float = 10.0) -> None:
        """Ask it to end; after `patience` seconds, end it."""
        self.thaw()
        self.send(ask)
        try:
            self._popen.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it and all that it started, now."""
        self.send(signal.SIGKILL)
        self._popen.wait()

    def wait(self, patience: float | None = None) -> int:
        """Wait for its end and return its code."""
        return self._popen.wait(patience)

    def _everyone(self) -> list[int]:
        """The program and, when it has a process namespace of its own, all others in it."""
        ours, its = _namespace(os.getpid()), _namespace(self.pid)
        if its in {None, ours}:
            return [self.pid]
        pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return [pid for pid in pids if _namespace(pid) == its]


def tail(log: Path, lines: int = 20) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""


def setpriv() -> str:
    """Where setpriv is, which makes the kernel end a child when its parent ends."""
    found = shutil.which("setpriv")
    if found is None:
        raise LabError("setpriv is missing: `apt-get install util-linux`")
    return found


def _namespace(pid: int) -> str | None:
    try:
        return str(Path(f"/proc/{pid}/ns/pid").readlink())
    except OSError:
        return None


def _spawn(
    argv: Sequence[str],
    output: IO[bytes],
    *,
    pass_fds: Sequence[int] = (),
    environment: dict[str, str] | None = None,
) -> "subprocess.Popen[bytes]":
    # A session of its own: Ctrl-C at the terminal reaches the lab only, which then stops its parts in order.
    return subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=pass_fds,
        env=None if environment is None else os.environ | environment,
    )
