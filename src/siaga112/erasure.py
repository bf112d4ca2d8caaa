"""Erasure on request: who called is taken out of everything, what the call was stays.

Knows every place that holds a number or a recording: PostgreSQL, Asterisk's recordings, the fallback's
journal, the spool's rows and its memory of numbers. What a running daemon has in its own memory goes with its
next start.
"""

import argparse
import asyncio
import re
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from siaga112.blanks import Meant, blank, named
from siaga112.config import Settings, load_settings
from siaga112.errors import Siaga112Error
from siaga112.planfile import PlanFile, load_plan
from siaga112.retention import Places
from siaga112.routing.entries import PERSONAL
from siaga112.routing.ids import call_id
from siaga112.routing.words import ChannelId
from siaga112.store import privacy, scrub
from siaga112.store.archive import connected
from siaga112.store.migrate import Connection

_LAST_DIGITS = 6
_NUMBER = re.compile(r"\+?\d{3,20}")
_PATIENCE = 30
_CHUNK = 1_000


class ErasureError(Siaga112Error):
    """What was asked for cannot be erased, or not yet."""


@dataclass
class Erasure:
    """What is to be erased, and what was.

    Attributes:
        calls: Those that are over.
        also: Those of which only the fallback's journal knows.
        numbers: The callers'.
        names: Their recordings'.
        busy: How many are in progress: nothing of them is touched.
        recordings: Files that were removed.
        rows: Rows in the spool that were changed.
        lines: Lines of the fallback's journal that were changed.
    """

    calls: set[str]
    also: set[str]
    numbers: set[str]
    names: set[str]
    busy: int
    recordings: int = 0
    rows: int = 0
    lines: int = 0


def spellings(number: str) -> set[str]:
    """List the ways in which a trunk may write an Indonesian number.

    Raises:
        ErasureError: it is no telephone number.
    """
    plain = re.sub(r"[\s().-]", "", number)
    if _NUMBER.fullmatch(plain) is None:
        raise ErasureError("--number is no telephone number: write its digits, e.g. 0812…")
    found = re.fullmatch(r"(?:\+?62|0)([1-9]\d{4,})", plain)
    return {plain} if found is None else {plain, *(f"{prefix}{found[1]}" for prefix in ("0", "62", "+62"))}


def check_words(plan: PlanFile, supervisor: str, reason: str) -> None:
    """See that who orders it may do so, and says why.

    Raises:
        ErasureError: they are no supervisor of the plan, or gave no reason.
    """
    known = sorted(one.id for one in plan.agents if one.role == "supervisor")
    if supervisor not in known:
        whom = f"its supervisors are {', '.join(known)}" if known else 'give one seat role = "supervisor"'
        raise ErasureError(f"--by {supervisor!r} is no supervisor of the plan: {whom}")
    if not reason.strip():
        raise ErasureError("--reason is empty: it stays in the journal as the ground of the erasure")


async def erase(
    settings: Settings, plan: PlanFile, *, number: str | None, call: str | None, words: tuple[str, str]
) -> Erasure:
    """Erase every call of a number, or one call.

    Raises:
        Siaga112Error: nothing was erased, or not all of it; the sentence says what to do.
    """
    check_words(plan, *words)
    places, centre = Places.of(settings), plan.centre.code
    async with connected(settings.postgres.dsn.get_secret_value()) as connection:
        wanted = spellings(number) if number is not None else set()
        todo = await _find(connection, places, centre, wanted, _uuid(call))
        if any(one[-_LAST_DIGITS:] in re.sub(r"[\s.-]", "", words[1]) for one in todo.numbers):
            raise ErasureError("--reason names the number that is to be erased: leave it out, it would stay")
        await _do(connection, places, centre, todo, words)
    return todo


def _uuid(call: str | None) -> str | None:
    try:
        return None if call is None else str(UUID(call))
    except ValueError:
        raise ErasureError("--call is no call's id: it stands in call_record.call_id") from None


async def _find(
    connection: Connection, places: Places, centre: str, numbers: set[str], call: str | None
) -> Erasure:
    calls = {call} if call is not None else await privacy.calls_of_numbers(connection, numbers)
    spooled = scrub.find(places.spool, lambda one, number: one in calls or number in numbers)
    in_fallback = _in_fallback(places, centre, calls, numbers)
    states = await privacy.states(connection, calls | spooled.ended | spooled.open)
    if held := sorted(one.call_id for one in states if one.held):
        raise ErasureError(
            f"nothing was erased: {', '.join(held)} is under a hold; `siaga112 records release` ends it"
        )
    busy = {one.call_id for one in states if one.open} | spooled.open
    known = {one.call_id for one in states if one.known} | spooled.ended | spooled.open
    if not known | in_fallback:
        what = "this id" if call is not None else "this number"
        raise ErasureError(f"there is no call of {what} in the records, the spool or the fallback's journal")
    free = [one for one in states if one.call_id not in busy]
    return Erasure(
        calls=known - busy,
        also=in_fallback - known,
        numbers=numbers.union(spooled.numbers, *(one.numbers for one in free)),
        names=spooled.recordings.union(*(one.recordings for one in free)),
        busy=len(busy),
    )


def _in_fallback(places: Places, centre: str, calls: set[str], numbers: set[str]) -> set[str]:
    try:
        lines = list(named(places.fallback, _of(centre, calls, numbers)))
    except OSError as error:
        raise ErasureError(f"nothing was erased: {error.filename}: {error.strerror}") from None
    return {str(call_id(centre, ChannelId(line["channel_id"]))) for line in lines}


async def _do(
    connection: Connection, places: Places, centre: str, todo: Erasure, words: tuple[str, str]
) -> None:
    if places.recordings.trouble is not None and todo.names:
        raise ErasureError(f"nothing was erased: {places.recordings.trouble}")
    try:
        todo.recordings = sum(places.recordings.remove(name) for name in todo.names)
        todo.lines = blank(places.fallback, _of(centre, todo.calls | todo.also, ()))
    except OSError as error:
        why = f"{error.filename}: {error.strerror}"
        raise ErasureError(f"not all was erased: {why}; mend that and ask again") from None
    todo.rows = scrub.scrub(
        places.spool,
        lambda body: PERSONAL if body.get("call_id") in todo.calls else (),
        ("page", "rejected"),
        todo.numbers,
    )
    calls = sorted(todo.calls)
    chunks = [calls[begin : begin + _CHUNK] for begin in range(0, len(calls), _CHUNK)]
    for chunk in chunks:
        await privacy.erase(connection, chunk, *words)
    if todo.rows:
        # The daemon may be sending one of these rows as it was: out of the spool, it is in PostgreSQL.
        await _shipped(places, todo.calls)
        for chunk in chunks:
            await privacy.forget(connection, chunk, *PERSONAL)


async def _shipped(places: Places, calls: Collection[str]) -> None:
    for _ in range(_PATIENCE):
        if scrub.is_idle(places.spool) or not scrub.waiting(places.spool, calls):
            return
        await asyncio.sleep(1)


def _of(centre: str, calls: Collection[str], numbers: Collection[str]) -> Meant:
    """Mean the lines of some calls and numbers."""

    def meant(fields: Mapping[str, str]) -> frozenset[str]:
        channel = fields.get("channel_id")
        if channel is None:
            return frozenset()
        ours = call_id(centre, ChannelId(channel)) in calls
        return PERSONAL if ours or fields.get("number") in numbers else frozenset()

    return meant


def run(args: argparse.Namespace) -> int:
    """Do what `siaga112 records erase` is asked for, and tell what was done."""
    settings = load_settings(args.config)
    plan = load_plan(settings.plan)
    words = (args.by, args.reason)
    done = asyncio.run(erase(settings, plan, number=args.number, call=args.call, words=words))
    calls = len(done.calls | done.also)
    told = [f"{calls} calls erased: {done.recordings} recordings removed"]
    told.append(f"blanked: {done.rows} rows in the spool, {done.lines} lines of the fallback's journal")
    if done.busy:
        told.append(f"{done.busy} calls are in progress: ask again when they have ended")
    told.append("a running daemon remembers the number until its next start, for a day at most")
    sys.stdout.write("\n".join(told) + "\n")
    return 1 if done.busy else 0
