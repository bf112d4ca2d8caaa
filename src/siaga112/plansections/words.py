"""What several sections are written with: seconds, clock times, bands, phones.

Knows what Asterisk could ring and what a clock can show. Knows no section.
"""

from datetime import time
from typing import Annotated

from pydantic import AfterValidator, Field

from siaga112.routing.words import Band


def _without_zone(clock: time) -> time:
    if clock.tzinfo is not None:
        raise ValueError("must not name a zone: it is by the centre's own clock")
    return clock


def _band(number: int) -> int:
    if number not in set(Band):
        known = ", ".join(f"{one.value} {one.name.lower()}" for one in Band)
        raise ValueError(f"is not a band; there are {known}")
    return number


Seconds = Annotated[float, Field(gt=0, le=3600)]


_CHANNELS = ("PJSIP/", "Local/", "IAX2/", "DAHDI/")


def endpoint_name(name: str) -> str:
    """What Asterisk could ring at all; whether it is there, `siaga112 check` asks."""
    if not any(name.startswith(one) and len(name) > len(one) for one in _CHANNELS):
        raise ValueError(f"must begin with one of {', '.join(_CHANNELS)} e.g. PJSIP/112@neighbour")
    return name


BandNumber = Annotated[int, AfterValidator(_band)]


NaiveTime = Annotated[time, AfterValidator(_without_zone)]
