"""One call as a frozen value, and the words of its states.

`step` in `steps` is the only thing that makes a new one. A timer is a field here (`until`), never an object.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from siaga112.routing.ear import Ear
from siaga112.routing.legs import AgentLeg, Caller, Guest, Presence, Stage
from siaga112.routing.plan import Timings
from siaga112.routing.words import (
    CALLER,
    AgentId,
    Band,
    CallId,
    EndedBy,
    LegId,
    Outcome,
    Prompt,
    ServedBy,
    Suspicion,
)


@dataclass(frozen=True, slots=True)
class Offered:
    """Arrived, not yet in our hands, and no phone rings for it."""


@dataclass(frozen=True, slots=True)
class Queued:
    """In our hands, and no phone rings for it."""


@dataclass(frozen=True, slots=True)
class Ringing:
    """At least one phone rings, or was answered a moment before the caller came into our hands."""


@dataclass(frozen=True, slots=True)
class Connected:
    """The caller has, or is about to have again, somebody to talk to; first of them `agent_id`."""

    leg: LegId
    agent_id: AgentId


@dataclass(frozen=True, slots=True)
class Clearing:
    """The outcome is known; legs are still to go."""

    by: EndedBy
    outcome: Outcome
    served_by: ServedBy
    until: float


@dataclass(frozen=True, slots=True)
class Ended:
    """No leg is left."""


Phase = Offered | Queued | Ringing | Connected | Clearing | Ended


@dataclass(frozen=True, slots=True)
class Silence:
    """The caller hears nothing from us."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """The caller hears the n-th prompt."""

    n: int


@dataclass(frozen=True, slots=True)
class Holding:
    """The caller hears the hold sound."""


Sound = Silence | Hearing | Holding


class Tale(StrEnum):
    """Where in the recorded information a caller is."""

    MENU = "menu"
    MESSAGE = "message"
    END = "end"


@dataclass(frozen=True, slots=True)
class Info:
    """The caller listens to recorded information; `until`: when silence sends them to the queue."""

    tale: Tale
    sound: str = ""
    until: float | None = None


UNHEARD = frozenset({Suspicion.SILENT_SUSPECT, Suspicion.GHOST_SUSPECT})
"""What is suspected of a caller of whom nothing was heard."""


@dataclass(frozen=True, slots=True)
class Call:
    """Everything that is known of one call."""

    id: CallId
    caller: Caller
    language: str
    timings: Timings
    queued_at: float
    phase: Phase
    presence: Presence = Presence.ARRIVING
    legs: tuple[AgentLeg, ...] = ()
    guests: tuple[Guest, ...] = ()
    sound: Sound = field(default_factory=Silence)
    rank_at: float = 0.0
    """The place in line: when the caller began to wait, an earlier call's wait counted in."""
    band: int = Band.NORMAL
    aged: bool = False
    """Has waited longer than anybody may behind higher bands."""
    pressure: int = 0
    """How long it has waited, in steps of the plan: 1 rings all, 2 supervisors too, 3 overflow."""
    failed: int = 0
    """Offers that came to nothing."""
    script: tuple[str, ...] = ()
    """The prompts that are still to be played."""
    menu: str | None = None
    """The prompt of the menu, where the plan has one."""
    information: tuple[tuple[str, str], ...] = ()
    """Key and sound of each recorded information."""
    info: Info | None = None
    silent: bool = False
    """Said to be unable to speak."""
    suspicion: Suspicion = Suspicion.NONE
    attempt: int = 1
    preferred: AgentId | None = None
    """Who had this caller before."""
    barred_until: float | None = None
    """No phone rings before, unless the caller asks for help by a key: the number is blocked."""
    keys: int = 0
    """How many keys the caller has pressed while waiting."""
    held: LegId | None = None
    """Who put the caller on hold; None: the caller is in the talk."""
    announced_at: float | None = None
    """When those in the talk last heard a word from us."""
    overflow: str | None = None
    """The endpoint that may be tried when nobody here answers."""
    journaled: int = 0
    prompts: int = 0
    playing: tuple[int, ...] = ()
    """The prompts of which we do not know that they have ended."""
    offers: int = 0
    rounds_of_waiting: int = 0
    arrive_by: float | None = None
    """Until when a claimed call must have come into our hands."""
    speak_at: float | None = None
    """When a caller who waits or is on hold is spoken to next; in a talk, when the lease is ended again."""
    bridged: bool = False
    talked: bool = False
    talker: AgentId | None = None
    """Who had the caller last."""
    broke: bool = False
    """The last talk ended because a line failed."""
    overflowed: bool = False
    """Another centre took it."""
    transferred: bool = False
    """Only the centre of another region is left with the caller."""
    cause: int | None = None
    troubles: int = 0
    ear: Ear | None = None
    """What is heard of the caller; None where nobody listens."""

    def leg(self, leg: LegId) -> AgentLeg | None:
        """Find an agent leg that is not gone yet."""
        return next((one for one in self.legs if one.leg == leg), None)

    @property
    def talkers(self) -> tuple[AgentLeg, ...]:
        """Who of ours is in the talk."""
        talks = isinstance(self.phase, Connected)
        return tuple(one for one in self.legs if talks and one.stage is Stage.ANSWERED)

    @property
    def together(self) -> frozenset[LegId]:
        """Which legs belong into the bridge."""
        caller = {CALLER} if isinstance(self.phase, Connected) and self.held is None else set()
        return frozenset({one.leg for one in self.talkers} | caller)

    @property
    def waits(self) -> bool:
        """Whether the call stands in the queue for an agent (no phone rings for it)."""
        listens = self.info is not None or self.barred_until is not None
        return isinstance(self.phase, Offered | Queued) and not listens

    @property
    def rings_all(self) -> bool:
        """Whether every ready phone is rung at once; never for information, others may need them."""
        return self.band != Band.INFORMATION and (self.pressure > 0 or self.failed > 1)

    @property
    def wants_agent(self) -> bool:
        """Whether one more phone should ring for it."""
        if self.waits:
            return True
        settled = any(one.stage in {Stage.BRIEFED, Stage.ANSWERED} for one in self.legs)
        return isinstance(self.phase, Ringing) and self.rings_all and not settled

    @property
    def place(self) -> tuple[float, float]:
        """The place in line: band, then time.

        Who has waited too long stands level with the first band; who wants information, with the emergencies.
        """
        if not self.aged:
            return (self.band, self.rank_at)
        return (Band.NORMAL if self.band == Band.INFORMATION else Band.NEED, self.rank_at)

    @property
    def suspect(self) -> bool:
        """Whether nothing was heard for so long that it may be a silent or a ghost call."""
        return self.suspicion in UNHEARD

    @property
    def unheard(self) -> bool:
        """Whether the caller is listened to, and has neither spoken nor pressed a key yet."""
        ear = self.ear
        return ear is not None and not ear.person and (ear.open or not ear.taps)

    @property
    def whisper(self) -> Prompt | None:
        """What the call-taker must know before the talk; nothing else is worth the second it costs."""
        if self.silent:
            return Prompt.WHISPER_SILENT
        if self.suspect:
            return Prompt.WHISPER_SUSPECT
        return Prompt.WHISPER_FLAG if self.suspicion is Suspicion.ABUSE_FLAGGED else None

    @property
    def presses_at(self) -> float | None:
        """When the next step of pressure is due."""
        times = self.timings
        steps = (times.ring_all, times.supervisors, times.overflow)
        return None if self.pressure >= len(steps) else self.queued_at + steps[self.pressure]

    @property
    def ages_at(self) -> float | None:
        """When it has waited long enough behind higher bands."""
        return None if self.aged or self.band == Band.NEED else self.queued_at + self.timings.starve

    @property
    def alive(self) -> bool:
        """Whether any leg of it may still exist."""
        return self.presence is not Presence.GONE or bool(self.legs)

    @property
    def deadline(self) -> float | None:
        """The next time at which the call wants to be looked at."""
        times = [one.until for one in self.legs if one.until is not None]
        ear = None if self.ear is None or isinstance(self.phase, Clearing | Ended) else self.ear.deadline
        times += [] if ear is None else [ear]
        match self.phase:
            case Clearing(until=until):
                times.append(until)
            case Offered() | Queued() | Ringing():
                info = self.info.until if self.info is not None else None
                waiting = () if self.info is not None else (self.presses_at, self.ages_at)
                wishes = (self.arrive_by, self.speak_at, self.barred_until, info, *waiting)
                times += [one for one in wishes if one is not None]
            case Connected():
                times += [] if self.speak_at is None else [self.speak_at]
            case Ended():
                pass
        return min(times, default=None)


def outcome_of(call: Call, *, now: float) -> Outcome:
    """Say where a call that ends now has ended, most telling first (domain: the two axes)."""
    if call.talked:
        region = Outcome.TRANSFERRED_REGION if call.transferred else Outcome.ANSWERED
        return Outcome.OVERFLOWED if call.overflowed else region
    if call.info is not None:
        return Outcome.INFO_SELFSERVICE
    if any(one.stage is not Stage.DYING for one in call.legs):
        return Outcome.ABANDONED_RINGING
    if call.presence is Presence.ARRIVING and not call.offers:
        return Outcome.ABANDONED_SETUP
    if not call.offers and now - call.queued_at <= call.timings.short_abandon:
        return Outcome.SHORT_ABANDON
    return Outcome.ABANDONED_QUEUE
