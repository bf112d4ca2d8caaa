"""What the daemon tells who asks from outside: whether it lives, whether it serves, how the centre stands.

Reads what the parts know, changes nothing, and waits for nothing.
"""

from collections.abc import Callable

from prometheus_client import CollectorRegistry

from siaga112 import __version__
from siaga112.clock import Clock
from siaga112.dispatcher import Dispatcher
from siaga112.metrics import Metrics
from siaga112.observe import Observer
from siaga112.planfile import PlanFile
from siaga112.routing.agent import Agent
from siaga112.routing.call import Call, Connected, Ringing
from siaga112.store.shipper import Shipper
from siaga112.store.spool import Spool
from siaga112.tally import Tally
from siaga112.web.window import AgentView, CallView, CentreView


class Answers:
    """What the web may ask (see `web.window`)."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts that know
        self,
        dispatcher: Dispatcher,
        observer: Observer,
        metrics: Metrics,
        spool: Spool,
        shipper: Shipper,
        tally: Tally,
        clock: Clock,
        plan: Callable[[], PlanFile],
    ) -> None:
        self._dispatcher = dispatcher
        self._observer = observer
        self._metrics = metrics
        self._spool = spool
        self._shipper = shipper
        self._tally = tally
        self._clock = clock
        self._plan = plan

    def seconds_since_turn(self) -> float:
        """Seconds since the dispatcher last looked into its inbox."""
        return self._clock.now() - self._dispatcher.last_turn

    def readiness(self) -> tuple[list[str], list[str]]:
        """What is missing for a call to be served, and what is worse than it should be."""
        missing, degraded = [], []
        if self._observer.trouble is not None:
            missing.append(f"asterisk: {self._observer.trouble}")
        elif not self._dispatcher.synced:
            missing.append("asterisk: connected, not yet in step with its calls")
        if self._dispatcher.router.draining:
            missing.append("daemon: it is being stopped")
        if not self._shipper.connected:
            why = self._shipper.last_error or "not connected yet"
            degraded.append(f"postgres: {why}; records wait in the spool")
        if self._spool.error is not None:
            degraded.append(f"spool: {self._spool.error}; records wait in memory")
        if (over := self._spool.over) is not None:
            degraded.append(f"spool: {over}; bring PostgreSQL back, or make room on the disk")
        if self._observer.deaf is not None:
            degraded.append(f"ear: {self._observer.deaf}; silent callers are not told from others")
        if self._dispatcher.router.staff.free.first() is None:
            degraded.append("agents: no call-taker is free; dial *11 on a phone to be ready")
        return missing, degraded

    def fresh_metrics(self) -> CollectorRegistry:
        """The metrics, every gauge brought up to date."""
        self._observer.gauges(self._dispatcher.router, self._clock.now())
        self._metrics.spooled.set(self._spool.depth())
        self._metrics.spool_bytes.set(self._spool.bytes)
        self._metrics.spool_age.set(self._spool.oldest_age)
        return self._metrics.registry

    def centre(self) -> CentreView:
        """The centre as it stands."""
        router, now = self._dispatcher.router, self._clock.now()
        missing, degraded = self.readiness()
        return CentreView(
            code=self._plan().centre.code,
            name=self._plan().centre.name,
            time_zone=self._plan().centre.time_zone,
            version=__version__,
            at=now,
            ready=not missing,
            missing=missing,
            degraded=degraded,
            queue_state=router.queue_seen[0],
            queue_since=router.queue_seen[1],
            today=self._tally.today,
            agents=[self._agent_view(one) for one in router.staff.agents.values()],
            calls=[_call_view(one, now) for one in router.calls.values()],
        )

    def _agent_view(self, agent: Agent) -> AgentView:
        router = self._dispatcher.router
        seen = router.staff.seen(agent.id)
        return AgentView(
            id=agent.id,
            name=router.plan.seats[agent.id].name,
            endpoint=agent.endpoint,
            state=seen.state,
            reason=seen.reason,
            since=seen.since,
            reachable=agent.reachable,
            call_id=agent.phone[0] if agent.phone else None,
        )


def _call_view(call: Call, now: float) -> CallView:
    waits = call.waits or isinstance(call.phase, Ringing)
    heard = None if call.ear is None else call.ear.line.audio_class
    return CallView(
        call_id=call.id,
        state=type(call.phase).__name__.lower(),
        band=call.band,
        since=call.queued_at,
        waits=waits,
        waited_s=now - call.queued_at if waits else 0.0,
        agent_id=call.phase.agent_id if isinstance(call.phase, Connected) else None,
        dialled=call.caller.dialled,
        suspicion=call.suspicion.value,
        attempt=call.attempt,
        held=call.held is not None,
        audio_class=None if heard is None else heard.value,
    )
