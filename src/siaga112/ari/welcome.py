"""The first words with Asterisk, before and on a new socket: who it is and what it can do.

Knows the traps of the event filter and how REST over the websocket shows that it is there. Does not
know how requests travel: it is given both ways.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from siaga112.ari import operations
from siaga112.ari.errors import AriError, NotFoundError, UnauthorizedError
from siaga112.ari.items import Cause, Connected
from siaga112.ari.link import EndedError
from siaga112.ari.request import Reply, Request

Send = Callable[[Request, float | None], "asyncio.Future[Reply]"]


class Welcome:
    """Asks the same questions on every new connection: Asterisk may be another one by then."""

    def __init__(
        self,
        app: str,
        disallowed: Sequence[str],
        over_http: Send,
        over_websocket: Send,
        probe: float,
    ) -> None:
        self._app = app
        self._disallowed = tuple(disallowed)
        self._over_http = over_http
        self._over_websocket = over_websocket
        self._probe = probe

    async def knock(self) -> str:
        """Ask for the version, before any socket is opened.

        A frozen Asterisk keeps what we send it and acts on it when it thaws. A question does no
        harm then; an abandoned socket would open our application once more, beside the one that we
        have opened meanwhile, and take it from us: we would be replaced by our own ghost.

        Raises:
            EndedError: nobody is there, or not for us; the cause says which remedy.
        """
        asked = self._over_http(operations.asterisk.get_info(only="system"), None)
        return _version(await _or_ended(asked))

    async def arrange(self, version: str) -> Connected:
        """Set the filter, and see whether requests can go over the socket.

        Raises:
            EndedError: this Asterisk cannot be used as it is; the cause says which remedy.
        """
        filtered = await self._set_filter()
        # An older Asterisk never answers this; versions alone do not say who does.
        probe = self._over_websocket(operations.asterisk.ping(), self._probe)
        return Connected(version, await _succeeds(probe), filtered)

    async def _set_filter(self) -> bool:
        """Set the event filter, over HTTP and with both lists.

        A filter outlives its client. One with an `allowed` list that somebody left behind would
        swallow every reply over the websocket, this one's too; so that list is emptied.
        """
        lists: dict[str, Any] = {
            "allowed": [],
            "disallowed": [{"type": kind} for kind in self._disallowed],
        }
        sent = self._over_http(operations.applications.filter(self._app, filter=lists), None)
        with suppress(NotFoundError):
            await _or_ended(sent, passing=NotFoundError)
            return True
        return False


def _version(reply: Reply) -> str:
    try:
        return str(reply.body["system"]["version"])
    except (TypeError, KeyError):
        return ""


async def _or_ended(sent: "asyncio.Future[Reply]", *, passing: type[AriError] | tuple[()] = ()) -> Reply:
    """Await a reply; an error that is not let pass says that there is no connection to be had."""
    try:
        return await sent
    except passing:
        raise
    except AriError as error:
        ended = EndedError(f"while connecting: {error}", _cause(error))
    raise ended


async def _succeeds(sent: "asyncio.Future[Reply]") -> bool:
    try:
        await sent
    except AriError:
        return False
    return True


def _cause(error: AriError) -> Cause:
    if isinstance(error, UnauthorizedError):
        return Cause.UNAUTHORIZED
    return Cause.NO_ARI if isinstance(error, NotFoundError) else Cause.UNREACHABLE
