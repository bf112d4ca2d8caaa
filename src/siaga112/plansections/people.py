"""Who answers and who may be asked into a talk: seats and agencies.

Knows phones by Asterisk's names. Does not know whether they are registered.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from siaga112.config import Part
from siaga112.plansections.words import BandNumber
from siaga112.routing.plan import (
    Agency,
    Seat,
    Tier,
)
from siaga112.routing.words import AgentId


class AgentFile(Part):
    """What stands in [[agents]]."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
    name: str = ""
    endpoint: Annotated[str, Field(pattern=r"^PJSIP/[^/]+$")]
    """The phone, as Asterisk names it: PJSIP/101."""
    role: Literal["call_taker", "trainee", "opd", "supervisor"] = "call_taker"
    """OPD seats ring when a call has waited `ring_all` seconds, supervisors at `supervisors` seconds."""
    languages: frozenset[Literal["id", "en"]] = frozenset()
    """Languages beside the centre's."""
    bands: frozenset[BandNumber] = frozenset()
    """The bands that this seat is good at: others ring here only if nobody else is free."""


class AgencyFile(Part):
    """What stands in [[agencies]]: who may be asked into a talk by a code."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
    """Stands in the journal."""
    code: Annotated[str, Field(pattern=r"^\d{1,8}$")]
    """What is pressed for it: `*2<code>#` transfers, `*3<code>#` adds it to the talk."""
    name: str = ""
    endpoint: Annotated[str, Field(pattern=r"^[A-Za-z0-9]+/.+$")] | None = None
    """Its phone, as Asterisk names it; or"""
    number: Annotated[str, Field(pattern=r"^\+?\d{3,20}$")] | None = None
    """its telephone number, dialled on `trunk`; or"""
    seats: tuple[str, ...] = ()
    """seats of [[agents]], of which the first is rung whose phone is free."""
    trunk: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")] = "trunk"
    """The endpoint of pjsip.conf that `number` is dialled on; it must have an AOR to dial out."""
    region: bool = False
    """The 112 centre of another region: a call that stays there counts as transferred_region."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum((self.endpoint is not None, self.number is not None, bool(self.seats))) != 1:
            raise ValueError("needs exactly one of endpoint, number and seats")
        return self

    def plan(self) -> Agency:
        """Give the core what it needs of it."""
        outside = self.number is not None
        return Agency(
            AgentId(self.id),
            self.code,
            self.name,
            f"PJSIP/{self.number}@{self.trunk}" if outside else self.endpoint,
            tuple(AgentId(seat) for seat in self.seats),
            shown=not outside,  # Operators turn calls away that show a number which is not theirs.
            region=self.region,
        )


_TIERS = {
    "call_taker": Tier.CALL_TAKER,
    "trainee": Tier.CALL_TAKER,
    "opd": Tier.OPD,
    "supervisor": Tier.SUPERVISOR,
}


def seat_of(agent: AgentFile) -> Seat:
    """What the core needs of a seat."""
    languages = frozenset[str](agent.languages)
    return Seat(AgentId(agent.id), agent.endpoint, agent.name, _TIERS[agent.role], languages, agent.bands)
