"""Operations on events.json's resources. Generated; do not edit."""

from collections.abc import Mapping
from typing import Any

from siaga112.ari.request import Many, Request, body_of, query_of, quoted


def user_event(
    event_name: str,
    *,
    application: str,
    source: Many | None = None,
    variables: Mapping[str, Any] | None = None,
) -> Request:
    """POST /events/user/{eventName}."""
    return Request(
        "POST",
        f"/events/user/{quoted(event_name)}",
        query_of(
            ("application", application),
            ("source", source),
        ),
        body_of(variables=variables),
    )


def claim_channel(
    *,
    channel_id: str,
    application: str,
) -> Request:
    """POST /events/claim."""
    return Request(
        "POST",
        "/events/claim",
        query_of(
            ("channelId", channel_id),
            ("application", application),
        ),
    )
