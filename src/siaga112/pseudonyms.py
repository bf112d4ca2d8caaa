"""Calls for statistics: one line a call, nobody in it that could be known without the key.

Pure. A name is a keyed hash (HMAC-SHA-256): the same caller has the same name in every export that was made
with the same key, so that repeated callers can be counted, and nobody can try all numbers without the key.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from siaga112.errors import Siaga112Error

_SHORTEST = 16

_PLAIN = (
    "outcome disposition suspicion band language served_by ended_by attempt offers answer_s wait_s ring_s "
    "talk_s voice_seconds audio_class hangup_cause number_source cli_restricted"
)
COLUMNS = ("call", "caller", "agent", "started_at", "day", "hour", "weekday", *_PLAIN.split())
"""The fields of a line, in this order. What a number or a person could be known by is not among them."""


class KeyTooShortError(Siaga112Error):
    """A key that could be tried out."""


class Pseudonyms:
    """Names made with one key."""

    def __init__(self, key: str) -> None:
        if len(key) < _SHORTEST:
            raise KeyTooShortError(
                f"the export's key has {len(key)} characters, at least {_SHORTEST} are needed: "
                "make one with `openssl rand -base64 32`"
            )
        self._key = key.encode()

    def name(self, kind: str, value: str | None) -> str | None:
        """Name somebody or something; the same value of two kinds has two names."""
        if value is None:
            return None
        return hmac.new(self._key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()

    def caller(self, number: str | None) -> str | None:
        """Name a caller, however the trunk wrote the number."""
        return self.name("caller", None if number is None else national(number))


def national(number: str) -> str:
    """Write a number of Indonesia as it is dialled at home; others stay as they are."""
    return re.sub(r"^(?:\+?62)(?=[1-9]\d{4})", "0", number)


def line(row: Mapping[str, Any], names: Pseudonyms, zone: ZoneInfo) -> dict[str, Any]:
    """Make the line of a call from its record."""
    local: datetime = row["started_at"].astimezone(zone)
    answered = row["agent_answered_at"]
    found: dict[str, Any] = {
        "call": names.name("call", str(row["call_id"])),
        "caller": names.caller(row["caller_number"]),
        "agent": names.name("agent", row["agent_id"]),
        "started_at": local.isoformat(timespec="milliseconds"),
        "day": local.date().isoformat(),
        "hour": local.hour,
        "weekday": local.isoweekday(),
        "answer_s": None if answered is None else (answered - row["started_at"]).total_seconds(),
        "number_source": row["caller_number_source"],
    }
    values = {name: found[name] if name in found else row[name] for name in COLUMNS}
    return {name: round(one, 3) if isinstance(one, float) else one for name, one in values.items()}
