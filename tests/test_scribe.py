"""From decisions to rows: which rows one decision gives, and how they are read back."""

from collections.abc import Sequence

import pytest

from siaga112.routing import entries, evidence, talks
from siaga112.routing.decision import AgentChange, Decision, LastSeen
from siaga112.routing.entries import Entry, Journaled
from siaga112.routing.words import (
    CALLER,
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
    Prompt,
    Purpose,
    Refusal,
    ServedBy,
    Sign,
    Suspicion,
    Watching,
    Why,
)
from siaga112.scribe import Scribe, read_agents, read_journal
from siaga112.store.rows import Row

CALL = CallId("00000000-0000-8000-8000-000000000001")
AGENT, LEG = AgentId("101"), LegId(1)
START = 1_760_000_000.0

NOT_HIDDEN = False
ARRIVED = entries.Arrived(
    "35.79", ChannelId("1760000000.1"), "0811", NumberSource.PAI, NOT_HIDDEN, "112", "id", "r.wav", 1
)
OFFERED = entries.OfferMade(LEG, AGENT)
ANSWERED = entries.OfferEnded(LEG, AGENT, OfferResult.ANSWERED)
CONNECTED = entries.Connected(LEG, AGENT)
CALLER_GONE = entries.LegEnded(CALLER, Why.HUNG_UP, 16, None)
AGENT_GONE = entries.LegEnded(LEG, Why.HUNG_UP, 16, AGENT)
ENDED = entries.Ended(EndedBy.CALLER, Outcome.ANSWERED, ServedBy.DAEMON, 16)

WHOLE: list[Entry] = [
    ARRIVED,
    entries.CallerAnswered(),
    entries.PromptStarted(1, Prompt.GREET),
    entries.KeyHeard(CALLER, "5"),
    OFFERED,
    ANSWERED,
    CONNECTED,
    entries.Requeued("the bridge is gone"),
    entries.Adopted(),
    entries.HandedOver("draining", Outcome.OVERFLOWED),
    CALLER_GONE,
    AGENT_GONE,
    ENDED,
]

OF_THE_FALLBACK: list[Entry] = [
    entries.FallbackEntered(
        "35.79", ChannelId("1.1"), None, NumberSource.NONE, NOT_HIDDEN, "112", "id", None, "lease", START
    ),
    entries.FallbackEnded(AGENT, START + 9, 1, EndedBy.AGENT, 16),
]

OF_THE_DESK: list[Entry] = [
    entries.Erased("201", "asked for by the caller"),
    entries.NumberBlocked(AGENT, "prank", START + 3600),
    entries.NumberUnblocked(AGENT),
    entries.BarLifted("key 1"),
]

OF_THE_EAR: list[Entry] = [
    evidence.ListeningBegan(1),
    evidence.ClassChanged(AudioClass.SILENT, 0.0, 3.0, 150, 0, -70.0, -68.0, -71.0, (0, 3, 1)),
    evidence.VoiceBegan(START + 1.5),
    evidence.SoundAnswered(1.2, 12.0),
    evidence.Suspected(Suspicion.SILENT_SUSPECT, "silent"),
    evidence.Challenged(),
    evidence.ChallengeEnded(Sign.SOUND, 3, 1),
    evidence.ChallengeEnded(None),
    evidence.Beeped(LEG),
    evidence.ListeningEnded(None, 0.0),
]


class Kept:
    """A spool that remembers what was appended together."""

    def __init__(self) -> None:
        self.groups: list[list[Row]] = []

    def append(self, rows: Sequence[Row]) -> None:
        """Take rows."""
        self.groups.append(list(rows))

    @property
    def tables(self) -> list[list[str]]:
        """The tables of each group, in order."""
        return [[one.table for one in group] for group in self.groups]

    def last(self, table: str) -> Row:
        """The newest row of a table."""
        return [one for group in self.groups for one in group if one.table == table][-1]


def lines(*some: Entry, first: int = 1) -> list[Journaled]:
    """Number entries, one a second."""
    return [Journaled(CALL, first + n, START + first + n, one) for n, one in enumerate(some)]


@pytest.fixture
def spool() -> Kept:
    """Where the rows go."""
    return Kept()


@pytest.fixture
def scribe(spool: Kept) -> Scribe:
    """The scribe under test."""
    return Scribe(spool)


ROWS: list[tuple[str, list[Entry], list[str]]] = [
    ("arrival", [ARRIVED], ["call_event", "call_record"]),
    ("arrival with an offer", [ARRIVED, OFFERED], ["call_event"] * 2 + ["call_offer", "call_record"]),
    (
        "two changes of one offer",
        [ARRIVED, OFFERED, ANSWERED],
        ["call_event"] * 3 + ["call_offer", "call_record"],
    ),
    ("a whole call", WHOLE, ["call_event"] * len(WHOLE) + ["call_offer", "call_record"]),
]


@pytest.mark.parametrize(("some", "tables"), [one[1:] for one in ROWS], ids=[one[0] for one in ROWS])
def test_one_decision_is_one_group_of_rows(
    scribe: Scribe, spool: Kept, some: list[Entry], tables: list[str]
) -> None:
    """An event a line, each offer that changed once, the record once and last; saved together."""
    scribe.keep(Decision(journal=lines(*some)))
    assert spool.tables == [tables]


def test_an_event_row_holds_the_entry(scribe: Scribe, spool: Kept) -> None:
    """Its place, time and kind as columns, its fields as JSON."""
    scribe.keep(Decision(journal=lines(ARRIVED, OFFERED)))
    assert spool.last("call_event").values == {
        "call_id": CALL,
        "seq": 2,
        "at": START + 2,
        "kind": "offer_made",
        "data": {"leg": 1, "agent_id": "101"},
    }


def test_the_record_grows_with_the_call(scribe: Scribe, spool: Kept) -> None:
    """Each decision brings a newer version of the same row; the last is complete."""
    scribe.keep(Decision(journal=lines(ARRIVED)))
    first = spool.last("call_record")
    assert (first.values["caller_number"], first.values["ended_at"]) == ("0811", None)
    known = scribe.record(CALL)
    assert known is not None
    scribe.keep(
        Decision(journal=lines(OFFERED, ANSWERED, CONNECTED, CALLER_GONE, AGENT_GONE, ENDED, first=2))
    )
    last = spool.last("call_record")
    assert last.key == first.key == (CALL,)
    expected = {
        "outcome": "answered",
        "ended_by": "caller",
        "served_by": "daemon",
        "agent_id": "101",
        "offers": 1,
        "hangup_cause": 16,
        "started_at": START + 1,
        "first_offered_at": START + 2,
        "agent_answered_at": START + 4,
        "ended_at": START + 7,
        "wait_s": 3.0,
        "ring_s": 2.0,
        "talk_s": 1.0,
    }
    assert {name: last.values[name] for name in expected} == expected
    assert scribe.record(CALL) is None, "what has ended is not kept in memory"


def test_an_offer_row_is_the_offer_as_it_stands(scribe: Scribe, spool: Kept) -> None:
    """First open, then with its result; by the same key."""
    scribe.keep(Decision(journal=lines(ARRIVED, OFFERED)))
    assert spool.last("call_offer").values["result"] is None
    scribe.keep(Decision(journal=lines(entries.OfferEnded(LEG, AGENT, OfferResult.RONA), first=3)))
    assert spool.last("call_offer").values == {
        "call_id": CALL,
        "seq": 1,
        "agent_id": "101",
        "offered_at": START + 2,
        "ended_at": START + 3,
        "result": "rona",
    }


def test_a_call_from_an_earlier_run_goes_on(spool: Kept) -> None:
    """What was journaled before the restart counts: the record is whole, not a new one."""
    scribe = Scribe(spool)
    scribe.remember(lines(ARRIVED, entries.CallerAnswered(), OFFERED))
    scribe.keep(Decision(journal=lines(entries.Adopted(), first=4)))
    record = spool.last("call_record").values
    assert (record["answered_at"], record["offers"]) == (START + 2, 1)


def test_lines_of_a_call_that_never_arrived_are_kept_without_a_record(scribe: Scribe, spool: Kept) -> None:
    """A journal whose beginning is lost is still evidence; no record can be made of it."""
    scribe.keep(Decision(journal=lines(CALLER_GONE)))
    assert spool.tables == [["call_event"]]


CHANGES = [
    (AgentChange(AGENT, "available", None, START), [("available", START, None)]),
    (
        AgentChange(AGENT, "not_responding", "rona", START + 9, "ringing", None, START),
        [("ringing", START, START + 9), ("not_responding", START + 9, None)],
    ),
]


@pytest.mark.parametrize(("change", "expected"), CHANGES, ids=["first", "next"])
def test_an_agents_state_begins_where_the_one_before_ends(
    scribe: Scribe, spool: Kept, change: AgentChange, expected: list[tuple[object, ...]]
) -> None:
    """States of one agent leave no gap between them."""
    scribe.keep(Decision(agents=[change]))
    (rows,) = spool.groups
    assert [(one.values["state"], one.values["from_at"], one.values["to_at"]) for one in rows] == expected
    assert rows[-1].values["reason"] == change.reason


OF_THE_MENU: list[Entry] = [
    entries.Banded(0, "key 5: cannot speak"),
    entries.LanguageChosen("en"),
    entries.InfoEntered(),
    entries.InfoLeft("key 0: an officer"),
    entries.Escalated(1),
    entries.Classified(Disposition.PRANK, AgentId("101")),
]

OF_THE_TALK: list[Entry] = [
    talks.Held(LEG, AGENT),
    talks.Resumed(),
    talks.Invited(LegId(2), AgentId("pmi"), "pmi", Purpose.JOIN, LEG, inside=False, region=False),
    talks.InviteEnded(LegId(2), AgentId("pmi"), "pmi", OfferResult.ANSWERED),
    talks.Left(LEG, AGENT),
    talks.CodeRefused(AGENT, "*29#", Refusal.UNKNOWN),
    talks.Watched(AgentId("107"), AGENT, Watching.WHISPER),
    talks.Watched(AgentId("107"), AGENT, Watching.BARGE, ChannelId("barging")),
    talks.WatchEnded(AgentId("107"), ChannelId("barging")),
]


def test_every_entry_can_be_read_back(scribe: Scribe, spool: Kept) -> None:
    """A restarted daemon reads exactly what was written, for every kind of entry that there is."""
    told = [*WHOLE, *OF_THE_MENU, *OF_THE_TALK, *OF_THE_FALLBACK, *OF_THE_DESK, *OF_THE_EAR]
    assert {type(one) for one in told} == set(Entry.__args__), "every kind is tried"
    written = lines(*told)
    scribe.keep(Decision(journal=written))
    rows = [one for one in spool.groups[0] if one.table == "call_event"]
    assert read_journal(rows) == written


BAD_ROWS = {
    "a kind of a newer version": {"kind": "surveyed"},
    "a field of a newer version": {"data": {"surprise": 1}},
    "a word of a newer version": {
        "data": {"leg": 1, "agent_id": "101", "result": "eaten"},
        "kind": "offer_ended",
    },
    "no number": {"seq": None},
    "no time": {"at": "noon"},
    "no object": {"data": [1]},
}


@pytest.mark.parametrize("what", BAD_ROWS)
def test_a_journal_that_cannot_be_read_says_so(scribe: Scribe, spool: Kept, what: str) -> None:
    """One kind of error, so that one unreadable call does not keep the others from being adopted."""
    scribe.keep(Decision(journal=lines(entries.CallerAnswered())))
    row = spool.last("call_event")
    with pytest.raises(ValueError, match=r"\w"):
        read_journal([Row(row.table, row.key, {**row.values, **BAD_ROWS[what]})])  # type: ignore[dict-item]


def test_how_agents_were_seen_last_can_be_read_back(scribe: Scribe, spool: Kept) -> None:
    """The state, why, and since when."""
    scribe.keep(Decision(agents=[AgentChange(AGENT, "not_responding", "rona", START)]))
    assert read_agents(spool.groups[0]) == {AGENT: LastSeen("not_responding", "rona", START)}
