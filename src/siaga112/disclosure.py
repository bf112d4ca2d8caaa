"""`siaga112 records show|hold|release|erase`: one call as an operator may see it, and what becomes of it.

Knows arguments and output. Who sees a number leaves a trace: that is the database's doing (migration 0010).
"""

import argparse
import asyncio
import os
import pwd
import sys
from typing import Any
from uuid import UUID

from siaga112.errors import Siaga112Error
from siaga112.options import add_config


class DisclosureError(Siaga112Error):
    """There is no such call."""


def add_commands(below: Any) -> None:
    """Mount the commands below `records`."""
    show = _command(
        below, "show", "a call's record and journal; number and recording only with a reason", _show
    )
    show.add_argument("call", metavar="CALL_ID")
    show.add_argument("--reason", metavar="TEXT", help="why you must know who called; it is written down")
    show.add_argument("--by", metavar="NAME", default=None, help="who you are; default: your login")
    for name, what in (("hold", "keep everything of a call"), ("release", "end a hold")):
        command = _command(below, name, f"{what}, whatever the plan's [retention] says", _hold)
        command.add_argument("call", metavar="CALL_ID")
        command.add_argument("--by", metavar="NAME", required=True)
        command.add_argument("--reason", metavar="TEXT", required=True)
        command.set_defaults(what=name)
    erase = _command(below, "erase", "take who called out of everything, on a supervisor's order", _erase)
    meant = erase.add_mutually_exclusive_group(required=True)
    meant.add_argument("--number", metavar="N", help="every call of this number, however it is written")
    meant.add_argument("--call", metavar="ID")
    erase.add_argument("--by", metavar="SUPERVISOR", required=True, help="the id of a supervisor of the plan")
    erase.add_argument("--reason", metavar="TEXT", required=True, help="stays in the journal")


def _command(below: Any, name: str, what: str, run: Any) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = below.add_parser(name, help=what, description=what)
    add_config(command)
    command.set_defaults(run=run)
    return command


def login() -> str:
    """Say who sits at the terminal, behind sudo too."""
    try:
        return os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _id_of(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise DisclosureError("CALL_ID is no call's id: it stands in call_record.call_id") from None


def _dsn(args: argparse.Namespace) -> str:
    from siaga112.config import load_settings  # noqa: PLC0415

    return load_settings(args.config).postgres.dsn.get_secret_value()


def _show(args: argparse.Namespace) -> int:
    if args.reason is not None and not args.reason.strip():
        raise DisclosureError("--reason is empty: without a reason leave it out, and the number stays masked")
    sys.stdout.write(asyncio.run(_shown(_dsn(args), _id_of(args.call), args.reason, args.by or login())))
    return 0


async def _shown(dsn: str, call: str, reason: str | None, person: str) -> str:
    from siaga112.store.archive import connected  # noqa: PLC0415

    async with connected(dsn) as connection:
        row = await connection.fetchrow("SELECT * FROM siaga112.call_masked WHERE call_id = $1", call)
        if row is None:
            raise DisclosureError(f"there is no call {call} in the records")
        values = dict(row)
        if reason is not None:
            for what, column in (("number", "caller_number"), ("recording", "recorded")):
                asked = await connection.fetchval(
                    "SELECT siaga112.ask($1, $2, $3, $4)", call, what, reason, person
                )
                values[column] = await connection.fetchval("SELECT siaga112.reveal($1)", asked)
        sql = "SELECT at, kind, data::text FROM siaga112.call_event_masked WHERE call_id = $1 ORDER BY seq"
        events = await connection.fetch(sql, call)
    lines = [f"{name:>20}  {value}" for name, value in values.items() if value is not None]
    lines += ["", *(f"{at:%Y-%m-%d %H:%M:%S.%f}  {kind:<16} {data}" for at, kind, data in events)]
    return "\n".join(lines) + "\n"


def _hold(args: argparse.Namespace) -> int:
    if not args.reason.strip() or not args.by.strip():
        raise DisclosureError("--by and --reason must not be empty: the hold is kept with them")
    done = asyncio.run(_held(_dsn(args), args.what, _id_of(args.call), args.by, args.reason))
    told = {"hold": ("held", "it was under a hold before"), "release": ("released", "it was under no hold")}
    sys.stdout.write(told[args.what][0 if done else 1] + "\n")
    return 0 if done else 1


async def _held(dsn: str, what: str, call: str, person: str, reason: str) -> bool:
    from siaga112.store.archive import connected  # noqa: PLC0415

    async with connected(dsn) as connection:
        if not await connection.fetchval(
            "SELECT count(*) FROM siaga112.call_masked WHERE call_id = $1", call
        ):
            raise DisclosureError(f"there is no call {call} in the records")
        sql = f"SELECT siaga112.{what}($1, $2, $3)"
        return bool(await connection.fetchval(sql, call, person, reason))


def _erase(args: argparse.Namespace) -> int:
    from siaga112.erasure import run  # noqa: PLC0415 - each command loads what it needs

    return run(args)
