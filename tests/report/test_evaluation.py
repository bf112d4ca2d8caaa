"""Four months, six thousand calls: every figure of the report against hand-written SQL on the raw journal.

Nothing here uses the product's views, its fold or its records, but for classes that no code can say yet: they
stand in the records alone.
"""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from siaga112.cli import main
from siaga112.store.migrate import Connection
from tests.report.conftest import write_config
from tests.report.dataset import SHIFTS

BY_HAND = """
WITH one AS (
    SELECT e.call_id,
        coalesce(max(e.at) FILTER (WHERE e.kind = 'arrived'),
                 to_timestamp(max((e.data->>'arrived_at')::float8))) AS came,
        coalesce(max(e.at) FILTER (WHERE e.kind = 'arrived'),
                 max(e.at) FILTER (WHERE e.kind = 'fallback_entered')) AS queued,
        coalesce(min(e.at) FILTER (WHERE e.kind = 'connected'),
                 to_timestamp(max((e.data->>'answered_at')::float8))) AS picked_up,
        max(e.at) FILTER (WHERE e.kind IN ('ended', 'fallback_ended')) AS over,
        min(e.at) FILTER (WHERE e.kind IN ('leg_ended', 'fallback_ended')) AS hung_up,
        max(e.data->>'agent_id') FILTER (WHERE e.kind IN ('connected', 'fallback_ended')) AS agent,
        count(*) FILTER (WHERE e.kind = 'offer_made') AS offers,
        count(*) FILTER (WHERE e.kind = 'offer_ended' AND e.data->>'result' = 'rona') AS rona,
        max(e.at) FILTER (WHERE e.kind = 'offer_made') AS last_ring,
        bool_or(e.kind = 'fallback_entered') AS fell_back,
        max(e.data->>'outcome') FILTER (WHERE e.kind = 'ended') AS outcome,
        min(e.at) FILTER (WHERE e.kind = 'classified') AS told
    FROM siaga112.call_event e GROUP BY e.call_id
),
call AS (
    SELECT one.*, r.disposition AS class, came AT TIME ZONE 'Asia/Jakarta' AS clock,
        coalesce(one.outcome, CASE WHEN picked_up IS NULL THEN 'abandoned_queue' ELSE 'answered' END) AS fate,
        extract(epoch FROM picked_up - came)::float8 AS answer,
        extract(epoch FROM picked_up - queued)::float8 AS wait,
        CASE WHEN NOT fell_back THEN extract(epoch FROM picked_up - last_ring)::float8 END AS ring,
        extract(epoch FROM hung_up - picked_up)::float8 AS talk,
        extract(epoch FROM coalesce(picked_up, over) - queued)::float8 AS waited
    FROM one JOIN siaga112.call_record r USING (call_id)
),
c AS (SELECT * FROM call WHERE class <> 'test'),
a AS (SELECT * FROM c WHERE fate = 'answered')
"""

TOTALS = {
    "calls": "SELECT count(*) FROM c",
    "test_calls": "SELECT count(*) FROM call WHERE class = 'test'",
    "in_progress": "SELECT count(*) FROM c WHERE over IS NULL",
    "ended": "SELECT count(*) FROM c WHERE over IS NOT NULL",
    "queued": "SELECT count(queued) FROM c",
    "answered": "SELECT count(*) FROM a",
    "abandoned": "SELECT count(*) FROM c WHERE fate IN ('abandoned_queue', 'abandoned_ringing')",
    "fallback": "SELECT count(*) FROM c WHERE fell_back",
    "lost_before_human": "SELECT count(*) FROM c WHERE fate ~ '^(abandoned|short|refused)'",
    "offers": "SELECT sum(offers) FROM c",
    "rona": "SELECT sum(rona) FROM c",
    "answered_10": "SELECT count(*) FROM a WHERE answer <= 10",
    "answered_15": "SELECT count(*) FROM a WHERE answer <= 15",
    "answered_20": "SELECT count(*) FROM a WHERE answer <= 20",
    "answer_n": "SELECT count(answer) FROM a",
    "asa_s": "SELECT avg(answer) FROM a",
    "answer_p50_s": "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY answer) FROM a",
    "answer_p90_s": "SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY answer) FROM a",
    "answer_p99_s": "SELECT percentile_cont(0.99) WITHIN GROUP (ORDER BY answer) FROM a",
    "answer_max_s": "SELECT max(answer) FROM a",
    "answer_slowest_decile_s": "SELECT avg(answer) FROM (SELECT answer FROM a ORDER BY answer DESC "
    "LIMIT (SELECT (count(*) + 9) / 10 FROM a)) tenth",
    "wait_mean_s": "SELECT avg(wait) FROM a",
    "wait_max_s": "SELECT max(wait) FROM a",
    "ring_mean_s": "SELECT avg(ring) FROM a",
    "talk_mean_s": "SELECT avg(talk) FROM a",
    "aht_s": "SELECT (sum(talk) + (SELECT extract(epoch FROM sum("
    "least(to_at, '2026-05-01 00:00+07') - from_at)) FROM siaga112.agent_state "
    "WHERE state = 'wrap_up')) / count(*) FROM a",
    "elapsed_s": "SELECT extract(epoch FROM timestamptz '2026-05-01 00:00+07' - '2026-01-01 00:00+07')",
    "flawed": "SELECT 0",
    "silent_suspected": "SELECT 0",
    "silent_signs": "SELECT 0",
    "silent_assisted": "SELECT 0",
    "silent_genuine": "SELECT 0",
}

RATIOS = {
    "sl_10": ("answered_10", "answered + abandoned"),
    "sl_15": ("answered_15", "answered + abandoned"),
    "sl_20": ("answered_20", "answered + abandoned"),
    "sl_strict_10": ("answered_10", "queued"),
    "sl_strict_15": ("answered_15", "queued"),
    "sl_strict_20": ("answered_20", "queued"),
    "sl_raw_10": ("answered_10", "ended"),
    "sl_raw_15": ("answered_15", "ended"),
    "sl_raw_20": ("answered_20", "ended"),
    "abandon_rate": ("abandoned", "answered + abandoned"),
    "abandon_rate_raw": ("ended - answered", "ended"),
    "pre_human_loss": ("lost_before_human", "ended"),
    "rona_rate": ("rona", "offers"),
}

CLASSES = {
    "ghost_rate": "('ghost')",
    "prank_rate": "('prank')",
    "false_rate": "('false_report')",
    "genuine_rate": "('emergency', 'emergency_duplicate', 'non_emergency', 'silent_assist', 'out_of_area')",
}


def _told(config: Path) -> dict[str, Any]:
    out = config.parent / "report.json"
    command = ["report", "--config", str(config), "--from", "2026-01-01", "--to", "2026-04-30"]
    assert main([*command, "--format", "json", "--out", str(out)]) == 0
    found: dict[str, Any] = json.loads(out.read_text())
    return found


@pytest.fixture
def report(config: Path) -> dict[str, Any]:
    """The report of the four months, as JSON, by the command line."""
    return _told(config)


async def _value(database: Connection, sql: str) -> float:
    return float(await database.fetchval(BY_HAND + sql))


async def test_totals(report: dict[str, Any], database: Connection) -> None:
    """Every number of the whole period, and every ratio's part, whole and value."""
    total, left = report["total"], set(report["total"])
    for name, sql in TOTALS.items():
        assert total[name] == pytest.approx(await _value(database, sql), rel=1e-9, abs=1e-6), name
    assert total["calls"] + total["test_calls"] == 6_000
    for name, (part, whole) in RATIOS.items():
        numbers = {key: total[key] for key in TOTALS}
        expected = [eval(text, {}, numbers) for text in (part, whole)]  # noqa: S307 - our own words
        assert [total[name]["part"], total[name]["of"]] == expected, name
        assert total[name]["value"] == expected[0] / expected[1]
    for name, classes in CLASSES.items():
        among = await _value(database, f"SELECT count(*) FROM a WHERE class IN {classes}")  # noqa: S608
        assert (total[name]["part"], total[name]["of"]) == (among, total["answered"]), name
    known = await _value(database, "SELECT count(*) FROM a WHERE class <> 'unclassified'")
    assert (total["classified_rate"]["part"], total["classified_rate"]["of"]) == (known, total["answered"])
    soon = await _value(database, "SELECT count(*) FROM a WHERE told <= hung_up + interval '10 minutes'")
    assert 0 < soon < await _value(database, "SELECT count(told) FROM a")
    rate = total["classification_rate"]
    assert (rate["part"], rate["of"]) == (soon, total["answered"])
    left -= {*TOTALS, *RATIOS, *CLASSES, "classified_rate", "classification_rate"}
    assert left == {"outcomes", "dispositions", "buckets", "ready_s", "availability"}, "each is checked"


async def test_classes_and_outcomes(report: dict[str, Any], database: Connection) -> None:
    """Every outcome, class and official bucket."""
    total = report["total"]
    for name, column in (("outcomes", "fate"), ("dispositions", "class")):
        rows = await database.fetch(BY_HAND + f"SELECT {column}, count(*) FROM c GROUP BY 1")  # noqa: S608
        assert {key: count for key, count in total[name].items() if count} == dict(map(tuple, rows))
    buckets = """SELECT CASE WHEN class IN ('emergency', 'emergency_duplicate', 'non_emergency',
            'silent_assist', 'out_of_area') THEN 'normal'
            WHEN class IN ('information', 'out_of_scope', 'wrong_number') THEN 'informasi'
            WHEN class IN ('prank', 'false_report') THEN 'prank'
            WHEN class IN ('ghost', 'accidental') THEN 'ghost'
            WHEN class = 'dropped' THEN 'terputus' ELSE 'tidak_tercatat' END, count(*)
        FROM c GROUP BY 1"""
    assert total["buckets"] == dict(map(tuple, await database.fetch(BY_HAND + buckets)))


GROUPS = {
    "weeks": "date_trunc('week', clock)::date::text",
    "shifts": "CASE WHEN clock::time >= '07:30' AND clock::time < '16:00' THEN 'pagi' "
    "WHEN clock::time >= '16:00' AND clock::time < '23:30' THEN 'sore' ELSE 'malam' END",
}


@pytest.mark.parametrize("group", GROUPS)
async def test_groups(report: dict[str, Any], database: Connection, group: str) -> None:
    """Weeks (from Monday, local) and shifts (across midnight): calls, service level, loss, times."""
    sql = f"""SELECT {GROUPS[group]} AS item, count(*) FILTER (WHERE class <> 'test') AS calls,
            count(*) FILTER (WHERE class <> 'test' AND fate = 'answered' AND answer <= 15) AS in_time,
            count(*) FILTER (WHERE class <> 'test' AND fate = 'answered') AS answered,
            count(*) FILTER (WHERE class <> 'test' AND fate ~ '^abandoned_(queue|ringing)') AS abandoned,
            count(*) FILTER (WHERE class <> 'test' AND fate ~ '^(abandoned|short)') AS lost,
            percentile_cont(0.9) WITHIN GROUP (ORDER BY answer)
                FILTER (WHERE class <> 'test' AND fate = 'answered') AS p90,
            avg(ring) FILTER (WHERE class <> 'test' AND fate = 'answered') AS ring
        FROM call GROUP BY 1"""  # noqa: S608
    rows = await database.fetch(BY_HAND + sql)
    assert {row["item"] for row in rows} == report[group].keys()
    assert len(rows) == {"weeks": 18, "shifts": 3}[group]
    for row in rows:
        found = report[group][row["item"]]
        assert [found[name] for name in ("calls", "answered", "abandoned")] == [
            row["calls"], row["answered"], row["abandoned"],
        ]  # fmt: skip
        assert found["sl_15"]["part"] == row["in_time"]
        assert found["sl_15"]["of"] == row["answered"] + row["abandoned"]
        assert found["lost_before_human"] == row["lost"]
        assert found["answer_p90_s"] == pytest.approx(row["p90"])
        assert found["ring_mean_s"] == pytest.approx(row["ring"])


async def test_heat(report: dict[str, Any], database: Connection) -> None:
    """Calls by weekday and hour of the centre's clock."""
    sql = """SELECT extract(isodow FROM clock)::int - 1, extract(hour FROM clock)::int, count(*)
        FROM c GROUP BY 1, 2"""
    expected = {(row[0], row[1]): row[2] for row in await database.fetch(BY_HAND + sql)}
    assert {(one["weekday"], one["hour"]): one["calls"] for one in report["heat"]} == expected


async def test_longest_waits(report: dict[str, Any], database: Connection) -> None:
    """The ten that waited longest, whether they were answered or not."""
    sql = "SELECT call_id::text, waited, fate, agent, came FROM c ORDER BY waited DESC, came LIMIT 10"
    rows = await database.fetch(BY_HAND + sql)
    assert [one["call_id"] for one in report["longest"]] == [row["call_id"] for row in rows]
    assert [one["waited_s"] for one in report["longest"]] == pytest.approx([row["waited"] for row in rows])
    assert [(one["outcome"], one["agent_id"]) for one in report["longest"]] == [
        (row["fate"], row["agent"]) for row in rows
    ]
    assert [datetime.fromisoformat(one["started_at"]) for one in report["longest"]] == [
        row["came"].astimezone(UTC) for row in rows
    ]


TAKERS = """
, spell AS (
    SELECT agent_id, state, extract(epoch FROM
        least(coalesce(to_at, now()), '2026-05-01 00:00+07') - greatest(from_at, '2026-01-01 00:00+07')) AS s
    FROM siaga112.agent_state WHERE state <> 'logged_out'
        AND from_at < '2026-05-01 00:00+07' AND coalesce(to_at, now()) > '2026-01-01 00:00+07'
),
spent AS (
    SELECT agent_id, sum(s) AS logged_in_s, sum(s) FILTER (WHERE state = 'wrap_up') AS wrap_up_s,
        sum(s) FILTER (WHERE state = 'not_responding') AS not_responding_s,
        sum(s) FILTER (WHERE state IN ('ringing', 'on_call', 'wrap_up')) / sum(s) AS occupancy
    FROM spell GROUP BY 1
),
rung AS (
    SELECT m.data->>'agent_id' AS agent_id, count(*) AS offers,
        count(*) FILTER (WHERE e.data->>'result' = 'answered') AS answered,
        count(*) FILTER (WHERE e.data->>'result' = 'rona') AS rona,
        avg(extract(epoch FROM e.at - m.at)) FILTER (WHERE e.data->>'result' = 'answered') AS ring_mean_s,
        sum(call.talk) FILTER (WHERE e.data->>'result' = 'answered') AS talk_s
    FROM siaga112.call_event m
    JOIN siaga112.call_event e
        ON e.call_id = m.call_id AND e.kind = 'offer_ended' AND e.data->'leg' = m.data->'leg'
    JOIN call ON call.call_id = m.call_id
    WHERE m.kind = 'offer_made' GROUP BY 1
)
SELECT * FROM spent JOIN rung USING (agent_id) ORDER BY agent_id
"""


async def test_takers(report: dict[str, Any], database: Connection) -> None:
    """Each call-taker's time, occupancy, attendance, offers, ring-no-answer, talk and handling time."""
    rows = await database.fetch(BY_HAND + TAKERS)
    assert [row["agent_id"] for row in rows] == list(report["takers"])
    assert len(rows) == 9
    for row in rows:
        found = report["takers"][row["agent_id"]]
        for name in ("offers", "answered", "rona"):
            assert found[name] == row[name]
        for name in ("logged_in_s", "wrap_up_s", "not_responding_s", "occupancy", "ring_mean_s", "talk_s"):
            assert found[name] == pytest.approx(float(row[name]), rel=1e-9, abs=1e-4), name
        present = float(row["logged_in_s"] - row["not_responding_s"])
        assert found["present_s"] == pytest.approx(present)
        assert found["utilisation"] == pytest.approx(present / float(row["logged_in_s"]))
        handled = float(row["talk_s"]) + float(row["wrap_up_s"])
        assert found["aht_s"] == pytest.approx(handled / row["answered"])
        assert found["talk_mean_s"] == pytest.approx(row["talk_s"] / row["answered"])
        assert found["rona_rate"]["value"] == row["rona"] / row["offers"]


async def test_availability(report: dict[str, Any], database: Connection) -> None:
    """Time with a call-taker ready, found by counting who comes and goes instead of by joining spans."""
    sql = """WITH spell AS (
            SELECT greatest(from_at, '2026-01-01 00:00+07') AS f, least(to_at, '2026-05-01 00:00+07') AS t
            FROM siaga112.agent_state WHERE state = 'available'
        ), edge AS (
            SELECT f AS at, 1 AS step FROM spell WHERE f < t UNION ALL SELECT t, -1 FROM spell WHERE f < t
        ), level AS (
            SELECT at, sum(sum(step)) OVER (ORDER BY at) AS ready, lead(at) OVER (ORDER BY at) AS next
            FROM edge GROUP BY at
        ) SELECT sum(extract(epoch FROM next - at)) FROM level WHERE ready > 0"""
    ready = float(await database.fetchval(sql))
    assert report["total"]["ready_s"] == pytest.approx(ready)
    assert report["total"]["availability"] == pytest.approx(ready / report["total"]["elapsed_s"])


async def test_figures_are_those_that_were_kept(database: Connection) -> None:
    """Of none of these days a figure is worked out anew: what this file checks is what was kept."""
    assert await database.fetchval("SELECT count(*) FROM siaga112.kpi_live") == 0


def test_shifts_that_the_database_does_not_know_yet(
    report: dict[str, Any], archived: str, tmp_path: Path
) -> None:
    """The plan was changed and no daemon has read it: the report keeps to the plan, and no figure differs."""
    other = _told(write_config(tmp_path, archived, [SHIFTS[2]]))
    assert other["shifts"].keys() == {"malam"}
    for here, there in (
        (other["shifts"]["malam"], report["shifts"]["malam"]),
        (other["total"], report["total"]),
    ):
        for name, value in here.items():
            assert there[name] == (value if isinstance(value, dict) else pytest.approx(value)), name
    assert other["longest"] == report["longest"]


def test_says_what_it_is_of(report: dict[str, Any]) -> None:
    """The head says whose figures these are, of which days, by which clock."""
    assert (report["centre"], report["name"]) == ("35.79", "Siaga 112 <Contoh>")
    assert [date.fromisoformat(report[key]) for key in ("from", "to")] == [
        date(2026, 1, 1),
        date(2026, 4, 30),
    ]
    assert report["time_zone"] == "Asia/Jakarta"
