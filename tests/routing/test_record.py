"""The fold: journals in, rows out; what the fallback adds, and what is wrong with a journal."""

from dataclasses import asdict

import pytest

from siaga112.routing import entries
from siaga112.routing.entries import DESK, FALLBACK, Entry, Journaled
from siaga112.routing.record import flaw, fold
from siaga112.routing.words import (
    CALLER,
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
    Why,
)

CALL, AGENT, LEG, T = CallId("c"), AgentId("101"), LegId(1), 1_760_000_000.0
HIDDEN = True
ARRIVED = entries.Arrived(
    "35.79", ChannelId("1.1"), "0811", NumberSource.PAI, HIDDEN, "112", "id", "r.wav", 1
)
ENTERED = entries.FallbackEntered(
    "35.79", ChannelId("1.1"), "0811", NumberSource.PAI, HIDDEN, "112", "id", "r.wav", "lease", T - 1
)
HANDED = entries.Ended(EndedBy.SYSTEM, Outcome.OVERFLOWED, ServedBy.FALLBACK, None)
REFUSED = entries.Ended(EndedBy.SYSTEM, Outcome.REFUSED, ServedBy.FALLBACK, None)
GONE = entries.Ended(EndedBy.CALLER, Outcome.ABANDONED_RINGING, ServedBy.DAEMON, 16)
OFFERED, CONNECTED = entries.OfferMade(LEG, AGENT), entries.Connected(LEG, AGENT)
ANSWERED = entries.OfferEnded(LEG, AGENT, OfferResult.ANSWERED)
CALLER_GONE = entries.LegEnded(CALLER, Why.HUNG_UP, 16, None)


def left(answered_at: float | None, agent: str | None = "117") -> entries.FallbackEnded:
    """The end of a call in the fallback."""
    return entries.FallbackEnded(
        None if agent is None else AgentId(agent), answered_at, 1, EndedBy.CALLER, 16
    )


def journal(*told: tuple[float, Entry]) -> list[Journaled]:
    """A journal: seconds after the beginning, and what was; each side counts its own entries."""
    lines, ours, theirs = [], 0, FALLBACK - 1
    for after, entry in told:
        if isinstance(entry, entries.FallbackEntered | entries.FallbackEnded):
            theirs += 1
        else:
            ours += 1
        number = theirs if entry.kind.startswith("fallback") else ours
        lines.append(Journaled(CALL, number, T + after, entry))
    return lines


FALLBACKS: dict[str, tuple[list[tuple[float, Entry]], dict[str, object]]] = {
    "never ours, answered": (
        [(0, ENTERED), (60, left(T + 9))],
        {"outcome": "answered", "started_at": T - 1, "queued_at": T, "agent_answered_at": T + 9,
         "wait_s": 9, "talk_s": 51, "agent_id": "117", "ended_at": T + 60, "ended_by": "caller",
         "hangup_cause": 16, "cli_restricted": HIDDEN, "caller_number": "0811", "recording": "r.wav"},
    ),
    "never ours, given up": (
        [(0, ENTERED), (60, left(None, None))],
        {"outcome": "abandoned_queue", "wait_s": None, "talk_s": None, "agent_id": None, "ended_at": T + 60},
    ),
    "never ours, still there": ([(0, ENTERED)], {"outcome": None, "ended_at": None, "agent_id": None}),
    "handed over, then answered": (
        [(0, ARRIVED), (9, HANDED), (9, ENTERED), (70, left(T + 20))],
        {"outcome": "answered", "started_at": T, "wait_s": 20, "talk_s": 50, "ended_at": T + 70},
    ),
    "handed over, and nobody there": (
        [(0, ARRIVED), (9, HANDED), (9, ENTERED), (70, left(None, None))],
        {"outcome": "abandoned_queue", "ended_at": T + 70, "ended_by": "caller"},
    ),
    "handed over, and its end not told": (
        [(0, ARRIVED), (9, HANDED), (9, ENTERED)],
        {"outcome": "overflowed", "ended_at": T + 9},
    ),
    "refused by the limit, and helped all the same": (
        [(0, ARRIVED), (0, REFUSED), (1, ENTERED), (70, left(T + 20))],
        {"outcome": "refused", "agent_id": "117", "agent_answered_at": T + 20, "talk_s": 50},
    ),
    "the lease ran out; the end was found out later": (
        [(0, ARRIVED), (300, GONE), (45, ENTERED), (70, left(T + 50))],
        {"outcome": "answered", "ended_at": T + 70, "wait_s": 50, "talk_s": 20},
    ),
    "a talk before, the fallback after it": (
        [(0, ARRIVED), (1, OFFERED), (3, ANSWERED), (3, CONNECTED), (13, CALLER_GONE), (13, HANDED),
         (13, ENTERED), (70, left(T + 20))],
        {"outcome": "answered", "agent_answered_at": T + 3, "wait_s": 3, "ring_s": 2, "talk_s": 60,
         "agent_id": "117"},
    ),
    "whole seconds: an answer seems to lie before the arrival": (
        [(0.9, ARRIVED), (0.95, HANDED), (0, ENTERED), (0, left(T))],
        {"wait_s": 0, "talk_s": 0, "agent_answered_at": T + 0.9, "ended_at": T + 0.9},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", FALLBACKS)
def test_calls_that_the_fallback_served(what: str) -> None:
    """One record a call, whoever served it; the fallback has the last word, what was before it stays."""
    told, expected = FALLBACKS[what]
    record = fold(journal(*told))
    assert record is not None
    row = asdict(record)
    assert {name: row[name] for name in expected} == expected
    assert row["served_by"] == "fallback"
    assert row["journal_seq"] >= FALLBACK
    assert row["updated_at"] == T + max(after for after, _ in told)


SOUND = journal((0, ARRIVED), (1, OFFERED), (9, HANDED), (9, ENTERED), (70, left(None)))
JOURNALS = {
    "sound": (SOUND, None),
    "only the fallback's": (SOUND[3:], None),
    "no beginning": (SOUND[1:3], "headless"),
    "nothing": ([], "headless"),
    "an entry is missing": ([SOUND[0], *SOUND[2:]], "gap"),
    "the fallback's first is missing": ([*SOUND[:3], SOUND[4]], "gap"),
    "it begins twice": (journal((0, ARRIVED), (0, ARRIVED)), "repeated"),
    "it ends twice": (journal((0, ARRIVED), (1, GONE), (2, GONE)), "repeated"),
}


@pytest.mark.parametrize("what", JOURNALS)
def test_what_is_wrong_with_a_journal(what: str) -> None:
    """A gap, a repetition or a lost beginning is told, so that the row can be marked."""
    lines, expected = JOURNALS[what]
    assert flaw(lines) == expected


def test_an_erased_call_folds_to_its_row_without_the_caller() -> None:
    """Who called is gone, everything else is what it was; the entry by hand is no gap."""
    told = [*SOUND, Journaled(CALL, DESK, T + 900, entries.Erased("201", "asked for"))]
    before, after = fold(SOUND), fold(told)
    assert before is not None
    assert after is not None
    changed = {name for name, value in asdict(after).items() if asdict(before)[name] != value}
    assert changed == {"caller_number", "recording", "updated_at", "journal_seq"}
    assert (after.caller_number, after.recording) == (None, None)
    assert flaw(told) is None
    assert flaw([*SOUND, Journaled(CALL, DESK + 1, T + 900, entries.Erased("201", "x"))]) == "gap"


def test_when_a_call_was_classified() -> None:
    """The first verdict tells when, the last one what."""
    verdicts = (Disposition.PRANK, Disposition.SILENT_ASSIST)
    told = [entries.Classified(one, AgentId("101")) for one in verdicts]
    record = fold(
        journal((0, ARRIVED), (1, OFFERED), (3, CONNECTED), (5, told[0]), (13, CALLER_GONE), (40, told[1]))
    )
    assert record is not None
    assert (record.disposition, record.classified_at, record.talk_ended_at) == (
        "silent_assist",
        T + 5,
        T + 13,
    )
