"""The first words with Asterisk on a new socket: filter, version, and what it is able to do.

Knows the traps of the event filter and how REST over the websocket shows that it is there. Does not
know how requests travel: it is given both ways.
"""

import asyncio
from collections.abc import Callable, Sequence
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

    async def arrange(self) -> Connected:
        """Set the filter, then ask.

        Raises:
            EndedError: this Asterisk cannot be used as it is; the cause says which remedy.
        """
        try:
            filtered = await self._set_filter()
            # Both are under way at once: an older Asterisk never answers the one over the socket,
            # and versions alone do not say who does.
            probe = self._over_websocket(operations.asterisk.ping(), self._probe)
            info = self._over_http(operations.asterisk.get_info(only="system"), None)
            version, works = _version(await info), await _succeeds(probe)
        except AriError as error:
            ended = EndedError(f"while connecting: {error}", _cause(error))
        else:
            return Connected(version, works, filtered)
        raise ended

    async def _set_filter(self) -> bool:
        """Set the event filter, over HTTP and with both lists.

        A filter outlives its client. One with an `allowed` list that somebody left behind would
        swallow every reply over the websocket, this one's too; so that list is emptied.
        """
        lists: dict[str, Any] = {
            "allowed": [],
            "disallowed": [{"type": kind} for kind in self._disallowed],
        }
        try:
            await self._over_http(operations.applications.filter(self._app, filter=lists), None)
        except NotFoundError:
            return False
        return True


def _version(reply: Reply) -> str:
    try:
        return str(reply.body["system"]["version"])
    except (TypeError, KeyError):
        return ""


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
