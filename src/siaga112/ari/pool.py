"""Requests over HTTP: few connections, kept alive for less long than Asterisk keeps them.

Knows aiohttp's client. Does not know the websocket, nor when HTTP is the way to go.
"""

import asyncio

import aiohttp
from yarl import URL

from siaga112.ari.items import Transport
from siaga112.ari.ledger import Ledger
from siaga112.ari.request import Reply, Request

CONNECTIONS = 8
"""Asterisk runs a thread for each; without a bound a pool collapses it near 80 calls a second."""

KEEP_ALIVE = 10.0
"""Asterisk closes an idle connection after 15 s; one that it is about to close must not be used."""


def open_session(headers: dict[str, str]) -> aiohttp.ClientSession:
    """Open what the pool and the websocket share; the ledger keeps the deadlines."""
    connector = aiohttp.TCPConnector(limit=CONNECTIONS + 1, keepalive_timeout=KEEP_ALIVE)
    timeout = aiohttp.ClientTimeout(total=None)
    return aiohttp.ClientSession(connector=connector, headers=headers, timeout=timeout)


class Pool:
    """Sends requests, each in a task of its own."""

    def __init__(self, url: str, ledger: Ledger) -> None:
        self._url = url
        self._ledger = ledger
        self._session: aiohttp.ClientSession | None = None
        self._tasks: asyncio.TaskGroup | None = None

    def open(self, session: aiohttp.ClientSession, tasks: asyncio.TaskGroup) -> None:
        """Begin; tasks live in the given group."""
        self._session, self._tasks = session, tasks

    def close(self) -> None:
        """Take no more requests, and end those under way."""
        self._session = self._tasks = None
        self._ledger.lose_all(Transport.HTTP, "the connection was closed")

    def send(self, request: Request, deadline: float | None = None) -> "asyncio.Future[Reply]":
        """Send at once; requests sent together may arrive in any order."""
        key, future = self._ledger.enter(request, Transport.HTTP, deadline)
        if self._session is None or self._tasks is None:
            self._ledger.lose(key, "the connection is not running")
            return future
        task = self._tasks.create_task(self._exchange(self._session, key, request))
        # Whatever ends the future (a deadline, a caller that gave up) frees the connection too.
        future.add_done_callback(lambda _: task.cancel())
        return future

    async def _exchange(self, session: aiohttp.ClientSession, key: str, request: Request) -> None:
        # The path is percent-encoded already; yarl must not decode a %2F into another segment.
        url = URL(self._url + request.path, encoded=True).update_query(dict(request.query))
        try:
            async with session.request(request.method, url, json=request.body) as response:
                # Only what says that it is JSON is text; a recording's file stays bytes.
                is_json = response.content_type == "application/json"
                content = await (response.text() if is_json else response.read())
                self._ledger.settle(key, response.status, content)
        except Exception as error:  # noqa: BLE001 - what breaks one request must not end the daemon
            self._ledger.lose(key, describe(error))


def describe(error: BaseException) -> str:
    """Say what broke; never with the request's headers, which aiohttp's own repr shows."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
