"""One life of the websocket: it opens, frames go both ways, it ends for a reason.

Knows aiohttp's websocket and its traps. Does not know what is in a frame, nor what comes after the
end.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Literal

import aiohttp

from siaga112.ari.items import Cause
from siaga112.ari.pool import describe

LARGEST_FRAME = 64 * 1024 * 1024
"""A list of every channel comes as one frame; aiohttp's own limit of 4 MB is a few thousand."""

CLOSING = 0.2
"""Seconds for the other side's goodbye; a frozen one says none."""


class EndedError(Exception):
    """The websocket is gone, or never came. Stays inside this package."""

    def __init__(self, reason: str, cause: Cause = Cause.UNREACHABLE) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cause = cause


class Link:
    """An open websocket."""

    def __init__(self, socket: "aiohttp.ClientWebSocketResponse[Literal[False]]") -> None:
        self._socket = socket
        self._outgoing: asyncio.Queue[str] = asyncio.Queue()

    def send(self, frame: str) -> None:
        """Put a frame behind those that are there already; never waits."""
        self._outgoing.put_nowait(frame)

    async def write(self) -> None:
        """Write frames in the order of `send` until the socket ends."""
        while True:
            frame = await self._outgoing.get()
            try:
                await self._socket.send_str(frame)
            except (aiohttp.ClientError, OSError) as error:
                raise EndedError(describe(error)) from None

    async def read(self, take: Callable[[bytes], bool]) -> None:
        """Hand over text frames as they come, until the socket ends, which is always an error.

        A clean close ends aiohttp's iteration without an exception; for us it is a drop like others.
        """
        async for message in self._socket:
            if message.type is aiohttp.WSMsgType.TEXT and take(message.data):
                raise EndedError("another client has opened the application")
        failure = self._socket.exception()
        if failure is not None:
            raise EndedError(describe(failure)) from None
        raise EndedError(f"closed by Asterisk (code {self._socket.close_code})")

    async def close(self) -> None:
        """Say goodbye, briefly."""
        await self._socket.close()


async def until_ended(part: Coroutine[Any, Any, None], ended: "asyncio.Future[EndedError]") -> None:
    """Do a part of a connection's work, and tell if that says that the socket is gone."""
    try:
        await part
    except EndedError as error:
        if not ended.done():
            ended.set_result(error)


async def connect(session: aiohttp.ClientSession, url: str, heartbeat: float, deadline: float) -> Link:
    """Open the websocket within a deadline.

    Raises:
        EndedError: it did not open; the cause says which remedy is the one.
    """
    # The errors are taken apart here and told outside of the except clause: aiohttp's carry the
    # request's headers, and with them the password, into every traceback that shows its context.
    try:
        async with asyncio.timeout(deadline):
            socket = await session.ws_connect(
                url,
                heartbeat=heartbeat,
                max_msg_size=LARGEST_FRAME,
                timeout=aiohttp.ClientWSTimeout(ws_close=CLOSING),
                decode_text=False,
            )
    except aiohttp.WSServerHandshakeError as error:
        ended = _refused(error.status)
    except TimeoutError:
        ended = EndedError(f"no answer within {deadline:g} s")
    except (aiohttp.ClientError, OSError) as error:
        ended = EndedError(describe(error))
    else:
        return Link(socket)
    raise ended


def _refused(status: int) -> EndedError:
    if status in {401, 403}:
        return EndedError(f"{status}: wrong user or password for ARI", Cause.UNAUTHORIZED)
    if status == 404:
        return EndedError("404: no ARI at this address", Cause.NO_ARI)
    return EndedError(f"the websocket was refused with status {status}")
