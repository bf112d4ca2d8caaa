"""Rows to test with; every argument but those that matter to the test has a default."""

from siaga112.store.observer import Observer
from siaga112.store.rows import JSON, Row

NOON = 1_767_243_600.0
"""2026-01-01 12:00 in Jakarta, 05:00 UTC."""


def call_id(number: int) -> str:
    """The id of the call of this number."""
    return f"00000000-0000-8000-8000-{number:012d}"


def centre(code: str = "35.79", time_zone: str = "Asia/Jakarta") -> Row:
    """A centre."""
    return Row.of("centre", {"code": code, "name": "Kota Contoh", "time_zone": time_zone})


def record(number: int, **values: JSON) -> Row:
    """A call's record, in progress unless the values say otherwise."""
    base: dict[str, JSON] = {
        "call_id": call_id(number),
        "centre": "35.79",
        "channel_id": f"{NOON}.{number}",
        "started_at": NOON + number,
    }
    return Row.of("call_record", base | values)


def ended(number: int, **values: JSON) -> Row:
    """The record of a call that was answered and has ended."""
    base: dict[str, JSON] = {"ended_at": NOON + number + 60, "ended_by": "caller", "outcome": "answered"}
    return record(number, **(base | values))


def event(number: int, seq: int, kind: str = "offered", **data: JSON) -> Row:
    """An event of a call."""
    values: dict[str, JSON] = {"call_id": call_id(number), "seq": seq, "at": NOON + seq, "kind": kind}
    return Row.of("call_event", values | {"data": data})


def offer(number: int, seq: int, agent: str = "101", **values: JSON) -> Row:
    """A call put to an agent."""
    base: dict[str, JSON] = {
        "call_id": call_id(number),
        "seq": seq,
        "agent_id": agent,
        "offered_at": NOON + number + seq,
    }
    return Row.of("call_offer", base | values)


def state(agent: str, name: str, since: float, until: float | None = None) -> Row:
    """An agent's state from a time, and until a time if it is over."""
    values: dict[str, JSON] = {"agent_id": agent, "state": name, "from_at": since, "to_at": until}
    return Row.of("agent_state", values)


class Told(Observer):
    """Remembers the names of what it was told."""

    def __init__(self) -> None:
        self.of: list[tuple[str, ...]] = []

    def __getattribute__(self, name: str) -> object:
        if name in Observer.__dict__ and not name.startswith("_"):
            return lambda *facts: self.of.append((name, *map(str, facts)))
        return super().__getattribute__(name)

    def names(self) -> list[str]:
        """What it was told, without the facts."""
        return [name for name, *_ in self.of]
