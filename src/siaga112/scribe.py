"""From decisions to rows: the journal, the record that is a fold of it, the offers, the agents' states.

Knows the columns of the tables and the spool that takes them. Does not know PostgreSQL, nor why anything was
decided. `keep` returns at once; the spool's thread does the writing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

from siaga112.routing import entries, written
from siaga112.routing.callers import Memory
from siaga112.routing.decision import AgentChange, Decision, LastSeen
from siaga112.routing.entries import Journaled
from siaga112.routing.record import Offer, Record, apply
from siaga112.routing.words import AgentId, CallId, LegId
from siaga112.store.rows import Row


class Spool(Protocol):
    """Takes rows without making anybody wait."""

    def append(self, rows: Sequence[Row]) -> None:
        """Take rows over; those of one call are saved together."""


class Scribe:
    """Writes decisions down."""

    def __init__(
        self,
        spool: Spool,
        told: Callable[[Record | None, Record], None] = lambda _before, _after: None,
    ) -> None:
        self._spool = spool
        self._told = told
        """Hears of each record that a decision changed: as it was before, if it was, and as it is."""
        self._records: dict[CallId, Record] = {}

    def remember(self, journal: Iterable[Journaled]) -> None:
        """Fold what an earlier run wrote of a call that is still open."""
        for line in journal:
            self._fold(line)

    def record(self, call_id: CallId) -> Record | None:
        """The record of a call in progress, as far as it goes."""
        return self._records.get(call_id)

    def keep(self, decision: Decision) -> None:
        """Write one decision down, all of it together."""
        rows: list[Row] = []
        touched: dict[CallId, set[LegId]] = defaultdict(set)
        before = {line.call_id: self._records.get(line.call_id) for line in decision.journal}
        for line in decision.journal:
            self._fold(line)
            rows.append(event_row(line))
            offers = touched[line.call_id]
            if isinstance(line.entry, entries.OfferMade | entries.OfferEnded):
                offers.add(line.entry.leg)
        for call_id, legs in touched.items():
            rows += self._record_rows(call_id, legs, before[call_id])
        for change in decision.agents:
            rows += _agent_rows(change)
        rows += [memory_row(one) for one in decision.memory]
        self._spool.append(rows)

    def _fold(self, line: Journaled) -> None:
        record = apply(self._records.get(line.call_id), line)
        if record is not None:
            self._records[line.call_id] = record

    def _record_rows(self, call_id: CallId, legs: Iterable[LegId], before: Record | None) -> list[Row]:
        record = self._records.get(call_id)
        if record is None:
            return []
        self._told(before, record)
        rows = [_offer_row(record.offered[leg]) for leg in sorted(legs) if leg in record.offered]
        rows.append(Row.of("call_record", record.values()))
        if record.ended_at is not None:
            del self._records[call_id]
        return rows


def event_row(line: Journaled) -> Row:
    """The row of a journal entry."""
    values: dict[str, Any] = {
        "call_id": line.call_id,
        "seq": line.seq,
        "at": line.at,
        "kind": line.entry.kind,
        "data": written.to_data(line.entry),
    }
    return Row.of("call_event", values)


def rows_of(record: Record) -> list[Row]:
    """Every row but the events' that follows from a call's journal."""
    return [*map(_offer_row, record.offered.values()), Row.of("call_record", record.values())]


def _offer_row(offer: Offer) -> Row:
    values: dict[str, Any] = {
        "call_id": offer.call_id,
        "seq": offer.seq,
        "agent_id": offer.agent_id,
        "offered_at": offer.offered_at,
        "ended_at": offer.ended_at,
        "result": offer.result and offer.result.value,
    }
    return Row.of("call_offer", values)


def _agent_rows(change: AgentChange) -> list[Row]:
    """The state that ended, closed, and the one that began."""
    rows = []
    if change.before is not None and change.before_since is not None:
        ended: dict[str, Any] = {
            "agent_id": change.agent_id,
            "state": change.before,
            "reason": change.before_reason,
            "from_at": change.before_since,
            "to_at": change.since,
        }
        rows.append(Row.of("agent_state", ended))
    began: dict[str, Any] = {
        "agent_id": change.agent_id,
        "state": change.state,
        "reason": change.reason,
        "from_at": change.since,
        "to_at": None,
    }
    return [*rows, Row.of("agent_state", began)]


def memory_row(memory: Memory) -> Row:
    """The row of what a restarted daemon must know again; it never leaves the spool."""
    return Row.of("memory", {"name": memory.name, "until": memory.until, "what": dict(memory.what)})


def read_memory(rows: Iterable[Row], now: float) -> Iterator[Memory]:
    """Read back what is still worth knowing."""
    for row in rows:
        until = float(_number(row.values["until"]))
        if until > now:
            yield Memory(row.key[0], until, _members(row.values["what"]))


def read_journal(rows: Iterable[Row]) -> list[Journaled]:
    """Read a call's journal back from its rows.

    Raises:
        ValueError: a row was written by a version that knows more than this one.
    """
    return [
        Journaled(
            CallId(str(row.values["call_id"])),
            int(_number(row.values["seq"])),
            float(_number(row.values["at"])),
            written.from_data(str(row.values["kind"]), _members(row.values["data"])),
        )
        for row in rows
    ]


def read_agents(rows: Iterable[Row]) -> dict[AgentId, LastSeen]:
    """Say how each agent was seen last."""
    seen = {}
    for row in rows:
        reason = row.values.get("reason")
        since = float(_number(row.values["from_at"]))
        state = str(row.values["state"])
        seen[AgentId(row.key[0])] = LastSeen(state, None if reason is None else str(reason), since)
    return seen


def _number(value: Any) -> int | float:
    if not isinstance(value, int | float):
        raise ValueError(f"a journal row holds {value!r} where a number belongs")  # noqa: TRY004 - as documented
    return value


def _members(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("a journal row's data is no object")  # noqa: TRY004 - as documented
    return value
