"""Four months of a made-up centre: journals as a daemon would have written them, folded as it folds them.

Seeded: the same number gives the same calls. Rows come from the real fold; only what call-takers say a call
was is added to the records afterwards.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from siaga112.report.calls import Shift, windows
from siaga112.routing import entries
from siaga112.routing.decision import AgentChange, Decision
from siaga112.routing.entries import FALLBACK, Entry, Journaled
from siaga112.routing.ids import call_id
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
    Prompt,
    ServedBy,
    Why,
)
from siaga112.scribe import Scribe
from siaga112.store.rows import Row

CENTRE, ZONE = "35.79", ZoneInfo("Asia/Jakarta")
FIRST, LAST = date(2026, 1, 1), date(2026, 4, 30)
SHIFTS = (
    Shift("pagi", time(7, 30), time(16)),
    Shift("sore", time(16), time(23, 30)),
    Shift("malam", time(23, 30), time(7, 30)),
)
HOURS = [14, 10, 8, 6, 6, 9, 16, 26, 36, 44, 50, 50, 46, 44, 46, 48, 50, 54, 58, 62, 56, 44, 32, 22]
CLASSES = {
    "ghost": 25, "prank": 40, "information": 18, "emergency": 14, "non_emergency": 4, "false_report": 3,
    "emergency_duplicate": 2, "dropped": 3, "silent_assist": 1, "out_of_area": 1, "wrong_number": 2,
    "test": 2, "unclassified": 8,
}  # fmt: skip
SHORT = 5.0


@dataclass
class Taker:
    """A call-taker with one shift a day."""

    agent_id: AgentId
    shift: str
    free_at: float = 0.0
    until: float = 0.0
    state: tuple[str, float] | None = None
    changes: list[AgentChange] = field(default_factory=list)

    def turn(self, state: str, at: float, reason: str | None = None) -> None:
        """Go into another state."""
        before, since = self.state or (None, None)
        self.changes.append(AgentChange(self.agent_id, state, reason, at, before, None, since))
        self.state = (state, at)


class Paper:
    """A spool that keeps every row, the last version of each."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, tuple[str, ...]], Row] = {}

    def append(self, rows: list[Row]) -> None:
        """Take rows; a newer version replaces the one before."""
        self.rows |= {(row.table, row.key): row for row in rows}


class Year:
    """Makes calls one after the other."""

    def __init__(self, seed: int, calls: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - it must be the same each time
        self._calls = calls
        self.takers = [Taker(AgentId(str(101 + n)), SHIFTS[n // 3].name) for n in range(9)]

    def journals(self) -> Iterator[list[Journaled]]:
        """Make the calls in the order in which they come, the takers' states on the way."""
        shifts = sorted(
            (one.begins.timestamp(), one.ends.timestamp(), one.shift)
            for one in windows(FIRST - timedelta(days=1), LAST, ZONE, SHIFTS)
        )
        for number, at in enumerate(self._arrivals()):
            while shifts and shifts[0][0] <= at:
                self._change_shift(*shifts.pop(0))
            yield self._call(number, at)
        for taker in self.takers:
            self._leave(taker)

    def disposition(self) -> str:
        """What a call-taker knows that an answered call was."""
        return self._random.choices(list(CLASSES), list(CLASSES.values()))[0]

    def unsaid(self, said: str) -> str:
        """What an answered call was that no code can say, unless a code said what it was."""
        if said != "unclassified":
            return said
        other = [name for name in CLASSES if name not in set(Disposition)]
        return self._random.choices(other, [CLASSES[name] for name in other])[0]

    def _arrivals(self) -> list[float]:
        days = (LAST - FIRST).days + 1
        found = []
        for _ in range(self._calls):
            hour = self._random.choices(range(24), HOURS)[0]
            clock = datetime.combine(FIRST, time(hour), ZONE) + timedelta(days=self._random.randrange(days))
            found.append(round(clock.timestamp() + self._random.uniform(0, 3600), 6))
        return sorted(found)

    def _change_shift(self, begins: float, ends: float, name: str) -> None:
        for taker in self.takers:
            if taker.shift == name:
                taker.turn("available", begins + self._random.uniform(1, 600))
                taker.free_at, taker.until = begins + 600, ends - 600
            else:
                self._leave(taker)

    def _leave(self, taker: Taker) -> None:
        if taker.until:
            taker.turn("logged_out", max(taker.free_at, taker.until))
            taker.until = 0.0

    def _call(self, number: int, at: float) -> list[Journaled]:
        channel = ChannelId(f"{int(at)}.{number}")
        call = call_id(CENTRE, channel)
        if self._random.random() < 0.01:
            return self._in_fallback(call, channel, at)
        number_of = self._random.choice([None, f"0812{number:08}"])
        source = NumberSource.NONE if number_of is None else NumberSource.PAI
        said: list[tuple[float, Entry]] = [
            (at, entries.Arrived(CENTRE, channel, number_of, source, False, "112", "id", None, 1)),  # noqa: FBT003
            (at + 0.02, entries.CallerAnswered()),
            (at + 0.03, entries.PromptStarted(1, Prompt.GREET)),
        ]
        said += self._fate(at + 0.05)
        return [Journaled(call, seq, round(when, 6), entry) for seq, (when, entry) in enumerate(said, 1)]

    def _in_fallback(self, call: CallId, channel: ChannelId, at: float) -> list[Journaled]:
        entered, source = float(int(at) + 1), NumberSource.FROM
        answered = self._random.choice([None, entered + self._random.randrange(2, 30)])
        gone = (answered or entered) + self._random.randrange(5, 120)
        agent = None if answered is None else AgentId("101")
        arrived = (CENTRE, channel, "0811", source, False, "112", "id", None, "timeout", float(int(at)))
        ended = entries.FallbackEnded(agent, answered, 1, EndedBy.CALLER, 16)
        return [
            Journaled(call, FALLBACK, entered, entries.FallbackEntered(*arrived)),
            Journaled(call, FALLBACK + 1, gone, ended),
        ]

    def _fate(self, now: float) -> list[tuple[float, Entry]]:
        """Ring one taker after the other until one answers or the caller gives up."""
        patience = now + (
            self._random.uniform(0.2, 12) if self._random.random() < 0.3 else self._random.expovariate(1 / 60)
        )
        said: list[tuple[float, Entry]] = []
        leg = 0
        while now < patience:
            taker = self._free(now)
            if taker is None:
                now += 1.0
                continue
            leg += 1
            result, ring = self._ring(min(8.0, patience - now))
            said += self._offer(taker, leg, now, ring, result)
            now += ring
            if result is OfferResult.ANSWERED:
                return said + self._talk(taker, leg, now)
        return said + self._give_up(now, begun=patience, rang=leg)

    def _ring(self, most: float) -> tuple[OfferResult, float]:
        takes = self._random.choice([self._random.uniform(1, 4), self._random.uniform(2, 8.4)])
        if self._random.random() < 0.04:
            takes = 9.0
        if takes < most:
            return OfferResult.ANSWERED, takes
        return (OfferResult.RONA, 8.0) if most >= 8.0 else (OfferResult.RING_CANCELLED, most)

    def _free(self, now: float) -> Taker | None:
        ready = [one for one in self.takers if one.free_at <= now < one.until]
        return min(ready, key=lambda one: one.free_at, default=None)

    def _offer(
        self, taker: Taker, leg: int, now: float, ring: float, result: OfferResult
    ) -> list[tuple[float, Entry]]:
        taker.turn("ringing", now)
        taker.free_at = now + ring
        if result is OfferResult.RONA:
            taker.turn("not_responding", now + ring, "rona")
            taker.free_at += 300
            taker.turn("available", taker.free_at)
        elif result is OfferResult.RING_CANCELLED:
            taker.turn("available", now + ring)
        agent = taker.agent_id
        return [
            (now, entries.OfferMade(LegId(leg), agent)),
            (now + ring, entries.OfferEnded(LegId(leg), agent, result)),
        ]

    def _talk(self, taker: Taker, leg: int, now: float) -> list[tuple[float, Entry]]:
        over = now + self._random.uniform(10, 180)
        rested = over + self._random.uniform(5, 30)
        during, later = self._verdict(now, over, taker.agent_id)
        taker.turn("on_call", now)
        taker.turn("wrap_up", over)
        taker.turn("available", rested)
        taker.free_at = rested
        return [
            (now, entries.Connected(LegId(leg), taker.agent_id)),
            *during,
            (over, entries.LegEnded(CALLER, Why.HUNG_UP, 16, None)),
            (over + 0.01, entries.LegEnded(LegId(leg), Why.HUNG_UP, 16, taker.agent_id)),
            (over + 0.02, entries.Ended(EndedBy.CALLER, Outcome.ANSWERED, ServedBy.DAEMON, 16)),
            *later,
        ]

    def _verdict(
        self, begins: float, over: float, agent: AgentId
    ) -> tuple[list[tuple[float, Entry]], list[tuple[float, Entry]]]:
        """What a code says that the call was: during the talk, or up to twenty minutes after it."""
        known = self.disposition()
        if known not in set(Disposition):
            return [], []
        verdict = entries.Classified(Disposition(known), agent)
        if self._random.random() < 0.8:
            return [(self._random.uniform(begins, over), verdict)], []
        return [], [(over + self._random.uniform(60, 1200), verdict)]

    def _give_up(self, now: float, *, begun: float, rang: int) -> list[tuple[float, Entry]]:
        outcome = Outcome.ABANDONED_RINGING if rang else Outcome.ABANDONED_QUEUE
        chance = self._random.random()
        if chance < 0.1:
            outcome = Outcome.FAILED_TECHNICAL
        elif chance < 0.4 or not rang:
            outcome = Outcome.SHORT_ABANDON
        end = max(now, begun)
        gone = entries.LegEnded(CALLER, Why.HUNG_UP, 16, None)
        return [(end, gone), (end + 0.01, entries.Ended(EndedBy.CALLER, outcome, ServedBy.DAEMON, 16))]


def rows(seed: int = 112, calls: int = 6_000, *, disposed: bool = True) -> list[Row]:
    """Make every row of the four months: events, offers, records, states, and the centre's.

    Args:
        seed: Another one makes another centre.
        calls: How many.
        disposed: Put into the records what no code can say yet; else they are what their journals fold to.
    """
    year, paper = Year(seed, calls), Paper()
    scribe = Scribe(paper)  # type: ignore[arg-type]
    for journal in year.journals():
        scribe.keep(Decision(journal=journal))
    for taker in year.takers:
        scribe.keep(Decision(agents=taker.changes))
    for row in list(paper.rows.values()) if disposed else []:
        if row.table == "call_record" and row.values["outcome"] == "answered":
            said = row.values["disposition"]
            paper.append([Row.of("call_record", row.values | {"disposition": year.unsaid(str(said))})])
    rota = [{"name": one.name, "begins": f"{one.begins}", "ends": f"{one.ends}"} for one in SHIFTS]
    centre = {"code": CENTRE, "name": "Kota Contoh", "time_zone": ZONE.key, "shifts": [*rota]}
    return [Row.of("centre", centre), *paper.rows.values()]  # type: ignore[arg-type]
