"""`python -m bench.chaos [FAULT …]`: break a part of a centre while calls come in, and count the records.

Exit status 1 if a record is missing, is there twice, stays open, or is not what its journal says; or if a
call went wrong that the fault does not excuse.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
from rich.console import Console

from bench import report
from bench.chaos.faults import FAULTS, SILENT, Broken, Fault
from bench.chaos.ledger import Account, Found, account
from bench.figures import Result, exactly
from siaga112.errors import Siaga112Error
from siaga112.lab.callers import CallSummary, place
from siaga112.lab.ground import Ground
from siaga112.lab.lab import SEATS, Lab
from siaga112.lab.phones import Phone
from siaga112.lab.sipp import read_words
from siaga112.refold import Refolded, calls_behind, refold
from siaga112.routing.entries import FALLBACK
from siaga112.store.archive import connected

RATE, TALK_S, BEFORE_S, LASTS_S, AFTER_S = 4, 1.5, 4.0, 12.0, 6.0
PATIENCE_S = 120.0
"""For the last record of a fault: a dead phone, a lease that runs out, a password that is tried late."""
_TIMINGS = {"ring": 3, "wrap_up": 0, "wait_prompt": 5}
_FOUND = f"""
SELECT r.caller_number, r.ended_at IS NOT NULL,
       array_remove(array_agg(e.seq ORDER BY e.seq), NULL),
       array_remove(array_agg(extract(epoch FROM e.at)::float8 ORDER BY e.seq), NULL)
FROM siaga112.call_record r
LEFT JOIN siaga112.call_event e ON e.call_id = r.call_id AND e.seq < {FALLBACK}
WHERE r.caller_number = ANY($1) GROUP BY r.call_id, r.caller_number, r.ended_at
"""  # noqa: S608 - a number of ours
_IDS = "SELECT call_id::text FROM siaga112.call_record WHERE caller_number = ANY($1)"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one fault."""

    fault: Fault
    account: Account
    unlike: int
    """Records that are not what their journal folds to."""
    settled_s: float
    """From the end of the last call to the last record."""
    seen: frozenset[str]
    """What /readyz complained of meanwhile."""

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        found = self.account
        failed = 0 if self.fault.cuts else found.failed
        noticed = self.fault.seen is None or self.fault.seen in self.seen
        return noticed and not (
            found.missing or found.double or found.open or found.flawed or self.unlike or failed
        )

    def row(self) -> tuple[str, ...]:
        """A line of the table."""
        one = self.account
        calls = (one.placed, one.failed, one.rows, one.missing, one.double)
        wrong = (one.open, one.flawed, self.unlike)
        seen = " ".join(sorted(self.seen)) or "-"
        return (self.fault.what, seen, *map(str, calls + wrong), f"{self.settled_s:.1f} s")


class Arena:
    """A centre with call-takers and callers, in which something is broken."""

    def __init__(self, lab: Lab, frail: Phone, lasts: float) -> None:
        skew = lab.layout.dir / "skew"
        skew.write_text("0")
        self._lab, self._ground, self._lasts = lab, Ground.of(lab), lasts
        self._broken = Broken(lab, frail, skew, lasts)

    async def suffer(self, fault: Fault, say: Callable[[str], None]) -> Outcome:
        """Place calls, break and mend something meanwhile, and wait for the records."""
        count = round(RATE * (BEFORE_S + self._lasts + AFTER_S))
        before = self._answered()
        say(f"{fault.what}: {count} calls at {RATE}/s")
        calling = asyncio.create_task(place(self._ground, "talk", count=count, rate=RATE, talk_s=TALK_S))
        await asyncio.sleep(BEFORE_S)
        say(f"{fault.what}: now")
        seen: set[str] = set()
        watching = asyncio.create_task(self._watch(seen))
        await fault.happen(self._broken)
        watching.cancel()
        say(f"{fault.what}: mended, waiting for the last call")
        summary = await calling
        say(f"{fault.what}: waiting for the records")
        owed = self._answered() - before if fault.cuts else set(summary.numbers)
        return await self._settle(fault, summary, owed, frozenset(seen))

    async def _watch(self, seen: set[str]) -> None:
        """Ask the daemon again and again what is wrong; that no call-taker is free is no fault."""
        patience = aiohttp.ClientTimeout(total=2.0)
        async with aiohttp.ClientSession(timeout=patience) as session:
            while True:
                try:
                    async with session.get(f"{self._lab.http}/readyz") as answer:
                        told = await answer.json()
                    seen.update(one.partition(":")[0] for one in told["missing"] + told["degraded"])
                    seen.discard("agents")
                except (aiohttp.ClientError, TimeoutError):
                    seen.add(SILENT)
                await asyncio.sleep(0.5)

    def _answered(self) -> set[str]:
        logs = self._ground.folder.glob("caller-*/words.log")
        return {number for log in logs for word, number in read_words(log) if word == "answered"}

    async def _settle(
        self, fault: Fault, summary: CallSummary, owed: set[str], seen: frozenset[str]
    ) -> Outcome:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while True:
            found = account(summary.numbers, owed, summary.failed, await self._found(summary.numbers))
            waited = loop.time() - begun
            whole = found.settled and await self._shipped() and not await self._behind()
            if whole or waited > PATIENCE_S:
                break
            await asyncio.sleep(0.5)
        done = await self._refolded(summary.numbers)
        unlike = done.changed + done.made + sum(done.flaws.values())
        return Outcome(fault, found, unlike, waited, seen)

    async def _shipped(self) -> bool:
        """Whether nothing waits in the spool: until then a record may be older than the journal beside it."""
        async with aiohttp.ClientSession() as session, session.get(f"{self._lab.http}/metrics") as answer:
            return "siaga112_records_spooled 0.0\n" in await answer.text()

    async def _behind(self) -> list[str]:
        """The calls whose record does not say yet what the fallback told: the daemon looks once a second."""
        async with connected(self._lab.dsn) as connection:
            return await calls_behind(connection, timedelta(hours=1))

    async def _found(self, numbers: list[str]) -> list[Found]:
        async with connected(self._lab.dsn) as connection:
            rows = await connection.fetch(_FOUND, numbers)
        return [Found(number, ended, tuple(seqs), tuple(times)) for number, ended, seqs, times in rows]

    async def _refolded(self, numbers: list[str]) -> Refolded:
        """Fold the journals again: a record that this changes was not what it should be."""
        async with connected(self._lab.dsn) as connection:
            calls = [row[0] for row in await connection.fetch(_IDS, numbers)]
            return await refold(connection, "35.79", calls)


@contextmanager
def _arena(lasts: float, say: Callable[[str], None]) -> Iterator[Arena]:
    folder = Path(tempfile.mkdtemp(prefix="siaga112-chaos-"))
    lab = Lab(folder, daemon=False, timings=_TIMINGS, say=say)
    try:
        with lab:
            skew = folder / "skew"
            skew.write_text("0")
            lab.daemon_command = [sys.executable, "-m", "bench.chaos.clock", str(skew)]
            lab.start_daemon()
            ground = Ground.of(lab)
            with Phone(ground, SEATS[:10], answer_after=0.2) as frail, Phone(ground, SEATS[10:]) as steady:
                frail.dial("*11", listen=False)
                steady.dial("*11", listen=False)
                yield Arena(lab, frail, lasts)
            lab.stop_daemon()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(faults: list[Fault], lasts: float, console: Console) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with console.status("[bold]chaos[/bold]") as status:

        def say(words: str) -> None:
            status.update(f"[bold]chaos {len(outcomes) + 1}/{len(faults)}[/bold] {words}")
            if not console.is_terminal:
                console.print(f"{len(outcomes) + 1}/{len(faults)} {words}", highlight=False)

        for fault in faults:  # each in a centre of its own: what one breaks, the next must not bear
            with _arena(lasts, say) as arena:
                outcomes.append(asyncio.run(arena.suffer(fault, say)))
    return outcomes


def _result(outcomes: list[Outcome]) -> Result:
    return Result(
        "chaos",
        f"Faults under load, {RATE} calls/s",
        (
            "fault",
            "seen as",
            "placed",
            "failed",
            "rows",
            "missing",
            "double",
            "open",
            "flawed",
            "unlike",
            "settled",
        ),
        [one.row() for one in outcomes],
        [
            exactly("callers without a row", sum(one.account.missing for one in outcomes), 0),
            exactly("rows beyond one a caller", sum(one.account.double for one in outcomes), 0),
            exactly(
                "faults with any finding, or that nobody noticed", sum(not one.sound for one in outcomes), 0
            ),
        ],
        [
            "failed: calls not answered, or cut off; Asterisk's own end does that, nothing else may.",
            "open: rows that do not say how the call ended. flawed: journals with a gap or out of order.",
            "unlike: rows that are not what their journal folds to.",
        ],
    )


def main() -> int:
    """Run the command line."""
    names = {fault.name: fault for fault in FAULTS}
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description="Faults under load.")
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=f"of: {', '.join(names)} (all)")
    parser.add_argument("--lasts", type=float, default=LASTS_S, metavar="S", help="how long a fault lasts")
    parser.add_argument("--out", type=Path, default=Path("bench-results"), help="the folder for the figures")
    args = parser.parse_args()
    if unknown := [name for name in args.faults if name not in names]:
        parser.error(f"no such fault: {', '.join(unknown)}; there are {', '.join(names)}")
    console, where = Console(width=None if sys.stdout.isatty() else 120), report.machine()
    try:
        outcomes = _run([names[name] for name in args.faults or names], args.lasts, console)
    except Siaga112Error as error:
        console.print(f"[red]chaos: {error}[/red]", highlight=False)
        return 1
    result = _result(outcomes)
    report.show(console, result)
    report.write(args.out, [result], where)
    return 0 if result.sound else 1


if __name__ == "__main__":
    sys.exit(main())
