"""The requests that are under way: each ends once, by a reply, its deadline or a lost connection.

Knows futures and deadlines. Does not know how a request travels: the two transports report here.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from siaga112.ari import errors, wire
from siaga112.ari.errors import NO_STATUS, AriError
from siaga112.ari.items import Observer, Transport
from siaga112.ari.request import Reply, Request


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One request under way."""

    request: Request
    transport: Transport
    future: "asyncio.Future[Reply]"
    since: float
    timer: asyncio.TimerHandle


class Ledger:
    """Every request under way, by its key."""

    def __init__(self, observer: Observer, clock: Callable[[], float], deadline: float) -> None:
        self._observer = observer
        self._clock = clock
        self._deadline = deadline
        self._entries: dict[str, Entry] = {}
        self._count = 0

    def enter(
        self, request: Request, transport: Transport, deadline: float | None = None
    ) -> tuple[str, "asyncio.Future[Reply]"]:
        """Open an entry; its future is settled by the deadline at the latest."""
        self._count += 1
        key = str(self._count)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Reply] = loop.create_future()
        timer = loop.call_later(deadline or self._deadline, self._expire, key)
        self._entries[key] = Entry(request, transport, future, self._clock(), timer)
        future.add_done_callback(partial(self._close, key))
        return key, future

    def settle(self, key: str, status: int, text: str | bytes | None) -> None:
        """Give a reply to whoever waits for it."""
        entry = self._entries.get(key)
        if entry is None or entry.future.done():
            self._observer.late_reply()
            return
        try:
            entry.future.set_result(wire.reply(entry.request, status, text))
        except AriError as error:
            # Without its traceback: that holds this frame, and with it the entry, the future and the error
            # itself, a ring which only the garbage collector would open, thousands of calls later.
            entry.future.set_exception(error.with_traceback(None))

    def lose(self, key: str, reason: str) -> None:
        """End one entry whose way to Asterisk broke."""
        self._fail(key, errors.ConnectionLostError, reason)

    def lose_all(self, transport: Transport, reason: str) -> None:
        """End every entry of a transport that broke."""
        for key in [k for k, entry in self._entries.items() if entry.transport is transport]:
            self.lose(key, reason)

    def _expire(self, key: str) -> None:
        self._fail(key, errors.AriTimeoutError, "no reply within the deadline")

    def _fail(self, key: str, kind: type[AriError], text: str) -> None:
        entry = self._entries.get(key)
        if entry is not None and not entry.future.done():
            asked = entry.request
            entry.future.set_exception(kind(asked.method, asked.path, NO_STATUS, text))

    def _close(self, key: str, future: "asyncio.Future[Reply]") -> None:
        entry = self._entries.pop(key)
        entry.timer.cancel()
        # Asking for the exception also tells asyncio that somebody has seen it: a command that
        # nobody awaits is not a warning in the log, it is an outcome in the metrics.
        seconds = self._clock() - entry.since
        self._observer.request_done(entry.transport, _outcome(future), seconds)


def _outcome(future: "asyncio.Future[Reply]") -> str:
    if future.cancelled():
        return "cancelled"
    error = future.exception()
    if error is None:
        return str(future.result().status)
    if isinstance(error, AriError):
        return str(error.status) if error.status else error.kind
    return "error"
