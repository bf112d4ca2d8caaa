"""Processes of the lab: nothing outlives who started it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from siaga112.lab.errors import LabError
from siaga112.lab.processes import Process
from siaga112.lab.waiting import until

# Starts a child as the lab does, says its process id, and waits to be killed.
PARENT = """
import sys, time
from pathlib import Path
from siaga112.lab.processes import Process
print(Process.outside("child", ["sleep", "600"], Path(sys.argv[1])).pid, flush=True)
time.sleep(600)
"""


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return "gone"


def _wait(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def test_killed_parent_takes_its_children_along(tmp_path: Path) -> None:
    """A lab that is killed (-9) takes along what it started, at whatever moment."""
    with subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-c", PARENT, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert _state(child) != "gone"
        parent.kill()
    assert _wait(lambda: _state(child) in {"gone", "Z"})


def test_own_process_group(tmp_path: Path) -> None:
    """Ctrl-C at the terminal does not reach a part: the lab stops it in its turn."""
    process = Process.outside("sleep", ["sleep", "600"], tmp_path / "log")
    try:
        assert os.getpgid(process.pid) != os.getpgid(0)
    finally:
        process.kill()


def test_freeze_and_thaw(tmp_path: Path) -> None:
    """A frozen process does nothing, not even end when asked, until it is thawed."""
    process = Process.outside("sleep", ["sleep", "600"], tmp_path / "log")
    process.freeze()
    assert _wait(lambda: _state(process.pid) == "T")
    process.send(signal.SIGTERM)
    assert process.alive
    process.thaw()
    assert process.wait(10) == -signal.SIGTERM


def test_stop_does_not_wait_for_ever(tmp_path: Path) -> None:
    """Who does not end when asked is ended."""
    process = Process.outside("deaf", ["sh", "-c", "trap '' TERM; echo ready; sleep 600"], tmp_path / "log")
    until("deaf", lambda: "ready" in (tmp_path / "log").read_text(), process, patience=10)
    process.stop(patience=0.1)
    assert process.returncode == -signal.SIGKILL


def test_early_end_is_told_with_the_log(tmp_path: Path) -> None:
    """A part that ends while it is waited for is an error that shows its last words."""
    process = Process.outside("weak", ["sh", "-c", "echo no such database; exit 3"], tmp_path / "log")
    with pytest.raises(LabError, match=r"weak ended with code 3:\nno such database"):
        until("weak", lambda: False, process, patience=10)


def test_late_readiness_is_told(tmp_path: Path) -> None:
    """A part that never gets ready is an error that says how long it was waited for."""
    process = Process.outside("slow", ["sleep", "600"], tmp_path / "log")
    try:
        with pytest.raises(LabError, match=r"slow was not ready after 0\.05 s"):
            until("slow", lambda: False, process, patience=0.05)
    finally:
        process.kill()
