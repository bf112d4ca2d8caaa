"""What becomes of each frame that Asterisk sends: a reply, an item for the sink, or a count.

Knows which messages are the connection's own business. Does not know sockets; nothing here waits.
"""

from siaga112.ari.errors import BadEventError
from siaga112.ari.items import Connected, Item, Observer, Sink
from siaga112.ari.ledger import Ledger
from siaga112.ari.models import (
    ApplicationReplaced,
    Event,
    RESTResponse,
    UnknownEvent,
    parse_event,
)

KINDS_REMEMBERED = 1000
"""How many names of unknown types are remembered as seen; a peer gone mad must not fill memory."""


class Inflow:
    """Sorts frames for one connection after the other."""

    def __init__(self, app: str, sink: Sink, ledger: Ledger, observer: Observer) -> None:
        self._app = app
        self._sink = sink
        self._ledger = ledger
        self._observer = observer
        self._held: list[Item] | None = None
        self._seen: set[str] = set()

    def hold(self) -> None:
        """Keep events back until `release`: the socket is open and requests cannot be made yet."""
        self._held = []

    def release(self, connected: Connected) -> None:
        """Tell that the connection is up, then what came meanwhile, in order."""
        held, self._held = self._held or [], None
        for item in (connected, *held):
            self._sink(item)

    def take(self, frame: str | bytes) -> bool:
        """Sort one frame; true if it says that our application was taken from us."""
        try:
            event = parse_event(frame)
        except BadEventError as error:
            first = self._first(f"bad {error.kind}")
            self._observer.bad_frame(error.kind, error.text, first=first)
            return False
        if isinstance(event, UnknownEvent):
            self._observer.unknown_event(event.type, first=self._first(event.type))
            return False
        return self._sort(event)

    def _sort(self, event: Event) -> bool:
        if isinstance(event, RESTResponse):
            self._ledger.settle(event.request_id, event.status_code, event.message_body)
        elif isinstance(event, ApplicationReplaced) and event.application == self._app:
            return True
        elif self._held is not None:
            self._held.append(event)
        else:
            self._sink(event)
        return False

    def _first(self, name: str) -> bool:
        if name in self._seen or len(self._seen) >= KINDS_REMEMBERED:
            return False
        self._seen.add(name)
        return True
