"""How a row is written as text: its values as JSON, its key as one line.

Knows JSON and what UTF-8 cannot say. Does not know where the text goes.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from siaga112.store.rows import JSON, LOCAL, TABLES, Row

_quick = msgspec.json.Encoder().encode
_strict: Final = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


def encode(values: Mapping[str, JSON] | Sequence[Sequence[JSON]]) -> str:
    """Write values as JSON that PostgreSQL and SQLite take: one line of UTF-8; what is no number is null.

    Raises:
        TypeError: There is something in them that JSON has no word for.
        ValueError: There is no number among them beside text that is no UTF-8.
    """
    try:
        return _quick(values).decode()
    except UnicodeEncodeError:  # lone surrogates, which can be escaped
        return _strict.encode(values)


def plain(parts: Sequence[str]) -> str:
    """Join a key; whatever UTF-8 cannot say is escaped, because SQLite would refuse it."""
    key = parts[0] if len(parts) == 1 else "\x1f".join(parts)
    return key if key.isascii() else key.encode("utf-8", "backslashreplace").decode()


def event_key(key: str) -> tuple[str, int]:
    """Take an event's key apart: the call, and the event's number in it."""
    call_id, _, seq = key.partition("\x1f")
    return call_id, int(seq)


def restored(table: str, body: str) -> Row:
    """Make the row again that was encoded, whichever version of siaga112 did it."""
    values = json.loads(body)
    return Row(table, tuple(str(values[name]) for name in (TABLES.get(table) or LOCAL[table]).key), values)
