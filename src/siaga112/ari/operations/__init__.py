"""ARI's operations, pure functions that return a `Request`. Generated; do not edit.

Grouped as Asterisk groups them (`channels.originate`, `bridges.add_channel`). Knows nothing of
sockets.
"""

from siaga112.ari.operations import (
    applications,
    asterisk,
    bridges,
    channels,
    device_states,
    endpoints,
    events,
    mailboxes,
    playbacks,
    recordings,
    sounds,
)

__all__ = [
    "applications",
    "asterisk",
    "bridges",
    "channels",
    "device_states",
    "endpoints",
    "events",
    "mailboxes",
    "playbacks",
    "recordings",
    "sounds",
]
