"""`bench/ear.py`, which is a program of its own, as a part of the whole."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.figures import Result, at_least, ratio

LEAST = 300
_PROGRAM = Path(__file__).parent / "ear.py"


def measure(say: Callable[[str], None], *, quick: bool) -> Result:
    """Run it and read what it found."""
    say("callers a core")
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "ear.json"
        command = [sys.executable, str(_PROGRAM), "--json", str(found)]
        command += ["--callers", "60"] if quick else []
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
        data = json.loads(found.read_text(encoding="utf-8"))
    rates = data["callers_a_core"]
    own = next(iter(rates.values()))
    rows = [(name, f"{rate:,.0f}", f"{ratio(rate, own):.2f} x") for name, rate in rates.items()]
    return Result(
        "ear",
        "Callers that one core can listen to",
        ("what", "callers", "of the ear"),
        rows,
        checks=[at_least("callers a core, from bytes to verdicts", own, LEAST, "callers")],
        data=data,
    )
