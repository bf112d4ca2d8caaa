"""A Stasis application of the tests' own, to see what Asterisk saw of a call.

Calls to `NUMBER` on the trunk are identified as every 112 call is, answered and given to it. Knows
ARI's events as plain dictionaries. Not the product's client: that one is under test elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp

from siaga112.lab.lab import ARI_USER, Lab

NUMBER = "555"
APP = "listening"


class Listening:
    """What the application was told, and questions back."""

    def __init__(self, http: aiohttp.ClientSession, base: str) -> None:
        self._http = http
        self._base = base
        self._events: list[dict[str, Any]] = []
        self._news = asyncio.Condition()

    async def take(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Keeps every event."""
        async for message in socket:
            async with self._news:
                self._events.append(message.json())
                self._news.notify_all()

    def events(self, kind: str) -> list[dict[str, Any]]:
        """The events of a type so far."""
        return [event for event in self._events if event["type"] == kind]

    async def event(self, kind: str) -> dict[str, Any]:
        """The first event of a type, waited for."""
        async with asyncio.timeout(15), self._news:
            await self._news.wait_for(lambda: self.events(kind))
        return self.events(kind)[0]

    async def variable(self, channel: str, name: str) -> str:
        """A channel variable."""
        query = {"variable": name}
        async with self._http.get(f"{self._base}/channels/{channel}/variable", params=query) as reply:
            return str((await reply.json())["value"])

    async def packets(self, channel: str) -> int:
        """How many RTP packets the caller has sent."""
        async with self._http.get(f"{self._base}/channels/{channel}/rtp_statistics") as reply:
            # Asterisk has no such figure while not one packet has come.
            return int((await reply.json()).get("rxcount", 0))


@asynccontextmanager
async def listening(lab: Lab) -> AsyncIterator[Listening]:
    """The application, connected, with its number in the dialplan."""
    for step, line in enumerate(("Gosub(siaga112-caller,s,1)", "Answer()", f"Stasis({APP})"), 1):
        lab.asterisk_cli(f"dialplan add extension {NUMBER},{step},{line} into from-trunk replace")
    password = aiohttp.encode_basic_auth(ARI_USER, lab.site.ari_password)
    async with aiohttp.ClientSession(headers={"Authorization": password}) as http:
        ear = Listening(http, lab.ari)
        async with http.ws_connect(f"{lab.ari}/events", params={"app": APP}) as socket:
            reading = asyncio.create_task(ear.take(socket))
            try:
                yield ear
            finally:
                reading.cancel()
                with suppress(asyncio.CancelledError):
                    await reading
