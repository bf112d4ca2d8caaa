"""Whether a run kept the order of the queue, as its journals tell: who was offered before whom.

Written from the rules alone (band, then the time since when a caller waits, earlier attempts counted; who has
waited too long stands level with the first band; in a flood the heard go first), without a line of the
router. Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bench.ledger import Case

_NEED, _NORMAL, _INFORMATION, _SUSPECT = range(4)


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
            case "info_entered":
                if since is not None:
                    yield Stand(call, since, line.at)
                since = None
            case "ended" | "handed_over" | "leg_ended":
                if line.kind == "leg_ended" and line.data.get("agent_id") is not None:
                    continue
                if since is not None:
                    yield Stand(call, since, line.at)
                return  # The caller is gone, whatever still has to be hung up.
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


@dataclass(frozen=True)
class Rules:
    """What of the plan the order of the queue depends on."""

    starve: float = 45.0
    flood_from: float = float("inf")
    """Since when a flood of silent calls is known to be on."""


def heard(call: Case, at: float) -> bool:
    """Whether the caller had spoken or pressed a key by then; True where nobody listens."""
    kinds = [line.kind for line in call.journal if line.at < at]
    ever = any(line.kind == "listening_began" for line in call.journal)
    ended = kinds.count("listening_began") and kinds.count("listening_ended") >= kinds.count(
        "listening_began"
    )
    return not ever or bool(ended) or "voice_began" in kinds or "key_heard" in kinds


def place(call: Case, at: float, rank: float, rules: Rules) -> tuple[int, float]:
    """Where a call stands at a time."""
    band = call.band
    for line in call.journal:
        if line.at < at and line.kind in {"arrived", "banded"}:
            band = int(line.data["band"])
    aged, unheard = at >= call.began + rules.starve, not heard(call, at)
    if unheard and band != _NEED and at >= rules.flood_from:
        return (_NORMAL if aged else max(band, _SUSPECT), rank)
    if aged:
        return (_NORMAL if band == _INFORMATION else _NEED, rank)
    return (band, rank)


def overtakings(calls: Sequence[Case], rules: Rules) -> list[tuple[Case, Case, float]]:
    """List who was rung for while somebody before them waited: the one, the other, and when.

    Who was not heard stands back for others, in a flood, and waits although a call-taker is free; so does who
    only wants information: they are overtaken by rule.
    """
    found = []
    rank = ranks(calls)
    waits = sorted((one for call in calls for one in stands(call)), key=lambda one: one.begin)
    for call in calls:
        for line in call.journal:
            if line.kind != "offer_made":
                continue
            mine = place(call, line.at, rank[call.call_id], rules)
            for other in waits:
                if other.begin >= line.at:
                    break
                waiting = other.end > line.at and other.call.call_id != call.call_id
                if not waiting or _stands_back(other.call, line.at, rules):
                    continue
                if place(other.call, line.at, rank[other.call.call_id], rules) < mine:
                    found.append((call, other.call, line.at))
    return found


def _stands_back(call: Case, at: float, rules: Rules) -> bool:
    return call.band == _INFORMATION or (at >= rules.flood_from and not heard(call, at))
