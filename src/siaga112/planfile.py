"""The centre's plan as an operator writes it: one TOML file, every fault of it listed.

Knows the file. What the core needs of it, `PlanFile.plan` gives.
"""

from datetime import date, datetime, time
from itertools import combinations
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator

from siaga112.audio.settings import EarSettings
from siaga112.config import ConfigError, Part, faults_of, read_toml
from siaga112.routing.plan import (
    Agency,
    Block,
    IvrMode,
    Listening,
    Message,
    Misuse,
    Plan,
    Seat,
    Surge,
    Tier,
    Timings,
    Told,
)
from siaga112.routing.words import AgentId, Band


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
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_WORKDAYS: Final[frozenset[Day]] = frozenset(("mon", "tue", "wed", "thu", "fri"))
_CHANNELS = ("PJSIP/", "Local/", "IAX2/", "DAHDI/")


def _endpoint(name: str) -> str:
    """What Asterisk could ring at all; whether it is there, `siaga112 check` asks."""
    if not any(name.startswith(one) and len(name) > len(one) for one in _CHANNELS):
        raise ValueError(f"must begin with one of {', '.join(_CHANNELS)} e.g. PJSIP/112@neighbour")
    return name


BandNumber = Annotated[int, AfterValidator(_band)]
NaiveTime = Annotated[time, AfterValidator(_without_zone)]


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


class AdmissionFile(Part):
    """What stands in [admission]."""

    most_calls: Annotated[int, Field(ge=1, le=5000)] = 100
    """Beyond this a silent call makes room, or the call goes to the fallback at once; either is refused."""
    information_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """The share of the call-takers on duty whom callers for information may have at once; one at least."""
    overflow: Annotated[str, AfterValidator(_endpoint)] | None = None
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


Decibels = Annotated[float, Field(ge=-80, le=0)]
Share = Annotated[float, Field(gt=0, lt=1)]


class ListeningFile(Part):
    """What stands in [listening]: when a caller's silence means what (docs/ear.md)."""

    enabled: bool = True
    """False: nobody is listened to, and nobody is suspected of being silent."""
    decide: Annotated[float, Field(ge=3, le=60)] = 8.0
    """Seconds after the answer: who has not been heard until then is asked for a sign of life."""
    no_audio: Annotated[float, Field(ge=1, le=60)] = 3.0
    """Seconds without any sound, not even silence: the line is dead."""
    challenge: Annotated[float, Field(ge=5, le=120)] = 20.0
    """Seconds after having been asked: who gave no sign stands behind the others."""
    again: Annotated[float, Field(ge=2, le=120)] = 10.0
    """Seconds after having been asked: who gave no sign is asked once more."""
    sound_until: Annotated[float, Field(ge=1, le=120)] = 8.0
    """Seconds after having been asked within which a knock is an answer."""
    never_quiet: Annotated[int, Field(ge=0, le=64)] = 16
    """More sounds than this in as long a time before the question: the line is never quiet."""
    beyond_usual: Annotated[float, Field(ge=0, le=10)] = 1.5
    """On such a line so many times as many sounds as before are an answer; on others any sound is."""
    no_answer: Seconds = 20.0
    """Seconds after the pick-up: nothing was heard, and the call-taker hears a soft beep."""
    after_voice: Annotated[float, Field(ge=0, le=60)] = 5.0
    """Seconds that a caller who has spoken is listened to, for the figures of the record."""
    spoken_probability: Share = 0.35
    """What the network must say for a block of 32 ms to be speech.

    This, `decide`, `no_audio` and all that follows is read when the daemon starts; the rest at a reload, too.
    """
    spoken_blocks: Annotated[int, Field(ge=1, le=100)] = 8
    """So many such blocks are a caller who speaks."""
    possible_probability: Share = 0.25
    """What it must say for a block that may be speech."""
    possible_blocks: Annotated[int, Field(ge=1, le=100)] = 5
    """So many such blocks clear a flag."""
    speech_gate: Decibels = -58.0
    """Nothing quieter is ever speech, in dB below full scale."""
    silent_level: Decibels = -40.0
    """A steady line below this is silent, not noise."""
    burst_rise: Annotated[float, Field(ge=3, le=40)] = 9.0
    """So many dB above the line's noise is a sound that answers."""

    def rules(self) -> Listening | None:
        """What the core needs of it."""
        if not self.enabled:
            return None
        return Listening(
            decide=self.decide,
            challenge=self.challenge,
            again=self.again,
            sound_until=self.sound_until,
            never_quiet=self.never_quiet,
            beyond_usual=self.beyond_usual,
            no_answer=self.no_answer,
            after_voice=self.after_voice,
        )

    def thresholds(self) -> EarSettings:
        """What the ear needs of it."""
        return EarSettings(
            provisional_s=self.decide,
            no_audio_s=self.no_audio,
            challenge_s=self.challenge,
            challenge_until_s=self.sound_until,
            spoken_probability=self.spoken_probability,
            spoken_blocks=self.spoken_blocks,
            possible_probability=self.possible_probability,
            possible_blocks=self.possible_blocks,
            speech_gate_dbfs=self.speech_gate,
            silent_level_dbfs=self.silent_level,
            burst_rise_db=self.burst_rise,
        )


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


class ShiftFile(Part):
    """What stands in [[shifts]]; one that ends no later than it begins crosses midnight."""

    name: Annotated[str, Field(min_length=1)]
    begins: NaiveTime
    """By the centre's clock: 07:30:00."""
    ends: NaiveTime


_UNIQUE = (
    ("agents", "id"),
    ("agents", "endpoint"),
    ("agencies", "id"),
    ("agencies", "code"),
    ("shifts", "name"),
)


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


class PlanFile(Part):
    """What stands in plan.toml."""

    centre: CentreFile
    timings: TimingsFile = TimingsFile()
    ivr: IvrFile = IvrFile()
    information: tuple[InfoFile, ...] = ()
    admission: AdmissionFile = AdmissionFile()
    misuse: MisuseFile = MisuseFile()
    block: BlockFile = BlockFile()
    surge: SurgeFile = SurgeFile()
    listening: ListeningFile = ListeningFile()
    retention: RetentionFile = RetentionFile()
    agents: tuple[AgentFile, ...] = ()
    agencies: tuple[AgencyFile, ...] = ()
    shifts: tuple[ShiftFile, ...] = ()
    """For the figures only: nobody is logged in or out by them."""
    hours: HoursFile = HoursFile()
    holidays: tuple[HolidayFile, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for part, what in _UNIQUE:
            seen = [getattr(one, what) for one in getattr(self, part)]
            twice = sorted({one for one in seen if seen.count(one) > 1})
            if twice:
                raise ValueError(f"{part}: {what} {', '.join(twice)} stands more than once")
        keys = [one.key for one in self.information]
        if len(set(keys)) < len(keys):
            raise ValueError("information: each key may stand only once")
        return self

    @model_validator(mode="after")
    def _agencies_apart(self) -> Self:
        seats = {one.id for one in self.agents}
        for one in self.agencies:
            clash = sorted({one.id, one.code} & seats)
            if clash:
                raise ValueError(f"agencies: {one.id}: {', '.join(clash)} is a seat of [[agents]] already")
            unknown = [seat for seat in one.seats if seat not in seats]
            if unknown:
                raise ValueError(f"agencies: {one.id}: no seat {', '.join(unknown)} stands in [[agents]]")
            mine = next((x.id for x in self.agents if x.endpoint == one.endpoint), None)
            if mine is not None:
                raise ValueError(
                    f'agencies: {one.id}: {one.endpoint} is the phone of seat {mine}; say seats = ["{mine}"]'
                )
        return self

    @model_validator(mode="after")
    def _apart(self) -> Self:
        for one, other in combinations(self.shifts, 2):
            if _overlap(one, other):
                raise ValueError(f"shifts: {one.name} and {other.name} overlap; a call belongs to one shift")
        return self

    @model_validator(mode="after")
    def _elsewhere(self) -> Self:
        seat = next((one.id for one in self.agents if one.endpoint == self.admission.overflow), None)
        if seat is not None:
            raise ValueError(f"admission.overflow is the phone of seat {seat}, who is rung before anyway")
        return self

    def expired(self, now: float) -> list[InfoFile]:
        """List the recorded information that is not played any more."""
        return [one for one in self.information if _message(one).expired(now)]

    def _is_open(self, now: float) -> bool:
        """Whether the offices are open at a time."""
        hours, local = self.hours, datetime.fromtimestamp(now, ZoneInfo(self.centre.time_zone))
        holiday = any(one.date == local.date() for one in self.holidays)
        workday = _DAYS[local.weekday()] in hours.days and not holiday
        return workday and hours.begins <= local.time() < hours.ends

    def plan(self) -> Plan:
        """Give the core what it needs of it."""
        surge = self.surge
        return Plan(
            centre=self.centre.code,
            language=self.centre.language,
            timings=Timings(**self.timings.model_dump()),
            seats={AgentId(one.id): _seat(one) for one in self.agents},
            agencies={one.code: one.plan() for one in self.agencies},
            ivr=self.ivr.mode,
            information={one.key: _message(one) for one in self.information},
            is_open=self._is_open,
            overflow=self.admission.overflow,
            most_calls=self.admission.most_calls,
            misuse=Misuse(self.misuse.threshold, self.misuse.hours * 3600),
            block=Block(self.block.enabled, self.block.hours * 3600, self.block.wait, self.block.reasons),
            surge=Surge(surge.waiting, surge.arrivals_per_minute, surge.times, surge.least, surge.calm),
            surge_by_hand=surge.by_hand,
            listening=self.listening.rules(),
            information_share=self.admission.information_share,
            tells_recording=self.ivr.tells_recording,
        )


_TIERS = {
    "call_taker": Tier.CALL_TAKER,
    "trainee": Tier.CALL_TAKER,
    "opd": Tier.OPD,
    "supervisor": Tier.SUPERVISOR,
}


def _seat(agent: AgentFile) -> Seat:
    languages = frozenset[str](agent.languages)
    return Seat(AgentId(agent.id), agent.endpoint, agent.name, _TIERS[agent.role], languages, agent.bands)


def _message(info: InfoFile) -> Message:
    return Message(info.sound, None if info.expires is None else info.expires.timestamp(), info.told)


def _overlap(one: ShiftFile, other: ShiftFile) -> bool:
    """Whether some minute of the day lies in both; a shift may cross midnight."""
    return any(b < d and a < e for b, e in _spans(one) for a, d in _spans(other))


def _spans(shift: ShiftFile) -> list[tuple[time, time]]:
    if shift.begins < shift.ends:
        return [(shift.begins, shift.ends)]
    return [(shift.begins, time.max), (time.min, shift.ends)]


def load_plan(path: Path) -> PlanFile:
    """Read the plan.

    Raises:
        ConfigError: with every fault of the file.
    """
    try:
        return PlanFile.model_validate(read_toml(path))
    except ValidationError as error:
        raise ConfigError(path, faults_of(error)) from None
