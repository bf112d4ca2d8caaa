"""The alert rules speak of metrics, labels and buckets that the daemon really shows."""

import re
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from siaga112.metrics import Metrics
from siaga112.observe import Observer
from siaga112.routing.plan import Plan, Timings
from siaga112.routing.router import Router

FOLDER = Path(__file__).resolve().parent.parent.parent / "deploy" / "prometheus"
RULES = (FOLDER / "alerts.yml").read_text(encoding="utf-8")


@pytest.fixture
def shown() -> str:
    """What a daemon without calls and call-takers shows."""
    observer = Observer(Metrics())
    observer.gauges(Router(Plan("35.79", "id", Timings(), {})), 0.0)
    return generate_latest(observer.metrics.registry).decode()


def test_every_series_is_one_of_the_daemons(shown: str) -> None:
    """A rule on a metric that nobody has never fires, and nobody notices."""
    named = set(re.findall(r"\bsiaga112_[a-z_]+", RULES))
    assert len(named) > 12
    assert named <= set(re.findall(r"^(siaga112_\w+)", shown, re.MULTILINE))


def test_every_state_and_bucket_is_one_of_the_daemons(shown: str) -> None:
    """The states that mean on duty, and the mark of 20 s, are written as the daemon writes them."""
    states = {one for text in re.findall(r'state=~?"([^"]+)"', RULES) for one in text.split("|")}
    assert "available" in states
    assert states <= set(re.findall(r'siaga112_agents{state="(\w+)"}', shown))
    for bucket in set(re.findall(r'le="([^"]+)"', RULES)):
        assert f'siaga112_answer_seconds_bucket{{le="{bucket}"}}' in shown


def test_every_alert_says_what_to_do_and_is_tried() -> None:
    """A summary, a remedy, who is to be woken; and a case of promtool's."""
    alerts = RULES.split("- alert: ")[1:]
    tried = (FOLDER / "alerts_test.yml").read_text(encoding="utf-8")
    for alert in alerts:
        name = alert.split()[0]
        assert re.search(r"labels: \{severity: (page|warn)\}", alert), name
        assert "summary: " in alert, name
        assert "remedy: " in alert, name
        assert name in tried
