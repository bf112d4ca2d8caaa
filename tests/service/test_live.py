"""The stream that wallboards live on, and what listeners of every kind cost: nothing."""

import asyncio
import json
from contextlib import suppress
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from siaga112.web import api
from siaga112.web.window import WINDOW, CentreView
from tests.fakes.server import PATIENCE, FakeAsterisk
from tests.service.conftest import Start
from tests.service.daemon import talk

UPGRADE = (
    b"GET /ws/live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


async def listen(socket: "aiohttp.ClientWebSocketResponse[Any]", state: str) -> None:
    """Read the stream until a call is in a state."""
    async with asyncio.timeout(PATIENCE):
        async for message in socket:
            if [one for one in json.loads(message.data)["calls"] if one["state"] == state]:
                return


async def test_the_live_stream_follows(fake: FakeAsterisk, start: Start) -> None:
    """Whoever listens sees the centre at once, and a call as it moves."""
    daemon = await start()
    await daemon.on_duty("101")
    async with aiohttp.ClientSession() as session, session.ws_connect(daemon.address("/ws/live")) as socket:
        first = await socket.receive_json(timeout=PATIENCE)
        assert (first["name"], first["calls"], first["queue_state"]) == ("Kota Contoh", [], "active")
        await talk(fake)
        await listen(socket, "connected")


class Huge:
    """A window that shows more than any socket's buffers take."""

    def centre(self) -> CentreView:
        """A centre of 16 MB."""
        return CentreView(code="", name="x" * (1 << 24), version="", at=0, ready=True, agents=[], calls=[])


async def test_a_listener_who_does_not_read_is_dropped() -> None:
    """One beat is all that anybody gets to take what is sent; then the line is cut, without a goodbye."""
    ended = asyncio.Event()

    async def watched(request: web.Request) -> web.StreamResponse:
        try:
            return await api.live(request)
        finally:
            ended.set()

    app = web.Application()
    app[WINDOW] = Huge()  # type: ignore[misc]
    app[api.LISTENERS] = set()
    app.router.add_get("/ws/live", watched)
    async with TestServer(app) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1 << 16)
        writer.write(UPGRADE)
        async with asyncio.timeout(PATIENCE):
            await ended.wait()
            with suppress(ConnectionError):
                assert len(await reader.read()) < 1 << 24
        writer.close()


async def test_an_open_stream_does_not_hold_up_the_end(fake: FakeAsterisk, start: Start) -> None:
    """Calls go on beside listeners who do nothing, and so does a stop."""
    daemon = await start()
    await daemon.on_duty("101")
    _, writer = await asyncio.open_connection("127.0.0.1", daemon.port, limit=1)
    writer.write(UPGRADE)
    await talk(fake)
    await daemon.end()
    writer.close()


async def test_a_listener_who_leaves_is_let_go(fake: FakeAsterisk, start: Start) -> None:
    """A closed stream is noticed at once: browsers that reload pile nothing up."""
    _ = fake
    daemon = await start()
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(daemon.address("/ws/live")) as socket:
            await socket.receive_json(timeout=PATIENCE)
        assert socket.close_code == 1000
