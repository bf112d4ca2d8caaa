"""The HTTP server: its routes, its start and its end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files

from aiohttp import web

from siaga112.errors import Siaga112Error
from siaga112.web import api, health
from siaga112.web.window import WINDOW, Window


def application(window: Window) -> web.Application:
    """Put the routes together."""
    app = web.Application()
    app[WINDOW] = window
    app[api.LISTENERS] = set()
    app.on_shutdown.append(api.cut_off)
    app.add_routes(
        [
            web.get("/", _wallboard),
            web.get("/healthz", health.healthz),
            web.get("/readyz", health.readyz),
            web.get("/metrics", health.metrics),
            web.get("/api/v1/openapi.json", api.openapi),
            web.get("/api/v1/centre", api.centre),
            web.get("/api/v1/agents", api.agents),
            web.get("/api/v1/calls", api.calls),
            web.get("/ws/live", api.live),
        ]
    )
    return app


@asynccontextmanager
async def serving(window: Window, host: str, port: int) -> AsyncIterator[int]:
    """Serve while the context is open; gives the port.

    Raises:
        Siaga112Error: the address cannot be had.
    """
    runner = web.AppRunner(application(window), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        raise Siaga112Error(
            f"http.host and port: {host}:{port} cannot be had ({error.strerror}); is another daemon running?"
        ) from error
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _wallboard(request: web.Request) -> web.Response:
    _ = request
    page = files("siaga112.web").joinpath("wallboard.html").read_text(encoding="utf-8")
    return web.Response(text=page, content_type="text/html")
