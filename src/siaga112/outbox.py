"""Commands on their way to Asterisk: in order within a call, and what becomes of those that fail.

Knows order, transports and one retry. Does not know why anything is done. Over the websocket a call's
commands are written one behind the other without waiting, as Asterisk carries them out in that order; over
HTTP each waits for the one before it.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol

from siaga112.ari.errors import AriError
from siaga112.ari.items import Transport
from siaga112.ari.request import Reply, Request
from siaga112.routing.commands import Answer, Command, Connect, DeskCommand, DropBridge, Lease, Unbridge
from siaga112.routing.translate import Translator, failure_of
from siaga112.routing.words import Failure

_REPEATED: Final = (Answer, Connect, Unbridge, Lease, DropBridge)
"""Commands worth a second try when nothing came back: late, they do what they would have done in time.
The core itself repeats hang-ups, and rings another phone rather than the same one twice."""


class Asterisk(Protocol):
    """Takes requests; `siaga112.ari.connection.Connection` is one."""

    @property
    def transport(self) -> Transport:
        """The way that a request made now would take."""

    def request(self, request: Request, *, transport: Transport | None = None) -> "asyncio.Future[Reply]":
        """Send a request at once, by the way that is best or by the one that is named."""


class Outbox:
    """Carries commands out; tells `failed` of each that was not, and `replied` of every answer."""

    def __init__(
        self,
        asterisk: Asterisk,
        translator: Translator,
        failed: Callable[[Command, Failure], None],
        replied: Callable[[Command, Reply], None] = lambda _command, _reply: None,
    ) -> None:
        self._asterisk = asterisk
        self._translator = translator
        self._failed = failed
        self._replied = replied
        self._queues: dict[str, deque[_Errand]] = {}

    def send(self, command: Command) -> None:
        """Carry a command out, after those of the same call; does not wait."""
        box = command.channel_id if isinstance(command, DeskCommand) else command.call_id
        errand = _Errand(command, self._translator.requests(command), box)
        queue = self._queues.get(box)
        if not errand.requests:
            return
        if queue is not None:
            queue.append(errand)
        elif self._asterisk.transport is Transport.WEBSOCKET:
            self._send_all(errand)
        else:
            self._queues[box] = deque([errand])
            self._send_next(errand)

    def _send_all(self, errand: "_Errand") -> None:
        """Over the websocket: every request at once, in order; the first that fails fails the command."""
        for request in errand.requests:
            future = self._asterisk.request(request)
            future.add_done_callback(partial(self._settled, errand, request))

    def _settled(self, errand: "_Errand", request: Request, done: "asyncio.Future[Reply]") -> None:
        failure = _failure(errand.command, request, done)
        if failure is None or errand.over:
            self._tell(errand, done)
            return
        errand.over = True
        if failure is Failure.LOST and errand.repeatable:
            self._send_again(errand)
        else:
            self._failed(errand.command, failure)

    def _tell(self, errand: "_Errand", done: "asyncio.Future[Reply]") -> None:
        if not errand.over and not done.cancelled() and done.exception() is None:
            self._replied(errand.command, done.result())

    def _send_again(self, errand: "_Errand") -> None:
        """Try a command that got no answer once more."""
        again = _Errand(errand.command, errand.requests, errand.box, tries=errand.tries + 1)
        if self._asterisk.transport is Transport.WEBSOCKET:
            self._send_all(again)
        else:
            self._queues.setdefault(errand.box, deque()).append(again)
            if self._queues[errand.box][0] is again:
                self._send_next(again)

    def _send_next(self, errand: "_Errand") -> None:
        """Over HTTP: one request, and the next when it was answered."""
        request = errand.requests[errand.sent]
        self._asterisk.request(request).add_done_callback(partial(self._answered, errand, request))

    def _answered(self, errand: "_Errand", request: Request, done: "asyncio.Future[Reply]") -> None:
        failure = _failure(errand.command, request, done)
        errand.sent += 1
        self._tell(errand, done)
        if failure is None and errand.sent < len(errand.requests):
            self._send_next(errand)
            return
        queue = self._queues[errand.box]
        queue.popleft()
        if failure is Failure.LOST and errand.repeatable:
            queue.appendleft(_Errand(errand.command, errand.requests, errand.box, tries=errand.tries + 1))
        elif failure is not None:
            self._failed(errand.command, failure)
        if queue:
            self._send_next(queue[0])
        else:
            del self._queues[errand.box]


class _Errand:
    """One command under way."""

    __slots__ = ("box", "command", "over", "requests", "sent", "tries")

    def __init__(self, command: Command, requests: Sequence[Request], box: str, *, tries: int = 0) -> None:
        self.command, self.requests, self.box, self.tries = command, requests, box, tries
        self.sent = 0
        self.over = False

    @property
    def repeatable(self) -> bool:
        return self.tries == 0 and isinstance(self.command, _REPEATED)


def _failure(command: Command, request: Request, done: "asyncio.Future[Reply]") -> Failure | None:
    if done.cancelled():
        return Failure.LOST
    error = done.exception()
    if error is None:
        return None
    return failure_of(command, request, error) if isinstance(error, AriError) else Failure.LOST
