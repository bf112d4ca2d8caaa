"""A realistic stream of events for the core, recorded once against a small world of callers and phones.

Knows what Asterisk tells of a call, how often and in which order (a leg that goes is told several times), and
how people behave: some agents do not pick up, some are busy, some callers give up. The world answers the
router's own commands, so the recorded stream fits a second router that is given the same plan.
Deterministic: the same seed gives the same stream.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import count

from siaga112.routing import ids
from siaga112.routing.commands import Answer, Command, Hangup, Originate, Play, StopPlay
from siaga112.routing.decision import Decision, LastSeen
from siaga112.routing.events import (
    CallArrived,
    CallerEntered,
    CodeDialled,
    Event,
    LegAnswered,
    LegGone,
    LegRinging,
    PromptEnded,
    Resynced,
    Snapshot,
)
from siaga112.routing.plan import Plan, Seat, Timings
from siaga112.routing.router import Router
from siaga112.routing.words import CALLER, AgentId, CallId, ChannelId, LegId, NumberSource, OfferResult, Why

CENTRE = "35.79"
START = 1_760_000_000.0
TICK = None
"""In a recorded stream: the deadline that the router had asked for."""

Recorded = list[tuple[Event | None, float]]


def plan(agents: int) -> Plan:
    """Make a plan with so many seats."""
    names = [AgentId(str(1001 + n)) for n in range(agents)]
    seats = {name: Seat(name, f"PJSIP/{name}") for name in names}
    return Plan(CENTRE, timings=Timings(wrap_up=5.0), seats=seats)


def opened(centre: Plan) -> Router:
    """Make a router whose agents are all ready and reachable."""
    router = Router(centre)
    router.restore([], dict.fromkeys(centre.seats, LastSeen("available", None, START)), START)
    reachable = frozenset(seat.endpoint for seat in centre.seats.values())
    router.handle(Resynced(Snapshot({}, (), {}, reachable), START), START)
    return router


def arrival(name: CallId, channel: ChannelId) -> CallArrived:
    """A call that is in our hands already, from nobody in particular."""
    return CallArrived(
        name,
        channel,
        number=None,
        number_source=NumberSource.NONE,
        restricted=False,
        dialled="112",
        recording=None,
        must_claim=False,
    )


@dataclass
class Caller:
    """Somebody who calls, as the world outside knows them."""

    patience: float
    talk: float


class Outside:
    """Callers, phones and Asterisk: takes the router's commands, gives back what happens."""

    def __init__(self, centre: Plan, seed: int) -> None:
        self.router = opened(centre)
        self.recorded: Recorded = []
        self.now = START
        self._random = random.Random(seed)  # noqa: S311 - a repeatable stream, not a secret
        self._callers: dict[CallId, Caller] = {}
        self._order = count()
        self._soon: list[tuple[float, int, Event]] = []

    def arrive(self, number: int, at: float) -> None:
        """Let a call come in: the broadcast, and the channel in our hands a moment later."""
        channel = ChannelId(f"{START:.0f}.{number}")
        name = ids.call_id(CENTRE, channel)
        draw = self._random
        self._callers[name] = Caller(draw.expovariate(1 / 240), draw.uniform(2, 20))
        who, file = f"0812{number:08d}", f"2026/01/01/{channel}.wav"
        arrived = CallArrived(
            name,
            channel,
            who,
            NumberSource.PAI,
            restricted=False,
            dialled="112",
            recording=file,
            must_claim=True,
        )
        self._push(at, arrived)
        self._push(at + 0.002, replace(arrived, must_claim=False))
        self._push(at + 0.002, CallerEntered(name))

    def run(self, until: float) -> None:
        """Let everything happen that happens up to a time."""
        while self._soon and self._soon[0][0] <= until:
            due = self.router.next_deadline()
            if due is not None and due <= self._soon[0][0]:
                self._step(TICK, due)
                continue
            at, _, event = heappop(self._soon)
            self._step(event, at)

    def _step(self, event: Event | None, at: float) -> None:
        self.now = max(self.now + 1e-6, at)
        self.recorded.append((event, self.now))
        decision = self.router.tick(self.now) if event is TICK else self.router.handle(event, self.now)
        self._obey(decision)
        if isinstance(event, LegAnswered):
            self._gone(event.call_id, CALLER, self._callers[event.call_id].talk)

    def _obey(self, decision: Decision) -> None:
        for command in decision.commands:
            self._carry_out(command)
        for change in decision.agents:
            if (
                change.reason == OfferResult.RONA
            ):  # Whoever did not pick up is ready again half a minute later.
                endpoint = self.router.staff.agents[change.agent_id].endpoint
                channel = ChannelId(f"desk.{change.agent_id}.{self.now:.6f}")
                self._push(self.now + 30, CodeDialled(channel, endpoint, "*11"))

    def _carry_out(self, command: Command) -> None:
        draw = self._random
        match command:
            case Originate(call_id, leg):
                self._phone(call_id, leg)
            case Hangup(call_id, leg):
                self._gone(call_id, leg, 0.003)
            case Play(call_id, n=n):
                self._push(self.now + draw.uniform(4, 9), PromptEnded(call_id, n))
            case StopPlay(call_id, n):
                self._push(self.now + 0.002, PromptEnded(call_id, n))
            case Answer(call_id):
                self._push(self.now + self._callers[call_id].patience, _hung_up(call_id, CALLER))
            case _:
                pass

    def _phone(self, call_id: CallId, leg: LegId) -> None:
        """Ring a phone: nine of ten are picked up, some are busy, some ring in vain."""
        chance = self._random.random()
        if chance < 0.03:
            self._push(self.now + 0.02, LegGone(call_id, leg, Why.BUSY, 17))
            return
        self._push(self.now + 0.01, LegRinging(call_id, leg))
        self._push(self.now + 0.012, LegRinging(call_id, leg))
        if chance < 0.9:
            self._push(self.now + self._random.uniform(1, 7), LegAnswered(call_id, leg))

    def _gone(self, call_id: CallId, leg: LegId, after: float) -> None:
        self._push(self.now + after, _hung_up(call_id, leg))

    def _push(self, at: float, event: Event) -> None:
        """Let an event happen later; a leg that goes is told again, as Asterisk does."""
        heappush(self._soon, (at, next(self._order), event))
        if isinstance(event, LegGone):
            again = (LegGone(event.call_id, event.leg, Why.LEFT), event, event)
            for n, repeated in enumerate(again, 1):
                heappush(self._soon, (at + n * 1e-4, next(self._order), repeated))


def _hung_up(call_id: CallId, leg: LegId) -> LegGone:
    return LegGone(call_id, leg, Why.HUNG_UP, 16)


def recorded(*, agents: int, waiting: int, calls: int, rate: float) -> tuple[Recorded, Recorded]:
    """Record a stream: first `waiting` calls at once beyond the agents, then `calls` more at `rate` a second.

    Returns:
        What fills the queue, and what comes after it.
    """
    world = Outside(plan(agents), seed=112)
    crowd = agents + waiting if waiting else 0
    for number in range(crowd):
        world.arrive(number, START + number * 1e-4)
    world.run(START + crowd * 1e-4 + 0.5)
    filled = len(world.recorded)
    begin = world.now
    for number in range(calls):
        world.arrive(crowd + number, begin + number / rate)
    world.run(begin + calls / rate)
    return world.recorded[:filled], world.recorded[filled:]


def replay(router: Router, stream: Iterable[tuple[Event | None, float]]) -> None:
    """Give a recorded stream to a router."""
    handle, tick = router.handle, router.tick
    for event, at in stream:
        if event is TICK:
            tick(at)
        else:
            handle(event, at)
