"""The centre: every call, every agent, the queue between them, and one function for all that happens.

`Router.handle(event, now)` is synchronous, deterministic and free of side effects outside the router: it
returns what to do and what to write down. The router alone knows calls and agents at once; a call learns of
its agent by `AgentChosen`, an agent of its call by what the call's journal says.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, TypeAlias, assert_never

from siaga112.routing import agent as agents
from siaga112.routing import ids
from siaga112.routing.agent import Agent
from siaga112.routing.call import Call, Ended, Presence, Stage
from siaga112.routing.callers import Callers, Memory, Past
from siaga112.routing.choice import Free
from siaga112.routing.commands import Command, Confirm, HandOver, Hangup, Watch
from siaga112.routing.crowd import Crowd, Sort
from siaga112.routing.desk import said, watching
from siaga112.routing.directory import look_up
from siaga112.routing.entries import (
    Adopted,
    Classified,
    Entry,
    Invited,
    InviteEnded,
    Journaled,
    LegEnded,
    OfferEnded,
    OfferMade,
    Watched,
)
from siaga112.routing.events import (
    AgentChosen,
    CallArrived,
    CallerEntered,
    CallEvent,
    CodeDialled,
    CommandFailed,
    ConnectionDropped,
    DeadlinePassed,
    DrainOrdered,
    Event,
    HandOverOrdered,
    KeyPressed,
    LegAnswered,
    LegGone,
    LegRinging,
    PhonesSeen,
    PlanChanged,
    PromptEnded,
    Resynced,
    TapAllowed,
    TargetNamed,
)
from siaga112.routing.heard import Heard
from siaga112.routing.plan import Listening, Plan, Tier
from siaga112.routing.queue import Line
from siaga112.routing.resync import differences, sweep
from siaga112.routing.steps import Circumstances, Step, arrive, refuse, step
from siaga112.routing.supervision import LastCall, Supervision, is_order
from siaga112.routing.surge import SurgeWatch
from siaga112.routing.tapturns import TapTurns
from siaga112.routing.words import (
    OVERFLOW,
    AgentId,
    CallId,
    ChannelId,
    Confirmation,
    Disposition,
    LegId,
    OfferResult,
    Watching,
)

_REMEMBERED: Final = 1024
"""How many ended calls are remembered, for news of them that comes late."""

_SURGE = "a mass event"
_SURGE_KNOWN = 7 * 24 * 3600.0
"""Seconds for which a restarted router knows that a mass event was declared."""

_Missed: TypeAlias = tuple[CallId, CallEvent]


@dataclass(frozen=True, slots=True)
class AgentChange:
    """An agent's state as tables and metrics know it, from now on."""

    agent_id: AgentId
    state: str
    reason: str | None
    since: float
    before: str | None = None
    before_reason: str | None = None
    before_since: float | None = None


class LastSeen(NamedTuple):
    """How an agent was seen last, by an earlier run too."""

    state: str
    reason: str | None
    since: float


@dataclass(slots=True)
class Decision:
    """What came of one event: commands in order, journal entries in order, agents that changed."""

    commands: list[Command] = field(default_factory=list)
    journal: list[Journaled] = field(default_factory=list)
    agents: list[AgentChange] = field(default_factory=list)
    mended: list[tuple[CallId, str]] = field(default_factory=list)
    """What a routine look found that events had not told, and of which call."""
    memory: list[Memory] = field(default_factory=list)
    """What a restarted router must know again."""


class Router:
    """Decides. `now` never runs back: the caller of `handle` sees to that."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.calls: dict[CallId, Call] = {}
        self.agents: dict[AgentId, Agent] = {}
        self.connected = False
        """Whether Asterisk can be heard; while it cannot, nothing new is decided."""
        self.draining = False
        self.crowd = Crowd()
        self.free = Free()
        self.callers = Callers()
        self.surge = SurgeWatch()
        self.taps = TapTurns()
        self._last_calls: dict[AgentId, LastCall] = {}
        self._on_duty: dict[AgentId, None] = {}
        self._deadlines: Line[str] = Line()
        self._ended: dict[CallId, None] = {}
        self._shown: dict[AgentId, LastSeen] = {}
        self._touched: dict[AgentId, None] = {}
        self._doubted: frozenset[_Missed] = frozenset()
        self._seat_agents()

    def restore(
        self,
        calls: Iterable[Call],
        seen: Mapping[AgentId, LastSeen],
        now: float,
        memory: Iterable[Memory] = (),
    ) -> Decision:
        """Take up what a daemon before us left; to be called before anything is handled."""
        decision = Decision()
        for one in memory:
            if one.name == _SURGE:
                self.surge.order(on=True)
            else:
                self.callers.learn(one)
        for agent_id, last in seen.items():
            self._shown[agent_id] = last
            self._touched[agent_id] = None
            self._agent_event(agent_id, agents.Wished(agents.wish_of(last.state)), now)
        for call in calls:
            self._write(call, Adopted(), now, decision)
            for leg in call.legs:
                rung = agents.Chosen if leg.invited is None else agents.Invited
                self._agent_event(leg.agent_id, rung(call.id, leg.leg), now)
                if leg.stage is Stage.ANSWERED:
                    self._agent_event(leg.agent_id, agents.PickedUp(), now)
        return self._conclude(decision, now)

    def _write(self, call: Call, entry: Entry, now: float, decision: Decision) -> None:
        """Write into a call's journal what only the router knows."""
        seq = call.journaled + 1
        decision.journal.append(Journaled(call.id, seq, now, entry))
        self._set_call(replace(call, journaled=seq), now)

    def seen(self, agent_id: AgentId) -> LastSeen:
        """Say how an agent looks, and since when."""
        return self._shown[agent_id]

    @property
    def waiting(self) -> Line[CallId]:
        """Those who may need help, in order."""
        return self.crowd.waiting

    @property
    def may_inform(self) -> bool:
        """Whether one more call-taker may be given to a caller who only wants information."""
        return len(self.crowd.informed) < self._share

    @property
    def _share(self) -> int:
        """So many call-takers may be with those who have to leave some for others; one at least."""
        return max(1, int(len(self._on_duty) * self.plan.information_share))

    def doubtful(self) -> list[tuple[CallId, LegId]]:
        """List the legs in a talk whose phone cannot be reached: is anybody there?"""
        talking = (one for one in self.agents.values() if isinstance(one.state, agents.OnCall))
        return [one.phone for one in talking if one.phone is not None and not one.reachable]

    def next_deadline(self) -> float | None:
        """When `tick` wants to be called next, in Unix seconds."""
        key = self._deadlines.first_key()
        return key[0] if key is not None and self.connected else None

    def tick(self, now: float) -> Decision:
        """Let every deadline that has come happen, in order."""
        decision = Decision()
        for name in self._due(now):
            kind, _, rest = name.partition(":")
            if kind == "call" and (call := self.calls.get(CallId(rest))) is not None:
                self._call_event(call, DeadlinePassed(), now, decision)
            elif kind == "agent":
                self._agent_event(AgentId(rest), DeadlinePassed(), now)
            elif kind == "taps":
                self._listen_to_next(now, decision)
        return self._conclude(decision, now)

    def _listen_to_next(self, now: float, decision: Decision) -> None:
        call_id = self.taps.take(now, (self.plan.listening or Listening()).begun_per_second)
        if call_id is not None:
            self._call_event(self.calls[call_id], TapAllowed(call_id), now, decision)
        self._set_deadline("taps", self.taps.due)

    def _due(self, now: float) -> list[str]:
        """Take out what is due; whoever still has a deadline after that puts it in again."""
        due = []
        while self.connected and (key := self._deadlines.first_key()) is not None and key[0] <= now:
            name = self._deadlines.first() or ""
            self._deadlines.remove(name)
            due.append(name)
        return due

    def handle(self, event: Event, now: float) -> Decision:
        """Let one event happen at a time in Unix seconds. No event makes this raise."""
        decision = Decision()
        self._handle(event, now, decision)
        return self._conclude(decision, now)

    def _handle(self, event: Event, now: float, decision: Decision) -> None:
        match event:
            case CallArrived():
                self._arrive(event, now, decision)
            case LegRinging() | LegAnswered():
                self._leg_moved(event, now, decision)
            case (
                CallerEntered(call_id)
                | LegGone(call_id)
                | PromptEnded(call_id)
                | KeyPressed(call_id)
                | Heard(call_id)
            ):
                if (call := self.calls.get(call_id)) is not None:
                    self._call_event(call, event, now, decision)
            case CommandFailed(command):
                if isinstance(command, Confirm | Watch):
                    return
                known = self.calls.get(command.call_id)
                if known is not None:
                    self._call_event(known, event, now, decision)
            case CodeDialled():
                self._code(event, now, decision)
            case PhonesSeen(reachable):
                self._phones(reachable, now)
            case Resynced():
                self._resync(event, now, decision)
            case ConnectionDropped():
                self.connected = False
            case PlanChanged(plan):
                self.plan = plan
                self._seat_agents()
            case DrainOrdered():
                self._drain(now, decision)
            case _:
                assert_never(event)

    # Calls.

    def _arrive(self, event: CallArrived, now: float, decision: Decision) -> None:
        """Begin a call, unless it is known (Asterisk tells of it twice) or we take no more."""
        if event.call_id in self._ended:
            if (
                not event.must_claim
            ):  # It came into our hands after all: its record is closed, not the caller's need.
                decision.commands.append(HandOver(event.call_id, event.channel_id))
            return
        if event.call_id in self.calls or (self.draining and event.must_claim):
            return  # Not claimed: the dialplan goes on to its fallback.
        if len(self.calls) >= self.plan.most_calls:
            self._take(refuse(event, self.plan, now), now, decision)
            return
        self.taps.give_way(now)
        begun = arrive(event, self.plan, now, self._circumstances(event, now))
        self._take(replace(begun, commands=()), now, decision)
        # The phone before the claim: ringing is what the caller waits for, the claim has half a second.
        self._assign(now, decision)
        decision.commands += begun.commands
        if self.draining:
            order = HandOverOrdered(event.call_id, "draining")
            self._call_event(self.calls[event.call_id], order, now, decision)

    def _circumstances(self, event: CallArrived, now: float) -> Circumstances:
        """Look at what is known of the caller's number, and of the hour."""
        self.surge.arrived(now, len(self.crowd), self.plan)
        past = self.callers.past(event.number, self.plan, now)
        score = self.callers.score(event.number, self.plan, now)
        blocked = self.plan.block.enabled and self.callers.is_blocked(event.number, now)
        about = Circumstances(
            surge=self.surge.is_on(now, self.plan),
            flagged=score >= self.plan.misuse.threshold,
            blocked=blocked,
        )
        if past is None:
            return about
        return replace(
            about,
            attempt=past.attempt + 1,
            rank_at=past.rank_at,
            preferred=past.agent_id,
            broke=past.broke,
        )

    def _leg_moved(self, event: LegRinging | LegAnswered, now: float, decision: Decision) -> None:
        call = self.calls.get(event.call_id)
        leg = None if call is None else call.leg(event.leg)
        if call is None or leg is None:
            if isinstance(event, LegAnswered):  # A leg of a call that is no more: let nobody wait in it.
                channel = ids.agent_channel(event.call_id, event.leg)
                decision.commands.append(Hangup(event.call_id, event.leg, channel))
            return
        if isinstance(event, LegRinging):
            self._agent_event(leg.agent_id, agents.PhoneRang(), now)
        self._call_event(call, event, now, decision)

    def _call_event(self, call: Call, event: CallEvent, now: float, decision: Decision) -> None:
        self._take(step(call, event, now), now, decision)

    def _take(self, done: Step, now: float, decision: Decision) -> None:
        """Keep a call's new state, and tell its agents what its journal says."""
        self._set_call(done.call, now)
        decision.commands += done.commands
        decision.journal += done.journal
        for line in done.journal:
            match line.entry:
                case OfferMade(leg, agent_id):
                    self._agent_event(agent_id, agents.Chosen(line.call_id, leg), now)
                case OfferEnded(_, agent_id, OfferResult.ANSWERED):
                    self._last_calls[agent_id] = LastCall(line.call_id, done.call.caller.number)
                    self._agent_event(agent_id, agents.PickedUp(), now)
                case OfferEnded(_, agent_id, result):
                    self._agent_event(agent_id, agents.OfferLost(result), now)
                case Invited(leg, agent_id, inside=True):
                    self._agent_event(agent_id, agents.Invited(line.call_id, leg), now)
                case InviteEnded(_, agent_id, _, OfferResult.ANSWERED):
                    self._agent_event(agent_id, agents.PickedUp(), now)
                case InviteEnded(agent_id=agent_id):
                    self._agent_event(agent_id, agents.Uninvited(), now)
                case LegEnded(agent_id=agent_id) if agent_id is not None:
                    self._agent_event(agent_id, agents.PhoneFree(), now)
                case Classified(disposition=Disposition.PRANK | Disposition.GHOST):
                    self.callers.blame(done.call.caller.number, line.call_id, self.plan, now)
                case Classified():
                    self.callers.acquit(done.call.caller.number, line.call_id, self.plan, now)
                case _:
                    pass
        if done.asked is not None:
            target = look_up(done.asked.code, self.plan, self.agents)
            named = TargetNamed(done.call.id, done.asked, target)
            self._call_event(done.call, named, now, decision)

    def _remember(self, call: Call, now: float) -> None:
        """Keep for a while what matters should the same number call again."""
        talker = call.talker if call.talker != OVERFLOW else None
        rank_at = None if call.talked else call.rank_at
        past = Past(now, call.attempt, rank_at, talker, call.broke)
        self.callers.ended(call.caller.number, past, self.plan)

    def _set_call(self, call: Call, now: float) -> None:
        if isinstance(call.phase, Ended):
            if self.calls.pop(call.id, None) is not None:
                self._remember(call, now)
            self.crowd.remove(call.id)
            self.taps.remove(call.id)
            self._deadlines.remove(f"call:{call.id}")
            self._ended[call.id] = None
            if len(self._ended) > _REMEMBERED:
                del self._ended[next(iter(self._ended))]
            return
        self.calls[call.id] = call
        self.crowd.put(call)
        self.taps.put(call)
        self._set_deadline("taps", self.taps.due)
        self.surge.listened(now, len(self.crowd.suspects), len(self._on_duty))
        self._set_deadline(f"call:{call.id}", call.deadline)

    def _set_deadline(self, name: str, at: float | None) -> None:
        if at is None:
            self._deadlines.remove(name)
        else:
            self._deadlines.put(name, (at,))

    # Agents.

    def _agent_event(self, agent_id: AgentId, event: agents.AgentEvent, now: float) -> None:
        known = self.agents.get(agent_id)
        if known is not None:
            self._set_agent(agents.step(known, event, self.plan.timings, now))

    def _set_agent(self, agent: Agent) -> None:
        self.agents[agent.id] = agent
        self._touched[agent.id] = None
        self.free.put(agent, self.plan.seats.get(agent.id))
        if agent.on_duty:
            self._on_duty[agent.id] = None
        else:
            self._on_duty.pop(agent.id, None)
        self._set_deadline(f"agent:{agent.id}", agent.deadline)

    def _seat_agents(self) -> None:
        """Follow the plan: new seats appear logged out, changed phones are taken over, old seats go."""
        for seat in self.plan.seats.values():
            known = self.agents.get(seat.agent_id)
            moved = known is None or known.endpoint != seat.endpoint
            self._set_agent(Agent(seat.agent_id, seat.endpoint) if known is None or moved else known)
        for gone in [one for one in self.agents if one not in self.plan.seats]:
            del self.agents[gone]
            self.free.remove(gone)
            self._on_duty.pop(gone, None)
            self._deadlines.remove(f"agent:{gone}")
            self._touched[gone] = None

    def _code(self, event: CodeDialled, now: float, decision: Decision) -> None:
        """An agent dialled a feature code: let it take effect, and say so."""
        known = next((x for x in self.agents.values() if x.endpoint == event.endpoint), None)
        confirmation = Confirmation.UNKNOWN
        if known is not None and (wanted := watching(event.code)) is not None:
            self._watch(known, event.channel_id, *wanted, now, decision)
            return
        if known is not None:
            self._agent_event(known.id, agents.Reached(reachable=True), now)
            if is_order(event.code):
                confirmation = self._order(event.code, known.id, now, decision)
            else:
                effect, confirmation = said(event.code, known)
                if effect is not None:
                    self._agent_event(known.id, effect, now)
        decision.commands.append(Confirm(event.channel_id, confirmation))

    def _order(self, code: str, agent_id: AgentId, now: float, decision: Decision) -> Confirmation:
        """A supervisor's order: what it changes outlives us."""
        before = self.surge.ordered
        supervision = Supervision(self.callers, self.surge)
        done = supervision.order(code, agent_id, self._last_calls.get(agent_id), self.plan, now)
        if done.line is not None:
            decision.journal.append(done.line)
        if self.surge.ordered != before:
            until = now + _SURGE_KNOWN if self.surge.ordered else now
            decision.memory.append(Memory(_SURGE, until, {}))
        return done.confirmation

    def _watch(  # noqa: PLR0913, PLR0917 - who, by which phone, how, whom
        self,
        supervisor: Agent,
        channel: ChannelId,
        how: Watching,
        agent_id: AgentId,
        now: float,
        decision: Decision,
    ) -> None:
        """Let a supervisor take part in a talk unasked; nobody else may."""
        seat, watched = self.plan.seats.get(supervisor.id), self.agents.get(agent_id)
        if seat is None or seat.tier is not Tier.SUPERVISOR:
            decision.commands.append(Confirm(channel, Confirmation.NOT_ALLOWED))
            return
        call_id, leg = watched.phone if watched is not None and watched.phone is not None else (None, None)
        call = None if call_id is None else self.calls.get(call_id)
        if call is None or leg not in {one.leg for one in call.talkers}:
            decision.commands.append(Confirm(channel, Confirmation.NOT_TALKING))
            return
        self._write(call, Watched(supervisor.id, agent_id, how), now, decision)
        self._last_calls[supervisor.id] = LastCall(call.id, call.caller.number)
        decision.commands.append(Watch(channel, how, ids.agent_channel(call.id, LegId(leg))))

    # The whole.

    def _resync(self, event: Resynced, now: float, decision: Decision) -> None:
        """The connection stands: bring what we believe in line with what is."""
        self.connected = True
        self._phones(event.snapshot.reachable, now)
        for arrival in event.snapshot.arrivals:
            if arrival.call_id not in self.calls:
                self._handle(arrival, now, decision)
                self._handle(CallerEntered(arrival.call_id), now, decision)
        found = [(call.id, one) for call in self.calls.values() for one in differences(call, event)]
        if event.routine:
            found = self._seen_twice(found)
            decision.mended += [(call_id, type(missed).__name__) for call_id, missed in found]
        decision.mended += self._free_stuck(now)
        for call_id, missed in found:
            if (still := self.calls.get(call_id)) is not None:
                self._call_event(still, missed, now, decision)
        decision.commands += sweep(self.calls, event.snapshot)

    def _free_stuck(self, now: float) -> list[tuple[CallId, str]]:
        """Free the agents whose phone seems to have a leg that no call knows."""
        stuck = []
        for one in list(self.agents.values()):
            call = None if one.phone is None else self.calls.get(one.phone[0])
            if one.phone is not None and (call is None or call.leg(one.phone[1]) is None):
                stuck.append((one.phone[0], agents.PhoneFree.__name__))
                self._agent_event(one.id, agents.PhoneFree(), now)
        return stuck

    def _seen_twice(self, found: list[_Missed]) -> list[_Missed]:
        """News that is still on its way looks as if it were missed: what two looks in a row see, is."""
        doubted, self._doubted = self._doubted, frozenset(found)
        return [one for one in found if one in doubted]

    def _phones(self, reachable: frozenset[str], now: float) -> None:
        for one in list(self.agents.values()):
            if one.reachable != (one.endpoint in reachable):
                self._agent_event(one.id, agents.Reached(not one.reachable), now)

    def _drain(self, now: float, decision: Decision) -> None:
        self.draining = True
        for call in list(self.calls.values()):
            if call.presence is Presence.PRESENT:
                self._call_event(call, HandOverOrdered(call.id, "draining"), now, decision)

    def _assign(self, now: float, decision: Decision) -> None:
        """While somebody waits and somebody may be rung for them: the first in line first."""
        while self.connected and not self.draining:
            if (chosen := self._next(now)) is None:
                return
            self._call_event(self.calls[chosen.call_id], chosen, now, decision)

    def _next(self, now: float) -> AgentChosen | None:
        """Find the next pair; somebody who waits longer may be allowed phones that the first is not."""
        if not self.free.nobody:
            flood = self.surge.is_silent(now, self.plan)
            unheard = not flood or len(self.crowd.listened) < self._share
            served = {Sort.NEED: True, Sort.ASK: self.may_inform, Sort.UNHEARD: unheard}
            for call_id in self.crowd.heads(served, flood=flood):
                agent_id = self.free.choose(self.calls[call_id], self.plan)
                if agent_id is not None:
                    return AgentChosen(call_id, agent_id, self.agents[agent_id].endpoint)
        return self._overflow()

    def _overflow(self) -> AgentChosen | None:
        """Another centre or a hunt group, once for each who has waited that long."""
        first = self.crowd.overflowing.first()
        if self.plan.overflow is None or first is None:
            return None
        return AgentChosen(first, OVERFLOW, self.calls[first].overflow or "")

    def _conclude(self, decision: Decision, now: float) -> Decision:
        """Give the free agents their calls, and say which agents look different than before."""
        self._assign(now, decision)
        for agent_id in self._touched:
            known, shown = self.agents.get(agent_id), self._shown.get(agent_id)
            state, reason = (known.state_name, known.reason) if known else ("logged_out", None)
            if shown is not None and shown[:2] == (state, reason):
                continue
            self._shown[agent_id] = LastSeen(state, reason, now)
            decision.agents.append(AgentChange(agent_id, state, reason, now, *(shown or ())))
        self._touched.clear()
        if self.callers.changed:
            decision.memory += self.callers.news(self.plan)
        return decision
