"""The centre's plan, as the core needs it: who may take calls, what callers hear, the times that rule it all.

Plain values; reading and checking the operator's file is `siaga112.config`'s business.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Final

from siaga112.routing.words import AgentId


def _always(_now: float) -> bool:
    return True


class Tier(IntEnum):
    """Who is rung when: a higher tier joins only as a call waits longer."""

    CALL_TAKER = 0
    """Call-takers and trainees: at once."""
    OPD = 1
    """The agencies' seats: from the ring-all time on."""
    SUPERVISOR = 2
    """Supervisors: later still."""


class IvrMode(StrEnum):
    """What a caller hears first."""

    OFF = "off"
    """Nothing but the hold sound."""
    SHORT = "short"
    """The greeting."""
    FULL = "full"
    """The greeting and the menu."""
    SURGE = "surge"
    """The announcement of a mass event, then the greeting."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One call-taker and the phone in front of them."""

    agent_id: AgentId
    endpoint: str
    name: str = ""
    tier: Tier = Tier.CALL_TAKER
    languages: frozenset[str] = frozenset()
    """Languages beside the centre's own."""
    bands: frozenset[int] = frozenset()
    """The bands that this seat is good at; none: all."""

    def suits(self, band: int) -> bool:
        """Whether calls of a band rather go to this seat than to one that is good at others."""
        return not self.bands or band in self.bands


@dataclass(frozen=True, slots=True)
class Timings:
    """All times in seconds."""

    ring: float = 8.0
    """How long a phone rings before the next one is tried."""
    wrap_up: float = 20.0
    """Rest after a call; 0 for none."""
    wait_prompt: float = 20.0
    """How often a waiting caller is spoken to."""
    short_abandon: float = 5.0
    """A caller who leaves before this, without any phone having rung, is a short abandon."""
    arrival: float = 3.0
    """How long a claimed call may take to come into our hands."""
    busy_rest: float = 10.0
    """How long a phone that was busy or unreachable is left in peace."""
    clearing: float = 3.0
    """How often a hang-up that had no effect is repeated."""
    ring_all: float = 12.0
    """A call that has waited so long, or was missed twice, rings every ready call-taker."""
    supervisors: float = 30.0
    """One that has waited so long rings supervisors too, and those who did not answer before."""
    overflow: float = 60.0
    """One that has waited so long is also offered to the overflow target."""
    starve: float = 45.0
    """Nobody waits longer than this behind higher bands."""
    transfer: float = 12.0
    """How long a phone rings that was asked into a talk; the caller is back within 15."""
    info_idle: float = 10.0
    """Silence after an information message, until the caller is put into the queue."""


LEASE: Final = 45
"""Seconds after which the dialplan takes a waiting caller back from a daemon that has gone silent."""

LISTENING_LEASE: Final = 300
"""The same while a recorded information plays: the longest that one may be."""


class Told(StrEnum):
    """When a recorded information is played."""

    ALWAYS = "always"
    OPEN = "open"
    """While the offices are open."""
    CLOSED = "closed"
    """While they are not: nights, weekends, holidays."""


@dataclass(frozen=True, slots=True)
class Message:
    """One recorded information; not played once it has expired (Unix seconds)."""

    sound: str
    expires: float | None = None
    told: Told = Told.ALWAYS

    def expired(self, now: float) -> bool:
        """Whether it is not played any more."""
        return self.expires is not None and self.expires <= now


@dataclass(frozen=True, slots=True)
class Agency:
    """Somebody outside the queue who may be asked into a talk.

    Attributes:
        agency_id: Its name in the journal.
        code: What is pressed for it.
        endpoint: Its phone; or
        seats: seats of ours, of which the first is rung that can be.
        shown: Whether it is shown the caller's number.
        region: The centre of another region.
    """

    agency_id: AgentId
    code: str
    name: str = ""
    endpoint: str | None = None
    seats: tuple[AgentId, ...] = ()
    shown: bool = True
    region: bool = False


@dataclass(frozen=True, slots=True)
class Returning:
    """How callers who come back are treated."""

    within: float = 600.0
    """A call from the same number within so many seconds joins its earlier attempts."""


@dataclass(frozen=True, slots=True)
class Misuse:
    """How numbers that call-takers found to be misused are treated; nobody is ever shut out."""

    threshold: float = 2.5
    """From this score on a number is in the last band, and asked to press 1."""
    decay: float = 24 * 3600.0
    """Seconds in which a verdict's weight falls from 1 to 0."""


@dataclass(frozen=True, slots=True)
class Block:
    """Whether supervisors may block a number, which still leads to a person: by key 1 at once, else later."""

    enabled: bool = False
    lasts: float = 24 * 3600.0
    """Seconds after which a number is like any other."""
    wait: float = 60.0
    """Seconds in which no phone rings for a blocked caller who presses nothing."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Digit to reason."""


@dataclass(frozen=True, slots=True)
class Surge:
    """When a mass event is declared; the first of the two that is reached."""

    waiting: int = 20
    """So many wait."""
    arrivals: int = 30
    """So many came within a minute."""
    times: float = 5.0
    """So many times as many came within a minute as is usual, …"""
    least: int = 12
    """… and at least so many."""
    calm: float = 300.0
    """Seconds below both until it is over."""


@dataclass(frozen=True, slots=True)
class Listening:
    """When a caller's silence means what; all times in seconds."""

    decide: float = 8.0
    """After the answer: who has not been heard until then is asked for a sign of life."""
    challenge: float = 20.0
    """After having been asked: who has given no sign until then is put behind the others."""
    again: float = 10.0
    """After having been asked: who has given no sign until then is asked once more."""
    sound_from: float = 0.3
    """A knock counts as an answer from so long after the question ..."""
    sound_until: float = 8.0
    """... to so long after it."""
    never_quiet: int = 16
    """More sounds than so many in as long a time before the question are rain, or a clock ..."""
    beyond_usual: float = 1.5
    """... and on such a line an answer is so many times as many."""
    no_answer: float = 20.0
    """After the pick-up: so long nothing was heard, and the call-taker is told by a soft beep."""
    after_voice: float = 5.0
    """So long a caller who has spoken is listened to, for the record's figures."""
    begun_per_second: float = 10.0
    """So many callers a second somebody begins to listen to at most; whoever waits goes before who talks."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything the router is told by the operator."""

    centre: str
    language: str = "id"
    timings: Timings = field(default_factory=Timings)
    seats: Mapping[AgentId, Seat] = field(default_factory=dict)
    agencies: Mapping[str, Agency] = field(default_factory=dict)
    """Code to agency."""
    ivr: IvrMode = IvrMode.FULL
    information: Mapping[str, Message] = field(default_factory=dict)
    """The information tree: key to message."""
    is_open: Callable[[float], bool] = _always
    """Whether the offices are open at a time (Unix seconds)."""
    overflow: str | None = None
    """The endpoint of another centre or a hunt group that helps out."""
    most_calls: int = 100
    """Beyond this a silent call makes room, or the call goes to the fallback at once; either is refused."""
    returning: Returning = field(default_factory=Returning)
    misuse: Misuse = field(default_factory=Misuse)
    block: Block = field(default_factory=Block)
    surge: Surge = field(default_factory=Surge)
    surge_by_hand: bool = False
    listening: Listening | None = None
    """None: nobody is listened to, and nobody is suspected of being silent."""
    information_share: float = 0.5
    """The share of the call-takers on duty whom callers for information may have at once; one at least."""
    tells_recording: bool = False
    """Whether callers are told that the call is recorded."""

    def told(self, now: float) -> tuple[tuple[str, str], ...]:
        """List key and sound of each recorded information that is valid at a time."""
        hours = {Told.ALWAYS, Told.OPEN if self.is_open(now) else Told.CLOSED}
        valid = ((key, one) for key, one in self.information.items() if not one.expired(now))
        return tuple((key, one.sound) for key, one in valid if one.told in hours)
