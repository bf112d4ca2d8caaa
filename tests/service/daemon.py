"""One daemon in process, between a fake Asterisk and a real spool, and the moves of a call."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import aiohttp
from pydantic import SecretStr

from siaga112.ari.connection import Pace
from siaga112.clock import Clock
from siaga112.config import (
    AsteriskSettings,
    DrainSettings,
    HttpSettings,
    PostgresSettings,
    Settings,
    SpoolSettings,
)
from siaga112.lookout import Rounds
from siaga112.planfile import ListeningFile, PlanFile
from siaga112.plansections.centre import CentreFile
from siaga112.plansections.people import AgentFile
from siaga112.plansections.queue import TimingsFile
from siaga112.routing import ids
from siaga112.routing.router import Router
from siaga112.routing.words import CallId
from siaga112.service import Service
from siaga112.store import pages
from tests.fakes.asterisk import APP, Chan
from tests.fakes.server import PASSWORD, PATIENCE, USER, FakeAsterisk

CENTRE: Final = "35.79"
NUMBER: Final = "081255501234"
NOWHERE: Final = "postgresql://nobody@127.0.0.1:1/nothing"
"""Where no PostgreSQL listens: a legal state of affairs."""

STEADY: Final = Pace(deadline=5.0, heartbeat=10.0, probe=5.0)
"""Long enough that a busy machine does not look like a dead Asterisk."""

QUICK: Final = Pace(deadline=0.3, heartbeat=0.3, probe=2.0)
"""Notices within a blink what never answers."""

SELDOM: Final = Rounds(phones=3600.0, again=0.05)
"""Looks around when the connection comes, and again only if that failed."""


class Time:
    """Time that a test can make pass."""

    def __init__(self) -> None:
        self._skipped = self._set = 0.0
        self.clock = Clock(self._wall, lambda: time.monotonic() + self._skipped)

    def skip(self, seconds: float) -> None:
        """Let so many seconds pass at once."""
        self._skipped += seconds

    def set_wall(self, seconds: float) -> None:
        """Set the clock on the wall by so many seconds."""
        self._set += seconds

    def _wall(self) -> float:
        return time.time() + self._skipped + self._set


class Daemon:
    """One run of the service."""

    def __init__(
        self, fake: FakeAsterisk, settings: Settings, plan: PlanFile, pace: Pace, rounds: Rounds
    ) -> None:
        self.fake = fake
        self.settings = settings
        self.time = Time()
        self.service = Service(settings, plan, pace=pace, clock=self.time.clock, rounds=rounds)
        self.stop = asyncio.Event()
        self.port = 0
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> "Daemon":
        """Begin, and wait until the HTTP side answers."""
        self.task = asyncio.create_task(self.service.run(self.stop))
        started = asyncio.create_task(self.service.started.wait())
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait({self.task, started}, return_when=asyncio.FIRST_COMPLETED)
        started.cancel()
        if self.task.done():
            await self.task
        self.port = self.service.http_port
        return self

    async def synced(self) -> "Daemon":
        """Wait until the daemon knows how things are in Asterisk."""
        await self.until(lambda: self.router.connected)
        return self

    async def end(self) -> None:
        """Stop as SIGTERM does."""
        self.stop.set()
        assert self.task is not None
        async with asyncio.timeout(PATIENCE):
            await self.task

    async def crash(self) -> None:
        """End without a drain."""
        assert self.task is not None
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    @property
    def router(self) -> Router:
        """What was decided so far."""
        return self.service._dispatcher.router

    async def until(self, true: Callable[[], object]) -> None:
        """Wait until something is true of what was decided; a daemon that ends meanwhile is an error."""
        assert self.task is not None
        waiting = asyncio.ensure_future(self.service._dispatcher.until(lambda: bool(true())))
        await asyncio.wait({waiting, self.task}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if waiting.cancel():
            if self.task.done():
                await self.task
            raise TimeoutError

    async def quiet(self) -> None:
        """Wait until every request has its answer."""
        while under_way := [one.future for one in self.service._connection._ledger._entries.values()]:
            await asyncio.wait(under_way)

    async def settled(self) -> None:
        """Wait until no call is left."""
        await self.until(lambda: not self.router.calls)

    def skip(self, seconds: float) -> None:
        """Let time pass, deadlines with it."""
        self.time.skip(seconds)
        self.service._dispatcher._wake.set()

    async def on_duty(self, *agents: str) -> None:
        """Have call-takers dial *11, as they do at the beginning of a shift."""
        for agent in agents:
            phone = self.fake.do(lambda m, a=agent: m.dial_code(f"PJSIP/{a}", "*11"))  # type: ignore[misc]
            await self.fake.until(lambda p=phone: self.fake.model.channels[p].place == "dialplan")  # type: ignore[misc]
            self.fake.do(lambda m, p=phone: m.hangs_up(p))  # type: ignore[misc]

    async def get(self, path: str) -> tuple[int, Any]:
        """Ask the HTTP side: status, and JSON or text."""
        async with aiohttp.ClientSession() as session, session.get(self.address(path)) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await (answer.json() if is_json else answer.text())

    def address(self, path: str) -> str:
        """Where the HTTP side has something."""
        return f"http://127.0.0.1:{self.port}{path}"

    async def metrics(self) -> dict[str, float]:
        """What Prometheus would see, by name with labels."""
        _, text = await self.get("/metrics")
        lines = [one.rsplit(" ", 1) for one in text.splitlines() if not one.startswith("#")]
        return {name: float(value) for name, value in lines}

    async def rows(self, table: str) -> list[dict[str, Any]]:
        """The newest version of each row that waits in the spool, in order."""
        if self.task is not None and not self.task.done():
            await self.service._spool.flush()
        return rows(self.settings.spool.path, table)


def rows(spool: Path, table: str) -> list[dict[str, Any]]:
    """Read a table's rows out of a spool's file."""
    with closing(sqlite3.connect(f"file:{spool}?mode=ro", uri=True)) as file:
        found = file.execute("SELECT heads, bodies FROM page ORDER BY id")
        newest = {row.key: row for page in found for row in pages.rows(*page) if row.table == table}
        return [json.loads(row.body) for row in sorted(newest.values())]


def settings(fake: FakeAsterisk, folder: Path, *, dsn: str = NOWHERE, patience: float = 0.05) -> Settings:
    """A configuration for one daemon."""
    return Settings(
        plan=folder / "plan.toml",
        asterisk=AsteriskSettings(url=fake.url, user=USER, password=SecretStr(PASSWORD), app=APP),
        postgres=PostgresSettings(dsn=SecretStr(dsn)),
        spool=SpoolSettings(path=folder / "spool.sqlite3"),
        http=HttpSettings(port=0),
        drain=DrainSettings(patience=patience),
    )


def plan(agents: int = 2, *, supervisors: int = 0, listens: bool = False) -> PlanFile:
    """A plan with so many agents, 101 and up, the last of them supervisors; by default without the ear."""
    first = agents - supervisors
    seats = [
        AgentFile(
            id=str(101 + n),
            name=f"Meja {n + 1}",
            endpoint=f"PJSIP/{101 + n}",
            role="call_taker" if n < first else "supervisor",
        )
        for n in range(agents)
    ]
    return PlanFile(
        centre=CentreFile(code=CENTRE, name="Kota Contoh"),
        timings=TimingsFile(wrap_up=0),
        listening=ListeningFile(enabled=listens),
        agents=tuple(seats),
    )


# The moves of a call.


def rung(fake: FakeAsterisk) -> list[Chan]:
    """The phones that ring, or are about to."""
    return [one for one in fake.model.channels.values() if one.place == "dial"]


def bridge_of(caller: str) -> str:
    """The name of the bridge in which a caller talks."""
    return ids.bridge(ids.call_id(CENTRE, caller))


def call_id(caller: str) -> CallId:
    """The id of the call that came in on a channel."""
    return ids.call_id(CENTRE, caller)


def talks(fake: FakeAsterisk, caller: str) -> bool:
    """Whether a caller is in a bridge with somebody."""
    return any(caller in inside and len(inside) == 2 for inside in fake.model.bridges.values())


def in_fallback(fake: FakeAsterisk, caller: str) -> bool:
    """Whether the dialplan has the caller, to ring every phone."""
    known = fake.model.channels.get(caller)
    return known is not None and known.place == "dialplan"


async def invite(fake: FakeAsterisk, number: str = NUMBER) -> str:
    """A caller dials 112; returns when the call is in the daemon's hands and was answered."""
    caller = fake.do(lambda m: m.invite(number))
    await fake.until(lambda: fake.model.channels[caller].state == "Up")
    return caller


async def ring(fake: FakeAsterisk, number: str = NUMBER) -> tuple[str, str]:
    """A caller dials 112 and a phone rings: both channels."""
    caller = await invite(fake, number)
    await fake.until(lambda: rung(fake))
    agent = rung(fake)[-1].id
    fake.do(lambda m: m.rings(agent))
    return caller, agent


async def talk(fake: FakeAsterisk, number: str = NUMBER) -> tuple[str, str]:
    """A caller dials 112, an agent answers, and they talk: both channels."""
    caller, agent = await ring(fake, number)
    fake.do(lambda m: m.picks_up(agent))
    await fake.until(lambda: talks(fake, caller))
    return caller, agent


async def over(fake: FakeAsterisk) -> None:
    """Wait until Asterisk has nothing left of any call."""
    await fake.until(lambda: not fake.model.channels and not fake.model.bridges)
