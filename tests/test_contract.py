"""The names that the outside relies on: commands, metrics, addresses. To change one here breaks somebody."""

import argparse
from collections.abc import Iterator

import pytest
from prometheus_client import Metric

from siaga112 import __version__
from siaga112.cli import _parser, main
from siaga112.dispatcher import ReplacedError
from siaga112.metrics import Metrics
from siaga112.routing.words import NumberSource, OfferResult, Outcome, ServedBy
from siaga112.store.rows import TABLES
from siaga112.web.server import application

COMMANDS = {
    "run": {"--config"},
    "check": {"--config"},
    "migrate": {"--config"},
    "agents": {"--config"},
    "calls": {"--config"},
    "lab up": {"--dir", "--agents", "--sip-port", "--http-port", "--no-daemon"},
    "lab call": {"--dir", "--count", "--rate", "--from"},
    "lab asterisk": {"--dir"},
    "audio classify": set[str](),
    "audio evaluate": set[str](),
}

METRICS = {
    "siaga112_calls_total": {"outcome"},
    "siaga112_calls_in_progress": {"state"},
    "siaga112_suspicions_total": {"suspicion"},
    "siaga112_dispositions_total": {"disposition"},
    "siaga112_answer_seconds": set[str](),
    "siaga112_queue_waiting": {"band"},
    "siaga112_queue_longest_wait_seconds": set[str](),
    "siaga112_oldest_wait_with_free_agent_seconds": set[str](),
    "siaga112_agents": {"state"},
    "siaga112_offers_total": {"result"},
    "siaga112_ari_connected": set[str](),
    "siaga112_ari_requests_total": {"status"},
    "siaga112_ari_request_seconds": set[str](),
    "siaga112_event_lag_seconds": set[str](),
    "siaga112_records_spooled": set[str](),
    "siaga112_records_written_total": set[str](),
    "siaga112_audio_taps": set[str](),
    "siaga112_audio_late_frames_total": set[str](),
    "siaga112_recording_failures_total": set[str](),
    "siaga112_fallback_calls_total": set[str](),
    "siaga112_build_info": {"version"},
}
"""By name, with the labels."""

OFFER_RESULTS = {"answered", "rona", "busy", "unreachable", "ring_cancelled", "answered_elsewhere"}

COLUMNS = """
call_id centre channel_id caller_number caller_number_source cli_restricted dialled language
started_at answered_at queued_at first_offered_at agent_answered_at ended_at ended_by outcome
disposition suspicion band agent_id offers wait_s ring_s talk_s hangup_cause voice_seconds
first_voice_at dtmf audio_class recording served_by attempt updated_at
"""


def commands(parser: argparse.ArgumentParser, before: str = "") -> Iterator[tuple[str, set[str]]]:
    """List every command with its options."""
    below = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
    if not below:
        yield before.strip(), {name for one in parser._actions for name in one.option_strings}
    for action in below:
        for name, one in action.choices.items():
            yield from commands(one, f"{before} {name}")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_exists(command: str) -> None:
    """With every option that scripts use."""
    known = dict(commands(_parser()))
    assert command in known
    assert known[command] >= COMMANDS[command]


def test_the_kinds_of_calls() -> None:
    """Every kind that `lab call` is asked for, and no other."""
    kinds = [
        "talk",
        "info",
        "silent",
        "silent5",
        "ghost",
        "noaudio",
        "abandon",
        "hangup-ringing",
        "anon",
        "nosim",
    ]
    for kind in kinds:
        assert _parser().parse_args(["lab", "call", kind]).kind == kind


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """`siaga112 --version`."""
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"siaga112 {__version__}\n"


def families() -> dict[str, Metric]:
    """The metrics by the names that Prometheus shows."""
    endings = {"counter": "_total", "info": "_info"}
    return {one.name + endings.get(one.type, ""): one for one in Metrics().registry.collect()}


@pytest.mark.parametrize("name", METRICS)
def test_the_metric_exists(name: str) -> None:
    """By exactly this name."""
    assert name in families()


def test_metrics_have_their_labels_and_no_other() -> None:
    """A label that nobody expects would part a series in two."""
    metrics = Metrics()
    for one in vars(metrics).values():
        if hasattr(one, "_labelnames"):
            name = one._name + ("_total" if one._type == "counter" else "")
            assert set(one._labelnames) == METRICS.get(name, set(one._labelnames)), name
    assert families()["siaga112_build_info"].samples[0].labels == {"version": __version__}


def test_the_buckets_of_the_answer_time() -> None:
    """Dashboards ask for the share within 10 s, so that edge must be there."""
    samples = families()["siaga112_answer_seconds"].samples
    edges = [float(one.labels["le"]) for one in samples if one.name.endswith("_bucket")]
    assert edges[:-1] == [1, 2, 5, 8, 10, 15, 20, 30, 60, 120, 300]


def test_the_words_of_the_tables() -> None:
    """Reports filter by them."""
    assert [one.value for one in Outcome] == [
        "refused",
        "abandoned_setup",
        "abandoned_ivr",
        "short_abandon",
        "abandoned_queue",
        "abandoned_ringing",
        "answered",
        "info_selfservice",
        "overflowed",
        "transferred_region",
        "failed_technical",
    ]
    assert {one.value for one in OfferResult} == {
        "answered",
        "rona",
        "busy",
        "unreachable",
        "ring_cancelled",
        "answered_elsewhere",
    }
    assert {one.value for one in NumberSource} == {"pai", "from", "none"}
    assert {one.value for one in ServedBy} == {"daemon", "fallback"}


def test_the_columns_of_a_record() -> None:
    """Every column of the contract is one that the daemon writes."""
    assert {one.name for one in TABLES["call_record"].columns} >= set(COLUMNS.split())


def test_the_addresses_of_the_http_side() -> None:
    """What is scraped, probed and opened by a browser."""
    app = application(None)  # type: ignore[arg-type]
    served = {one.canonical for one in app.router.resources()}
    assert served >= {"/", "/healthz", "/readyz", "/metrics", "/api/v1/openapi.json", "/ws/live"}


def test_replaced_is_no_configuration_error() -> None:
    """An exit status of its own tells systemd not to start us again (RestartPreventExitStatus)."""
    from siaga112.daemon import REPLACED  # noqa: PLC0415 - the rest of this file needs no daemon

    assert REPLACED == 3
    assert issubclass(ReplacedError, Exception)
