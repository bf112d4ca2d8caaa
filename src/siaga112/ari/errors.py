"""What can go wrong with a request or an event, by type.

Knows HTTP statuses and what Asterisk means by them. Does not know which request is worth repeating:
that is decided by whoever asked.
"""

from siaga112.errors import Siaga112Error

NO_STATUS = 0
"""The `status` of an error for which Asterisk gave none (nothing came back at all)."""


class AriError(Siaga112Error):
    """A request that Asterisk did not carry out, or did not say that it did."""

    kind = "error"

    def __init__(self, method: str, path: str, status: int, text: str) -> None:
        super().__init__(method, path, status, text)
        self.method = method
        self.path = path
        self.status = status
        self.text = text

    def __str__(self) -> str:
        said = f"{self.status} {self.text}" if self.status else self.text
        return f"{self.method} {self.path}: {said}"


class NotFoundError(AriError):
    """404: the channel, bridge or application is not there (any more)."""

    kind = "not_found"


class ConflictError(AriError):
    """409: it is there, but not in a state for this (not in Stasis, already claimed)."""

    kind = "conflict"


class UnprocessableError(AriError):
    """422: Asterisk understood and cannot, as for a channel that has left Stasis."""

    kind = "unprocessable"


class UnauthorizedError(AriError):
    """401 or 403: wrong user or password, or a user who may only read."""

    kind = "unauthorized"


class AriTimeoutError(AriError):
    """No reply within the deadline; whether it was carried out is not known."""

    kind = "timeout"


class ConnectionLostError(AriError):
    """The way to Asterisk broke before a reply came; whether it was carried out is not known."""

    kind = "connection_lost"


class BadReplyError(AriError):
    """A 2xx whose body is not the JSON that it says it is."""

    kind = "bad_reply"


class BadEventError(Siaga112Error):
    """A text frame that is no event: not JSON, or an event without what it must carry."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(kind, text)
        self.kind = kind
        self.text = text

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


BY_STATUS: dict[int, type[AriError]] = {
    401: UnauthorizedError,
    403: UnauthorizedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableError,
}


def from_status(method: str, path: str, status: int, text: str) -> AriError:
    """Build the error that a status outside 2xx stands for."""
    return BY_STATUS.get(status, AriError)(method, path, status, text)
