"""Journal entries as JSON values, and back."""

from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from typing import Any

from siaga112.routing.entries import Entry
from siaga112.routing.words import (
    AudioClass,
    Disposition,
    EndedBy,
    NumberSource,
    OfferResult,
    Outcome,
    Purpose,
    Refusal,
    ServedBy,
    Sign,
    Suspicion,
    Watching,
    Why,
)

_KINDS: dict[str, type[Entry]] = {kind.kind: kind for kind in Entry.__args__}
_FIELDS: dict[type[Entry], tuple[str, ...]] = {
    kind: tuple(one.name for one in fields(kind)) for kind in _KINDS.values()
}
_ENUMS: dict[str, type[Enum]] = {
    "number_source": NumberSource,
    "disposition": Disposition,
    "suspicion": Suspicion,
    "purpose": Purpose,
    "refusal": Refusal,
    "watching": Watching,
    "result": OfferResult,
    "why": Why,
    "by": EndedBy,
    "outcome": Outcome,
    "served_by": ServedBy,
    "audio_class": AudioClass,
    "sign": Sign,
}


def to_data(entry: Entry) -> dict[str, Any]:
    """Write an entry's fields as JSON values."""
    # They are flat, and there are some dozens a call: `asdict` takes ten times as long.
    return {name: getattr(entry, name) for name in _FIELDS[type(entry)]}


def from_data(kind: str, data: Mapping[str, Any]) -> Entry:
    """Read an entry back.

    Raises:
        ValueError: the kind is unknown, or a field does not belong to it.
    """
    known: Any = _KINDS.get(kind)
    if known is None:
        raise ValueError(f"no journal entry is called {kind!r}; was it written by a newer version?")
    values = {
        name: _ENUMS[name](value) if name in _ENUMS and value is not None else value
        for name, value in data.items()
    }
    try:
        entry: Entry = known(**values)
    except TypeError as error:
        raise ValueError(f"the journal entry {kind!r} does not fit: {error}") from error
    return entry
