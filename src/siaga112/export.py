"""`siaga112 export`: the calls of a period for statistics, under pseudonyms.

Knows arguments, where the output goes and how far the reading is. What it needs is loaded when it runs.
"""

import argparse
import asyncio
import csv
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siaga112.errors import Siaga112Error
from siaga112.options import add_config, add_period

if TYPE_CHECKING:
    from siaga112.config import Settings
    from siaga112.report.evaluation import Period

_NO_KEY = (
    "there is no key to make pseudonyms with: `openssl rand -base64 32` makes one; put it into a file that "
    "only you can read and name that in [export] key_file, or into SIAGA112_EXPORT__KEY"
)
_EVERY = 500


class ExportError(Siaga112Error):
    """Nothing can be exported."""


def add_commands(commands: Any) -> None:
    """Mount `export`."""
    what = "the calls of a period for statistics: one line a call, pseudonyms in place of numbers"
    command = commands.add_parser("export", help=what, description=what)
    add_config(command)
    add_period(command)
    command.add_argument("--format", choices=("csv", "json"), default="csv")
    command.add_argument("--out", type=Path, metavar="FILE", help="write there instead of standard output")
    command.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from siaga112.config import load_settings  # noqa: PLC0415
    from siaga112.planfile import load_plan  # noqa: PLC0415
    from siaga112.report.command import output, period, progress_bar  # noqa: PLC0415

    settings = load_settings(args.config)
    wanted = period(load_plan(settings.plan), args.first, args.last)
    title = f"{wanted.first} - {wanted.last}"
    with progress_bar(title) as progress, output(args.out) as write:
        asyncio.run(_export(settings, wanted, args.format, write, progress))
    return 0


async def _export(
    settings: "Settings",
    period: "Period",
    form: str,
    write: Callable[[str], object],
    progress: Callable[[int, int], None],
) -> None:
    from siaga112.pseudonyms import Pseudonyms, line  # noqa: PLC0415
    from siaga112.report.reading import not_in_the_future, nothing_in  # noqa: PLC0415
    from siaga112.store.archive import archive  # noqa: PLC0415

    key = settings.export.secret()
    if key is None:
        raise ExportError(_NO_KEY)
    names = Pseudonyms(key)
    async with archive(settings.postgres.dsn.get_secret_value()) as records:
        not_in_the_future(period, records.now)
        span = (period.centre, period.window.begins, period.window.ends)
        count = await records.count(*span)
        if not count:
            raise ExportError(await nothing_in(records, period))
        lines = (line(dict(row), names, period.zone) async for row in records.whole_calls(*span))
        put = _csv if form == "csv" else _json
        await put(_told(lines, count, progress), period, count, write)


async def _told(
    lines: AsyncIterator[dict[str, Any]], count: int, progress: Callable[[int, int], None]
) -> AsyncIterator[dict[str, Any]]:
    done = 0
    async for one in lines:
        yield one
        done += 1
        if done % _EVERY == 0 or done == count:
            progress(done, count)


async def _csv(
    lines: AsyncIterator[dict[str, Any]], _period: "Period", _count: int, write: Callable[[str], object]
) -> None:
    from siaga112.pseudonyms import COLUMNS  # noqa: PLC0415

    put = csv.DictWriter(_Paper(write), COLUMNS)
    put.writeheader()
    async for one in lines:
        put.writerow(one)


async def _json(
    lines: AsyncIterator[dict[str, Any]], period: "Period", count: int, write: Callable[[str], object]
) -> None:
    head = {"centre": period.centre, "from": str(period.first), "to": str(period.last), "calls": count}
    write(json.dumps(head)[:-1] + ', "lines": [')
    comma = "\n"
    async for one in lines:
        write(comma + json.dumps(one, ensure_ascii=False))
        comma = ",\n"
    write("\n]}\n")


class _Paper:
    """A file as `csv` wants it."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self.write = write
