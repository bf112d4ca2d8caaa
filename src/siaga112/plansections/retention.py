"""For how long each kind of data is kept.

Knows which must outlive which. Does not know how anything is removed.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from siaga112.config import Part

Days = Annotated[int, Field(ge=0, le=36500)]


class RetentionFile(Part):
    """What stands in [retention]: for how many days each kind of data is kept; 0 keeps it for ever.

    The law (UU 27/2022) names no lengths but asks for a reason for each; those of the defaults stand here.
    """

    recordings: Days = 90
    """Voices: complaints about a call and questions of the police come within weeks."""
    numbers: Days = 365
    """Callers' numbers: patterns of misuse and follow-ups are seen over a year."""
    journal: Days = 730
    """What happened in a call, step by step: records are folded from it again."""
    records: Days = 1825
    """Calls and offers: a region plans and evaluates in periods of five years."""
    agents: Days = 730
    """Call-takers' states: attendance is personal too, and evaluated by the year."""
    access: Days = 1825
    """Who saw which number or recording, and what was removed when: must outlive what was seen."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for longer, shorter in (
            ("records", "recordings"),
            ("records", "numbers"),
            ("records", "journal"),
            ("access", "recordings"),
            ("access", "numbers"),
        ):
            limit, least = getattr(self, longer), getattr(self, shorter)
            if limit and (limit < least or not least):
                kept = f"{least} days" if least else "for ever"
                raise ValueError(f"{longer} = {limit} is too short while {shorter} are kept {kept}")
        return self
