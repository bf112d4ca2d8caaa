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
        self._resumed = asyncio.Event()

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
        self._resumed.set()

    async def run(self) -> None:
        """Connect, and again for ever; ends only by being cancelled or by the sink's exception."""
        async with pool.open_session(self._headers) as session, asyncio.TaskGroup() as tasks:
            self._pool.open(session, tasks)
            try:
                while True:
                    await self._live_once(session)
            finally:
                self._pool.close()

    def _over_websocket(self, request: Request, deadline: float | None = None) -> "asyncio.Future[Reply]":
        key, future = self._ledger.enter(request, Transport.WEBSOCKET, deadline)
        if self._link is None:
            self._ledger.lose(key, "the websocket is down")
        else:
            self._link.send(wire.frame(key, request))
        return future

    async def _live_once(self, session: aiohttp.ClientSession) -> None:
        ended = await self._life(session)
        lived = 0.0 if self._connected_at is None else self._clock() - self._connected_at
        was_connected, self._connected_at = self.is_connected, None
        if was_connected:
            self._told = None
            self._sink(items.Disconnected(ended.reason))
        if isinstance(ended, link.ReplacedError):
            await self._wait_to_be_resumed()
            return
        unauthorized = ended.cause is Cause.UNAUTHORIZED
        wait = self._backoff.after_refusal() if unauthorized else self._backoff.after_drop(lived)
        if not was_connected:
            self._tell(ended, wait)
        await self._sleep(wait)

    async def _life(self, session: aiohttp.ClientSession) -> link.EndedError:
        """Live one websocket through and say how it ended."""
        url = str(URL(f"{self._url}/events").with_query(app=self._app))
        try:
            opened = await link.connect(session, url, self._pace.heartbeat, self._pace.deadline)
        except link.EndedError as ended:
            return ended
        try:
            return await self._converse(opened)
        finally:
            await opened.close()

    async def _converse(self, opened: link.Link) -> link.EndedError:
        self._inflow.hold()
        self._link = opened
        ended = link.EndedError("the connection was closed")
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(opened.read(self._take))
                tasks.create_task(opened.write())
                tasks.create_task(self._greet())
        except* link.EndedError as several:
            ended = _first(several)
        finally:
            self._link, self._transport = None, Transport.HTTP
            self._ledger.lose_all(Transport.WEBSOCKET, ended.reason)
        return ended

    def _take(self, frame: bytes) -> bool:
        replaced = self._inflow.take(frame)
        if replaced:
            self._resumed.clear()
            self._sink(items.Replaced())
        return replaced

    async def _greet(self) -> None:
        """Find out what this Asterisk can do; from then on requests can be made."""
        connected = await self._welcome.arrange()
        if connected.rest_over_websocket:
            self._transport = Transport.WEBSOCKET
        self._connected_at = self._clock()
        self._inflow.release(connected)

    async def _wait_to_be_resumed(self) -> None:
        await self._resumed.wait()
        self._resumed.clear()

    def _tell(self, ended: link.EndedError, wait: float) -> None:
        """Say why there is no connection, once for each reason."""
        if self._told != (ended.cause, ended.reason):
            self._told = (ended.cause, ended.reason)
            self._sink(items.Unavailable(ended.cause, ended.reason, wait))


def _first(several: "ExceptionGroup[link.EndedError]") -> link.EndedError:
    """Pick what ended the conversation; a replaced application outweighs a closed socket."""
    found = [e for e in several.exceptions if isinstance(e, link.EndedError)]
    return next((e for e in found if isinstance(e, link.ReplacedError)), found[0])
