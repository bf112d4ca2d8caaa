"""ari-py's vocabulary on top of a connection: `client.channels.originate(...)`, `channel.answer()`.

    async with AriClient(url, user, password, "my-app") as client:
        client.on_event("StasisStart", lambda event: print(event.channel.name))
        gone = client.expect(models.StasisEnd, lambda event: event.channel.id == "leg-1")
        channel = await client.channels.originate(
            endpoint="PJSIP/101", app="my-app", channel_id="leg-1"
        )
        await channel.play(media="sound:hello-world")
        await gone

For tests, the doctor and the lab, which ask and wait. The daemon does neither: it uses the
connection itself. Knows no calls and no agents.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Self, TypeVar, overload

from siaga112.ari import models
from siaga112.ari.connection import Connection
from siaga112.ari.items import Connected, Item, Transport, Unavailable
from siaga112.ari.objects import Groups
from siaga112.ari.request import Reply, Request
from siaga112.errors import Siaga112Error

T = TypeVar("T")

Callback = Callable[[Any], object]
Undo = Callable[[], None]

_ARRIVED: Any = Connected | Unavailable


class UnavailableError(Siaga112Error):
    """Asterisk could not be reached, or did not let us in; says why."""

    def __init__(self, item: Unavailable) -> None:
        super().__init__(item.reason)
        self.item = item


class AriClient(Groups):
    """A connection with ari-py's words, connected for as long as its `async with` block lasts.

    Takes the connection's own arguments, except for its sink.
    """

    def __init__(self, url: str, user: str, password: str, app: str, **parts: Any) -> None:
        super().__init__(self)
        self.connection = Connection(url, user, password, app, self._take, **parts)
        self._callbacks: list[tuple[type[Any], Callback]] = []
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            UnavailableError: the first attempt failed.
        """
        arrived = self.expect(_ARRIVED)
        self._running = asyncio.create_task(self.connection.run())
        await asyncio.wait({self._running, arrived}, return_when=asyncio.FIRST_COMPLETED)
        if arrived.done() and isinstance(arrived.result(), Connected):
            return self
        await self.__aexit__()
        raise UnavailableError(arrived.result())

    async def __aexit__(self, *_: object) -> None:
        """Disconnect; raises what a callback raised, which has ended the connection before."""
        if self._running is None:
            return
        self._running.cancel()
        with suppress(asyncio.CancelledError):
            await self._running

    async def carry(self, request: Request) -> Reply:
        """Send a request and wait for its reply."""
        # A recording's file is the one thing that REST over the websocket has no answer for.
        is_file = request.path.startswith("/recordings/stored/") and request.path.endswith("/file")
        transport = Transport.HTTP if is_file else None
        return await self.connection.request(request, transport=transport)

    @overload
    def on_event(self, kind: str, callback: Callback) -> Undo: ...
    @overload
    def on_event(self, kind: type[T], callback: Callable[[T], object]) -> Undo: ...
    def on_event(self, kind: str | type[Any], callback: Callback) -> Undo:
        """Call back for each event of a kind (a model or its name); returns what undoes it.

        The callback is called by the reader: it must return at once.
        """
        entry = (_model(kind) if isinstance(kind, str) else kind, callback)
        self._callbacks.append(entry)
        return partial(self._callbacks.remove, entry)

    def expect(self, kind: type[T], where: Callable[[T], bool] = lambda _: True) -> "asyncio.Future[T]":
        """Look out, from now on, for the first event of a kind that fulfils a condition.

        To be called before whatever causes the event: an event may come before the reply.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def settle(item: T) -> None:
            if not future.done() and where(item):
                future.set_result(item)

        undo = self.on_event(kind, settle)
        future.add_done_callback(lambda _: undo())
        return future

    def _take(self, item: Item) -> None:
        for kind, callback in tuple(self._callbacks):
            if isinstance(item, kind):
                callback(item)


def _model(name: str) -> type[Any]:
    """Find an event's model by its name in Asterisk.

    Raises:
        ValueError: no description lists such an event.
    """
    found = getattr(models, name, None)
    if isinstance(found, type) and issubclass(found, models.Message):
        return found
    raise ValueError(f"no event is called {name}")
