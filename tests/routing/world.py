"""The core and the model of Asterisk in one small world, and the rules that hold in it at all times.

A world is everything that is still open: events that were sent and not yet handled, commands that were
decided and not yet carried out, the outside's next move, the next deadline. Which of them comes next is
for the test to choose; `choices` lists them.
"""

from collections.abc import Callable, Hashable, Iterator
from copy import copy
from functools import partial

from siaga112.ari.errors import AriError
from siaga112.ari.models import ChannelDtmfReceived, parse_event
from siaga112.routing import ids
from siaga112.routing.call import Call, Connected, Ringing
from siaga112.routing.callers import Memory
from siaga112.routing.choice import may_ring
from siaga112.routing.commands import Command, DeskCommand
from siaga112.routing.decision import Decision, LastSeen
from siaga112.routing.ear import Ear
from siaga112.routing.entries import AFTERWARDS, Ended, Journaled, OfferMade
from siaga112.routing.events import CommandFailed, ConnectionDropped, Event, Resynced
from siaga112.routing.heard import ClassHeard, EarLost, Heard, Line, SoundHeard, VoiceHeard
from siaga112.routing.legs import Stage
from siaga112.routing.plan import Agency, Block, IvrMode, Listening, Message, Plan, Seat, Tier, Timings
from siaga112.routing.record import Record, apply
from siaga112.routing.revive import revive
from siaga112.routing.router import Router
from siaga112.routing.translate import Translator, failure_of
from siaga112.routing.words import CALLER, AgentId, AudioClass, Band, CallId, Failure, Suspicion
from tests.fakes.asterisk import APP, CODES, AsteriskModel, Chan

CENTRE = "35.79"
BLOCK = Block(enabled=True, wait=30.0, reasons={"1": "threats"})
TOLD = {"1": Message("info_weather")}
PMI = "PJSIP/pmi"
START = 1_760_000_000.0
Choice = tuple[str, Callable[["World"], None]]


def plan(
    agents: int, *, wrap_up: float = 20.0, supervisors: int = 0, listening: Listening | None = None
) -> Plan:
    """Make a plan with so many agents, 101 and up, of whom the last are supervisors."""
    names = [AgentId(str(101 + n)) for n in range(agents)]
    tiers = [Tier.CALL_TAKER] * (agents - supervisors) + [Tier.SUPERVISOR] * supervisors
    seats = {name: Seat(name, f"PJSIP/{name}", tier=tier) for name, tier in zip(names, tiers, strict=True)}
    return Plan(
        CENTRE,
        timings=Timings(wrap_up=wrap_up),
        seats=seats,
        agencies={"1": Agency(AgentId("pmi"), "1", endpoint=PMI)},
        ivr=IvrMode.SHORT,
        information=TOLD,
        block=BLOCK,
        listening=listening,
    )


_OUTLIVES_US = (
    "caller",
    "band",
    "rank_at",
    "queued_at",
    "language",
    "information",
    "silent",
    "suspicion",
    "barred_until",
    "attempt",
    "preferred",
    "overflow",
    "offers",
    "failed",
    "pressure",
    "talker",
    "talked",
    "broke",
    "overflowed",
    "transferred",
    "held",
    "together",
)
"""What a revived call has in common with the one that it was."""

_ON_DEMAND = {"presses", "dials"}
"""What happens only in worlds that ask for it."""

_SILENCE = Line(AudioClass.SILENT)
_SPEECH = Line(AudioClass.SPEAKING, 0.3)


def _heard(call_id: CallId, tap: int, now: float) -> dict[str, Heard]:
    """What an ear may tell of a caller next."""
    return {
        "silence": ClassHeard(call_id, tap, _SILENCE),
        "speech": ClassHeard(call_id, tap, _SPEECH),
        "a voice": VoiceHeard(call_id, tap, now),
        "a knock": SoundHeard(call_id, tap, now + 1, 12.0),
        "nothing any more": EarLost(call_id, tap),
    }


class World:
    """A router, a model of Asterisk, and what is under way between them."""

    def __init__(
        self,
        agents: int = 2,
        *,
        ready: int | None = None,
        wrap_up: float = 20.0,
        supervisors: int = 0,
        listening: Listening | None = None,
    ) -> None:
        self.plan = plan(agents, wrap_up=wrap_up, supervisors=supervisors, listening=listening)
        self.model = AsteriskModel()
        self.translator = Translator(CENTRE, APP)
        self.router = Router(self.plan)
        self.now = START
        self.outbox: dict[str, tuple[Command, ...]] = {}
        self.journal: dict[CallId, tuple[Journaled, ...]] = {}
        self.records: dict[CallId, Record] = {}
        self.budget: dict[str, int] = {}
        self.memory: dict[str, Memory] = {}
        self.lost = False
        """Whether news or commands may have been lost, so that only a look can find what is left over."""
        for seat in self.plan.seats.values():
            self.model.phones[seat.endpoint] = "online"
        self.model.phones[PMI] = "online"
        seen = dict.fromkeys(list(self.plan.seats)[:ready], LastSeen("available", None, START))
        self.take(self.router.restore([], seen, self.now))
        self.resync()

    def fork(self) -> "World":
        """Make an independent copy; what it holds is immutable, so copying the holders is enough."""
        twin = copy(self)
        twin.model = self.model.copy()
        twin.router = fork_router(self.router)
        twin.outbox, twin.journal = dict(self.outbox), dict(self.journal)
        twin.records, twin.budget = dict(self.records), dict(self.budget)
        twin.memory = dict(self.memory)
        return twin

    # What may come next.

    def choices(self) -> Iterator[Choice]:
        """List everything that may happen next, in a stable order."""
        if self.model.events:
            kind = self.model.events[0]["type"]
            yield f"event {kind}", World.deliver
        for box, commands in self.outbox.items():
            yield f"do {type(commands[0]).__name__} {box[:6]}", partial(World.carry_out, box=box)
        for name, move in self.model.possible():
            kind = name.partition(" ")[0]
            if kind == "dials" and name.split()[1] not in CODES[: self.budget.get("codes", 9)]:
                continue
            if self.budget.get(kind, 0 if kind in _ON_DEMAND else 9) > 0:
                yield name, partial(World.outside, name=name, move=move)
        if self.budget.get("hears", 0) > 0:
            yield from self._may_be_heard()
        if self.budget.get("time", 9) > 0 and self.router.next_deadline() is not None:
            yield "time", World.pass_time
        for name in ("calls", "barges", "drop", "crash"):
            if self.budget.get(name, 0) > 0:
                yield name, getattr(World, name)

    def _may_be_heard(self) -> Iterator[Choice]:
        """An ear that is open may tell anything; the core alone says whether one is."""
        for call in self.router.calls.values():
            if call.ear is not None and call.ear.open:
                for name, event in _heard(call.id, call.ear.taps, self.now).items():
                    yield f"hears {name}", partial(World.hear, event=event)

    @property
    def quiet(self) -> bool:
        """Whether nothing is under way between the core and Asterisk."""
        return not self.model.events and not self.outbox

    def settle(self) -> "World":
        """Let everything that is under way come to rest, in order."""
        while not self.quiet:
            while self.model.events:
                self.deliver()
            for box in list(self.outbox):
                self.carry_out(box)
        return self

    # Moves.

    def happen(self, event: Event) -> None:
        """Hand one event to the router."""
        self.take(self.router.handle(event, self.now))

    def take(self, decision: Decision) -> None:
        """Put the decided commands into their outboxes, and keep the journal."""
        for command in decision.commands:
            box = "desk" if isinstance(command, DeskCommand) else command.call_id
            self.outbox[box] = (*self.outbox.get(box, ()), command)
        self.memory |= {one.name: one for one in decision.memory}
        for line in decision.journal:
            if line.seq >= AFTERWARDS:
                continue  # Beside the course of the call, and maybe after its end.
            if isinstance(line.entry, OfferMade):
                self._check_turn(line.call_id)
            before = self.journal.get(line.call_id, ())
            assert line.seq == len(before) + 1, "the journal has no gap"
            self.journal[line.call_id] = (*before, line)
            self.records[line.call_id] = _record(self.records.get(line.call_id), line)

    def deliver(self) -> None:
        """Let the oldest event reach the core; the keys of a code come one behind the other."""
        while True:
            parsed = parse_event(self.model.events.pop(0))
            for event in self.translator.events(parsed):  # type: ignore[arg-type]
                self.happen(event)
            keys = isinstance(parsed, ChannelDtmfReceived)
            if not keys or not self.model.events or self.model.events[0]["type"] != parsed.type:
                return

    def carry_out(self, box: str) -> None:
        """Carry out the oldest command of a call."""
        command, *rest = self.outbox.pop(box)
        if rest:
            self.outbox[box] = tuple(rest)
        for request in self.translator.requests(command):
            status, _ = self.model.ask(request)
            if status < 400:
                continue
            failure = failure_of(command, request, AriError(request.method, request.path, status, ""))
            if failure is not None:
                self.happen(CommandFailed(command, failure))
                return

    def outside(self, name: str, move: Callable[[AsteriskModel], None]) -> None:
        """Let the outside do something."""
        kind = name.partition(" ")[0]
        self.budget[kind] = self.budget.get(kind, 9) - 1
        move(self.model)

    def be_silent(self) -> None:
        """Let every caller have been silent for so long that the question is due."""
        for call in list(self.router.calls.values()):
            self.hear(_heard(call.id, 1, self.now)["silence"])
        self.now += 8

    def hear(self, event: Heard) -> None:
        """Let the ear tell something."""
        self.budget["hears"] = self.budget.get("hears", 0) - 1
        self.happen(event)

    def pass_time(self) -> None:
        """Let time pass to the next deadline."""
        self.budget["time"] = self.budget.get("time", 9) - 1
        due = self.router.next_deadline()
        if due is not None:
            self.now = max(self.now, due)
            self.take(self.router.tick(self.now))

    def calls(self) -> None:
        """The caller calls again, whatever has become of the first call."""
        self.budget["calls"] -= 1
        self.model.invite("0811")

    def barges(self) -> None:
        """A supervisor, whose seat is the last, wants to be one more in the talk of the first."""
        self.budget["barges"] -= 1
        first, *_, last = self.plan.seats.values()
        self.model.dial_code(last.endpoint, f"*33{first.agent_id}")

    def drop(self) -> None:
        """The socket breaks and comes back: events are lost, commands under way fail."""
        self.budget["drop"] = self.budget.get("drop", 0) - 1
        self.lost = True
        self.model.events.clear()
        self.happen(ConnectionDropped())
        lost, self.outbox = self.outbox, {}
        for commands in lost.values():
            for command in commands:
                self.happen(CommandFailed(command, Failure.LOST))
        self.resync()

    def crash(self) -> None:
        """The daemon is killed and started again: only its journal and Asterisk remain."""
        self.budget["crash"] = self.budget.get("crash", 0) - 1
        self.lost = True
        self.model.events.clear()
        self.outbox = {}
        seen = {
            one.id: LastSeen(one.state_name, one.reason, START) for one in self.router.staff.agents.values()
        }
        open_calls = [one for one in self.journal.values() if not isinstance(one[-1].entry, Ended)]
        calls = [revive(one, self.plan, self.now) for one in open_calls]
        self.router = Router(self.plan)
        known = list(self.memory.values())
        self.take(self.router.restore([one for one in calls if one is not None], seen, self.now, known))
        self.resync()

    def resync(self, *, routine: bool = False) -> None:
        """Tell the core how things really are, as the service does on every connection."""
        answers = [self.model.ask(one)[1] for one in self.translator.looks()]
        asked_at = self.now + 1e-6
        self.now += 2e-6  # What comes of the answer began after the question.
        self.happen(Resynced(self.translator.snapshot_of(*answers), asked_at, routine=routine))

    def look_at_phones(self) -> None:
        """Tell the core which phones can be reached."""
        _, phones = self.model.ask(self.translator.asks_for_phones())
        self.happen(self.translator.phones_of(phones))

    # Rules.

    def key(self) -> Hashable:
        """Say in one value what this world is, so that it need not be walked twice."""
        return (
            tuple(self.router.calls.values()),
            tuple(self.router.staff.agents.values()),
            tuple(self.outbox.items()),
            tuple(self.model.channels.values()),
            tuple(self.model.bridges.items()),
            tuple(self.model.playbacks.items()),
            tuple(_short(one) for one in self.model.events),
            tuple(sorted(self.budget.items())),
            tuple(self.journal),
            self.now,
        )

    def check(self) -> None:
        """Hold every rule that holds at all times; and those of rest when nothing is under way."""
        for agent in self.router.staff.agents.values():
            assert agent.phone is None or not agent.choosable, "an agent on the phone is not free"
        assert not (self.router.waiting.first() and self.router.staff.free.first()), (
            "nobody waits beside a free agent"
        )
        asks = self.router.crowd.asking.first() and self.router.may_inform
        assert not (asks and self.router.staff.free.first()), "nobody asks in vain beside a free agent"
        self._check_phones_for_need()
        for call in self.router.calls.values():
            self._check_call(call)
        dialled = [one.name.partition("-")[0] for one in self.model.channels.values() if one.place == "dial"]
        assert len(dialled) == len(set(dialled)), f"a phone rings twice: {dialled}"
        assert not self.model.stalled, self.model.stalled
        self._check_journals()
        if self.quiet:
            self._check_rest()

    def _check_phones_for_need(self) -> None:
        """No phone goes on ringing for information that somebody who may need help could have."""
        first = self.router.waiting.first()
        if first is None or not (self.quiet and self.router.connected) or self.router.draining:
            return
        need = self.router.calls[first]
        if need.band > Band.NORMAL or need.suspect or self.router.surge.is_silent(self.now, self.plan):
            return
        for call_id in self.router.crowd.calling:
            for leg in self.router.calls[call_id].legs:
                assert not may_ring(need, self.plan.seats.get(leg.agent_id)), "an emergency goes before"

    def _check_turn(self, offered: CallId) -> None:
        """First come, first served within a band: nobody who waits came before the one who is offered."""
        call = self.router.calls[offered]
        for other in self.router.calls.values():
            asks = other.band == Band.INFORMATION and not self.router.may_inform
            if other.waits and not asks:
                self._check_patience(other, call)
                assert other.place >= call.place, "first come, first served within a band"

    def _check_patience(self, other: Call, offered: Call) -> None:
        """Who has waited too long is overtaken only by those in need; information, by emergencies too."""
        if self.now - other.queued_at <= other.timings.starve or other.band == Band.NEED:
            return
        before = offered.rank_at <= other.rank_at or offered.band == Band.NEED
        assert before or (other.band == Band.INFORMATION and offered.aged), "nobody waits for ever"

    def _check_call(self, call: Call) -> None:
        assert call.alive, "a call without a leg has ended"
        if isinstance(call.phase, Ringing):
            live = [one for one in call.legs if one.stage is not Stage.DYING]
            assert live, "ringing means that a phone rings"
            for leg in live:
                assert leg.until is None or leg.until >= self.now, "ringing never outlives its deadline"
        if call.ear is not None:
            self._check_ear(call, call.ear)
        assert call.talkers or not call.guests, "a guest is there for one of ours who talks"
        if isinstance(call.phase, Connected):
            assert call.talkers or call.held is not None, "a talk has its agent, or the caller hears music"
            live = [one for one in call.legs if one.stage is not Stage.DYING]
            assert live, "somebody is there for the caller, or on the way"
            for leg in live:
                assert leg.until is None or leg.until >= self.now, "ringing never outlives its deadline"

    def _check_ear(self, call: Call, ear: Ear) -> None:
        suspect = call.suspicion in {Suspicion.SILENT_SUSPECT, Suspicion.GHOST_SUSPECT}
        assert not (suspect and ear.person), "who showed that somebody is there is not suspected"
        assert not (call.band == Band.SUSPECT and not suspect), "nobody is put behind without a flag"
        assert not (call.silent and suspect), "who said that they cannot speak is not suspected"
        asking = ear.challenge is not None or ear.asks or ear.ask_at is not None
        assert not (asking and not ear.open), "nobody is asked whose answer would not be heard"
        assert not (isinstance(call.phase, Connected) and asking), "who talks with a person is not asked"
        assert not (ear.wanted_at is not None and (ear.open or ear.person)), "a tap is wanted where it helps"
        due = self.router.taps.due
        assert ear.wanted_at is None or due is not None, "whoever is to be listened to has a turn"

    def _check_journals(self) -> None:
        for call_id, lines in self.journal.items():
            ends = [one for one in lines if isinstance(one.entry, Ended)]
            assert len(ends) == (0 if call_id in self.router.calls else 1), "one end a call"
            assert not ends or lines[-1] is ends[0], "nothing after the end"

    def _check_revived(self, call: Call) -> None:
        """A restart costs nobody their place, nor what is known of them."""
        again = revive(self.journal[call.id], self.plan, self.now)
        assert again is not None, "a call in progress can be revived"
        assert [x.channel_id for x in again.guests] == [x.channel_id for x in call.guests], "no guest is lost"
        for name in _OUTLIVES_US:
            assert getattr(again, name) == getattr(call, name), f"{name} is lost in a restart"

    def _check_rest(self) -> None:
        """When nothing is under way, the core and Asterisk agree, if need be by the next deadlines."""
        for call in self.router.calls.values():
            self._check_revived(call)
        if not list(self._disagreements()) and not list(self._left_alone()):
            return
        later = self.fork()
        for _ in range(4):
            later.pass_time()
            later.settle()
        wrong = list(later._disagreements())
        assert not wrong, wrong
        for _ in range(2 if self.lost else 0):
            later.resync(routine=True)
            later.settle()
        assert not list(later._left_alone()), "a phone that dialled a code is not left in silence"

    def _disagreements(self) -> Iterator[str]:
        for channel in self.model.channels.values():
            yield from self._wrong_with(channel)
        for call in self.router.calls.values():
            yield from self._wrong_with_talk(call)
            legs = [x for x in self.model.channels if ids.leg_of(CENTRE, x)[0] == call.id]
            if not legs:
                yield "a call whose legs are all gone has ended"
        live = {ids.bridge(one.id) for one in self.router.calls.values()}
        if not set(self.model.bridges) <= live:
            yield "no bridge outlives its call"
        heard = {
            ids.tap(one.id, one.ear.taps) for one in self.router.calls.values() if one.ear and one.ear.open
        }
        if not {one.id for one in self.model.channels.values() if one.spies} <= heard:
            yield "no tap outlives what it is wanted for"

    def _wrong_with_talk(self, call: Call) -> Iterator[str]:
        inside = self.model.bridges.get(ids.bridge(call.id), ())
        legs = [ids.leg_of(CENTRE, one) for one in inside if not self.model.channels[one].args]
        if frozenset(leg for _, leg in legs) != call.together:
            yield "those are in the bridge who belong there"
        for guest in call.guests:
            if guest.channel_id not in inside or self.model.channels[guest.channel_id].lease:
                yield "a guest is in the talk, and no dialplan takes them out"

    def _left_alone(self) -> Iterator[str]:
        """List the phones that dialled a code and are in no talk, and will not leave by themselves."""
        guests = {guest.channel_id for call in self.router.calls.values() for guest in call.guests}
        inside = {one for bridge in self.model.bridges.values() for one in bridge}
        for one in self.model.channels.values():
            stays = one.place == "app" and (one.id in inside or not one.lease)
            if one.args and stays and one.id not in guests:
                yield one.id

    def _wrong_with(self, channel: Chan) -> Iterator[str]:
        call_id, leg = ids.leg_of(CENTRE, channel.id)
        if channel.trunk and channel.place == "app":
            if call_id not in self.router.calls:
                yield "a caller in our hands is known"
            if channel.state != "Up":
                yield "a caller in our hands is answered at once"
            yield from self._wrong_with_caller(channel, call_id)
        inside = self.model.bridges.get(ids.bridge(call_id), ())
        if leg != CALLER and channel.place == "app" and channel.id not in inside:
            yield "every answer is bridged or hung up"

    def _wrong_with_caller(self, channel: Chan, call_id: CallId) -> Iterator[str]:
        inside = self.model.bridges.get(ids.bridge(call_id), ())
        if channel.id in inside:
            if not any(ids.leg_of(CENTRE, one)[1] != CALLER for one in inside):
                yield "nobody is alone in a bridge with a caller's silence, or a guest for company only"
            if channel.lease:
                yield "who talks is not taken back by the dialplan"
            return
        if not channel.music and channel.id not in self.model.playbacks.values():
            yield "who does not talk hears a prompt or music"
        if not channel.lease:
            yield "who does not talk is not left to a daemon that may die"


def _record(before: Record | None, line: Journaled) -> Record:
    record = apply(before, line)
    assert record is not None
    order = [record.started_at, record.queued_at, record.first_offered_at, record.agent_answered_at]
    times = [one for one in (*order, record.ended_at) if one is not None]
    assert times == sorted(times), "a record's times are in order"
    ended = record.ended_at is not None
    assert (record.outcome is not None) == ended
    if ended:
        assert all(one.result for one in record.offered.values()), "every offer has its result"
    return record


def _short(event: dict[str, object]) -> Hashable:
    about = event.get("channel") or event.get("playback") or event.get("endpoint")
    name = about.get("id") or about.get("resource") if isinstance(about, dict) else None
    return event["type"], name, event.get("cause")


def fork_router(router: Router) -> Router:
    """Copy a router: its holders are copied, its values are immutable."""
    twin = copy(router)
    for name, value in vars(router).items():
        if isinstance(value, dict):
            setattr(twin, name, dict(value))
        elif hasattr(value, "fork"):
            setattr(twin, name, value.fork())
    return twin
