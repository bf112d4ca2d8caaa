"""`bench/tap.py`, which is a program of its own, as a part of the whole."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.figures import Check, Result

_COLUMNS = ("callers", "frames", "late", "lost", "loop lag p99", "idle", "daemon", "ear")


def measure(say: Callable[[str], None], *, quick: bool) -> Result:
    """Run it with the callers that must be borne, and with twice as many to show the limit."""
    say("callers, the whole way")
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "tap.json"
        command = [sys.executable, "-m", "bench.tap", "--json", str(found), "--callers"]
        command += ["50"] if quick else ["200", "400"]
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
        runs = json.loads(found.read_text(encoding="utf-8"))
    return Result(
        "tap",
        "Callers listened to at once, from UDP packets to verdicts",
        _COLUMNS,
        [_row(run) for run in runs],
        checks=_checks(runs[0]),
        notes=["lag: of the daemon's event loop; idle: before anybody called; cores: of the two processes"],
        data={"runs": runs},
    )


def _row(run: dict[str, Any]) -> tuple[str, ...]:
    return (
        str(run["callers"]),
        f"{run['frames_heard']:,}",
        str(run["late_frames"]),
        str(run["lost_frames"]),
        f"{run['loop_lag_ms_p99']:.1f} ms",
        f"{run['idle_lag_ms_p99']:.1f} ms",
        f"{run['daemon_cores']:.2f} cores",
        f"{run['ear_cores']:.2f} cores",
    )


def _checks(run: dict[str, Any]) -> list[Check]:
    callers, lag = run["callers"], run["loop_lag_ms_p99"]
    late = run["late_frames"] + run["lost_frames"]
    return [
        Check(f"{callers} callers: frames late or lost", str(late), "0", ok=late == 0),
        Check(f"{callers} callers: loop lag p99", f"{lag:g} ms", "10 ms at most", ok=lag <= 10),
    ]
