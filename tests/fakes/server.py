"""The pure model of Asterisk behind HTTP and a websocket: ARI as a daemon meets it.

What a call does, `AsteriskModel` says; what can go wrong between it and a daemon is a switch here. Requests
on the socket are carried out one after another, as Asterisk does. Knows no part of the daemon.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

from siaga112.ari import wire
from siaga112.ari.request import Request
from tests.fakes.asterisk import APP, AsteriskModel

T = TypeVar("T")

USER: Final = "siaga112"
PASSWORD: Final = "kata-sandi-rahasia"
PATIENCE: Final = 10.0
"""Seconds until a test gives up on something that must come; nothing waits that long."""

ALWAYS: Final = 1_000_000
"""More often than any test asks."""

_TIME: Final = "2026-01-02T03:04:05.678+0700"


@dataclass(slots=True)
class Fault:
    """What goes wrong with one kind of request, so many times.

    Attributes:
        status: Is answered instead of the model's; None: nothing is answered at all.
        carried_out: Whether the model is asked all the same.
        gate: The answer waits for it, and over the socket every later request does, too.
        body: The body of the answer.
    """

    status: int | None = None
    carried_out: bool = False
    gate: asyncio.Event | None = None
    body: Any = None
    times: int = ALWAYS


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came."""

    transport: str
    request: Request

    @property
    def name(self) -> str:
        """What is asked, without of whom: `POST channels answer`."""
        what, *rest = self.request.path.strip("/").split("/")
        return " ".join((self.request.method, what, *rest[1:2]))


@dataclass(slots=True, eq=False)
class _Socket:
    websocket: web.WebSocketResponse
    transport: asyncio.Transport
    frames: asyncio.Queue[str] = field(default_factory=asyncio.Queue)


class FakeAsterisk:
    """One Asterisk; switches are plain attributes."""

    def __init__(self, model: AsteriskModel) -> None:
        self.model = model
        self.url = ""
        self.password = PASSWORD
        self.version = "22.10.1"
        self.speaks_rest = True
        self.has_filter = True
        self.events_first = False
        """Whether the events that a request causes come before its reply."""
        self.asked: list[Asked] = []
        self.faults: dict[str, Fault] = {}
        self.disallowed: set[str] = set()
        self.knocks = 0
        self._socket: _Socket | None = None
        self._moved = asyncio.Event()
        self._thawed = asyncio.Event()
        self._thawed.set()
        self._closed = asyncio.Event()
        model.listening = False

    # What a test does.

    def do(self, move: Callable[[AsteriskModel], T]) -> T:
        """Let the outside do something; its events go out at once."""
        result = move(self.model)
        self._flush()
        return result

    async def until(self, true: Callable[[], object]) -> None:
        """Wait until something is true after a request was carried out or a move was made."""
        async with asyncio.timeout(PATIENCE):
            while not true():
                self._moved.clear()
                await self._moved.wait()

    def say(self, frame: str) -> None:
        """Send one text frame, whatever is in it."""
        assert self._socket is not None, "nobody listens"
        self._socket.frames.put_nowait(frame)

    def cut(self) -> None:
        """Drop the socket without a word."""
        assert self._socket is not None, "nobody listens"
        self._socket.transport.abort()
        self._hang_up(self._socket)

    def freeze(self) -> None:
        """Stop answering anything, as a stopped process does: its sockets stay open."""
        self._thawed.clear()

    def thaw(self) -> None:
        """Go on."""
        self._thawed.set()

    def names(self, *, transport: str | None = None) -> list[str]:
        """List the calls' own requests in order, without what every connection asks."""
        first = ("/asterisk/", "/applications/")
        return [
            one.name
            for one in self.asked
            if one.request.method != "GET"
            and not one.request.path.startswith(first)
            and transport in {None, one.transport}
        ]

    # HTTP.

    async def receive_http(self, request: web.Request) -> web.StreamResponse:
        """Serve everything that comes over HTTP, the socket's upgrade too."""
        self.knocks += 1
        await self._thawed.wait()
        expected = wire.authorization(USER, self.password)["Authorization"]
        if request.headers.get("Authorization") != expected:
            return web.json_response({"message": "Authentication required"}, status=401)
        if request.path == "/ari/events":
            return await self._serve_socket(request)
        text = await request.text()
        path = request.raw_path.partition("?")[0].removeprefix("/ari")
        asked = Request(request.method, path, dict(request.query), json.loads(text) if text else None)
        answer = await self._answer(Asked("http", asked))
        if answer is None:
            await self._closed.wait()
            return web.Response(status=503)
        status, body = answer
        return web.Response(status=status) if body is None else web.json_response(body, status=status)

    # The socket.

    async def _serve_socket(self, request: web.Request) -> web.StreamResponse:
        websocket = web.WebSocketResponse(autoping=False)
        await websocket.prepare(request)
        assert isinstance(request.transport, asyncio.Transport)
        socket = _Socket(websocket, request.transport)
        if self._socket is not None:
            self.say(json.dumps({"type": "ApplicationReplaced", "application": APP, "timestamp": _TIME}))
        self._socket, self.model.listening = socket, True
        writer = asyncio.create_task(self._write(socket))
        try:
            async for message in websocket:
                await self._thawed.wait()
                if message.type is WSMsgType.PING:
                    await websocket.pong(message.data)
                elif message.type is WSMsgType.TEXT and self.speaks_rest:
                    await self._serve_frame(socket, json.loads(message.data))
        finally:
            self._hang_up(socket)
            writer.cancel()
        return websocket

    async def _write(self, socket: _Socket) -> None:
        with suppress(ConnectionError):
            while True:
                frame = await socket.frames.get()
                await self._thawed.wait()
                await socket.websocket.send_str(frame)

    def _hang_up(self, socket: _Socket) -> None:
        """Nobody listens any more: events from now on are lost."""
        if self._socket is socket:
            self._socket, self.model.listening = None, False
            self.model.events.clear()
            self._moved.set()

    async def _serve_frame(self, socket: _Socket, frame: dict[str, Any]) -> None:
        assert not frame["uri"].startswith("/"), "Asterisk answers 405 to a leading slash"
        query = {q["name"]: q["value"] for q in frame.get("query_strings", ())}
        body = json.loads(frame["message_body"]) if "message_body" in frame else None
        request = Request(frame["method"], f"/{frame['uri']}", query, body)
        answer = await self._answer(Asked("websocket", request), flush=self.events_first)
        if answer is not None:
            response = {
                "type": "RESTResponse",
                "transaction_id": "",
                "request_id": frame["request_id"],
                "status_code": answer[0],
                "reason_phrase": "",
                "uri": frame["uri"],
                "application": APP,
                "timestamp": _TIME,
            }
            if answer[1] is not None:
                response["message_body"] = json.dumps(answer[1])
            socket.frames.put_nowait(json.dumps(response))
        self._flush()

    # Answers.

    async def _answer(self, asked: Asked, *, flush: bool = True) -> tuple[int, Any] | None:
        """Answer a request, or leave it without an answer (None)."""
        self.asked.append(asked)
        self._moved.set()
        fault = self.faults.get(asked.name)
        if fault is None or fault.times <= 0:
            answer: tuple[int, Any] | None = self._carry_out(asked.request)
        else:
            fault.times -= 1
            if fault.gate is not None:
                await fault.gate.wait()
            truth = self._carry_out(asked.request) if fault.carried_out else None
            answer = None if fault.status is None else (fault.status, fault.body)
            if fault.gate is not None and fault.carried_out:
                answer = truth
        if flush:
            self._flush()
        self._moved.set()
        return answer

    def _carry_out(self, request: Request) -> tuple[int, Any]:
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["asterisk", "info"]:
                return 200, {"system": {"version": self.version, "entity_id": "02:00:00:00:00:01"}}
            case "GET", ["asterisk", "ping"]:
                return 200, {"ping": "pong", "timestamp": _TIME, "asterisk_id": "x"}
            case "PUT", ["applications", _, "eventFilter"] if self.has_filter:
                self.disallowed = {one["type"] for one in (request.body or {})["disallowed"]}
                return self.model.ask(Request("GET", f"/applications/{APP}"))
            case "POST", ["applications", _, "subscription"]:
                return self.model.ask(Request("GET", f"/applications/{APP}"))
            case _:
                return self.model.ask(request)

    def _flush(self) -> None:
        events, self.model.events = self.model.events, []
        for event in events:
            if self._socket is not None and event["type"] not in self.disallowed:
                self._socket.frames.put_nowait(json.dumps(event))
        self._moved.set()

    async def close(self) -> None:
        """Let go of every request that is still without an answer."""
        for fault in self.faults.values():
            if fault.gate is not None:
                fault.gate.set()
        self._thawed.set()
        self._closed.set()


@asynccontextmanager
async def serving(model: AsteriskModel) -> AsyncIterator[FakeAsterisk]:
    """Run a fake on a free port of loopback."""
    fake = FakeAsterisk(model)
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", fake.receive_http)
    server = TestServer(app, skip_url_asserts=True, shutdown_timeout=0.1)
    await server.start_server()
    fake.url = f"http://127.0.0.1:{server.port}/ari"
    try:
        yield fake
    finally:
        await fake.close()
        await server.close()
