"""The centre: every call, every agent, the queue between them, and one function for all that happens.

`Router.handle(event, now)` is synchronous, deterministic and free of side effects outside the router: it
returns what to do and what to write down. The router alone knows calls and agents at once; a call learns of
its agent by `AgentChosen`, an agent of its call by what the call's journal says.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final, TypeAlias, assert_never

from siaga112.routing import agent as agents
from siaga112.routing import ids
from siaga112.routing.agent import Agent
from siaga112.routing.call import Call, Ended, Presence, Stage
from siaga112.routing.callers import Callers, Memory, Past
from siaga112.routing.choice import may_ring
from siaga112.routing.commands import Confirm, DeskCommand, HandOver, Hangup, Watch
from siaga112.routing.crowd import Crowd, Sort, sort
from siaga112.routing.decision import Decision, LastSeen
from siaga112.routing.desk import said, watching
from siaga112.routing.directory import look_up
from siaga112.routing.entries import Adopted, Classified, Entry, Journaled, LegEnded, OfferEnded, OfferMade
from siaga112.routing.events import (
    AgentChosen,
    Barged,
    CallArrived,
    CallerEntered,
    CallEvent,
    CodeDialled,
    CommandFailed,
    ConnectionDropped,
    DeadlinePassed,
    DrainOrdered,
    Event,
    GuestGone,
    HandOverOrdered,
    KeyPressed,
    LegAnswered,
    LegGone,
    LegRinging,
    PhonesSeen,
    PlanChanged,
    PromptEnded,
    Resynced,
    RingWithdrawn,
    TapAllowed,
    TargetNamed,
)
from siaga112.routing.heard import Heard
from siaga112.routing.plan import Listening, Plan, Tier
from siaga112.routing.queue import Line
from siaga112.routing.resync import differences, strangers, sweep, sweep_desks
from siaga112.routing.staff import Staff
from siaga112.routing.steps import Circumstances, Step, arrive, refuse, step
from siaga112.routing.supervision import LastCall, Supervision, is_order
from siaga112.routing.surge import SurgeWatch
from siaga112.routing.talks import Invited, InviteEnded, Watched, WatchEnded
from siaga112.routing.tapturns import TapTurns
from siaga112.routing.words import (
    OVERFLOW,
    AgentId,
    Band,
    CallId,
    ChannelId,
    Confirmation,
    Disposition,
    LegId,
    OfferResult,
    Outcome,
    QueueState,
    Watching,
)

_REMEMBERED: Final = 1024
"""How many ended calls are remembered, for news of them that comes late."""

_SURGE = "a mass event"
_SURGE_KNOWN = 7 * 24 * 3600.0
"""Seconds for which a restarted router knows that a mass event was declared."""

_Missed: TypeAlias = tuple[CallId, CallEvent]


class Router:
    """Decides. `now` never runs back: the caller of `handle` sees to that."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.calls: dict[CallId, Call] = {}
        self.staff = Staff(plan)
        self.connected = False
        """Whether Asterisk can be heard; while it cannot, nothing new is decided."""
        self.draining = False
        self.crowd = Crowd()
        self.callers = Callers()
        self.surge = SurgeWatch()
        self.taps = TapTurns()
        self._last_calls: dict[AgentId, LastCall] = {}
        self._deadlines: Line[CallId] = Line()
        self._ended: dict[CallId, None] = {}
        self.queue_seen = QueueState.DISABLED, 0.0
        """How the queue stands, and since when."""
        self._freed: AgentId | None = None
        """Whose phone was taken last from a call for information."""
        self._doubted: frozenset[_Missed] = frozenset()
        self._guests: dict[CallId, GuestGone] = {}
        """What the going of a supervisor's phone means that is in a talk, by the name that events give it."""
        self._strangers: frozenset[ChannelId] = frozenset()
        """Phones that dialled a code and were in our hands at the last look, and in no talk."""

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
            self.staff.restore(agent_id, last, now)
        for call in calls:
            self._write(call, Adopted(), now, decision)
            for guest in call.guests:
                self._expect(call.id, guest.channel_id)
                self.staff.happens(guest.agent_id, agents.Watches(on=True), now)
            for leg in call.legs:
                rung = agents.Chosen if leg.invited is None else agents.Invited
                self.staff.happens(leg.agent_id, rung(call.id, leg.leg), now)
                if leg.stage is Stage.ANSWERED:
                    self.staff.happens(leg.agent_id, agents.PickedUp(), now)
        return self._conclude(decision, now)

    def _write(self, call: Call, entry: Entry, now: float, decision: Decision) -> None:
        """Write into a call's journal what only the router knows."""
        seq = call.journaled + 1
        decision.journal.append(Journaled(call.id, seq, now, entry))
        self._set_call(replace(call, journaled=seq), now)

    @property
    def waiting(self) -> Line[CallId]:
        """Those who may need help, in order."""
        return self.crowd.waiting

    def queue_state(self, now: float) -> QueueState:
        """Say how the queue stands towards others."""
        if self.draining or not self.connected:
            return QueueState.DISABLED
        if not self.staff.on_duty:
            return QueueState.INACTIVE
        full = len(self.calls) >= self.plan.most_calls
        return (
            QueueState.DIVERSION_REQUESTED if full or self.surge.is_on(now, self.plan) else QueueState.ACTIVE
        )

    @property
    def may_inform(self) -> bool:
        """Whether one more call-taker may be given to a caller who only wants information."""
        return len(self.crowd.informed) < self._share

    @property
    def _share(self) -> int:
        """So many call-takers may be with those who have to leave some for others; one at least."""
        return max(1, int(len(self.staff.on_duty) * self.plan.information_share))

    def next_deadline(self) -> float | None:
        """When `tick` wants to be called next, in Unix seconds."""
        keys = (self._deadlines.first_key(), self.staff.deadlines.first_key())
        times = (self.taps.due, *(key[0] for key in keys if key is not None))
        return min((at for at in times if at is not None), default=None) if self.connected else None

    def tick(self, now: float) -> Decision:
        """Let every deadline that has come happen, in order."""
        decision = Decision()
        for _, of_call, name in sorted(self._due(now)):
            call = self.calls.get(CallId(name)) if of_call else None
            if call is not None:
                self._call_event(call, DeadlinePassed(), now, decision)
            elif not of_call:
                self.staff.happens(AgentId(name), DeadlinePassed(), now)
        self._listen_to_next(now, decision)
        return self._conclude(decision, now)

    def _listen_to_next(self, now: float, decision: Decision) -> None:
        rules = self.plan.listening or Listening()
        call_id = self.taps.take(now, rules.begun_per_second) if self.connected else None
        if call_id is not None:
            self._call_event(self.calls[call_id], TapAllowed(call_id), now, decision)

    def _due(self, now: float) -> Iterator[tuple[float, bool, str]]:
        """Take out what is due; whoever still has a deadline after that puts it in again."""
        if self.connected:
            yield from ((at, False, name) for at, name in self.staff.deadlines.take(now))
            yield from ((at, True, name) for at, name in self._deadlines.take(now))

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
                elif isinstance(event, LegGone) and (guest := self._guests.get(call_id)) is not None:
                    self._call_event(self.calls[guest.call_id], guest, now, decision)
            case CommandFailed(command):
                if isinstance(command, DeskCommand):
                    return
                known = self.calls.get(command.call_id)
                if known is not None:
                    self._call_event(known, event, now, decision)
            case CodeDialled():
                self._code(event, now, decision)
            case PhonesSeen(reachable, busy):
                self.staff.look_at_phones(reachable, busy, now)
            case Resynced():
                self._resync(event, now, decision)
            case ConnectionDropped():
                self.connected = False
            case PlanChanged(plan):
                self.plan = plan
                self.staff.seat(plan)
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
        if len(self.calls) >= self.plan.most_calls and not self._make_room(now, decision):
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

    def _make_room(self, now: float, decision: Decision) -> bool:
        """Who may speak comes in before who was listened to in vain: the last of those is set aside."""
        spare = next((x for x in self.crowd.least_likely() if self.calls[x].waits), None)
        if spare is not None:
            order = HandOverOrdered(spare, "nothing heard, and no room", Outcome.REFUSED)
            self._call_event(self.calls[spare], order, now, decision)
        return spare is not None

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
            self.staff.happens(leg.agent_id, agents.PhoneRang(), now)
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
                    self.staff.happens(agent_id, agents.Chosen(line.call_id, leg), now)
                case OfferEnded(_, agent_id, OfferResult.ANSWERED):
                    self._last_calls[agent_id] = LastCall(line.call_id, done.call.caller.number)
                    self.staff.happens(agent_id, agents.PickedUp(), now)
                case OfferEnded(_, agent_id, result):
                    self.staff.happens(agent_id, agents.OfferLost(result), now)
                case Invited(leg, agent_id, inside=True):
                    self.staff.happens(agent_id, agents.Invited(line.call_id, leg), now)
                case InviteEnded(_, agent_id, _, OfferResult.ANSWERED):
                    self.staff.happens(agent_id, agents.PickedUp(), now)
                case InviteEnded(agent_id=agent_id):
                    self.staff.happens(agent_id, agents.Uninvited(), now)
                case WatchEnded(channel_id=channel_id):
                    self._guests.pop(ids.call_id(self.plan.centre, channel_id), None)
                case LegEnded(agent_id=agent_id) if agent_id is not None:
                    self.staff.happens(agent_id, agents.PhoneFree(), now)
                case Classified(disposition=Disposition.PRANK | Disposition.GHOST):
                    self.callers.blame(done.call.caller.number, line.call_id, self.plan, now)
                case Classified():
                    self.callers.acquit(done.call.caller.number, line.call_id, self.plan, now)
                case _:
                    pass
        if done.asked is not None:
            target = look_up(done.asked.code, self.plan, self.staff.agents)
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
            self._deadlines.remove(call.id)
            self._ended[call.id] = None
            if len(self._ended) > _REMEMBERED:
                del self._ended[next(iter(self._ended))]
            return
        self.calls[call.id] = call
        self.crowd.put(call)
        self.taps.put(call)
        self.surge.listened(now, len(self.crowd.suspects), len(self.staff.on_duty))
        if call.deadline is None:
            self._deadlines.remove(call.id)
        else:
            self._deadlines.put(call.id, (call.deadline,))

    # Agents.

    def _code(self, event: CodeDialled, now: float, decision: Decision) -> None:
        """An agent dialled a feature code: let it take effect, and say so."""
        known = self.staff.by_phone(event.endpoint)
        confirmation = Confirmation.UNKNOWN
        if known is not None and (wanted := watching(event.code)) is not None:
            self._watch(known, event.channel_id, *wanted, now, decision)
            return
        if known is not None:
            self.staff.happens(known.id, agents.Reached(reachable=True), now)
            if is_order(event.code):
                confirmation = self._order(event.code, known.id, now, decision)
            else:
                effect, confirmation = said(event.code, known)
                if effect is not None:
                    self.staff.happens(known.id, effect, now)
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
        seat, watched = self.plan.seats.get(supervisor.id), self.staff.agents.get(agent_id)
        if seat is None or seat.tier is not Tier.SUPERVISOR:
            decision.commands.append(Confirm(channel, Confirmation.NOT_ALLOWED))
            return
        call_id, leg = watched.phone if watched is not None and watched.phone is not None else (None, None)
        call = None if call_id is None else self.calls.get(call_id)
        if call is None or leg not in {one.leg for one in call.talkers}:
            decision.commands.append(Confirm(channel, Confirmation.NOT_TALKING))
            return
        self._last_calls[supervisor.id] = LastCall(call.id, call.caller.number)
        self.staff.happens(supervisor.id, agents.Watches(on=True), now)
        if how is Watching.BARGE:
            self._expect(call.id, channel)
            self._call_event(call, Barged(call.id, supervisor.id, agent_id, channel), now, decision)
            return
        self._write(call, Watched(supervisor.id, agent_id, how), now, decision)
        decision.commands.append(Watch(channel, how, ids.agent_channel(call.id, LegId(leg))))

    def _expect(self, call_id: CallId, channel: ChannelId) -> None:
        """Know a guest's phone when it goes: events name it as if a caller's call were going."""
        self._guests[ids.call_id(self.plan.centre, channel)] = GuestGone(call_id, channel)

    # The whole.

    def _resync(self, event: Resynced, now: float, decision: Decision) -> None:
        """The connection stands: bring what we believe in line with what is."""
        self.connected = True
        self.staff.look_at_phones(event.snapshot.reachable, event.snapshot.busy, now)
        found = [(call.id, one) for call in self.calls.values() for one in differences(call, event)]
        if event.routine:
            found = self._seen_twice(found)
            decision.mended += [(call_id, type(missed).__name__) for call_id, missed in found]
        decision.mended += self._free_stuck(now)
        for call_id, missed in found:
            if (still := self.calls.get(call_id)) is not None:
                self._call_event(still, missed, now, decision)
        # After those who were here before: a phone that rings for none of them any more is theirs first.
        for arrival in event.snapshot.arrivals:
            if arrival.call_id not in self.calls:
                self._handle(arrival, now, decision)
                self._handle(CallerEntered(arrival.call_id), now, decision)
        decision.commands += sweep(self.calls, event.snapshot)
        before, self._strangers = self._strangers, strangers(self.calls, event.snapshot)
        decision.commands += sweep_desks(self._strangers, before, event.snapshot)

    def _free_stuck(self, now: float) -> list[tuple[CallId, str]]:
        """Free the agents whose phone seems to have a leg that no call knows."""
        stuck = []
        for agent_id, call_id, leg in self.staff.legs():
            call = self.calls.get(call_id)
            if call is None or call.leg(leg) is None:
                stuck.append((call_id, agents.PhoneFree.__name__))
                self.staff.happens(agent_id, agents.PhoneFree(), now)
        return stuck

    def _seen_twice(self, found: list[_Missed]) -> list[_Missed]:
        """News that is still on its way looks as if it were missed: what two looks in a row see, is."""
        doubted, self._doubted = self._doubted, frozenset(found)
        return [one for one in found if one in doubted]

    def _drain(self, now: float, decision: Decision) -> None:
        self.draining = True
        for call in list(self.calls.values()):
            if call.presence is Presence.PRESENT:
                self._call_event(call, HandOverOrdered(call.id, "draining"), now, decision)

    def _assign(self, now: float, decision: Decision) -> None:
        """While somebody waits and somebody may be rung for them: the first in line first."""
        while self.connected and not self.draining:
            if (chosen := self._next(now)) is None:
                self._withdraw(now, decision)
                return
            self._call_event(self.calls[chosen.call_id], chosen, now, decision)

    def _withdraw(self, now: float, decision: Decision) -> None:
        """Where no phone is free for who may need help, one that still rings for information becomes so."""
        first = self.crowd.waiting.first() if self.crowd.calling else None
        if first is None or not self._goes_before(self.calls[first], now):
            return
        for call_id in reversed(self.crowd.calling):
            rung = [one.agent_id for one in self.calls[call_id].legs]
            if any(may_ring(self.calls[first], self.plan.seats.get(one)) for one in rung):
                self._freed = rung[-1]
                self._call_event(self.calls[call_id], RingWithdrawn(call_id), now, decision)
                return

    def _goes_before(self, call: Call, now: float) -> bool:
        """Whether a call goes before information, and no phone is just being freed for it."""
        freed = None if self._freed is None else self.staff.agents.get(self._freed)
        soon = freed is not None and isinstance(freed.state, agents.Available) and freed.phone is not None
        unheard = sort(call) is Sort.UNHEARD and self.surge.is_silent(now, self.plan)
        return call.band <= Band.NORMAL and not (soon or unheard or call.suspect)

    def _next(self, now: float) -> AgentChosen | None:
        """Find the next pair; somebody who waits longer may be allowed phones that the first is not."""
        if not self.staff.free.nobody:
            flood = self.surge.is_silent(now, self.plan)
            unheard = not flood or len(self.crowd.listened) < self._share
            served = {Sort.NEED: True, Sort.ASK: self.may_inform, Sort.UNHEARD: unheard}
            for call_id in self.crowd.heads(served, flood=flood):
                agent_id = self.staff.free.choose(self.calls[call_id], self.plan)
                if agent_id is not None:
                    return AgentChosen(call_id, agent_id, self.staff.agents[agent_id].endpoint)
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
        decision.agents += self.staff.changes(now)
        if (stands := self.queue_state(now)) is not self.queue_seen[0]:
            self.queue_seen, decision.queue = (stands, now), stands
        if self.callers.changed:
            decision.memory += self.callers.news(self.plan)
        return decision
