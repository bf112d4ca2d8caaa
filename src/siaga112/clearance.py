"""`siaga112 retention`: removes what has been kept for long enough, or says what that would be.

Knows arguments and output. What the command needs is loaded when it runs.
"""

import argparse
import asyncio
from typing import TYPE_CHECKING, Any

from siaga112.options import add_config

if TYPE_CHECKING:
    from siaga112.config import Settings
    from siaga112.planfile import PlanFile
    from siaga112.retention import Run


def add_commands(commands: Any) -> None:
    """Mount `retention`."""
    what = (
        "remove what has been kept for as long as the plan's [retention] says; the daemon does so every day"
    )
    command = commands.add_parser("retention", help=what, description=what)
    add_config(command)
    command.add_argument("--dry-run", action="store_true", help="only count what PostgreSQL has of it")
    command.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from siaga112.config import load_settings  # noqa: PLC0415
    from siaga112.planfile import load_plan  # noqa: PLC0415

    settings = load_settings(args.config)
    plan = load_plan(settings.plan)
    run = asyncio.run(_work(settings, plan, dry=args.dry_run))
    _show(run, plan, dry=args.dry_run)
    return 1 if run.trouble else 0


async def _work(settings: "Settings", plan: "PlanFile", *, dry: bool) -> "Run":
    from siaga112.retention import Places, enforce, preview  # noqa: PLC0415
    from siaga112.store.archive import connected  # noqa: PLC0415

    async with connected(settings.postgres.dsn.get_secret_value()) as connection:
        now = await connection.fetchval("SELECT now()")
        if dry:
            return await preview(connection, plan.retention, now)
        return await enforce(connection, plan.retention, Places.of(settings), plan.centre.code, now)


def _show(run: "Run", plan: "PlanFile", *, dry: bool) -> None:
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    zone, days = ZoneInfo(plan.centre.time_zone), plan.retention.model_dump()
    table = Table("what", "days", "older than", "would be removed" if dry else "removed")
    for what, count in run.removed.items():
        before = run.before.get(what)
        shown = f"{before.astimezone(zone):%Y-%m-%d %H:%M}" if before else "-" if what in days else ""
        table.add_row(
            what, str(days.get(what, "") or ("" if what not in days else "for ever")), shown, str(count)
        )
    console = Console(highlight=False)
    console.print(table)
    if run.months:
        console.print(f"partitions dropped: {', '.join(run.months)}")
    if run.unfinished:
        console.print(f"{run.unfinished} older calls have no end: nothing of them was touched")
    for trouble in run.trouble:
        console.print(f"not done: {trouble}", markup=False)
