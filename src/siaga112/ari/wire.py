"""How requests and replies are written, on the websocket and over HTTP: pure functions.

Knows the frames of REST over the websocket (res/ari/ari_websocket_requests.c in Asterisk's source).
Does not know sockets, deadlines or which reply belongs to whom.
"""

import base64
import json
from typing import Any

from siaga112.ari import errors
from siaga112.ari.request import Reply, Request

TEXT_LIMIT = 300
"""How much of a reply that is no JSON is kept for an error's text."""


def frame(key: str, request: Request) -> str:
    """Write a request as a frame.

    Asterisk wants the path without its leading slash (with it, every path is a 405), the query as
    a list that it does not decode any further, and the body as a string of JSON.
    """
    content: dict[str, Any] = {
        "type": "RESTRequest",
        "request_id": key,
        "method": request.method,
        "uri": request.path.removeprefix("/"),
    }
    if request.query:
        content["query_strings"] = [{"name": k, "value": v} for k, v in request.query.items()]
    if request.body is not None:
        content["content_type"] = "application/json"
        content["message_body"] = json.dumps(request.body)
    return json.dumps(content)


def reply(request: Request, status: int, text: str | bytes | None) -> Reply:
    """Read what came back; the status is looked at before the body.

    Raises:
        AriError: the status is not 2xx, or the body is not JSON although Asterisk said so.
    """
    if not 200 <= status < 300:
        raise errors.from_status(request.method, request.path, status, _said(text))
    if not text or isinstance(text, bytes):
        return Reply(status, text or None)
    try:
        return Reply(status, json.loads(text))
    except ValueError:
        raise errors.BadReplyError(
            request.method, request.path, status, "the reply's body is not JSON"
        ) from None


def _said(text: str | bytes | None) -> str:
    """Find Asterisk's words in an error's body; whatever it is, that must not fail."""
    if not text:
        return ""
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    try:
        message = json.loads(plain)["message"]
    except (ValueError, TypeError, KeyError):
        return plain[:TEXT_LIMIT]
    return str(message)


def authorization(user: str, password: str) -> dict[str, str]:
    """Write the header that carries the credentials; they are never part of a URL."""
    token = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    return {"Authorization": f"Basic {token}"}
