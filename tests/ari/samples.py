"""JSON as Asterisk 22 sends it, with our own values in it."""

import json
from typing import Any

CALLER = {"name": "Budi", "number": "081234567890"}

CHANNEL: dict[str, Any] = {
    "id": "1766000000.7",
    "name": "PJSIP/trunk-00000007",
    "state": "Ring",
    "protocol_id": "1-2@127.0.0.1",
    "caller": CALLER,
    "connected": {"name": "", "number": ""},
    "accountcode": "",
    "dialplan": {
        "context": "from-trunk",
        "exten": "112",
        "priority": 5,
        "app_name": "Stasis",
        "app_data": "siaga112,trunk",
    },
    "creationtime": "2026-01-02T03:04:05.678+0700",
    "language": "id",
    "channelvars": {"S112_CLI": "pai"},
}

BRIDGE: dict[str, Any] = {
    "id": "s112.x.bridge",
    "technology": "simple_bridge",
    "bridge_type": "mixing",
    "bridge_class": "stasis",
    "creator": "Stasis",
    "name": "",
    "channels": [],
    "creationtime": "2026-01-02T03:04:05.678+0700",
}


def event(kind: str, **members: Any) -> dict[str, Any]:
    """Build an event with what every event carries."""
    return {
        "type": kind,
        "application": "siaga112",
        "timestamp": "2026-01-02T03:04:05.678+0700",
        "asterisk_id": "52:54:00:00:00:01",
        **members,
    }


def text(kind: str, **members: Any) -> str:
    """Build an event as it stands in a frame."""
    return json.dumps(event(kind, **members))
