"""What Prometheus shows of a busy quarter of a minute is what the records say, to the call."""

import re

import pytest

from tests.asterisk.centre import soon
from tests.test_contract import METRICS
from tests.watch.conftest import Watched

COUNTED = {
    "siaga112_calls_total": "SELECT outcome, count(*) FROM siaga112.call_record GROUP BY 1",
    "siaga112_dispositions_total": "SELECT disposition, count(*) FROM siaga112.call_record GROUP BY 1",
    "siaga112_suspicions_total": "SELECT suspicion, count(*) FROM siaga112.call_record GROUP BY 1",
    "siaga112_offers_total": "SELECT result, count(*) FROM siaga112.call_offer GROUP BY 1",
}
ANSWER_S = "extract(epoch FROM agent_answered_at - started_at)"


@pytest.mark.parametrize("metric", COUNTED)
async def test_the_counters_equal_the_records(watched: Watched, metric: str) -> None:
    """By every label, nothing missing and nothing twice."""
    rows = await watched.query(COUNTED[metric])
    recorded = {(row.pop("count"), *row.values()) for row in rows}
    shown = {(number, *labels) for labels, number in watched.prometheus.ask(metric).items() if number}
    assert shown == recorded
    assert len(recorded) > 1, "the calls were not of several kinds"


async def test_there_were_calls_of_every_kind(watched: Watched) -> None:
    """Equality between empty tables would be worth nothing."""
    outcomes = {row["outcome"] for row in await watched.query("SELECT outcome FROM siaga112.call_record")}
    assert outcomes >= {"answered", "abandoned_ringing", "abandoned_queue", "info_selfservice"}
    offers = {row["result"] for row in await watched.query("SELECT result FROM siaga112.call_offer")}
    assert offers >= {"answered", "rona", "busy", "ring_cancelled"}
    said = {row["disposition"] for row in await watched.query("SELECT disposition FROM siaga112.call_record")}
    assert said == {"prank", "unclassified"}
    calls = await watched.query("SELECT count(*) AS n FROM siaga112.call_record")
    flagged = "SELECT FROM siaga112.call_record WHERE suspicion = 'abuse_flagged'"
    assert len(await watched.query(flagged)) == 1
    assert calls[0]["n"] >= 28


async def test_the_answer_times_equal_the_records(watched: Watched) -> None:
    """Every bucket of the histogram, those of the 10, 15 and 20 s marks among them, and the sum."""
    buckets = watched.prometheus.ask("siaga112_answer_seconds_bucket")
    for (edge,), number in buckets.items():
        sql = f"SELECT count(*) AS n FROM siaga112.call_record WHERE {ANSWER_S} <= $1::text::float8"  # noqa: S608
        assert (await watched.query(sql, edge))[0]["n"] == number, edge
    assert {"10.0", "15.0", "20.0", "+Inf"} <= {edge for (edge,) in buckets}
    (row,) = await watched.query(
        f"SELECT count({ANSWER_S}) AS n, sum({ANSWER_S})::float8 AS s FROM siaga112.call_record"  # noqa: S608
    )
    assert watched.prometheus.ask("siaga112_answer_seconds_count") == {(): row["n"]}
    assert watched.prometheus.ask("siaga112_answer_seconds_sum")[()] == pytest.approx(row["s"], abs=0.01)


async def test_the_fallbacks_calls_equal_the_records(watched: Watched) -> None:
    """Those that only the dialplan's fallback served are counted, too."""
    sql = "SELECT count(*) AS n FROM siaga112.call_record WHERE served_by = 'fallback'"
    recorded = (await watched.query(sql))[0]["n"]
    assert watched.prometheus.ask("siaga112_fallback_calls_total") == {(): recorded}
    assert recorded == 2


async def test_nothing_is_left_over(watched: Watched) -> None:
    """After the last call nobody is in progress or waits, and all rows that were written are counted."""
    ask = watched.prometheus.ask
    for gauge in ("calls_in_progress", "queue_waiting", "queue_longest_wait_seconds"):
        assert set(ask(f"siaga112_{gauge}").values()) == {0.0}, gauge

    async def all_written() -> bool:  # A phone's state may have changed just before the last scrape.
        return ask("siaga112_records_spooled") == {(): 0.0}

    await soon("every row is in PostgreSQL", all_written)
    assert ask("siaga112_records_written_total")[()] > 28
    assert ask("siaga112_ari_connected") == {(): 1.0}
    assert ask("siaga112_recording_failures_total") == {(): 0.0}


def test_every_metric_of_the_contract_is_scraped(watched: Watched) -> None:
    """By its name and with exactly its labels, as a real Prometheus has it."""
    for name, labels in METRICS.items():
        series = {"siaga112_answer_seconds", "siaga112_ari_request_seconds", "siaga112_event_lag_seconds"}
        shown = f"{name}_count" if name in series else name
        found = watched.prometheus.get("query", query=shown)["result"]
        assert found, name
        for one in found:
            assert set(one["metric"]) - {"__name__", "instance", "job"} == labels, name


def test_no_number_and_no_name_is_a_label(watched: Watched) -> None:
    """Labels are words of ours, or bounds in ms: no caller, no call-taker, no call."""
    series = watched.prometheus.get("series", **{"match[]": '{__name__=~"siaga112_.*"}'})
    of_ours = ({**one, "instance": "", "version": "", "le": "", "behind_ms": ""} for one in series)
    values = {
        value for one in of_ours for name, value in one.items() if name not in {"__name__", "job", "status"}
    }
    assert "answered" in values
    assert [one for one in values if re.search(r"\d\d", one)] == []
