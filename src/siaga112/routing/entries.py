"""The journal's vocabulary: what was decided about a call, in order.

Every entry becomes one row of `call_event`; a call's record is a fold over its entries (`record`), and a
restarted daemon rebuilds the call from them (`revive`). Pure values; times stand beside them.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from siaga112.routing.evidence import Evidence
from siaga112.routing.talks import Talk
from siaga112.routing.words import (
    AgentId,
    CallId,
    ChannelId,
    Disposition,
    EndedBy,
    LegId,
    NumberSource,
    OfferResult,
    Outcome,
    ServedBy,
    Suspicion,
    Why,
)

FALLBACK: Final = 1_000_000
"""The entries of the dialplan's fallback are numbered from here: it does not know how far ours go."""

DESK: Final = 2_000_000
"""Entries that somebody makes by hand when the call is long over are numbered from here."""

PERSONAL: Final = frozenset({"number", "recording"})
"""Fields that tell who the caller is: they become null when they are no longer needed, or on request."""


AFTERWARDS: Final = 100_000_000
"""What people add to a call's journal, maybe after its end, is numbered from here, by the second."""

_SECONDS_FROM: Final = 1_600_000_000


def afterwards(now: float) -> int:
    """Number an entry that stands beside the course of its call."""
    return AFTERWARDS + max(0, int(now) - _SECONDS_FROM)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A call reached us and stands in the queue."""

    kind: ClassVar = "arrived"
    centre: str
    channel_id: ChannelId
    number: str | None
    number_source: NumberSource
    restricted: bool
    dialled: str
    language: str
    recording: str | None
    band: int
    attempt: int = 1
    suspicion: Suspicion = Suspicion.NONE
    rank_at: float | None = None
    """Since when the caller has waited, where that is an earlier call."""
    preferred: AgentId | None = None
    """Who had this caller before."""
    barred_until: float | None = None
    """Until when no phone rings for this caller, unless key 1 or 5 is pressed."""


@dataclass(frozen=True, slots=True)
class CallerAnswered:
    """The caller's call was answered (200 OK)."""

    kind: ClassVar = "caller_answered"


@dataclass(frozen=True, slots=True)
class PromptStarted:
    """The n-th prompt began."""

    kind: ClassVar = "prompt_started"
    n: int
    prompt: str


@dataclass(frozen=True, slots=True)
class KeyHeard:
    """A key was pressed on a leg."""

    kind: ClassVar = "key_heard"
    leg: LegId
    digit: str


@dataclass(frozen=True, slots=True)
class Banded:
    """The call stands in another band from now on."""

    kind: ClassVar = "banded"
    band: int
    reason: str


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    """The caller wants to hear another language."""

    kind: ClassVar = "language_chosen"
    language: str


@dataclass(frozen=True, slots=True)
class InfoEntered:
    """The caller listens to recorded information and does not wait for anybody."""

    kind: ClassVar = "info_entered"


@dataclass(frozen=True, slots=True)
class InfoLeft:
    """The caller waits for a person (again)."""

    kind: ClassVar = "info_left"
    reason: str


@dataclass(frozen=True, slots=True)
class Escalated:
    """The call has waited so long that more phones ring."""

    kind: ClassVar = "escalated"
    pressure: int


@dataclass(frozen=True, slots=True)
class Classified:
    """A call-taker said what the call is."""

    kind: ClassVar = "classified"
    disposition: Disposition
    agent_id: AgentId


@dataclass(frozen=True, slots=True)
class BarLifted:
    """Phones ring for a caller whose number is blocked."""

    kind: ClassVar = "bar_lifted"
    reason: str


@dataclass(frozen=True, slots=True)
class NumberBlocked:
    """A supervisor blocked this caller's number."""

    kind: ClassVar = "number_blocked"
    agent_id: AgentId
    reason: str
    until: float


@dataclass(frozen=True, slots=True)
class NumberUnblocked:
    """A supervisor lifted the block of this caller's number."""

    kind: ClassVar = "number_unblocked"
    agent_id: AgentId


@dataclass(frozen=True, slots=True)
class OfferMade:
    """An agent's phone is being rung."""

    kind: ClassVar = "offer_made"
    leg: LegId
    agent_id: AgentId


@dataclass(frozen=True, slots=True)
class OfferEnded:
    """That phone was answered, or rings no more."""

    kind: ClassVar = "offer_ended"
    leg: LegId
    agent_id: AgentId
    result: OfferResult


@dataclass(frozen=True, slots=True)
class Connected:
    """Caller and agent were put together."""

    kind: ClassVar = "connected"
    leg: LegId
    agent_id: AgentId


@dataclass(frozen=True, slots=True)
class Requeued:
    """The caller waits again, at the old place."""

    kind: ClassVar = "requeued"
    reason: str


@dataclass(frozen=True, slots=True)
class LegEnded:
    """A leg is gone for good."""

    kind: ClassVar = "leg_ended"
    leg: LegId
    why: Why
    cause: int | None
    agent_id: AgentId | None


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The caller was given to the dialplan's fallback."""

    kind: ClassVar = "handed_over"
    reason: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Adopted:
    """A daemon that was restarted took the call on."""

    kind: ClassVar = "adopted"


@dataclass(frozen=True, slots=True)
class Ended:
    """No leg is left; the last entry of a call."""

    kind: ClassVar = "ended"
    by: EndedBy
    outcome: Outcome
    served_by: ServedBy
    cause: int | None


@dataclass(frozen=True, slots=True)
class FallbackEntered:
    """The dialplan's fallback had the caller from now on, as its own journal tells."""

    kind: ClassVar = "fallback_entered"
    centre: str
    channel_id: ChannelId
    number: str | None
    number_source: NumberSource
    restricted: bool
    dialled: str
    language: str
    recording: str | None
    reason: str
    arrived_at: float


@dataclass(frozen=True, slots=True)
class FallbackEnded:
    """The caller left the fallback, which ended the call."""

    kind: ClassVar = "fallback_ended"
    agent_id: AgentId | None
    answered_at: float | None
    rounds: int
    by: EndedBy
    cause: int | None


@dataclass(frozen=True, slots=True)
class Erased:
    """Who the caller was has been taken out of everything, because somebody had the right to that."""

    kind: ClassVar = "erased"
    supervisor: str
    reason: str


Entry = (
    Arrived
    | CallerAnswered
    | PromptStarted
    | KeyHeard
    | Banded
    | LanguageChosen
    | InfoEntered
    | InfoLeft
    | Escalated
    | Classified
    | BarLifted
    | NumberBlocked
    | NumberUnblocked
    | OfferMade
    | OfferEnded
    | Connected
    | Requeued
    | LegEnded
    | HandedOver
    | Adopted
    | Ended
    | FallbackEntered
    | FallbackEnded
    | Evidence
    | Talk
    | Erased
)


@dataclass(frozen=True, slots=True)
class Journaled:
    """An entry in its place: the seq-th of its call, at a time in Unix seconds."""

    call_id: CallId
    seq: int
    at: float
    entry: Entry
