"""The core alone as a queue of textbooks: callers and phones by chance, no Asterisk, time as an argument.

Callers come by a Poisson process, talk for an exponential time, and are patient, or give up after an
exponential time. A phone is answered the moment it is rung, and a call-taker is free the moment the caller
has left: the handling time is the talk. Knows the router by its events and commands, and reads the waits
from its journal. Does not know Erlang. Deterministic: the same seed gives the same waits.

`Twin` is the same queue in a few lines of arithmetic, with nothing of the router in it.
"""

import random
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush, heapreplace
from itertools import count
from typing import Final

from bench.stream import CENTRE, START, arrival, opened
from siaga112.routing import ids
from siaga112.routing.commands import Command, Hangup, Originate
from siaga112.routing.decision import Decision
from siaga112.routing.entries import Arrived, Connected, Ended, Journaled
from siaga112.routing.events import CallerEntered, Event, LegAnswered, LegGone
from siaga112.routing.plan import IvrMode, Plan, Seat, Surge, Timings
from siaga112.routing.words import CALLER, AgentId, CallId, ChannelId, Why

_NEVER: Final = 1e9
TEXTBOOK: Final = Timings(
    wrap_up=0.0,
    wait_prompt=_NEVER,
    ring_all=_NEVER,
    supervisors=_NEVER,
    overflow=_NEVER,
    starve=_NEVER,
)
"""Nothing but first come, first served: no prompts, no ageing, no ring-all."""


def textbook(takers: int) -> Plan:
    """A plan of which nothing is left but the queue."""
    plan = everyday(takers)
    surge = Surge(waiting=10**9, arrivals=10**9)
    return replace(plan, timings=TEXTBOOK, ivr=IvrMode.OFF, surge=surge)


def everyday(takers: int) -> Plan:
    """The plan's own defaults: menu, prompts, ageing, ring-all, mass events; but no rest after a call."""
    names = [AgentId(str(1001 + n)) for n in range(takers)]
    seats = {name: Seat(name, f"PJSIP/{name}") for name in names}
    return Plan(CENTRE, timings=Timings(wrap_up=0.0), seats=seats, most_calls=10**9)


@dataclass(frozen=True)
class Demand:
    """Who calls: rates and mean times in seconds."""

    takers: int
    load: float
    """Arrivals times handling, in Erlang."""
    handling: float = 75.0
    patience: float | None = None

    def draw(self, calls: int, chance: random.Random, begin: float = START) -> "Calls":
        """Draw so many calls that come after a time."""
        drawn, exponential, at = Calls(), chance.expovariate, begin
        for _ in range(calls):
            at += exponential(self.load / self.handling)
            drawn.arrivals.append(at)
            drawn.talks.append(exponential(1 / self.handling))
            drawn.patience.append(exponential(1 / self.patience) if self.patience else _NEVER)
        return drawn


@dataclass
class Calls:
    """Calls that were drawn."""

    arrivals: list[float] = field(default_factory=list)
    talks: list[float] = field(default_factory=list)
    patience: list[float] = field(default_factory=list)


@dataclass
class Waits:
    """What became of the calls: how long each waited, and who was lost."""

    waited: list[float]
    """From the arrival to the talk, or to giving up; in the order of the arrivals."""
    lost: list[bool]


class Centre:
    """Callers, phones and the clock around one router."""

    def __init__(self, plan: Plan, calls: Calls) -> None:
        self.router = opened(plan)
        self.now = START
        self._calls = calls
        self._number: dict[CallId, int] = {}
        self._waited = [0.0] * len(calls.arrivals)
        self._lost = [False] * len(calls.arrivals)
        self._order = count()
        self._leaving: list[tuple[float, int, CallId, bool]] = []
        """Who hangs up when; and whether it is because nobody answers."""
        self._talking: set[CallId] = set()

    def run(self) -> Waits:
        """Let every call come and go."""
        for number in range(len(self._calls.arrivals)):
            self._arrive(number)
        self._pass_until(float("inf"))
        return Waits(self._waited, self._lost)

    def _arrive(self, number: int) -> None:
        at = self._calls.arrivals[number]
        self._pass_until(at)
        channel = ChannelId(f"{START:.0f}.{number}")
        name = ids.call_id(CENTRE, channel)
        self._number[name] = number
        self._leaves(name, at + self._calls.patience[number], unanswered=True)
        self._happen(arrival(name, channel), at)
        self._happen(CallerEntered(name), at)

    def _pass_until(self, until: float) -> None:
        """Let everything happen that comes before a time, the router's own deadlines included."""
        leaving, router = self._leaving, self.router
        while leaving and leaving[0][0] <= until:
            due = router.next_deadline()
            if due is not None and due <= leaving[0][0]:
                self._tick(due)
                continue
            at, _, name, unanswered = heappop(leaving)
            if name in self._number and not (unanswered and name in self._talking):
                self._happen(LegGone(name, CALLER, Why.HUNG_UP, 16), at)
        while (due := router.next_deadline()) is not None and due <= until and router.calls:
            self._tick(due)

    def _tick(self, due: float) -> None:
        self.now = max(self.now, due)
        self._obey(self.router.tick(self.now))

    def _happen(self, event: Event, at: float) -> None:
        self.now = max(self.now, at)
        self._obey(self.router.handle(event, self.now))

    def _obey(self, decision: Decision) -> None:
        for line in decision.journal:
            self._read(line)
        for command in decision.commands:
            self._carry_out(command)

    def _read(self, line: Journaled) -> None:
        """Take the waits from what the router writes down, as a record's reader would."""
        match line.entry:
            case Arrived():
                self._waited[self._number[line.call_id]] = -line.at
            case Connected():
                number = self._number[line.call_id]
                self._waited[number] += line.at
                self._talking.add(line.call_id)
                self._leaves(line.call_id, line.at + self._calls.talks[number], unanswered=False)
            case Ended():
                number = self._number.pop(line.call_id)
                self._talking.discard(line.call_id)
                if self._waited[number] < 0:
                    self._waited[number] += line.at
                    self._lost[number] = True
            case _:
                pass

    def _carry_out(self, command: Command) -> None:
        match command:
            case Originate(call_id, leg):
                self._happen(LegAnswered(call_id, leg), self.now)
            case Hangup(call_id, leg):
                self._happen(LegGone(call_id, leg, Why.HUNG_UP, 16), self.now)
            case _:
                pass

    def _leaves(self, name: CallId, at: float, *, unanswered: bool) -> None:
        if at < START + _NEVER / 2:
            heappush(self._leaving, (at, next(self._order), name, unanswered))


def router_waits(plan: Plan, calls: Calls) -> Waits:
    """Give the calls to a router."""
    return Centre(plan, calls).run()


class Twin:
    """The same queue without a router: each caller waits until the taker who is free first is free."""

    def __init__(self, takers: int) -> None:
        self._free = [START] * takers

    def waits(self, calls: Calls) -> Waits:
        """Let these calls come, after those that came before."""
        free, waited, lost = self._free, [], []
        for at, talk, patience in zip(calls.arrivals, calls.talks, calls.patience, strict=True):
            begins = max(at, free[0])
            gives_up = begins - at > patience
            waited.append(patience if gives_up else begins - at)
            lost.append(gives_up)
            if not gives_up:
                heapreplace(free, begins + talk)
        return Waits(waited, lost)
