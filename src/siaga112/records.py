"""`siaga112 records …`: the records made again from their journals, and what waits in the spool.

Knows arguments and output. What the commands need is loaded when they run.
"""

import argparse
import asyncio
import sys
import time
from typing import TYPE_CHECKING, Any

from siaga112 import disclosure
from siaga112.options import add_config, add_period

if TYPE_CHECKING:
    from siaga112.refold import Refolded
    from siaga112.report.evaluation import Period


def add_commands(commands: Any) -> None:
    """Mount `records` with its commands."""
    what = "the records of calls: make them again, or see what waits to be written"
    records = commands.add_parser("records", help=what, description=what)
    below = records.add_subparsers(required=True, metavar="COMMAND")
    what = "fold the journals of a period again; records that differ are mended, flawed ones marked"
    rebuild = below.add_parser("rebuild", help=what, description=what)
    add_config(rebuild)
    add_period(rebuild)
    rebuild.set_defaults(run=_rebuild)
    what = "what waits in the spool, and which rows PostgreSQL refused"
    spool = below.add_parser("spool", help=what, description=what)
    add_config(spool)
    spool.add_argument("--rows", type=int, default=20, metavar="N", help="list so many refused rows at most")
    spool.set_defaults(run=_spool)
    disclosure.add_commands(below)


def _rebuild(args: argparse.Namespace) -> int:
    from siaga112.config import load_settings  # noqa: PLC0415
    from siaga112.planfile import load_plan  # noqa: PLC0415
    from siaga112.report.command import period, progress_bar  # noqa: PLC0415

    settings = load_settings(args.config)
    wanted = period(load_plan(settings.plan), args.first, args.last)
    dsn = settings.postgres.dsn.get_secret_value()
    with progress_bar(f"{wanted.first} - {wanted.last}") as progress:
        found = asyncio.run(_refold(dsn, wanted, progress))
    sys.stdout.write("\n".join(_told(found)) + "\n")
    return 1 if found.flaws["unreadable"] else 0


async def _refold(dsn: str, period: "Period", progress: Any) -> "Refolded":
    from siaga112.refold import calls_of, refold  # noqa: PLC0415
    from siaga112.store.archive import connected  # noqa: PLC0415

    async with connected(dsn) as connection:
        window = period.window
        calls = await calls_of(connection, period.centre, window.begins, window.ends)
        return await refold(connection, period.centre, calls, progress)


def _told(found: "Refolded") -> list[str]:
    lines = [f"{found.calls} calls: {found.changed} records mended, {found.made} made that were missing"]
    meaning = {
        "gap": "have a journal with entries missing; their records stand, marked",
        "repeated": "have a journal with entries that came twice; their records stand, marked",
        "headless": "have a journal without its beginning; marked",
        "unreadable": "were written by a newer version; marked. Update siaga112 and rebuild again",
    }
    lines += [f"{count} {meaning[wrong]} ({wrong})" for wrong, count in sorted(found.flaws.items())]
    if found.unread:
        lines.append(f"{found.unread} have no journal any more; their records stand as they are")
    return lines


def _spool(args: argparse.Namespace) -> int:
    from rich.console import Console  # noqa: PLC0415
    from rich.markup import escape  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from siaga112.config import load_settings  # noqa: PLC0415
    from siaga112.store.bounds import Bounds  # noqa: PLC0415
    from siaga112.store.look import look  # noqa: PLC0415

    settings = load_settings(args.config).spool
    found = look(settings.path, args.rows)
    table = Table("table", "rows waiting", "oldest waits")
    for name, (count, oldest) in found.waiting.items():
        table.add_row(name, str(count), f"{max(0.0, time.time() - oldest):.0f} s")
    console = Console()
    console.print(table)
    oldest = max((time.time() - at for _, at in found.waiting.values()), default=0.0)
    size = f"{found.bytes / 1e6:.1f} MB on disk (bound: {settings.most_mb} MB)"
    age = f"the oldest row waits {max(0.0, oldest) / 3600:.1f} h (bound: {settings.most_hours:g} h)"
    console.print(f"{found.open_calls} calls in progress, {size}, {age}", soft_wrap=True, highlight=False)
    if Bounds(settings.most_mb * 1e6, settings.most_hours * 3600).over(found.bytes, oldest) is not None:
        told = "nothing is thrown away; bring PostgreSQL back, or make room on the disk"
        console.print(f"[red]beyond its bounds[/red]: {told}", soft_wrap=True)
    console.print(f"{found.rejected} rows refused by PostgreSQL")
    for row in found.latest:
        console.print(f"  {row.table} {escape(row.key)}: {escape(row.error)}", highlight=False)
    return 0
