"""Calls whose callers can be known: a number and a recording, in journals that fold to the records."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from siaga112.routing import entries
from siaga112.routing.decision import Decision
from siaga112.routing.entries import FALLBACK, Entry, Journaled
from siaga112.routing.ids import call_id
from siaga112.routing.words import (
    CALLER,
    AgentId,
    CallId,
    ChannelId,
    Disposition,
    EndedBy,
    LegId,
    NumberSource,
    OfferResult,
    Outcome,
    ServedBy,
    Why,
)
from siaga112.scribe import Scribe
from siaga112.store.encoding import encode
from siaga112.store.migrate import Connection
from siaga112.store.rows import Row
from siaga112.store.sql import INSERTS
from tests.report.dataset import CENTRE, Paper

AGENT, LEG = AgentId("101"), LegId(1)
SHOWN = False


def channel(at: datetime, n: int = 1) -> ChannelId:
    """The caller's channel, named as Asterisk names it."""
    return ChannelId(f"{int(at.timestamp())}.{n}")


def call_of(at: datetime, n: int = 1) -> CallId:
    """The n-th call of a second."""
    return call_id(CENTRE, channel(at, n))


def recording(at: datetime, n: int = 1) -> str:
    """Its recording's name, as the dialplan makes it."""
    return f"{at:%Y/%m/%d}/{channel(at, n)}.wav"


def answered(at: datetime, number: str | None, n: int = 1) -> list[Journaled]:
    """A call that was answered, classified during the talk, and ended."""
    source = NumberSource.NONE if number is None else NumberSource.PAI
    arrived = entries.Arrived(CENTRE, channel(at, n), number, source, SHOWN, "112", "id", recording(at, n), 1)
    told: list[tuple[float, Entry]] = [
        (0, arrived),
        (0.1, entries.CallerAnswered()),
        (1, entries.OfferMade(LEG, AGENT)),
        (4, entries.OfferEnded(LEG, AGENT, OfferResult.ANSWERED)),
        (4, entries.Connected(LEG, AGENT)),
        (30, entries.Classified(Disposition.PRANK, AGENT)),
        (64, entries.LegEnded(CALLER, Why.HUNG_UP, 16, None)),
        (64.1, entries.LegEnded(LEG, Why.HUNG_UP, 16, AGENT)),
        (64.2, entries.Ended(EndedBy.CALLER, Outcome.ANSWERED, ServedBy.DAEMON, 16)),
    ]
    begin = at.timestamp()
    return [
        Journaled(call_of(at, n), seq, begin + after, entry) for seq, (after, entry) in enumerate(told, 1)
    ]


def in_progress(at: datetime, number: str, n: int = 1) -> list[Journaled]:
    """The same, while they talk."""
    return answered(at, number, n)[:5]


def in_fallback(at: datetime, number: str, n: int = 1) -> list[Journaled]:
    """A call that only the fallback served."""
    begin = at.timestamp()
    entered = entries.FallbackEntered(
        CENTRE,
        channel(at, n),
        number,
        NumberSource.FROM,
        SHOWN,
        "112",
        "id",
        recording(at, n),
        "timeout",
        begin,
    )
    ended = entries.FallbackEnded(AGENT, begin + 9, 1, EndedBy.CALLER, 16)
    call = call_of(at, n)
    return [Journaled(call, FALLBACK, begin + 1, entered), Journaled(call, FALLBACK + 1, begin + 60, ended)]


def line_of(at: datetime, number: str, n: int = 1) -> str:
    """What the fallback writes when a call comes."""
    extra = (
        f"event=entered|channel_id={channel(at, n)}|at={int(at.timestamp())}|dialled=112"
        f"|number={number}|cli=from|clir=0|recording={recording(at, n)}|reason=timeout"
        "|agent=|answered_at=|rounds=0|cause=0|by="
    )
    return f'"{{""extra"": ""{extra}""}}"\n'


def rows_of(*journals: Iterable[Journaled]) -> list[Row]:
    """The rows that the daemon makes of them, the last version of each."""
    paper = Paper()
    scribe = Scribe(paper)  # type: ignore[arg-type]
    for journal in journals:
        scribe.keep(Decision(journal=list(journal)))
    return list(paper.rows.values())


async def store(database: Connection, *journals: Iterable[Journaled]) -> None:
    """Put them into PostgreSQL."""
    rows = rows_of(*journals)
    for table in ("call_event", "call_offer", "call_record"):
        bodies = [encode(one.values) for one in rows if one.table == table]
        if bodies:
            await database.execute(INSERTS[table], f"[{','.join(bodies)}]")


def record_on_disk(folder: Path, *names: str) -> None:
    """Make recordings."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"RIFF")


async def everything(database: Connection) -> str:
    """All that the tables of calls hold, as one text."""
    found: list[Any] = []
    for table in ("call_record", "call_event", "call_offer"):
        found += [row[0] for row in await database.fetch(f"SELECT to_jsonb(t)::text FROM siaga112.{table} t")]  # noqa: S608
    return "\n".join(found)
