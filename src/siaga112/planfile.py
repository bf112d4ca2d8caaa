"""The centre's plan as an operator writes it: one TOML file, every fault of it listed.

Knows the file. What the core needs of it, `PlanFile.plan` gives.
"""

from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, model_validator

from siaga112.audio.settings import EarSettings
from siaga112.config import ConfigError, Part, faults_of, read_toml
from siaga112.plansections.centre import DAYS, CentreFile, HolidayFile, HoursFile, ShiftFile, overlap
from siaga112.plansections.people import AgencyFile, AgentFile, seat_of
from siaga112.plansections.prompts import InfoFile, IvrFile, message_of
from siaga112.plansections.queue import AdmissionFile, BlockFile, MisuseFile, SurgeFile, TimingsFile
from siaga112.plansections.retention import RetentionFile
from siaga112.plansections.words import Seconds
from siaga112.routing.plan import (
    Block,
    Listening,
    Misuse,
    Plan,
    Surge,
    Timings,
)
from siaga112.routing.words import AgentId

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
    begun_per_second: Annotated[float, Field(ge=0.5, le=1000)] = 10.0
    """So many callers a second the ear begins to listen to at most, those who wait first: a rush of calls
    shall not cost Asterisk twice as much. Everybody else's turn comes when they have been served."""
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
            begun_per_second=self.begun_per_second,
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


_UNIQUE = (
    ("agents", "id"),
    ("agents", "endpoint"),
    ("agencies", "id"),
    ("agencies", "code"),
    ("shifts", "name"),
)


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
            if overlap(one, other):
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
        return [one for one in self.information if message_of(one).expired(now)]

    def _is_open(self, now: float) -> bool:
        """Whether the offices are open at a time."""
        hours, local = self.hours, datetime.fromtimestamp(now, ZoneInfo(self.centre.time_zone))
        holiday = any(one.date == local.date() for one in self.holidays)
        workday = DAYS[local.weekday()] in hours.days and not holiday
        return workday and hours.begins <= local.time() < hours.ends

    def plan(self) -> Plan:
        """Give the core what it needs of it."""
        surge = self.surge
        return Plan(
            centre=self.centre.code,
            language=self.centre.language,
            timings=Timings(**self.timings.model_dump()),
            seats={AgentId(one.id): seat_of(one) for one in self.agents},
            agencies={one.code: one.plan() for one in self.agencies},
            ivr=self.ivr.mode,
            information={one.key: message_of(one) for one in self.information},
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


def load_plan(path: Path) -> PlanFile:
    """Read the plan.

    Raises:
        ConfigError: with every fault of the file.
    """
    try:
        return PlanFile.model_validate(read_toml(path))
    except ValidationError as error:
        raise ConfigError(path, faults_of(error)) from None
