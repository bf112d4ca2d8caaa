"""Operations on endpoints.json's resources. Generated; do not edit."""

# ruff: noqa: A001, PLR0913 (the names and their number are Asterisk's)

from collections.abc import Mapping
from typing import Any

from siaga112.ari.request import Request, body_of, query_of, quoted


def list() -> Request:
    """GET /endpoints."""
    return Request("GET", "/endpoints")


def send_message(
    *,
    to: str,
    from_: str,
    body: str | None = None,
    variables: Mapping[str, Any] | None = None,
) -> Request:
    """PUT /endpoints/sendMessage."""
    return Request(
        "PUT",
        "/endpoints/sendMessage",
        query_of(
            ("to", to),
            ("from", from_),
            ("body", body),
        ),
        body_of(variables=variables),
    )


def refer(
    *,
    to: str,
    from_: str,
    refer_to: str,
    to_self: bool | None = None,
    variables: Mapping[str, Any] | None = None,
) -> Request:
    """POST /endpoints/refer."""
    return Request(
        "POST",
        "/endpoints/refer",
        query_of(
            ("to", to),
            ("from", from_),
            ("refer_to", refer_to),
            ("to_self", to_self),
        ),
        body_of(variables=variables),
    )


def list_by_tech(tech: str) -> Request:
    """GET /endpoints/{tech}."""
    return Request("GET", f"/endpoints/{quoted(tech)}")


def get(tech: str, resource: str) -> Request:
    """GET /endpoints/{tech}/{resource}."""
    return Request("GET", f"/endpoints/{quoted(tech)}/{quoted(resource)}")


def send_message_to_endpoint(
    tech: str,
    resource: str,
    *,
    from_: str,
    body: str | None = None,
    variables: Mapping[str, Any] | None = None,
) -> Request:
    """PUT /endpoints/{tech}/{resource}/sendMessage."""
    return Request(
        "PUT",
        f"/endpoints/{quoted(tech)}/{quoted(resource)}/sendMessage",
        query_of(
            ("from", from_),
            ("body", body),
        ),
        body_of(variables=variables),
    )


def refer_to_endpoint(
    tech: str,
    resource: str,
    *,
    from_: str,
    refer_to: str,
    to_self: bool | None = None,
    variables: Mapping[str, Any] | None = None,
) -> Request:
    """POST /endpoints/{tech}/{resource}/refer."""
    return Request(
        "POST",
        f"/endpoints/{quoted(tech)}/{quoted(resource)}/refer",
        query_of(
            ("from", from_),
            ("refer_to", refer_to),
            ("to_self", to_self),
        ),
        body_of(variables=variables),
    )
