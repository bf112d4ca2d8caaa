"""From the text of a frame to a typed event, and what becomes of text that is none.

Knows pydantic's error types. Does not know the events themselves: `models` hands over its union.
"""

from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from siaga112.ari.errors import BadEventError

T = TypeVar("T")

_UNKNOWN_TAG = "union_tag_invalid"
_NOT_JSON = "json_invalid"


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """The name of a type that the union does not have."""

    type: str


def read(union: TypeAdapter[T], data: bytes | str | dict[str, Any]) -> T | UnknownEvent:
    """Read one event.

    Raises:
        BadEventError: the data is not JSON, or lacks what an event of its type must carry. The text
            of the error names members, never their values: those may be a caller's number.
    """
    try:
        if isinstance(data, dict):
            return union.validate_python(data)
        return union.validate_json(data)
    except ValidationError as error:
        return _explained(error)


def _explained(error: ValidationError) -> UnknownEvent:
    first = error.errors(include_url=False, include_input=False)[0]
    if first["type"] == _UNKNOWN_TAG:
        return UnknownEvent(str(first["ctx"]["tag"]))
    if first["type"] == _NOT_JSON:
        raise BadEventError("not_json", "the frame is not JSON") from None
    place = ".".join(str(part) for part in first["loc"])
    raise BadEventError("bad_shape", f"{place or 'frame'}: {first['type']}") from None
