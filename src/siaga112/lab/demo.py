"""`make demo`: the whole centre on real parts, one call of each kind, and the records as PostgreSQL has them.

Knows the lab, the kinds of callers, and how each kind must end. Exit status 0 only if every one did.
"""

import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any

import asyncpg
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from siaga112.lab.callers import place
from siaga112.lab.errors import LabError
from siaga112.lab.ground import Ground
from siaga112.lab.lab import Lab

AGENTS = 3
_PATIENCE = 30.0


@dataclass(frozen=True)
class Scene:
    """One call of the demo: who calls, and how its record must read."""

    what: str
    kind: str
    expected: dict[str, Any]
    talk_s: float | None = None
    repeats: int = 1


_ANSWERED = {"outcome": "answered", "served_by": "daemon"}


def _heard(audio_class: str, suspicion: str = "none") -> dict[str, Any]:
    """What the ear must have made of the line."""
    return {"audio_class": audio_class, "suspicion": suspicion}


SCENES = (
    Scene("talks with a call-taker", "talk", _ANSWERED | _heard("speaking"), talk_s=4),
    Scene("presses 2 for information", "info", _ANSWERED | {"dtmf": "2"}, talk_s=5),
    Scene("is silent", "silent", _ANSWERED | _heard("silent", "silent_suspect"), talk_s=10),
    Scene(
        "is silent, then presses 5", "silent5", _ANSWERED | {"dtmf": "5"} | _heard("dtmf_response"), talk_s=14
    ),
    Scene("only noise (ghost)", "ghost", _ANSWERED | _heard("noise_only", "ghost_suspect"), talk_s=10),
    Scene("gives up at once", "abandon", {"outcome": "abandoned_ringing"}),
    Scene("sends no audio at all", "noaudio", _ANSWERED | _heard("no_audio", "silent_suspect"), talk_s=5),
    Scene("hides the number", "anon", _ANSWERED | {"cli_restricted": True}, talk_s=3),
    Scene("calls again and again", "talk", _ANSWERED, talk_s=3, repeats=2),
)


def main() -> int:
    """Run the demo."""
    console = Console(width=None if sys.stdout.isatty() else 120)
    folder = Path(tempfile.mkdtemp(prefix="siaga112-demo-"))
    good = False
    try:
        good = _run(console, folder)
    except LabError as error:
        console.print(f"[red]siaga112 demo:[/red] {error}", soft_wrap=True)
    finally:
        if good:
            rmtree(folder)
        else:
            console.print(f"what was logged is in {folder}", soft_wrap=True)
    return 0 if good else 1


def _run(console: Console, folder: Path) -> bool:
    """Play every scene; say whether each call ended as it must."""
    with _progress(console) as step:
        step("setting up the lab (the first time this builds its root: a minute or two)")
        with Lab(folder, agents=AGENTS, say=step) as lab:
            console.print(f"the wallboard, while this runs: {lab.http}/", soft_wrap=True)
            rows = asyncio.run(_play(lab, step))
            _show(console, lab, rows)
    wrong = [row for row in rows if row.faults]
    for row in wrong:
        console.print(f"[red]{row.scene.what}:[/red] {'; '.join(row.faults)}", soft_wrap=True)
    if not wrong:
        console.print(f"[green]every call ended as its kind must ({len(rows)} calls)[/green]")
    return not wrong


@dataclass(frozen=True)
class Row:
    """A scene, its record as read back, and what is wrong with it."""

    scene: Scene
    record: dict[str, Any] | None
    faults: list[str]


async def _play(lab: Lab, step: Callable[[str], None]) -> list[Row]:
    ground = Ground.of(lab)
    rows = []
    for scene in SCENES:
        number = None
        for again in range(scene.repeats):
            step(f"a caller {scene.what}" + (f", call {again + 1}" if scene.repeats > 1 else ""))
            summary = await place(ground, scene.kind, talk_s=scene.talk_s, number=number)
            number = summary.numbers[0]
            record = await _record(lab.dsn, number, again + 1)
            faults = list(_faults(scene.expected | {"attempt": again + 1}, record))
            if summary.failed:
                faults.append(f"SIP: {'; '.join(summary.errors) or 'the call failed'}")
            rows.append(Row(scene, record, faults))
    return rows


def _faults(expected: dict[str, Any], record: dict[str, Any] | None) -> Iterator[str]:
    if record is None:
        yield f"no record after {_PATIENCE:g} s"
        return
    for column, value in expected.items():
        if record[column] != value:
            yield f"{column} is {record[column]!r}, must be {value!r}"


async def _record(dsn: str, number: str, nth: int) -> dict[str, Any] | None:
    """Read the n-th record of a caller back, waiting for it to come through the spool."""
    sql = """SELECT * FROM siaga112.call_record WHERE caller_number = $1 AND ended_at IS NOT NULL
             ORDER BY started_at OFFSET $2"""
    connection = await asyncpg.connect(dsn)
    try:
        for _ in range(round(_PATIENCE / 0.1)):
            found = await connection.fetchrow(sql, number, nth - 1)
            if found is not None:
                return dict(found)
            await asyncio.sleep(0.1)
    finally:
        await connection.close()
    return None


def _show(console: Console, lab: Lab, rows: list[Row]) -> None:
    table = Table(
        "the caller …", "outcome", "taker", "waited", "talked", "keys", "number", "line", title="call_record"
    )
    for row in rows:
        record = row.record or {}
        table.add_row(
            row.scene.what,
            f"[red]{record.get('outcome')}[/red]" if row.faults else record.get("outcome"),
            record.get("agent_id") or "",
            _seconds(record.get("wait_s")),
            _seconds(record.get("talk_s")),
            record.get("dtmf") or "",
            f"{record.get('caller_number_source')}{', hidden' if record.get('cli_restricted') else ''}",
            _line(record),
        )
    console.print(table)
    console.print(f"wallboard: {lab.http}/ (`make up` keeps a centre running to look at)", soft_wrap=True)


def _line(record: dict[str, Any]) -> str:
    """What was heard, and the advice that came of it."""
    suspicion = record.get("suspicion", "none")
    heard = record.get("audio_class") or ""
    return heard if suspicion == "none" else f"{heard}: {suspicion}"


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} s"


@contextmanager
def _progress(console: Console) -> Iterator[Callable[[str], None]]:
    """Show what is being done: a moving line on a terminal, plain lines elsewhere."""
    if not console.is_terminal:
        yield lambda what: console.print(f"… {what}", soft_wrap=True)
        return
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting")
        yield lambda what: progress.update(task, description=what)


if __name__ == "__main__":
    sys.exit(main())
