"""How the parts are put together: start, run, drain.

Knows every part and nothing of what they do. A side task that dies stops the daemon loudly; systemd starts it
again, and it adopts the calls that are in progress.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import structlog

from siaga112 import __version__, notify
from siaga112.answers import Answers
from siaga112.ari.connection import Connection, Pace
from siaga112.ari.items import Item
from siaga112.audio.ear import COMMAND, Ear
from siaga112.clock import Clock
from siaga112.config import ConfigError, Settings
from siaga112.dispatcher import Dispatcher
from siaga112.earpiece import Earpiece
from siaga112.fallback import Tail
from siaga112.importer import Importer
from siaga112.interpreter import stay_small
from siaga112.lookout import Rounds
from siaga112.metrics import Metrics
from siaga112.observe import Observer
from siaga112.planfile import PlanFile, load_plan
from siaga112.recording import StoreObserver
from siaga112.retention import Daily, Places
from siaga112.routing.events import DrainOrdered, Event, PlanChanged
from siaga112.routing.plan import Plan
from siaga112.routing.record import Record
from siaga112.routing.revive import revive
from siaga112.routing.router import Router
from siaga112.routing.translate import Translator
from siaga112.scribe import Scribe, read_agents, read_journal, read_memory
from siaga112.store.bounds import Bounds
from siaga112.store.rows import Row
from siaga112.store.shipper import Shipper
from siaga112.store.spool import Spool
from siaga112.tally import Tally
from siaga112.tapes import Tapes
from siaga112.web.server import serving

_log = structlog.get_logger("siaga112")

UNHEARD = (
    "ChannelVarset",
    "ChannelDialplan",
    "ChannelCallerId",
    "ChannelConnectedLine",
    "ChannelCreated",
    "ChannelEnteredBridge",
    "ChannelLeftBridge",
    "BridgeCreated",
    "BridgeDestroyed",
    "PlaybackStarted",
    "Dial",
    "DeviceStateChanged",
    "PeerStatusChange",
    "ContactStatusChange",
)
"""Events that mean nothing to us; Asterisk is told not to send them, as they are most of all it sends."""

_FIRST_ATTEMPT = 5.0
"""Seconds until systemd is told that we have started, though Asterisk was not heard: we go on trying."""


class Service:
    """The daemon; `pace`, `clock` and `rounds` are for tests, which have no time.

    `reread` reads the configuration's file again, for the reload.
    """

    def __init__(  # noqa: PLR0913 - what tests give it in place of the real
        self,
        settings: Settings,
        plan: PlanFile,
        *,
        pace: Pace | None = None,
        clock: Clock | None = None,
        rounds: Rounds | None = None,
        reread: Callable[[], Settings] | None = None,
    ) -> None:
        self.started = asyncio.Event()
        """Set once the HTTP side answers, at `http_port`."""
        self.http_port = 0
        self.ear_command: Sequence[str] = COMMAND
        """Starts the ear's process."""
        self._settings = settings
        self._reread = reread or (lambda: settings)
        self._plan = plan
        self._clock = clock or Clock()
        self._metrics = Metrics()
        self._observer = Observer(self._metrics)
        watching = StoreObserver(self._metrics)
        bounds = Bounds(settings.spool.most_mb * 1e6, settings.spool.most_hours * 3600)
        self._spool = Spool(settings.spool.path, watching, bounds=bounds)
        dsn = settings.postgres.dsn.get_secret_value()
        self._shipper = Shipper(self._spool, dsn, watching)
        asterisk = settings.asterisk
        tail = Tail(asterisk.fallback_journal, settings.spool.path.with_suffix(".fallback"))
        self._importer = Importer(tail, self._spool, dsn, lambda: self._plan, self._metrics)
        self._retention = Daily(dsn, Places.of(settings), lambda: self._plan)
        self._tally = Tally(self._dsn, lambda: self._plan)
        self._importer.hears = self._observer.fallback_has
        self._observer.fallback_is_told = lambda: self._importer.counts
        self._connection = Connection(
            asterisk.url,
            asterisk.user,
            asterisk.secret(),
            asterisk.app,
            self._put,
            disallowed=UNHEARD,
            observer=self._observer,
            pace=pace or Pace(),
        )
        self._earpiece = Earpiece(self._connection, self._put)
        self._translator = Translator(plan.centre.code, asterisk.app)
        self._tapes = Tapes(asterisk.recordings, self._metrics)
        self._scribe = Scribe(self._spool, self._recorded)
        self._dispatcher = Dispatcher(
            Router(plan.plan()),
            self._translator,
            self._connection,
            self._scribe,
            self._observer,
            self._clock,
            rounds,
            self._earpiece,
        )
        self.answers = Answers(
            self._dispatcher,
            self._observer,
            self._metrics,
            self._spool,
            self._shipper,
            self._tally,
            self._clock,
            lambda: self._plan,
        )
        """What whoever asks from outside is told."""

    def _dsn(self) -> str:
        return self._settings.postgres.dsn.get_secret_value()

    def _recorded(self, before: Record | None, after: Record) -> None:
        self._observer.recorded(before, after)
        self._tapes.recorded(after, asyncio.get_running_loop().time())

    def _put(self, item: Item | Event) -> None:
        self._dispatcher.put(item)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then drain.

        Raises:
            Siaga112Error: the spool or the HTTP port cannot be had.
            ReplacedError: another instance has taken over.
        """
        async with self._spool:
            ear = self._open_ear()
            await self._restore()
            http = self._settings.http
            async with serving(self.answers, http.host, http.port) as port, asyncio.TaskGroup() as tasks:
                _log.info("started", version=__version__, http_port=port)
                self.http_port = port
                self.started.set()
                running = [
                    tasks.create_task(self._connection.run(), name="ari"),
                    tasks.create_task(self._dispatcher.run(), name="dispatcher"),
                    tasks.create_task(self._shipper.run(), name="shipper"),
                    tasks.create_task(self._importer.run(), name="fallback"),
                    tasks.create_task(self._tally.run(), name="tally"),
                    tasks.create_task(self._tapes.run(), name="tapes"),
                    tasks.create_task(self._retention.run(), name="retention"),
                    tasks.create_task(self._tell_systemd(), name="systemd"),
                    tasks.create_task(stay_small(), name="memory"),
                ]
                if ear is not None:
                    running.append(tasks.create_task(ear.run(), name="ear"))
                    running.append(tasks.create_task(self._earpiece.run(), name="earpiece"))
                await stop.wait()
                await self._drain()
                for task in running:
                    task.cancel()
        _log.info("stopped")

    def reload(self) -> None:
        """Read the plan again, and where PostgreSQL is; a file with a fault is refused whole."""
        self._reload_dsn()
        self._reload_plan()

    def _reload_dsn(self) -> None:
        """Take up a password that was changed on the server, or another address."""
        try:
            settings = self._reread()
        except ConfigError as error:
            _log.error("settings_refused", faults=error.faults)
            return
        if settings.postgres != self._settings.postgres:
            self._settings = self._settings.model_copy(update={"postgres": settings.postgres})
            dsn = settings.postgres.dsn.get_secret_value()
            self._shipper.change_dsn(dsn)
            self._importer.change_dsn(dsn)
            _log.info("postgres_dsn_changed")

    def _reload_plan(self) -> None:
        try:
            plan = load_plan(self._settings.plan)
        except ConfigError as error:
            _log.error("plan_refused", faults=error.faults)
            return
        if plan.centre.code != self._plan.centre.code:  # Calls in progress are named with it.
            _log.error(
                "plan_refused", faults=["centre.code: cannot change while the daemon runs; restart it"]
            )
            return
        self._plan = plan
        self._dispatcher.put(PlanChanged(self._core_plan()))
        self._spool.append([self._centre_row()])
        expired = [one.key for one in plan.expired(self._clock.now())]
        _log.info("plan_loaded", agents=len(self._plan.agents), expired_information=expired)

    def _core_plan(self) -> Plan:
        """The plan as the core is told: where there is no ear, nobody is listened to."""
        plan = self._plan.plan()
        return plan if self._earpiece.ear is not None else replace(plan, listening=None)

    # Start and end.

    def _open_ear(self) -> Ear | None:
        """Make the ear; where that cannot be, calls are served without it."""
        place, listening = self._settings.ear, self._plan.listening
        ear = None
        if listening.enabled:
            try:
                ear = Ear(
                    listening.thresholds(),
                    self._earpiece.heard,
                    self._observer,
                    host=place.host,
                    port=place.port,
                    remote_host=place.asterisk,
                    clock=self._clock.now,
                    command=self.ear_command,
                )
            except OSError as error:
                self._observer.ear_trouble(f"[ear] {place.host}:{place.port} cannot be had: {error}")
        if ear is not None:
            self._earpiece.ear = ear
            self._translator.ear = f"{place.host}:{ear.port}"
        self._dispatcher.router.plan = self._core_plan()
        return ear

    async def _restore(self) -> None:
        """Take up the calls and agents that an earlier run left."""
        now, plan = self._clock.now(), self._core_plan()
        calls = []
        for rows in await self._spool.open_calls():
            try:
                journal = read_journal(rows)
            except ValueError as error:
                _log.error("journal_unreadable", call_id=rows[0].key[0], error=str(error))
                continue
            self._scribe.remember(journal)
            call = revive(journal, plan, now)
            if call is not None:
                calls.append(call)
        seen = read_agents(await self._spool.agent_states())
        self._spool.append([self._centre_row()])
        memory = read_memory(await self._spool.memory(), now)
        self._dispatcher.take(self._dispatcher.router.restore(calls, seen, now, memory))

    def _centre_row(self) -> Row:
        centre, plan = self._plan.centre, self._plan
        values: dict[str, Any] = {"code": centre.code, "name": centre.name, "time_zone": centre.time_zone}
        return Row.of("centre", values | {"shifts": [one.model_dump(mode="json") for one in plan.shifts]})

    async def _drain(self) -> None:
        """Take no new calls, let conversations end for a while, write every record."""
        notify.notify("STOPPING=1")
        patience = self._settings.drain.patience
        calls = self._dispatcher.router.calls
        _log.info("draining", calls=len(calls), patience=patience)
        self._dispatcher.put(DrainOrdered())
        try:
            async with asyncio.timeout(patience):
                await self._dispatcher.until(lambda: self._dispatcher.router.draining and not calls)
        except TimeoutError:
            _log.info("calls_left_for_the_next_start", calls=len(calls))
        left = await self._shipper.drain(min(patience, 5.0))
        if left:
            _log.warning("rows_left_for_the_next_start", rows=left)

    async def _tell_systemd(self) -> None:
        """Say when we are ready, and while the inbox and the connection move, that we live."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_FIRST_ATTEMPT):
                await self._dispatcher.until(lambda: self._dispatcher.synced or self._observer.refused)
        notify.notify("READY=1")
        every = notify.watchdog_seconds()
        while every is not None:
            if self._dispatcher.moves(every / 2):
                notify.notify("WATCHDOG=1")
            await asyncio.sleep(every / 3)
