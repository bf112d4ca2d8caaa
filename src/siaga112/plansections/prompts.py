"""What callers are told: the menu and the recorded information.

Knows the files' names. Does not know whether they are there.
"""

from datetime import datetime
from typing import Annotated

from pydantic import Field, field_validator

from siaga112.config import Part
from siaga112.routing.plan import (
    IvrMode,
    Message,
    Told,
)


class IvrFile(Part):
    """What stands in [ivr]."""

    mode: IvrMode = IvrMode.FULL
    """off, short, full or surge; takes effect on the next call."""
    tells_recording: bool = False
    """Whether callers are told that the call is recorded, after the first prompt."""


class InfoFile(Part):
    """What stands in [[information]]."""

    key: Annotated[str, Field(pattern=r"^[1-9]$")]
    """The key in the information menu."""
    sound: Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")]
    """The sound file's name in sounds/<language>/siaga112/, without ending."""
    told: Told = Told.ALWAYS
    """always, open or closed: only in the hours of [hours], or only outside of them."""
    expires: datetime | None = None
    """Not played from then on; with an offset, e.g. 2026-12-31T23:59:00+07:00."""

    @field_validator("expires")
    @classmethod
    def _with_offset(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("needs an offset, e.g. 2026-12-31T23:59:00+07:00")
        return value


def message_of(info: InfoFile) -> Message:
    """What the core needs of recorded information."""
    return Message(info.sound, None if info.expires is None else info.expires.timestamp(), info.told)
