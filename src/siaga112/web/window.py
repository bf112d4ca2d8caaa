"""What the web side may ask of the daemon, and the shapes of the answers."""

from typing import Protocol

from aiohttp import web
from prometheus_client import CollectorRegistry
from pydantic import BaseModel, ConfigDict


class _View(BaseModel):
    """What has a default is in every answer all the same."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class AgentView(_View):
    """One call-taker, as it stands."""

    id: str
    name: str
    endpoint: str
    state: str
    reason: str | None
    since: float
    reachable: bool
    call_id: str | None


class CallView(_View):
    """One call in progress; without the caller's number, which only a signed-in call-taker may see."""

    call_id: str
    state: str
    band: int
    since: float
    waits: bool
    """Whether the caller waits for a person; who listens to recorded information does not."""
    waited_s: float
    agent_id: str | None
    dialled: str
    suspicion: str
    """Advice: none, or what the machine or a call-taker's earlier verdict warns of."""
    audio_class: str | None
    """What the caller's line is taken for; null while that is not known."""
    attempt: int = 1
    held: bool = False
    """Whether the caller is on hold: in the talk, and hears music."""


class TodayView(_View):
    """The calls of the present day that are in the records; shares as in the view kpi_daily, 0 to 1."""

    calls: int
    answered: int
    abandoned: int
    sl_10: float | None
    sl_15: float | None
    sl_20: float | None
    fallback: int
    fallback_at: float | None


class CentreView(_View):
    """The whole centre at one moment; `today` is null while PostgreSQL cannot be asked."""

    code: str
    name: str
    time_zone: str = "UTC"
    version: str
    at: float
    ready: bool
    missing: list[str] = []
    degraded: list[str] = []
    queue_state: str = "disabled"
    """active, diversion_requested (others should help), inactive (nobody on duty) or disabled."""
    queue_since: float = 0.0
    """Since when, in Unix seconds."""
    today: TodayView | None = None
    agents: list[AgentView]
    calls: list[CallView]


class Window(Protocol):
    """The daemon, seen from the web."""

    def seconds_since_turn(self) -> float:
        """Seconds since the dispatcher last looked into its inbox."""

    def readiness(self) -> tuple[list[str], list[str]]:
        """What is missing for a call to be served, and what is worse than it should be."""

    def fresh_metrics(self) -> CollectorRegistry:
        """The metrics, every gauge brought up to date."""

    def centre(self) -> CentreView:
        """The centre as it stands."""


WINDOW: web.AppKey[Window] = web.AppKey("window", Window)
