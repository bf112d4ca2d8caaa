"""The centre: every call, every agent, the queue between them, and one function for all that happens.

`Router.handle(event, now)` is synchronous, deterministic and free of side effects outside the router: it
returns what to do and what to write down. The router alone knows calls and agents at once; a call learns of
its agent by `AgentChosen`, an agent of its call by what the call's journal says.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias, assert_never

from siaga112.routing import happenings, ids
from siaga112.routing.arrival import Circumstances, arrive, refuse
from siaga112.routing.assigning import next_pair, to_withdraw
from siaga112.routing.call import Call
from siaga112.routing.callers import Memory
from siaga112.routing.commands import DeskCommand, HandOver, Hangup
from siaga112.routing.decision import Decision, LastSeen
from siaga112.routing.desk import SURGE, answer_code
from siaga112.routing.entries import Adopted
from siaga112.routing.events import (
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
)
from siaga112.routing.floor import Floor
from siaga112.routing.heard import Heard
from siaga112.routing.legs import Presence, Stage
from siaga112.routing.plan import Listening, Plan
from siaga112.routing.resync import differences, strangers, sweep, sweep_desks
from siaga112.routing.words import AgentId, CallId, ChannelId, Outcome, QueueState

_Missed: TypeAlias = tuple[CallId, CallEvent]


class Router(Floor):
    """Decides. `now` never runs back: the caller of `handle` sees to that."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.queue_seen = QueueState.DISABLED, 0.0
        """How the queue stands, and since when."""
        self._doubted: frozenset[_Missed] = frozenset()
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
            if one.name == SURGE:
                self.surge.order(on=True)
            else:
                self.callers.learn(one)
        for agent_id, last in seen.items():
            self.staff.restore(agent_id, last, now)
        for call in calls:
            self.write(call, Adopted(), now, decision)
            for guest in call.guests:
                self.expect(call.id, guest.channel_id)
                self.staff.happens(guest.agent_id, happenings.Watches(on=True), now)
            for leg in call.legs:
                rung = happenings.Chosen if leg.invited is None else happenings.Invited
                self.staff.happens(leg.agent_id, rung(call.id, leg.leg), now)
                if leg.stage is Stage.ANSWERED:
                    self.staff.happens(leg.agent_id, happenings.PickedUp(), now)
        return self._conclude(decision, now)

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
                self.call_event(call, DeadlinePassed(), now, decision)
            elif not of_call:
                self.staff.happens(AgentId(name), DeadlinePassed(), now)
        self._listen_to_next(now, decision)
        return self._conclude(decision, now)

    def _listen_to_next(self, now: float, decision: Decision) -> None:
        rules = self.plan.listening or Listening()
        call_id = self.taps.take(now, rules.begun_per_second) if self.connected else None
        if call_id is not None:
            self.call_event(self.calls[call_id], TapAllowed(call_id), now, decision)

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
                guest = self.guests.get(call_id) if isinstance(event, LegGone) else None
                of, what = (call_id, event) if guest is None else (guest.call_id, guest)
                if (call := self.calls.get(of)) is not None:
                    self.call_event(call, what, now, decision)
            case CommandFailed(command):
                if isinstance(command, DeskCommand):
                    return
                known = self.calls.get(command.call_id)
                if known is not None:
                    self.call_event(known, event, now, decision)
            case CodeDialled():
                answer_code(self, event, now, decision)
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
            if not event.must_claim:
                # It came into our hands after all: its record is closed, not the caller's need.
                decision.commands.append(HandOver(event.call_id, event.channel_id))
            return
        if event.call_id in self.calls or (self.draining and event.must_claim):
            return  # Not claimed: the dialplan goes on to its fallback.
        if len(self.calls) >= self.plan.most_calls and not self._make_room(now, decision):
            self.take(refuse(event, self.plan, now), now, decision)
            return
        self.taps.give_way(now)
        begun = arrive(event, self.plan, now, self._circumstances(event, now))
        self.take(replace(begun, commands=()), now, decision)
        # The phone before the claim: ringing is what the caller waits for, the claim has half a second.
        self._assign(now, decision)
        decision.commands += begun.commands
        if self.draining:
            order = HandOverOrdered(event.call_id, "draining")
            self.call_event(self.calls[event.call_id], order, now, decision)

    def _make_room(self, now: float, decision: Decision) -> bool:
        """Who may speak comes in before who was listened to in vain: the last of those is set aside."""
        spare = next((x for x in self.crowd.least_likely() if self.calls[x].waits), None)
        if spare is not None:
            order = HandOverOrdered(spare, "nothing heard, and no room", Outcome.REFUSED)
            self.call_event(self.calls[spare], order, now, decision)
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
            self.staff.happens(leg.agent_id, happenings.PhoneRang(), now)
        self.call_event(call, event, now, decision)

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
                self.call_event(still, missed, now, decision)
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
                stuck.append((call_id, happenings.PhoneFree.__name__))
                self.staff.happens(agent_id, happenings.PhoneFree(), now)
        return stuck

    def _seen_twice(self, found: list[_Missed]) -> list[_Missed]:
        """News that is still on its way looks as if it were missed: what two looks in a row see, is."""
        doubted, self._doubted = self._doubted, frozenset(found)
        return [one for one in found if one in doubted]

    def _drain(self, now: float, decision: Decision) -> None:
        self.draining = True
        for call in list(self.calls.values()):
            if call.presence is Presence.PRESENT:
                self.call_event(call, HandOverOrdered(call.id, "draining"), now, decision)

    def _assign(self, now: float, decision: Decision) -> None:
        """While somebody waits and somebody may be rung for them: the first in line first."""
        while self.connected and not self.draining:
            chosen = next_pair(self, now)
            event = chosen or to_withdraw(self, now)
            if event is not None:
                self.call_event(self.calls[event.call_id], event, now, decision)
            if chosen is None:
                return

    def _conclude(self, decision: Decision, now: float) -> Decision:
        """Give the free agents their calls, and say which agents look different than before."""
        self._assign(now, decision)
        decision.agents += self.staff.changes(now)
        if (stands := self.queue_state(now)) is not self.queue_seen[0]:
            self.queue_seen, decision.queue = (stands, now), stands
        if self.callers.changed:
            decision.memory += self.callers.news(self.plan)
        return decision
