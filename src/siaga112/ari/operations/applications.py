"""Operations on applications.json's resources. Generated; do not edit."""

# ruff: noqa: A001, A002 (the names and their number are Asterisk's)

from collections.abc import Mapping
from typing import Any

from siaga112.ari.request import Many, Request, query_of, quoted


def list() -> Request:
    """GET /applications."""
    return Request("GET", "/applications")


def get(application_name: str) -> Request:
    """GET /applications/{applicationName}."""
    return Request("GET", f"/applications/{quoted(application_name)}")


def subscribe(
    application_name: str,
    *,
    event_source: Many,
) -> Request:
    """POST /applications/{applicationName}/subscription."""
    return Request(
        "POST",
        f"/applications/{quoted(application_name)}/subscription",
        query_of(("eventSource", event_source)),
    )


def unsubscribe(
    application_name: str,
    *,
    event_source: Many,
) -> Request:
    """DELETE /applications/{applicationName}/subscription."""
    return Request(
        "DELETE",
        f"/applications/{quoted(application_name)}/subscription",
        query_of(("eventSource", event_source)),
    )


def filter(
    application_name: str,
    *,
    filter: Mapping[str, Any] | None = None,
) -> Request:
    """PUT /applications/{applicationName}/eventFilter."""
    return Request(
        "PUT",
        f"/applications/{quoted(application_name)}/eventFilter",
        body=filter,
    )
