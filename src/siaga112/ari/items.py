"""What a connection tells: its own ups and downs, beside Asterisk's events, and to whom.

Knows the vocabulary only. Does not know how anything of it comes about (`connection`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from siaga112.ari.models import Event


class Transport(StrEnum):
    """The way that a request takes."""

    WEBSOCKET = "websocket"
    HTTP = "http"


class Cause(StrEnum):
    """Why there is no connection, as far as the remedy differs."""

    UNREACHABLE = "unreachable"
    """Nobody answers there, or not in time; Asterisk may be starting."""
    UNAUTHORIZED = "unauthorized"
    """Wrong user or password, or a user who may only read; tried again slowly."""
    NO_ARI = "no_ari"
    """A web server answers, and does not know ARI (any more, or yet)."""


@dataclass(frozen=True, slots=True)
class Connected:
    """Events flow and requests can be made; comes before the first event of this connection."""

    version: str
    """Asterisk's own words, e.g. `22.10.1`."""
    rest_over_websocket: bool
    """False on an older Asterisk: requests then go over HTTP, in no particular order."""
    event_filter: bool
    """False where this Asterisk has no event filter: every event comes."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """What was `Connected` is no more; events are lost until the next `Connected`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """An attempt to connect failed; told again only when the cause or the reason changes."""

    cause: Cause
    reason: str
    retry_in: float


@dataclass(frozen=True, slots=True)
class Replaced:
    """Somebody else has opened our application: we get no more events and must not drive calls.

    The connection stays down until `Connection.resume` is called.
    """


Item: TypeAlias = Connected | Disconnected | Unavailable | Replaced | Event

Sink: TypeAlias = Callable[[Item], None]
"""Takes one item and returns at once: it is called by the reader, which waits for nobody."""


class Observer(Protocol):
    """Counts; implemented by whoever has metrics and a log."""

    def request_done(self, transport: Transport, outcome: str, seconds: float) -> None:
        """Note a request that ended; `outcome` is a status (`204`) or an error's kind."""

    def unknown_event(self, kind: str, *, first: bool) -> None:
        """Note an event of a type that no description lists; `first` once for each type."""

    def bad_frame(self, kind: str, reason: str, *, first: bool) -> None:
        """Note a frame that is no event; `first` once for each kind, `reason` holds no value."""

    def late_reply(self) -> None:
        """Note a reply to a request that nobody waits for any more."""


class Unobserved:
    """An observer that looks away."""

    def request_done(self, transport: Transport, outcome: str, seconds: float) -> None:
        """Look away."""

    def unknown_event(self, kind: str, *, first: bool) -> None:
        """Look away."""

    def bad_frame(self, kind: str, reason: str, *, first: bool) -> None:
        """Look away."""

    def late_reply(self) -> None:
        """Look away."""
