"""What can be seen from outside while the daemon works: a log line a transition, and the metrics.

Knows decisions and the metrics' names. Decides nothing. Numbers and names of people never reach a log line
except under a key that says `pii`, and never a label.
"""

from collections import Counter
from collections.abc import Callable
from itertools import zip_longest

import structlog

from siaga112.ari.items import Cause, Connected, Transport, Unavailable
from siaga112.audio.health import Health
from siaga112.metrics import Metrics
from siaga112.routing import entries, talks
from siaga112.routing.call import Call
from siaga112.routing.commands import Command
from siaga112.routing.decision import Decision
from siaga112.routing.entries import Journaled
from siaga112.routing.events import CodeDialled, Event
from siaga112.routing.record import Record
from siaga112.routing.router import Router
from siaga112.routing.words import CallId, Failure, ServedBy
from siaga112.routing.written import to_data

_log = structlog.get_logger("siaga112")
_BANDS = ("0", "1", "2", "3", "4")
_STATES = ("offered", "queued", "ringing", "connected", "clearing")
_AGENT_STATES = (
    "logged_out",
    "available",
    "unreachable",
    "paused",
    "reserved",
    "ringing",
    "on_call",
    "wrap_up",
    "not_responding",
)
_CLOCK_STEP = 0.5
_FALLBACK_TELLS = 60.0
"""Seconds in which the fallback's journal tells of a call that was handed over."""


class Observer:
    """Counts and logs; every method returns at once."""

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics
        self.trouble: str | None = "not connected to Asterisk yet"
        """Why Asterisk cannot be heard, in words for an operator; None while it can."""
        self.refused = False
        """Whether an attempt to connect has failed."""
        self.version = ""
        self.fallback_is_told: Callable[[], bool] = lambda: False
        """Whether calls of the fallback are counted by who reads its own journal."""
        self.deaf: str | None = None
        """Why callers are not listened to; None while they are."""
        self._ear = Health()
        self._handed: dict[CallId, Record] = {}
        """Calls given to the fallback of which its journal has not told yet."""

    # The connection.

    def connected(self, item: Connected) -> None:
        """Asterisk can be heard."""
        self.trouble, self.version = None, item.version
        self.metrics.connected.set(1)
        way = Transport.WEBSOCKET if item.rest_over_websocket else Transport.HTTP
        _log.info("asterisk_connected", version=item.version, requests=way, filtered=item.event_filter)

    def disconnected(self, reason: str) -> None:
        """Asterisk cannot be heard any more."""
        self.trouble = reason
        self.metrics.connected.set(0)
        _log.warning("asterisk_lost", reason=reason)

    def unavailable(self, item: Unavailable) -> None:
        """An attempt to connect failed."""
        self.refused = True
        self.trouble = f"{item.reason}; {_REMEDIES[item.cause]}"
        _log.warning(
            "asterisk_unavailable",
            cause=item.cause,
            reason=item.reason,
            remedy=_REMEDIES[item.cause],
            retry_in=round(item.retry_in, 1),
        )

    def request_done(self, transport: Transport, outcome: str, seconds: float) -> None:
        """A request to Asterisk has ended."""
        _ = transport
        self.metrics.requests.labels(outcome).inc()
        self.metrics.request_seconds.observe(seconds)

    def unknown_event(self, kind: str, *, first: bool) -> None:
        """An event of a type that no description lists."""
        self.metrics.oddities.labels("unknown_event").inc()
        if first:
            _log.info("unknown_event", type=kind)

    def bad_frame(self, kind: str, reason: str, *, first: bool) -> None:
        """A frame that is no event."""
        self.metrics.oddities.labels(kind).inc()
        if first:
            _log.warning("bad_frame", kind=kind, reason=reason)

    def late_reply(self) -> None:
        """A reply to a request that nobody waits for any more."""
        self.metrics.oddities.labels("late_reply").inc()

    # The ear.

    def ear_health(self, health: Health) -> None:
        """How the ear does; its sums begin anew with each of its lives."""
        before = self._ear if health.frames >= self._ear.frames else Health()
        self._ear = health
        self.metrics.taps.set(health.taps)
        self.metrics.late_frames.inc(max(0, health.late - before.late))
        self.metrics.strangers.inc(max(0, health.strangers - before.strangers))
        self.metrics.frames_behind(
            now - then for now, then in zip_longest(health.behind, before.behind, fillvalue=0)
        )
        if health.alive and not health.deaf:
            self.deaf = None
        self.metrics.deaf.set(self.deaf is not None)

    def ear_trouble(self, reason: str) -> None:
        """Callers are not heard: their calls go on as any other, without a flag."""
        self.deaf = reason
        self.metrics.deaf.set(1)
        _log.warning("ear_trouble", reason=reason, remedy="calls go on; silent callers are not told apart")

    # The work.

    def lag(self, seconds: float) -> None:
        """An item has been handled so long after it came."""
        self.metrics.lag.observe(seconds)

    def event(self, event: Event) -> None:
        """An event is about to be handled."""
        if isinstance(event, CodeDialled):
            _log.info("code_dialled", endpoint=event.endpoint, code=event.code)

    def command_failed(self, command: Command, failure: Failure) -> None:
        """A command failed."""
        self.metrics.command_failures.labels(failure.value).inc()
        call_id = getattr(command, "call_id", None)
        _log.info("command_failed", call_id=call_id, command=type(command).__name__, failure=failure)

    def decided(self, decision: Decision) -> None:
        """A decision was taken: one line a transition."""
        for line in decision.journal:
            self._count(line)
            said = to_data(line.entry)
            if "number" in said:
                said["pii_number"] = said.pop("number")
            if "digit" in said:
                said["pii_digit"] = said.pop("digit")
            _log.info(line.entry.kind, call_id=line.call_id, seq=line.seq, **said)
        for call_id, what in decision.mended:
            self.metrics.mended.inc()
            _log.error("mended", call_id=call_id, missed=what)
        if decision.queue is not None:
            _log.info("queue_state", state=decision.queue.value)
        for change in decision.agents:
            _log.info("agent", agent_id=change.agent_id, state=change.state, reason=change.reason)

    def _count(self, line: Journaled) -> None:
        match line.entry:
            case entries.OfferEnded(_, _, result):
                self.metrics.offers.labels(result.value).inc()
            case entries.NumberBlocked():
                self.metrics.blocks.inc()
            case talks.InviteEnded(result=result):
                self.metrics.invitations.labels(result.value).inc()
            case entries.Ended(served_by=ServedBy.FALLBACK):
                _log.warning("served_by_fallback", call_id=line.call_id)
            case _:
                pass

    def recorded(self, before: Record | None, after: Record) -> None:
        """A record has changed: count from it what it says, so that metrics and records never differ."""
        if (before is None or before.agent_answered_at is None) and after.agent_answered_at is not None:
            self.metrics.answered(after)
        if after.ended_at is None:
            return
        if after.served_by == ServedBy.FALLBACK.value:
            if self.fallback_is_told():
                self._handed[after.call_id] = after
                return  # its own journal has the last word, and who reads that counts the call
            self.metrics.fallback.inc()
        self.metrics.ended(after)

    def fallback_has(self, call_id: CallId) -> None:
        """The fallback's journal tells of a call: it is counted when it has ended there."""
        self._handed.pop(call_id, None)

    def _count_handed(self, now: float) -> None:
        """Count the calls that we gave up and that the fallback never got: the caller had gone."""
        for call_id, record in list(self._handed.items()):
            if now - record.updated_at > _FALLBACK_TELLS:
                del self._handed[call_id]
                self.metrics.ended(record)

    def clock_set(self, step: float) -> None:
        """The wall clock was followed again while nothing was in progress."""
        if abs(step) > _CLOCK_STEP:
            _log.warning("clock_was_set", seconds=round(step, 3))

    def gauges(self, router: Router, now: float) -> None:
        """Bring every gauge up to date; called before a scrape."""
        self._count_handed(now)
        calls = list(router.calls.values())
        states = Counter(type(one.phase).__name__.lower() for one in calls)
        for state in _STATES:
            self.metrics.in_progress.labels(state).set(states[state])
        waiting = [one for one in calls if one.waits]
        bands = Counter(str(one.band) for one in waiting)
        for band in _BANDS:
            self.metrics.waiting.labels(band).set(bands[band])
        self.metrics.surge.set(router.surge.is_on(now, router.plan))
        self.metrics.blocked.set(sum(router.callers.is_blocked(one, now) for one in router.callers.blocks))
        oldest = _oldest_wait(waiting, now)
        self.metrics.longest_wait.set(oldest)
        self.metrics.wait_with_free_agent.set(oldest if router.staff.free.first() is not None else 0.0)
        agents = Counter(one.state_name for one in router.staff.agents.values())
        for state in _AGENT_STATES:
            self.metrics.agents.labels(state).set(agents[state])


def _oldest_wait(waiting: list[Call], now: float) -> float:
    return max((now - one.queued_at for one in waiting), default=0.0)


_REMEDIES = {
    Cause.UNREACHABLE: "is Asterisk running, http.conf enabled, and asterisk.url right?",
    Cause.UNAUTHORIZED: "compare asterisk.user and password with ari.conf (read_only must be no)",
    Cause.NO_ARI: "load res_ari and its modules, as modules.conf of asterisk-conf does",
}
