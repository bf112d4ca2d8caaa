"""What the daemon and the ear's own process write to each other: one line a letter.

Knows the letters' form: a word, a caller's key, JSON. Does not know what is done with them.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final

from siaga112.audio import events
from siaga112.audio.events import AudioClass, EarEvent, Evidence, Suspicion, Verdict
from siaga112.audio.health import Health

EVENT: Final = "event"
VERDICT: Final = "verdict"
"""A caller's verdict as it stands, now and then."""
CONCLUDED: Final = "concluded"
"""A caller's last verdict, or none."""
HEALTH: Final = "health"

_KINDS: Final = {
    kind.__name__: kind
    for kind in (events.FirstVoice, events.Burst, events.Key, events.ToneHeard, events.ClassChanged)
}


def written(word: str, key: str, content: Any) -> bytes:
    """A letter."""
    return f"{word} {key} {json.dumps(content, separators=(',', ':'))}\n".encode()


def opened(line: bytes) -> tuple[str, str, bytes]:
    """A letter's word, its key, and what is in it, not yet read.

    Raises:
        ValueError: it is no letter; so do all that read one.
    """
    word, key, content = line.split(b" ", 2)
    return word.decode(), key.decode(), content


def from_event(event: EarEvent) -> list[Any]:
    """An event as JSON can hold it."""
    return [type(event).__name__, asdict(event)]


def to_event(content: bytes, shift: float) -> EarEvent:
    """The event again, its times moved to another clock."""
    with _as_value_error(content):
        name, fields = json.loads(content)
        fields["at"] += shift
        if "onset" in fields:
            fields["onset"] += shift
        if "verdict" in fields:
            fields["verdict"] = _verdict(fields["verdict"])
            fields["was"] = None if fields["was"] is None else AudioClass(fields["was"])
        event: EarEvent = _KINDS[name](**fields)
    return event


def to_verdict(content: bytes) -> Verdict | None:
    """The verdict again."""
    with _as_value_error(content):
        fields = json.loads(content)
        return None if fields is None else _verdict(fields)


def to_health(content: bytes) -> tuple[Health, frozenset[str]]:
    """The health again, and who is dry."""
    with _as_value_error(content):
        fields = json.loads(content)
        dry = frozenset(fields.pop("dry"))
        return Health(**fields), dry


@contextmanager
def _as_value_error(content: bytes) -> Iterator[None]:
    try:
        yield
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"{error!r} in {content[:80]!r}") from error


def _verdict(fields: dict[str, Any]) -> Verdict:
    return Verdict(
        **fields
        | {
            "audio_class": AudioClass(fields["audio_class"]),
            "suspicion": Suspicion(fields["suspicion"]),
            "evidence": Evidence(**fields["evidence"]),
        }
    )
