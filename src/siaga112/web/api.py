"""`/api/v1/…`: the centre as JSON, and its description as OpenAPI 3.1; `/ws/live`: the same, as it changes.

Knows HTTP and the views of `window`. Does not know where they come from.
"""

import asyncio
from contextlib import suppress
from typing import Any

from aiohttp import web

from siaga112 import __version__
from siaga112.web.window import WINDOW, AgentView, CallView, CentreView, TodayView

LISTENERS: web.AppKey[set[asyncio.Transport]] = web.AppKey("listeners", set)

_BEAT = 1.0


async def centre(request: web.Request) -> web.Response:
    """The whole centre."""
    return _json(request.app[WINDOW].centre().model_dump_json())


async def agents(request: web.Request) -> web.Response:
    """Who is in what state."""
    return web.json_response([one.model_dump() for one in request.app[WINDOW].centre().agents])


async def calls(request: web.Request) -> web.Response:
    """What is going on now."""
    return web.json_response([one.model_dump() for one in request.app[WINDOW].centre().calls])


async def openapi(request: web.Request) -> web.Response:
    """The description of this API."""
    _ = request
    return web.json_response(describe())


async def live(request: web.Request) -> web.WebSocketResponse:
    """The centre, once a second, for the wallboard; a slow listener is dropped, never waited for."""
    socket = web.WebSocketResponse(heartbeat=10)
    await socket.prepare(request)
    line = request.transport
    if line is None:
        return socket
    request.app[LISTENERS].add(line)
    try:
        while not socket.closed:
            async with asyncio.timeout(_BEAT):
                await socket.send_str(request.app[WINDOW].centre().model_dump_json())
            await _until_next_beat(socket)
    except (TimeoutError, ConnectionError):
        line.abort()  # A goodbye would wait behind all that was not read.
    finally:
        request.app[LISTENERS].discard(line)
    return socket


async def cut_off(app: web.Application) -> None:
    """Let go of every listener at the end: a stop waits for no wallboard."""
    listeners = app[LISTENERS]
    for line in tuple(listeners):
        line.abort()


async def _until_next_beat(socket: web.WebSocketResponse) -> None:
    """Wait, and read meanwhile: only who reads hears pongs, and that a listener has left."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_BEAT):
            while not socket.closed:
                await socket.receive()


def describe() -> dict[str, Any]:
    """Describe the API as OpenAPI 3.1."""
    shown = {"centre": CentreView, "agents": list[AgentView], "calls": list[CallView]}
    schemas: dict[str, Any] = {}
    for view in (AgentView, CallView, TodayView, CentreView):
        schema = view.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
        schemas |= schema.pop("$defs", {}) | {view.__name__: schema}
    return {
        "openapi": "3.1.0",
        "info": {"title": "siaga112", "version": __version__},
        "paths": {f"/api/v1/{name}": {"get": _operation(name, view)} for name, view in shown.items()},
        "components": {"schemas": schemas},
    }


def _operation(name: str, view: Any) -> dict[str, Any]:
    one = getattr(view, "__args__", (view,))[0].__name__
    schema: dict[str, Any] = {"$ref": f"#/components/schemas/{one}"}
    if one != getattr(view, "__name__", ""):
        schema = {"type": "array", "items": schema}
    content = {"application/json": {"schema": schema}}
    return {"operationId": name, "responses": {"200": {"description": "As it stands.", "content": content}}}


def _json(text: str) -> web.Response:
    return web.Response(text=text, content_type="application/json")
