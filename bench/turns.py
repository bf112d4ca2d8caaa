"""Whether a run kept the order of the queue, as its journals tell: who was offered before whom.

Written from the rules alone (band, then the time since when a caller waits, earlier attempts counted; who has
waited too long stands level with the first band), without a line of the router. Pure.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bench.ledger import Case

_AGAIN_WITHIN = 600.0
_FIRST, _NEED = "arrived", 0


class Stand(NamedTuple):
    """A stretch of time in which a call waits and no phone rings for it."""

    call: Case
    begin: float
    end: float


def stands(call: Case) -> Iterator[Stand]:
    """Give the stretches in which a call waited for a phone."""
    since: float | None = None
    ringing = 0
    for line in call.journal:
        match line.kind:
            case "arrived" | "requeued":
                since = line.at if not ringing else None
            case "offer_made":
                if since is not None:
                    yield Stand(call, since, line.at)
                since, ringing = None, ringing + 1
            case "offer_ended":
                ringing -= 1
                waits = not ringing and line.data.get("result") != "answered"
                since = line.at if waits else since
            case "info_entered" | "ended" | "handed_over" | "leg_ended":
                gone = line.kind != "leg_ended" or line.data.get("agent_id") is None
                if gone and since is not None:
                    yield Stand(call, since, line.at)
                since = None if gone else since
            case "info_left":
                since = line.at
            case _:
                pass


def ranks(calls: Sequence[Case]) -> dict[str, float]:
    """Since when each call has waited: who tried before keeps that place, unless somebody talked to them."""
    found: dict[str, float] = {}
    last: dict[str, Case] = {}
    for call in sorted(calls, key=lambda one: one.began):
        before = last.get(call.number)
        joins = before is not None and call.attempt > 1 and before.picked_up is None
        found[call.call_id] = found[before.call_id] if before is not None and joins else call.began
        last[call.number] = call
    return found


def place(call: Case, at: float, rank: float, starve: float) -> tuple[int, float]:
    """Where a call stands at a time."""
    band = call.band
    for line in call.journal:
        if line.at < at and line.kind in {"arrived", "banded"}:
            band = int(line.data["band"])
    return (_NEED if at >= call.began + starve else band, rank)


def overtakings(calls: Sequence[Case], *, starve: float) -> list[tuple[Case, Case, float]]:
    """List who was rung for while somebody before them waited: the one, the other, and when."""
    found = []
    rank = ranks(calls)
    waits = sorted((one for call in calls for one in stands(call)), key=lambda one: one.begin)
    for call in calls:
        for line in call.journal:
            if line.kind != "offer_made":
                continue
            mine = place(call, line.at, rank[call.call_id], starve)
            for other in waits:
                if other.begin >= line.at:
                    break
                waiting = other.end > line.at and other.call.call_id != call.call_id
                if waiting and place(other.call, line.at, rank[other.call.call_id], starve) < mine:
                    found.append((call, other.call, line.at))
    return found
