"""The lab as the bench needs it: all twenty phones ready, no rest after a call, the plain reference beside.

Knows how to bend a lab without touching the product's files: by a file of its own in the lab's copy of the
dialplan. Does not know what is measured.
"""

import asyncio
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import asyncpg

from siaga112.lab.callers import CallSummary, place
from siaga112.lab.ground import Ground
from siaga112.lab.lab import SEATS, Lab
from siaga112.lab.phones import Phones

TALK_S = 0.35
"""How long callers stay: short, so that twenty phones are enough for forty calls a second."""
OURS, PLAIN = "112", "7000"
"""What is dialled to reach a call-taker through siaga112, and by a plain Dial() of one of the same phones."""

_DIALPLAN = f"""; Written by the bench: what siaga112 is compared with.
[from-trunk](+)
; The call's own number picks the phone, in turn: as cheap as a choice can be.
exten => {PLAIN},1,Dial(PJSIP/$[101 + ${{CUT(UNIQUEID,.,2)}} % 20])
"""
_PATIENCE_S = 30.0


class Stage:
    """A lab that runs, and what can be done with it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.ground = Ground.of(lab)

    @property
    def sip_port(self) -> int:
        """Where Asterisk listens."""
        return self.lab.site.sip_port

    def calls(self, count: int, rate: float, *, dialled: str = OURS) -> CallSummary:
        """Place calls and wait until the last of them has ended."""
        placed = place(
            self.ground, "talk", count=count, rate=rate, talk_s=TALK_S, dialled=dialled, answer_s=20
        )
        return asyncio.run(placed)

    def left_over(self) -> tuple[int, int]:
        """Count the channels and bridges that are left once everybody has had time to go."""
        until = time.monotonic() + 5
        while True:
            left = self._channels(), self._bridges()
            if left == (0, 0) or time.monotonic() > until:
                return left
            time.sleep(0.2)

    def _channels(self) -> int:
        said = self.lab.asterisk_cli("core show channels count")
        found = re.search(r"(\d+) active channels?", said)
        if found is None:
            raise RuntimeError(f"Asterisk does not say how many channels it has: {said!r}")
        return int(found[1])

    def _bridges(self) -> int:
        lines = self.lab.asterisk_cli("bridge show all").splitlines()
        return len([line for line in lines[1:] if line.strip()])

    def records(self, numbers: list[str]) -> dict[str, int]:
        """Count each caller's records in PostgreSQL, once all have arrived or the patience is over."""
        until = time.monotonic() + _PATIENCE_S
        while True:
            found = asyncio.run(_count(self.lab.dsn, numbers))
            if len(found) >= len(numbers) or time.monotonic() > until:
                return found
            time.sleep(0.5)


async def _count(dsn: str, numbers: list[str]) -> dict[str, int]:
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            "select caller_number, count(*) from siaga112.call_record"
            " where caller_number = any($1) and ended_at is not null group by 1",
            numbers,
        )
    finally:
        await connection.close()
    return {row[0]: row[1] for row in rows}


@contextmanager
def stage(say: Callable[[str], None], folder: Path | None = None) -> Iterator[Stage]:
    """Run a lab with every phone ready, for one part of the bench; see `empty_stage`."""
    with empty_stage(say, folder, timings={"wrap_up": 0}) as ready:
        say(f"{len(SEATS)} call-takers …")
        with Phones(ready.ground, len(SEATS), answer_after=0.0):
            yield ready


@contextmanager
def empty_stage(
    say: Callable[[str], None],
    folder: Path | None = None,
    *,
    timings: Mapping[str, float],
    seats: Sequence[str] = SEATS,
    events: bool = False,
) -> Iterator[Stage]:
    """Run a lab without phones.

    Args:
        say: Is told what is being done.
        folder: Where; a folder of our own is gone afterwards.
        timings: The plan's.
        seats: Who may register.
        events: Whether mass events are noticed, as in a plan that says nothing of them; a lab notices none.
    """
    with ExitStack() as stack:
        own = folder is None
        folder = folder or Path(tempfile.mkdtemp(prefix="siaga112-bench-"))
        if own:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        lab = stack.enter_context(Lab(folder, daemon=False, timings=timings, seats=seats, say=say))
        _bend(lab)
        if events:
            told = re.sub(r"\[surge\]\n(.+\n)+", "", lab.layout.plan.read_text())
            lab.layout.plan.write_text(told)
        stack.callback(lab.stop_daemon)
        say("siaga112 …")
        lab.start_daemon()
        yield Stage(lab)


def _bend(lab: Lab) -> None:
    etc = lab.layout.asterisk_etc
    (etc / "bench.conf").write_text(_DIALPLAN)
    with (etc / "extensions.conf").open("a") as dialplan:
        dialplan.write("\n#include bench.conf\n")
    lab.asterisk_cli("dialplan reload")
