"""`/healthz`, `/readyz` and `/metrics`: is it alive, would a call be served, and the numbers."""

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from siaga112.web.window import WINDOW


async def healthz(request: web.Request) -> web.Response:
    """200 while the loop moves."""
    late = request.app[WINDOW].seconds_since_turn()
    alive = late < 5
    body = {"alive": alive, "seconds_since_last_turn": round(late, 3)}
    return web.json_response(body, status=200 if alive else 503)


async def readyz(request: web.Request) -> web.Response:
    """200 if a call arriving now would be served; the body says what is missing, and what is only worse."""
    missing, degraded = request.app[WINDOW].readiness()
    body = {"ready": not missing, "missing": missing, "degraded": degraded}
    return web.json_response(body, status=503 if missing else 200)


async def metrics(request: web.Request) -> web.Response:
    """What Prometheus scrapes."""
    registry = request.app[WINDOW].fresh_metrics()
    return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
