"""How callers wait and who is let in: timings, limits, misuse, blocks, mass events.

Knows the limits of each figure. Does not know what is done when one is reached.
"""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from siaga112.config import Part
from siaga112.plansections.words import Seconds, endpoint_name


class TimingsFile(Part):
    """What stands in [timings], in seconds."""

    ring: Seconds = 8.0
    """How long one phone rings."""
    wrap_up: Annotated[float, Field(ge=0, le=3600)] = 20.0
    """Rest after a call."""
    wait_prompt: Annotated[float, Field(ge=5, le=30)] = 20.0
    """How often a waiting caller is spoken to; shorter than the dialplan's lease of 45 s."""
    ring_all: Seconds = 12.0
    """A call that has waited so long rings every ready call-taker and OPD seat."""
    supervisors: Seconds = 30.0
    """One that has waited so long rings supervisors too, and those who did not answer before."""
    overflow: Seconds = 60.0
    """One that has waited so long is offered to the overflow target."""
    starve: Seconds = 45.0
    """Nobody waits longer than this behind higher bands."""
    transfer: Annotated[float, Field(ge=3, le=14)] = 12.0
    """How long a phone rings that was asked into a talk: in vain, the caller is back within 15 s."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.ring_all <= self.supervisors <= self.overflow:
            raise ValueError("must be in order: ring_all <= supervisors <= overflow")
        return self


class AdmissionFile(Part):
    """What stands in [admission]."""

    most_calls: Annotated[int, Field(ge=1, le=5000)] = 100
    """Beyond this a silent call makes room, or the call goes to the fallback at once; either is refused."""
    information_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """The share of the call-takers on duty whom callers for information may have at once; one at least."""
    overflow: Annotated[str, AfterValidator(endpoint_name)] | None = None
    """An endpoint (another centre, a hunt group) that is tried for who has waited `overflow` seconds."""


class MisuseFile(Part):
    """What stands in [misuse]."""

    threshold: Annotated[float, Field(gt=0)] = 2.5
    """From this score on a number is served last and asked to press 1; a verdict (*6, *7) counts 1."""
    hours: Annotated[float, Field(gt=0, le=24)] = 24.0
    """In which a verdict fades away."""


class BlockFile(Part):
    """What stands in [block]."""

    enabled: bool = False
    """Whether supervisors may block a number (*71 to *79); key 1 leads to a call-taker all the same."""
    hours: Annotated[float, Field(gt=0, le=24)] = 24.0
    """After which a block ends by itself."""
    wait: Annotated[float, Field(ge=0, le=300)] = 60.0
    """Seconds in which no phone rings for a blocked caller who presses nothing."""
    reasons: dict[Annotated[str, Field(pattern=r"^[1-9]$")], str] = Field(default_factory=dict)
    """By digit: 1 = "…" makes *71 a code."""

    @model_validator(mode="after")
    def _with_reasons(self) -> Self:
        if self.enabled and not self.reasons:
            raise ValueError('needs reasons, e.g. reasons = { 1 = "threats" }')
        return self


class SurgeFile(Part):
    """What stands in [surge]."""

    by_hand: bool = False
    """A mass event, declared by you."""
    waiting: Annotated[int, Field(ge=1)] = 20
    arrivals_per_minute: Annotated[int, Field(ge=1)] = 30
    times: Annotated[float, Field(ge=1)] = 5.0
    """So many times as many within a minute as is usual in an hour, …"""
    least: Annotated[int, Field(ge=1)] = 12
    """… and at least so many."""
    calm: Seconds = 300.0
    """Seconds below both until it is over."""
