"""How the bench shows what it found: tables on the terminal, JSON and Markdown in a folder."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.figures import Check, Result


def machine() -> dict[str, str]:
    """Say where this was measured."""
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": str(os.cpu_count()),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load before": load,
    }


def show(console: Console, result: Result) -> None:
    """Print one part's table and what it had to reach."""
    table = Table(title=result.title, title_justify="left")
    for number, column in enumerate(result.columns):
        table.add_column(column, justify="left" if number < 1 else "right")
    for row in result.rows:
        table.add_row(*row)
    console.print(table)
    for check in result.checks:
        console.print(
            f"  {_mark(check)} {check.what}: {check.measured} (wanted: {check.wanted})", highlight=False
        )
    for note in result.notes:
        console.print(f"  {note}", highlight=False)


def write(folder: Path, results: Sequence[Result], where: dict[str, str]) -> None:
    """Write each part's figures, and the summary of all parts that are there, earlier ones included."""
    folder.mkdir(parents=True, exist_ok=True)
    for result in results:
        for name, drawing in result.pictures.items():
            (folder / name).write_text(drawing, encoding="utf-8")
        content = {"machine": where, **asdict(result), "pictures": list(result.pictures)}
        text = json.dumps(content, indent=1, ensure_ascii=False)
        (folder / f"{result.part}.json").write_text(text + "\n", encoding="utf-8")
    parts = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    (folder / "summary.md").write_text("\n".join(_summary(parts)) + "\n", encoding="utf-8")


def _summary(parts: Iterable[dict[str, object]]) -> Iterable[str]:
    yield "# siaga112: what it costs"
    for part in parts:
        where = part["machine"]
        rows, checks, notes, columns = part["rows"], part["checks"], part["notes"], part["columns"]
        if not (
            isinstance(where, dict)
            and isinstance(rows, list)
            and isinstance(checks, list)
            and isinstance(notes, list)
            and isinstance(columns, list)
        ):
            raise TypeError("a file of results that this bench did not write")
        yield f"\n## {part['title']}\n"
        yield ", ".join(f"{name}: {value}" for name, value in where.items()) + "\n"
        yield _line(columns)
        yield _line(["---"] * len(columns))
        yield from (_line(row) for row in rows)
        yield ""
        yield from (
            f"* {_mark(Check(**check))} {check['what']}: {check['measured']} (wanted: {check['wanted']})"
            for check in checks
        )
        yield from (f"* {note}" for note in notes)
        yield from (f"\n![{part['title']}]({name})" for name in _pictures(part)[:1])


def _pictures(part: dict[str, object]) -> list[str]:
    """The names of a part's pictures; the summary shows the first, in its own language."""
    names = part.get("pictures", [])
    return [str(name) for name in names] if isinstance(names, list) else []


def _line(cells: Iterable[object]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _mark(check: Check) -> str:
    return "✓" if check.ok else "✗"
