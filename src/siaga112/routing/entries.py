"""The journal's vocabulary: what was decided about a call, in order.

Every entry becomes one row of `call_event`; a call's record is a fold over its entries (`record`), and a
restarted daemon rebuilds the call from them (`revive`). Pure values; times stand beside them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, ClassVar, Final

from siaga112.routing.evidence import Evidence
from siaga112.routing.words import (
    AgentId,
    AudioClass,
    CallId,
    ChannelId,
    Disposition,
    EndedBy,
    LegId,
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
class Held:
    """The caller was taken out of the talk and hears music; `leg` saw to that."""

    kind: ClassVar = "held"
    leg: LegId
    agent_id: AgentId | None


@dataclass(frozen=True, slots=True)
class Resumed:
    """The caller is in the talk again."""

    kind: ClassVar = "resumed"


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody is being rung who shall come into the talk.

    Attributes:
        agent_id: The seat, or where none of ours is rung the agency.
        agency: The agency of the plan, if it was one that was asked for.
        asked: The leg that asked for it.
        inside: A seat of ours, whose keys may be codes.
        region: The centre of another region.
    """

    kind: ClassVar = "invited"
    leg: LegId
    agent_id: AgentId
    agency: str | None
    purpose: Purpose
    asked: LegId
    inside: bool
    region: bool


@dataclass(frozen=True, slots=True)
class InviteEnded:
    """That phone was answered, and whoever it was is in the talk; or it rings no more."""

    kind: ClassVar = "invite_ended"
    leg: LegId
    agent_id: AgentId
    agency: str | None
    result: OfferResult


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody was let go while the talk goes on without them."""

    kind: ClassVar = "left"
    leg: LegId
    agent_id: AgentId


@dataclass(frozen=True, slots=True)
class CodeRefused:
    """A code that was pressed during the talk came to nothing."""

    kind: ClassVar = "code_refused"
    agent_id: AgentId
    code: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Watched:
    """A supervisor began to listen to the talk of a call-taker, or more."""

    kind: ClassVar = "watched"
    supervisor: AgentId
    agent_id: AgentId
    watching: Watching


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
    | Held
    | Resumed
    | Invited
    | InviteEnded
    | Left
    | CodeRefused
    | Watched
    | Requeued
    | LegEnded
    | HandedOver
    | Adopted
    | Ended
    | FallbackEntered
    | FallbackEnded
    | Evidence
    | Erased
)


@dataclass(frozen=True, slots=True)
class Journaled:
    """An entry in its place: the seq-th of its call, at a time in Unix seconds."""

    call_id: CallId
    seq: int
    at: float
    entry: Entry


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
