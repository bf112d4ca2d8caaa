"""The centre as it stands: every call, every agent, the queue between them; how a call's step takes effect.

The floor alone knows calls and agents at once. What is decided about them, `router` and its neighbours say.
"""

from dataclasses import replace
from typing import Final

from siaga112.routing import happenings, ids
from siaga112.routing.call import Call, Ended
from siaga112.routing.callers import Callers, Past
from siaga112.routing.crowd import Crowd
from siaga112.routing.decision import Decision
from siaga112.routing.directory import look_up
from siaga112.routing.entries import Classified, Entry, Journaled, LegEnded, OfferEnded, OfferMade
from siaga112.routing.events import CallEvent, GuestGone, TargetNamed
from siaga112.routing.plan import Plan
from siaga112.routing.queue import Line
from siaga112.routing.staff import Staff
from siaga112.routing.steps import step
from siaga112.routing.supervision import LastCall
from siaga112.routing.surge import SurgeWatch
from siaga112.routing.talks import Invited, InviteEnded, Watched, WatchEnded
from siaga112.routing.tapturns import TapTurns
from siaga112.routing.turn import Step
from siaga112.routing.words import OVERFLOW, AgentId, CallId, ChannelId, Disposition, OfferResult, QueueState

_REMEMBERED: Final = 1024
"""How many ended calls are remembered, for news of them that comes late."""


class Floor:
    """Everything that goes on."""

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
        self.last_calls: dict[AgentId, LastCall] = {}
        self._deadlines: Line[CallId] = Line()
        self._ended: dict[CallId, None] = {}
        self.freed: AgentId | None = None
        """Whose phone was taken last from a call for information."""
        self.guests: dict[CallId, GuestGone] = {}
        """What the going of a supervisor's phone means that is in a talk, by the name that events give it."""

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
        return len(self.crowd.informed) < self.share

    @property
    def share(self) -> int:
        """So many call-takers may be with those who have to leave some for others; one at least."""
        return max(1, int(len(self.staff.on_duty) * self.plan.information_share))

    # What happens.

    def write(self, call: Call, entry: Entry, now: float, decision: Decision) -> None:
        """Write into a call's journal what only the router knows."""
        seq = call.journaled + 1
        decision.journal.append(Journaled(call.id, seq, now, entry))
        self._set_call(replace(call, journaled=seq), now)

    def call_event(self, call: Call, event: CallEvent, now: float, decision: Decision) -> None:
        """Let something happen to a call."""
        self.take(step(call, event, now), now, decision)

    def take(self, done: Step, now: float, decision: Decision) -> None:
        """Keep a call's new state, and tell its agents what its journal says."""
        self._set_call(done.call, now)
        decision.commands += done.commands
        decision.journal += done.journal
        for line in done.journal:
            match line.entry:
                case OfferMade(leg, agent_id):
                    self.staff.happens(agent_id, happenings.Chosen(line.call_id, leg), now)
                case OfferEnded(_, agent_id, OfferResult.ANSWERED):
                    self.last_calls[agent_id] = LastCall(line.call_id, done.call.caller.number)
                    self.staff.happens(agent_id, happenings.PickedUp(), now)
                case OfferEnded(_, agent_id, result):
                    self.staff.happens(agent_id, happenings.OfferLost(result), now)
                case Invited(leg, agent_id, inside=True):
                    self.staff.happens(agent_id, happenings.Invited(line.call_id, leg), now)
                case InviteEnded(_, agent_id, _, OfferResult.ANSWERED):
                    self.staff.happens(agent_id, happenings.PickedUp(), now)
                case InviteEnded(agent_id=agent_id):
                    self.staff.happens(agent_id, happenings.Uninvited(), now)
                case Watched(channel_id=channel_id) if channel_id is not None:
                    self.expect(line.call_id, channel_id)
                case WatchEnded(channel_id=channel_id):
                    self.guests.pop(ids.call_id(self.plan.centre, channel_id), None)
                case LegEnded(agent_id=agent_id) if agent_id is not None:
                    self.staff.happens(agent_id, happenings.PhoneFree(), now)
                case Classified(disposition=Disposition.PRANK | Disposition.GHOST):
                    self.callers.blame(done.call.caller.number, line.call_id, self.plan, now)
                case Classified():
                    self.callers.acquit(done.call.caller.number, line.call_id, self.plan, now)
                case _:
                    pass
        if done.asked is not None:
            target = look_up(done.asked.code, self.plan, self.staff.agents)
            named = TargetNamed(done.call.id, done.asked, target)
            self.call_event(done.call, named, now, decision)

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

    def expect(self, call_id: CallId, channel: ChannelId) -> None:
        """Know a guest's phone when it goes: events name it as if a caller's call were going."""
        self.guests[ids.call_id(self.plan.centre, channel)] = GuestGone(call_id, channel)
