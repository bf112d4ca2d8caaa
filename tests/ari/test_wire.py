"""Frames and replies: what is written and what is read, without a socket."""

import json

import pytest

from siaga112.ari import errors, wire
from siaga112.ari.request import Reply, Request

ASKED = Request("GET", "/channels/1")


def test_a_frame_is_what_asterisk_reads() -> None:
    """No leading slash, the query as a list, the body as a string of JSON with its type."""
    asked = Request("POST", "/channels", {"endpoint": "PJSIP/1"}, {"variables": {"A": "1"}})
    assert json.loads(wire.frame("7", asked)) == {
        "type": "RESTRequest",
        "request_id": "7",
        "method": "POST",
        "uri": "channels",
        "query_strings": [{"name": "endpoint", "value": "PJSIP/1"}],
        "content_type": "application/json",
        "message_body": '{"variables": {"A": "1"}}',
    }
    assert "message_body" not in json.loads(wire.frame("8", ASKED))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, errors.UnauthorizedError),
        (403, errors.UnauthorizedError),
        (404, errors.NotFoundError),
        (409, errors.ConflictError),
        (422, errors.UnprocessableError),
        (500, errors.AriError),
        (302, errors.AriError),
    ],
)
def test_a_status_outside_2xx_is_its_typed_error(status: int, kind: type) -> None:
    """The error knows what was asked and what Asterisk said."""
    with pytest.raises(errors.AriError) as caught:
        wire.reply(ASKED, status, '{"message": "Channel not found"}')
    assert type(caught.value) is kind
    assert str(caught.value) == f"GET /channels/1: {status} Channel not found"


@pytest.mark.parametrize("body", ["<html>", "{", "[]", "7", b"\xff", "", None])
def test_the_status_is_looked_at_before_the_body(body: str | bytes | None) -> None:
    """An error page that is no JSON is still the error that its status says."""
    with pytest.raises(errors.NotFoundError):
        wire.reply(ASKED, 404, body)


def test_a_2xx_that_is_not_json_is_an_error_of_its_own() -> None:
    """Nobody must take half a body for an answer."""
    with pytest.raises(errors.BadReplyError):
        wire.reply(ASKED, 200, "{")


@pytest.mark.parametrize(
    ("text", "body"), [(None, None), ("", None), ('{"a": 1}', {"a": 1}), (b"RIFF", b"RIFF")]
)
def test_a_2xx_is_a_reply(text: str | bytes | None, body: object) -> None:
    """JSON is decoded, nothing is None, a recording's file stays bytes."""
    assert wire.reply(ASKED, 200, text) == Reply(200, body)
