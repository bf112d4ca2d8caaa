"""The centre, its shifts, and when its offices are open.

Knows the centre's own clock. Does not know who works by it.
"""

from datetime import date, time
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from siaga112.config import Part
from siaga112.plansections.words import NaiveTime

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


_WORKDAYS: Final[frozenset[Day]] = frozenset(("mon", "tue", "wed", "thu", "fri"))


class CentreFile(Part):
    """What stands in [centre]."""

    code: Annotated[str, Field(pattern=r"^\d\d\.\d\d$")]
    """The region's code as the home ministry writes it, e.g. 35.79."""
    name: Annotated[str, Field(min_length=1)]
    time_zone: str = "Asia/Jakarta"
    language: Literal["id", "en"] = "id"
    """The language of the prompts."""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(
                "is not a time zone; WIB is Asia/Jakarta, WITA Asia/Makassar, WIT Asia/Jayapura"
            ) from error
        return value


class ShiftFile(Part):
    """What stands in [[shifts]]; one that ends no later than it begins crosses midnight."""

    name: Annotated[str, Field(min_length=1)]
    begins: NaiveTime
    """By the centre's clock: 07:30:00."""
    ends: NaiveTime


class HoursFile(Part):
    """What stands in [hours]: when the offices are open of which the recorded information speaks."""

    begins: NaiveTime = time(7, 30)
    ends: NaiveTime = time(16)
    days: frozenset[Day] = _WORKDAYS

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.begins >= self.ends:
            raise ValueError("must begin before they end, on the same day")
        return self


class HolidayFile(Part):
    """What stands in [[holidays]]: a day on which the offices are closed."""

    date: date
    name: str = ""


def overlap(one: ShiftFile, other: ShiftFile) -> bool:
    """Whether some minute of the day lies in both; a shift may cross midnight."""
    return any(b < d and a < e for b, e in _spans(one) for a, d in _spans(other))


def _spans(shift: ShiftFile) -> list[tuple[time, time]]:
    if shift.begins < shift.ends:
        return [(shift.begins, shift.ends)]
    return [(shift.begins, time.max), (time.min, shift.ends)]
