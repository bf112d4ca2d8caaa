"""A REST request to Asterisk and its reply, as plain values.

Knows how parameters are written down. Does not know which operations exist (`operations`,
generated) nor how a request travels (`connection`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote as _percent_encode

Scalar = str | int | float | bool
"""What one query parameter may hold; booleans and numbers are written as Asterisk reads them."""

Many = str | Sequence[str]
"""A parameter that may be given several times; Asterisk splits it at commas."""


@dataclass(frozen=True, slots=True)
class Request:
    """One call of an ARI operation: a value, which nothing has been sent for yet.

    `path` begins with a slash and is already percent-encoded; `query` is not encoded.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What Asterisk answered to a request that it carried out (2xx).

    `body` is decoded JSON, None where there was none, or bytes for a recording's file.
    """

    status: int
    body: Any


def quoted(value: str) -> str:
    """Encode one path segment; a plus or a slash in an id must not become something else."""
    return _percent_encode(value, safe="")


def query_of(*pairs: tuple[str, Scalar | Sequence[str] | None]) -> dict[str, str]:
    """Write the parameters that were given; None means "not given"."""
    return {name: _written(value) for name, value in pairs if value is not None}


def body_of(**members: Any) -> dict[str, Any] | None:
    """Collect the body's members that were given; no member, no body."""
    return {name: value for name, value in members.items() if value is not None} or None


def _written(value: Scalar | Sequence[str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    return ",".join(value)
