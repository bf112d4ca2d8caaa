"""The call's record as a fold over its journal: one row of `call_record`, one of `call_offer` an offer.

The fold knows nothing of the call's live state, so a record can be recomputed from its journal at any time
with the same result. Times are Unix seconds; `values` gives the columns by the names of the table.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final, assert_never

from siaga112.routing import entries, evidence, talks
from siaga112.routing.entries import AFTERWARDS, DESK, FALLBACK, Journaled
from siaga112.routing.words import (
    CALLER,
    UNCLASSIFIED,
    AgentId,
    CallId,
    LegId,
    NumberSource,
    OfferResult,
    Outcome,
    ServedBy,
)


@dataclass(frozen=True, slots=True)
class Offer:
    """One phone that was rung."""

    call_id: CallId
    seq: LegId
    agent_id: AgentId
    offered_at: float
    ended_at: float | None = None
    result: OfferResult | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """The columns of `call_record`, and what the fold must remember besides."""

    call_id: CallId
    centre: str
    channel_id: str
    caller_number: str | None
    caller_number_source: str
    cli_restricted: bool
    dialled: str
    language: str
    recording: str | None
    started_at: float
    queued_at: float
    band: int
    answered_at: float | None = None
    first_offered_at: float | None = None
    agent_answered_at: float | None = None
    ended_at: float | None = None
    ended_by: str | None = None
    outcome: str | None = None
    disposition: str = UNCLASSIFIED
    suspicion: str = "none"
    agent_id: AgentId | None = None
    offers: int = 0
    wait_s: float | None = None
    ring_s: float | None = None
    talk_s: float | None = None
    hangup_cause: int | None = None
    voice_seconds: float | None = None
    first_voice_at: float | None = None
    dtmf: str = ""
    audio_class: str | None = None
    served_by: str = ServedBy.DAEMON.value
    attempt: int = 1
    updated_at: float = 0.0
    journal_seq: int = 0
    talk_ended_at: float | None = None
    classified_at: float | None = None
    offered: Mapping[LegId, Offer] = field(default_factory=dict)
    talking_since: float | None = None
    talkers: frozenset[LegId] = frozenset()
    """Who of ours is in the talk."""

    def values(self) -> dict[str, Any]:
        """Give the table's columns."""
        return {name: getattr(self, name) for name in _COLUMNS}


_COLUMNS: Final = tuple(
    one.name for one in fields(Record) if one.name not in {"offered", "talking_since", "talkers"}
)


def fold(journal: Iterable[Journaled]) -> Record | None:
    """Fold a whole journal; None when it does not begin with the call's arrival."""
    record: Record | None = None
    for line in journal:
        record = apply(record, line)
    return record


def apply(record: Record | None, line: Journaled) -> Record | None:
    """Let one journal entry change the record."""
    if isinstance(line.entry, entries.Arrived):
        return _begin(line, line.entry)
    if record is None:
        return _begin(line, line.entry) if isinstance(line.entry, entries.FallbackEntered) else None
    changed = _change(record, line.entry, line.at)
    seq = line.seq if line.seq < AFTERWARDS else record.journal_seq
    return replace(changed, updated_at=max(record.updated_at, line.at), journal_seq=seq)


def begin_anyhow(centre: str, line: Journaled) -> Record:
    """Begin a record at an entry that is no beginning: a call whose arrival was lost has one, too."""
    return Record(
        call_id=line.call_id,
        centre=centre,
        channel_id="",
        caller_number=None,
        caller_number_source=NumberSource.NONE.value,
        cli_restricted=False,
        dialled="",
        language="",
        recording=None,
        started_at=line.at,
        queued_at=line.at,
        band=1,
        updated_at=line.at,
        journal_seq=line.seq,
    )


def flaw(journal: Sequence[Journaled]) -> str | None:
    """Say what is wrong with a whole journal: `headless`, `repeated` or `gap`; None if nothing is."""
    kinds = [line.entry.kind for line in journal]
    if kinds[:1] not in (["arrived"], ["fallback_entered"]):
        return "headless"
    if kinds.count("arrived") > 1 or kinds.count("ended") > 1:
        return "repeated"
    numbers = [line.seq for line in journal if line.seq < AFTERWARDS]
    parts = ((1, FALLBACK), (FALLBACK, DESK), (DESK, AFTERWARDS))
    counts = [sum(begin <= number < end for number in numbers) for begin, end in parts]
    whole = [begin + n for (begin, _), count in zip(parts, counts, strict=True) for n in range(count)]
    return None if numbers == whole else "gap"


def _begin(line: Journaled, entry: entries.Arrived | entries.FallbackEntered) -> Record:
    """Begin a record where the call came first: with the daemon, or with the dialplan's fallback."""
    begun = replace(
        begin_anyhow(entry.centre, line),
        channel_id=entry.channel_id,
        caller_number=entry.number,
        caller_number_source=entry.number_source.value,
        cli_restricted=entry.restricted,
        dialled=entry.dialled,
        language=entry.language,
        recording=entry.recording,
    )
    match entry:
        case entries.Arrived(band=band, attempt=attempt, suspicion=suspicion):
            return replace(begun, band=band, attempt=attempt, suspicion=suspicion.value)
        case entries.FallbackEntered(arrived_at=arrived_at):
            return replace(begun, started_at=arrived_at, served_by=ServedBy.FALLBACK.value)


def _change(record: Record, entry: entries.Entry, at: float) -> Record:
    match entry:
        case entries.CallerAnswered():
            return replace(record, answered_at=at)
        case entries.OfferMade(leg, agent_id):
            first = record.first_offered_at if record.first_offered_at is not None else at
            offer = Offer(record.call_id, leg, agent_id, at)
            changed = replace(record, first_offered_at=first, offers=record.offers + 1)
            return replace(changed, offered={**record.offered, leg: offer})
        case entries.OfferEnded(leg, _, result):
            return _offer_ended(record, leg, result, at)
        case entries.Connected(leg, agent_id):
            return _connected(record, leg, agent_id, at)
        case entries.KeyHeard(leg, digit) if leg == CALLER:
            return replace(record, dtmf=record.dtmf + digit)
        case talks.InviteEnded(leg=leg, result=OfferResult.ANSWERED):
            since = at if record.talking_since is None else record.talking_since
            return replace(record, talkers=record.talkers | {leg}, talking_since=since)
        case entries.LegEnded(leg=leg) | talks.Left(leg=leg):
            return _left(record, leg, at)
        case entries.Requeued():
            return _stop_talking(record, at)
        case entries.Ended():
            ended = _stop_talking(record, at)
            return replace(
                ended,
                ended_at=at,
                ended_by=entry.by.value,
                outcome=entry.outcome.value,
                served_by=entry.served_by.value,
                hangup_cause=entry.cause,
            )
        case entries.Banded(band=band):
            return replace(record, band=band)
        case entries.LanguageChosen(language=language):
            return replace(record, language=language)
        case entries.Classified(disposition=disposition):
            first = at if record.classified_at is None else record.classified_at
            return replace(record, disposition=disposition.value, classified_at=first)
        case entries.FallbackEntered():
            return replace(record, served_by=ServedBy.FALLBACK.value)
        case entries.FallbackEnded():
            return _left_fallback(record, entry, at)
        case evidence.ClassChanged(audio_class=heard) if heard is not None:
            return replace(record, audio_class=heard.value)
        case evidence.VoiceBegan(since=since) if record.first_voice_at is None:
            return replace(record, first_voice_at=since)
        case evidence.Suspected(suspicion=suspicion):
            return replace(record, suspicion=suspicion.value)
        case evidence.ListeningEnded():
            return _listened(record, entry)
        case evidence.ClassChanged() | evidence.VoiceBegan() | evidence.SoundAnswered():
            return record
        case evidence.ListeningBegan() | evidence.Challenged() | evidence.ChallengeEnded():
            return record
        case evidence.Beeped():
            return record
        case entries.Arrived() | entries.PromptStarted() | entries.HandedOver():
            return record
        case entries.Adopted() | entries.KeyHeard() | entries.Escalated():
            return record
        case entries.InfoEntered() | entries.InfoLeft():
            return record
        case entries.BarLifted() | entries.NumberBlocked() | entries.NumberUnblocked():
            return record
        case talks.Held() | talks.Resumed() | talks.Invited() | talks.InviteEnded():
            return record
        case talks.CodeRefused() | talks.Watched() | talks.WatchEnded():
            return record
        case entries.Erased():
            return replace(record, caller_number=None, recording=None)
        case _:
            assert_never(entry)


def _listened(record: Record, entry: evidence.ListeningEnded) -> Record:
    """Each time that a caller was listened to adds its seconds; the class that was found last stands."""
    heard = record.audio_class if entry.audio_class is None else entry.audio_class.value
    seconds = (record.voice_seconds or 0.0) + entry.voice_seconds
    return replace(record, audio_class=heard, voice_seconds=round(seconds, 3))


def _offer_ended(record: Record, leg: LegId, result: OfferResult, at: float) -> Record:
    known = record.offered.get(leg)
    if known is None:
        return record
    return replace(record, offered={**record.offered, leg: replace(known, ended_at=at, result=result)})


def _connected(record: Record, leg: LegId, agent_id: AgentId, at: float) -> Record:
    changed = replace(record, agent_id=agent_id, talking_since=at, talkers=frozenset({leg}))
    if record.agent_answered_at is not None:
        return changed
    offer = record.offered.get(leg)
    ring_s = None if offer is None else at - offer.offered_at
    return replace(changed, agent_answered_at=at, wait_s=at - record.queued_at, ring_s=ring_s)


def _left(record: Record, leg: LegId, at: float) -> Record:
    """The talk goes on while the caller is there and somebody of ours."""
    left = record.talkers - {leg}
    return _stop_talking(record, at) if leg == CALLER or not left else replace(record, talkers=left)


def _stop_talking(record: Record, at: float) -> Record:
    """Talks of one call add up."""
    if record.talking_since is None:
        return record
    talked = (record.talk_s or 0.0) + at - record.talking_since
    return replace(record, talk_s=talked, talk_ended_at=at, talking_since=None, talkers=frozenset())


def _left_fallback(record: Record, entry: entries.FallbackEnded, at: float) -> Record:
    """The fallback has the last word on how a call ended; what was before it stays.

    Its times are whole seconds, so one of them can lie a little before the moment that it follows.
    """
    answered = None if entry.answered_at is None else max(entry.answered_at, record.queued_at)
    ended = max(at, answered or record.queued_at)
    waited = record.agent_answered_at is None and answered is not None
    refused = record.outcome == Outcome.REFUSED  # The limit stays to be seen, whoever helped in the end.
    spoke = answered is not None or record.agent_answered_at is not None
    return replace(
        record,
        agent_answered_at=answered if waited else record.agent_answered_at,
        wait_s=answered - record.queued_at if waited and answered is not None else record.wait_s,
        talk_s=record.talk_s if answered is None else (record.talk_s or 0.0) + ended - answered,
        talk_ended_at=record.talk_ended_at if answered is None else ended,
        agent_id=record.agent_id if entry.agent_id is None else entry.agent_id,
        outcome=(record.outcome if refused else Outcome.ANSWERED if spoke else Outcome.ABANDONED_QUEUE),
        served_by=ServedBy.FALLBACK.value,
        ended_at=ended,
        ended_by=entry.by.value,
        hangup_cause=entry.cause,
        talking_since=None,
    )
