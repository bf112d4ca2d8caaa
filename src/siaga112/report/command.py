"""What `siaga112 report` does.

Knows the configuration, where the output goes and how far the reading is. Computes nothing.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from siaga112.config import load_settings
from siaga112.planfile import PlanFile, load_plan
from siaga112.report.calls import Shift
from siaga112.report.evaluation import Evaluation, Period
from siaga112.report.flat import as_csv, as_json
from siaga112.report.page import as_page, heading
from siaga112.report.reading import PeriodError, ReportError, read
from siaga112.report.sections import sections
from siaga112.report.words import Words

_FIRST, _LAST = date(1970, 1, 1), date(2999, 12, 31)
"""Nobody called 112 before, and no calendar goes on for ever."""


def run(args: argparse.Namespace) -> int:
    """Read, work out, write.

    Raises:
        Siaga112Error: the period, the configuration, the database or the output cannot be used.
    """
    settings = load_settings(args.config)
    plan = load_plan(settings.plan)
    wanted = period(plan, args.first, args.last)
    with progress_bar(f"{wanted.first} - {wanted.last}") as progress:
        found = asyncio.run(read(settings.postgres.dsn.get_secret_value(), wanted, progress))
    words = Words(args.language or plan.centre.language)
    names = {one.id: one.name for one in plan.agents} | {one.id: one.name for one in plan.agencies}
    match args.format:
        case "csv":
            text = as_csv(found)
        case "json":
            text = as_json(found)
        case "html":
            text = as_page(found, words, names)
        case _:
            text = as_table(found, words, names, None if args.out else sys.stdout)
    with output(args.out) as write:
        write(text)
    return 0


def period(plan: PlanFile, first: str, last: str) -> Period:
    """Read the two days.

    Raises:
        PeriodError: one is no date, or they are in the wrong order.
    """
    begin, end = _day("--from", first), _day("--to", last)
    if end < begin:
        raise PeriodError(f"--to {end} lies before --from {begin}")
    centre = plan.centre
    shifts = tuple(Shift(one.name, one.begins, one.ends) for one in plan.shifts)
    return Period(centre.code, centre.name, begin, end, ZoneInfo(centre.time_zone), shifts)


def _day(option: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise PeriodError(f"{option} {text!r} is no date: write it as YYYY-MM-DD, e.g. 2026-03-31") from None
    if not _FIRST <= day <= _LAST:
        raise PeriodError(f"{option} {day} cannot be meant: give a day from {_FIRST} to {_LAST}")
    return day


def as_table(one: Evaluation, words: Words, names: dict[str, str], terminal: Any) -> str:
    """Draw tables for a terminal, as wide as it is."""
    console = Console(file=terminal, width=None if terminal is not None and terminal.isatty() else 140)
    with console.capture() as drawn:
        console.print(f"[bold]{words('title')}: {one.period.name}[/]", highlight=False)
        for line in heading(one, words):
            console.print(line, highlight=False, markup=False)
        for section in sections(one, words, names):
            table = Table(title=section.title, title_justify="left", title_style="bold")
            for number, name in enumerate(section.columns):
                table.add_column(name, justify="right" if number else "left")
            for row in section.rows:
                table.add_row(*row)
            console.print(table)
        console.print(words("note"), highlight=False, markup=False)
    return drawn.get()


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal how much of how much is done; give what is told of it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, count: bar.update(task, completed=done, total=count)


@contextmanager
def output(path: Path | None) -> Iterator[Callable[[str], object]]:
    """Give what writes text, to a file whole or not at all."""
    if path is None:
        try:
            yield sys.stdout.write
            sys.stdout.flush()
        except BrokenPipeError:  # `| head` has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    fresh = path.with_name(path.name + ".new")
    try:
        with fresh.open("w", encoding="utf-8") as file:
            yield file.write
        fresh.replace(path)
    except OSError as error:
        raise ReportError(f"{path} cannot be written: {error.strerror or error}") from None
    finally:
        fresh.unlink(missing_ok=True)
