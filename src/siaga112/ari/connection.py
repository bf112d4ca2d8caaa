"""One connection to Asterisk, for ever: events in, requests out.

Knows when to connect, when to wait and which transport a request takes. Does not know what an event
means to anybody: it goes to the sink, at once and in order.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import aiohttp
from yarl import URL

from siaga112.ari import items, link, pool, wire
from siaga112.ari.backoff import Backoff
from siaga112.ari.inflow import Inflow
from siaga112.ari.items import Cause, Sink, Transport
from siaga112.ari.ledger import Ledger
from siaga112.ari.request import Reply, Request
from siaga112.ari.welcome import Welcome


@dataclass(frozen=True, slots=True)
class Pace:
    """Every duration of a connection, in seconds; tests shorten them."""

    deadline: float = 2.0
    """For each request, from the call of `request` to its reply, and for opening the socket."""
    heartbeat: float = 1.0
    """Between pings; a frozen peer is noticed after one and a half of it."""
    probe: float = 0.5
    """How long to wait for the first reply over the websocket before deciding on HTTP."""


class Connection:
    """Delivers Asterisk's events to a sink, and makes requests.

    Args:
        url: where ARI is, e.g. `http://127.0.0.1:8088/ari`; without credentials.
        user: the ARI user; must be allowed to write.
        password: the ARI user's password.
        app: the Stasis application that is opened.
        sink: takes every item; must return at once. What it raises ends `run`.
        disallowed: types of events that Asterisk need not send.
        observer: counts requests and oddities.
        pace: durations.
        clock: seconds that never run back.
        sleep: waits between attempts to connect.
        jitter: 0 to 1, spreads those waits.
    """

    def __init__(  # noqa: PLR0913 - where, who and what, then what a test replaces
        self,
        url: str,
        user: str,
        password: str,
        app: str,
        sink: Sink,
        *,
        disallowed: Sequence[str] = (),
        observer: items.Observer | None = None,
        pace: Pace = Pace(),
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        if URL(url).user or URL(url).password:
            raise ValueError("the ARI URL must not hold credentials: they would reach the logs")
        self._url = url.rstrip("/")
        self._app = app
        self._headers = wire.authorization(user, password)
        self._sink = sink
        self._pace = pace
        self._clock = clock
        self._sleep = sleep
        self._backoff = Backoff(jitter)
        watching = observer or items.Unobserved()
        self._ledger = Ledger(watching, clock, pace.deadline)
        self._inflow = Inflow(app, sink, self._ledger, watching)
        self._pool = pool.Pool(self._url, self._ledger)
        self._welcome = Welcome(app, disallowed, self._pool.send, self._over_websocket, pace.probe)
        self._link: link.Link | None = None
        self._transport = Transport.HTTP
        self._connected_at: float | None = None
        self._told: tuple[Cause, str] | None = None
        self._replaced: asyncio.Event | None = None

    def __repr__(self) -> str:
        return f"<Connection {self._url} app={self._app} transport={self._transport}>"

    @property
    def transport(self) -> Transport:
        """The way that a request made now would take."""
        return self._transport

    @property
    def is_connected(self) -> bool:
        """Whether `Connected` was the last that the sink heard of the connection itself."""
        return self._connected_at is not None

    def request(self, request: Request, *, transport: Transport | None = None) -> "asyncio.Future[Reply]":
        """Send a request at once; does not wait.

        Requests over the websocket are written in the order of the calls, and Asterisk carries them
        out in that order. The future fails with `AriError`; nobody need await it.
        """
        if (transport or self._transport) is Transport.WEBSOCKET:
            return self._over_websocket(request)
        return self._pool.send(request)

    def resume(self) -> None:
        """Connect again after `Replaced`, taking the application back from whoever has it."""
        if self._replaced is not None:
            self._replaced.set()

    async def run(self) -> None:
        """Connect, and again for ever; ends only by being cancelled or by the sink's exception."""
        async with pool.open_session(self._headers) as session, asyncio.TaskGroup() as tasks:
            self._pool.open(session, tasks)
            try:
                while True:
                    await self._live_once(session, tasks)
            finally:
                self._pool.close()

    def _over_websocket(self, request: Request, deadline: float | None = None) -> "asyncio.Future[Reply]":
        key, future = self._ledger.enter(request, Transport.WEBSOCKET, deadline)
        if self._link is None:
            self._ledger.lose(key, "the websocket is down")
        else:
            self._link.send(wire.frame(key, request))
        return future

    async def _live_once(self, session: aiohttp.ClientSession, tasks: asyncio.TaskGroup) -> None:
        ended = await self._life(session, tasks)
        lived = 0.0 if self._connected_at is None else self._clock() - self._connected_at
        was_connected, self._connected_at = self.is_connected, None
        if was_connected:
            self._told = None
            self._sink(items.Disconnected(ended.reason))
        if self._replaced is not None:
            await self._replaced.wait()
            self._replaced = None
            return
        unauthorized = ended.cause is Cause.UNAUTHORIZED
        wait = self._backoff.after_refusal() if unauthorized else self._backoff.after_drop(lived)
        if not was_connected:
            self._tell(ended, wait)
        await self._sleep(wait)

    async def _life(self, session: aiohttp.ClientSession, tasks: asyncio.TaskGroup) -> link.EndedError:
        """Live one websocket through and say how it ended."""
        url = str(URL(f"{self._url}/events").with_query(app=self._app))
        try:
            version = await self._welcome.knock()
            opened = await link.connect(session, url, self._pace.heartbeat, self._pace.deadline)
        except link.EndedError as ended:
            return ended
        try:
            return await self._converse(opened, version, tasks)
        finally:
            await opened.close()

    async def _converse(self, opened: link.Link, version: str, tasks: asyncio.TaskGroup) -> link.EndedError:
        """Read, write and greet until one of them says that it is over."""
        self._inflow.hold()
        self._link = opened
        # Not a TaskGroup of their own: before Python 3.13 one forgets a cancellation of the whole
        # that comes while a part fails, and `run` could then not be stopped.
        ended: asyncio.Future[link.EndedError] = asyncio.get_running_loop().create_future()
        parts = [
            tasks.create_task(link.until_ended(part, ended))
            for part in (opened.read(self._take), opened.write(), self._greet(version))
        ]
        try:
            return await ended
        finally:
            self._link, self._transport = None, Transport.HTTP
            self._ledger.lose_all(Transport.WEBSOCKET, "the websocket dropped")
            for part in parts:
                part.cancel()
            await asyncio.wait(parts)

    def _take(self, frame: bytes) -> bool:
        replaced = self._inflow.take(frame)
        if replaced:
            self._replaced = asyncio.Event()
            self._sink(items.Replaced())
        return replaced

    async def _greet(self, version: str) -> None:
        """Find out what this Asterisk can do; from then on requests can be made."""
        connected = await self._welcome.arrange(version)
        if connected.rest_over_websocket:
            self._transport = Transport.WEBSOCKET
        self._connected_at = self._clock()
        self._inflow.release(connected)

    def _tell(self, ended: link.EndedError, wait: float) -> None:
        """Say why there is no connection, once for each reason."""
        if self._told != (ended.cause, ended.reason):
            self._told = (ended.cause, ended.reason)
            self._sink(items.Unavailable(ended.cause, ended.reason, wait))
