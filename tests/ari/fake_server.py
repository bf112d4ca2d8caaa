"""An Asterisk's ARI in process, as far as a connection can tell: one socket, REST both ways.

It knows no channels: tests say what it answers. What it may do wrong is a switch each.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

from siaga112.ari import wire

USER = "siaga112"
PASSWORD = "kata-sandi-rahasia"

Answer = tuple[int, Any]
Reveal = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived."""

    transport: str
    method: str
    path: str
    query: dict[str, str]
    body: Any


class FakeAri:
    """One Asterisk; switches are plain attributes."""

    def __init__(self) -> None:
        self.user, self.password = USER, PASSWORD
        self.asked: list[Asked] = []
        self.answers: dict[tuple[str, str], Answer] = {}
        self.files: dict[str, bytes] = {}
        self.http_peers: set[object] = set()
        self.knocks = 0
        self.sockets: list[web.WebSocketResponse] = []
        self.speaks_rest = True
        self.answers_pings = True
        self.answers_http = True
        self.has_event_filter = True
        self.has_ari = True
        self.keeps_replies = False
        self.kept: asyncio.Queue[Reveal] = asyncio.Queue()
        self.on_filter: Callable[[], Any] | None = None
        self.url = ""

    def requests(self, transport: str) -> list[str]:
        """List what was asked by one transport, without the questions of every connection."""
        first_words = ("/asterisk/", "/applications/")
        return [
            f"{a.method} {a.path}"
            for a in self.asked
            if a.transport == transport and not a.path.startswith(first_words)
        ]

    async def keep(self, count: int) -> list[Reveal]:
        """Wait until so many replies have been kept back; calling one sends it."""
        async with asyncio.timeout(5):
            return [await self.kept.get() for _ in range(count)]

    async def say(self, text: str | bytes) -> None:
        """Send one text frame on the newest socket."""
        raw = text.encode() if isinstance(text, str) else text
        await self.sockets[-1].send_frame(raw, WSMsgType.TEXT)

    async def cut(self) -> None:
        """Drop the newest socket without a word."""
        transport = self.sockets[-1]._req.transport if self.sockets[-1]._req else None
        assert transport is not None
        transport.abort()

    async def receive_http(self, request: web.Request) -> web.StreamResponse:
        """Serve everything that comes over HTTP, the socket's upgrade too."""
        if request.path == "/ari/events":
            self.knocks += 1
        if not self.has_ari:
            return web.Response(status=404)
        expected = wire.authorization(self.user, self.password)["Authorization"]
        if request.headers.get("Authorization") != expected:
            return web.json_response({"message": "Authentication required"}, status=401)
        if request.path == "/ari/events":
            return await self._serve_socket(request)
        self.http_peers.add(request.get_extra_info("peername"))
        if not self.answers_http:
            await asyncio.Event().wait()
        text = await request.text()
        path = request.raw_path.partition("?")[0].removeprefix("/ari")
        if path in self.files:
            return web.Response(body=self.files[path])
        query = dict(request.query)
        asked = Asked("http", request.method, path, query, json.loads(text) if text else None)
        status, body = await self._answer(asked)
        if isinstance(body, str):
            return web.Response(status=status, text=body, content_type="application/json")
        return web.json_response(body, status=status) if body else web.Response(status=status)

    async def _serve_socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self.sockets.append(socket)
        async for message in socket:
            if message.type is WSMsgType.PING and self.answers_pings:
                await socket.pong(message.data)
            if message.type is WSMsgType.TEXT and self.speaks_rest:
                await self._serve_frame(socket, json.loads(message.data))
        return socket

    async def _serve_frame(self, socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        assert not frame["uri"].startswith("/"), "Asterisk answers 405 to a leading slash"
        query = {q["name"]: q["value"] for q in frame.get("query_strings", ())}
        body = json.loads(frame["message_body"]) if "message_body" in frame else None
        asked = Asked("websocket", frame["method"], f"/{frame['uri']}", query, body)
        status, said = await self._answer(asked)
        response = {
            "type": "RESTResponse",
            "transaction_id": "",
            "request_id": frame["request_id"],
            "status_code": status,
            "reason_phrase": "",
            "uri": frame["uri"],
            "application": "siaga112",
            "timestamp": "2026-01-02T03:04:05.678+0700",
        }
        if said is not None:
            response["message_body"] = said if isinstance(said, str) else json.dumps(said)
        if self.keeps_replies:
            self.kept.put_nowait(lambda: socket.send_json(response))
        else:
            await socket.send_json(response)

    async def _answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        if asked.path.endswith("/eventFilter"):
            if self.on_filter is not None:
                await self.on_filter()
            return (200, {}) if self.has_event_filter else (404, {"message": "no"})
        if asked.path == "/asterisk/info":
            return 200, {"system": {"version": "22.10.1", "entity_id": "x"}}
        if asked.path == "/asterisk/ping":
            return 200, {"ping": "pong"}
        return self.answers.get((asked.method, asked.path), (204, None))


@asynccontextmanager
async def serving() -> AsyncIterator[FakeAri]:
    """Run a fake on a free port of loopback."""
    fake = FakeAri()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", fake.receive_http)
    server = TestServer(app, skip_url_asserts=True, shutdown_timeout=0.1)
    await server.start_server()
    fake.url = f"http://127.0.0.1:{server.port}/ari"
    try:
        yield fake
    finally:
        await server.close()
