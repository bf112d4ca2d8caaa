"""The figures, against numbers worked out by hand from a small day."""

import pytest

from siaga112.store.encoding import encode
from siaga112.store.migrate import Connection
from siaga112.store.rows import JSON, Row
from siaga112.store.sql import INSERTS
from tests.store.samples import NOON, centre, ended, offer, record, state

MIDNIGHT = NOON - 12 * 3600
"""2026-01-01 00:00 in Jakarta: 2025-12-31 17:00 UTC."""


async def _store(database: Connection, rows: list[Row]) -> None:
    for row in rows:
        await database.execute(INSERTS[row.table], f"[{encode(row.values)}]")


async def _one(database: Connection, query: str) -> dict[str, object]:
    row = await database.fetchrow(query)
    assert row is not None
    return dict(row)


def _call(number: int, outcome: str, answer_s: float | None = None, **values: JSON) -> Row:
    """A call of the day, queued at once; answered after so many seconds if it was."""
    base: dict[str, JSON] = {"started_at": NOON, "queued_at": NOON, "outcome": outcome}
    if answer_s is not None:
        base |= {"agent_answered_at": NOON + answer_s, "wait_s": answer_s, "ring_s": 2.0, "talk_s": 60.0}
    return ended(number, **(base | values))


@pytest.fixture
async def day(database: Connection) -> Connection:
    """Eighteen calls at noon: ten answered, and of what was not, one of each kind that counts."""
    answered = {
        3: "emergency",
        5: "ghost",
        8: "prank",
        10: "information",
        11: "emergency",
        15: "false_report",
    }
    answered |= {16: "silent_assist", 20: "unclassified", 25: "dropped", 87: "emergency"}
    rows = [centre()]
    rows += [_call(n, "answered", n, disposition=disposition) for n, disposition in answered.items()]
    rows += [
        _call(101, "abandoned_queue", wait_s=33.0),
        _call(102, "abandoned_ringing"),
        _call(103, "short_abandon"),
        _call(104, "abandoned_ivr", queued_at=None),
        _call(105, "refused", queued_at=None),
        _call(106, "info_selfservice"),
        _call(107, "answered", 1, disposition="test"),
        record(108, started_at=NOON, queued_at=NOON),
        offer(3, 1, result="rona"),
        offer(3, 2, result="answered"),
        offer(5, 1, result="answered"),
        offer(102, 1, result="ring_cancelled"),
    ]
    await _store(database, rows)
    return database


async def test_daily_counts(day: Connection) -> None:
    """Every call is counted once: by outcome, by disposition, by official bucket; tests stand apart."""
    row = await _one(day, "SELECT * FROM siaga112.kpi_daily")
    assert (row["centre"], str(row["day"])) == ("35.79", "2026-01-01")
    assert (row["calls"], row["test_calls"], row["in_progress"], row["ended"]) == (17, 1, 1, 16)
    assert (row["queued"], row["answered"], row["abandoned"]) == (14, 10, 2)
    assert (row["refused"], row["abandoned_ivr"], row["short_abandon"], row["info_selfservice"]) == (
        1,
        1,
        1,
        1,
    )
    assert (row["emergency"], row["ghost"], row["unclassified"]) == (3, 1, 7)
    buckets = ["normal", "informasi", "prank", "ghost", "terputus", "tidak_tercatat"]
    assert [row[f"bucket_{name}"] for name in buckets] == [4, 1, 2, 1, 1, 7]


async def test_daily_service_level(day: Connection) -> None:
    """SL leaves short abandons out, strict divides by all queued, raw by all; a mark counts as kept at it."""
    row = await _one(day, "SELECT * FROM siaga112.kpi_daily")
    assert [row["sl_10"], row["sl_15"], row["sl_20"]] == pytest.approx([4 / 12, 6 / 12, 8 / 12])
    assert [row["sl_strict_10"], row["sl_strict_15"], row["sl_strict_20"]] == pytest.approx(
        [4 / 14, 6 / 14, 8 / 14]
    )
    assert [row["sl_raw_10"], row["sl_raw_15"], row["sl_raw_20"]] == pytest.approx([4 / 16, 6 / 16, 8 / 16])


async def test_daily_times(day: Connection) -> None:
    """Answer times: mean, percentiles between neighbours, and the mean of the slowest tenth."""
    row = await _one(day, "SELECT * FROM siaga112.kpi_daily")
    assert float(str(row["asa_s"])) == pytest.approx(20.0)  # 3+5+8+10+11+15+16+20+25+87 = 200
    assert row["answer_p50_s"] == pytest.approx(13.0)
    assert row["answer_p90_s"] == pytest.approx(25 + 0.1 * 62)
    assert row["answer_p99_s"] == pytest.approx(25 + 0.91 * 62)
    assert row["answer_slowest_decile_s"] == pytest.approx(87.0)
    assert (row["wait_max_s"], row["ring_mean_s"], row["talk_mean_s"]) == (87.0, 2.0, 60.0)


async def test_daily_rates(day: Connection) -> None:
    """Rates of abandons are of calls, rates of classes are of answered calls, RONA is of offers."""
    row = await _one(day, "SELECT * FROM siaga112.kpi_daily")
    assert row["abandon_rate"] == pytest.approx(2 / 12)
    assert row["abandon_rate_raw"] == pytest.approx(6 / 16)
    assert row["pre_human_loss"] == pytest.approx(5 / 16)
    rates = [row[f"{name}_rate"] for name in ("ghost", "prank", "false", "genuine", "classified")]
    assert rates == pytest.approx([0.1, 0.1, 0.1, 0.4, 0.9])
    assert (row["offers"], row["rona"], row["rona_rate"]) == (4, 1, 0.25)


async def test_nothing_to_divide_by(database: Connection) -> None:
    """A day with no answered and no queued call has no ratios, and no error."""
    await _store(database, [centre(), _call(1, "refused", queued_at=None)])
    row = await _one(database, "SELECT * FROM siaga112.kpi_daily")
    assert (row["sl_15"], row["sl_strict_15"], row["asa_s"], row["rona_rate"]) == (None, None, None, None)
    assert (row["sl_raw_15"], row["pre_human_loss"]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Asia/Jakarta", [("2025-12-31", 23), ("2026-01-01", 0)]),
        ("Asia/Makassar", [("2026-01-01", 0), ("2026-01-01", 1)]),
        ("Asia/Jayapura", [("2026-01-01", 1), ("2026-01-01", 2)]),
    ],
)
async def test_days_and_hours_are_local(
    database: Connection, zone: str, expected: list[tuple[str, int]]
) -> None:
    """A call belongs to the day and the hour of its centre's clock: WIB, WITA and WIT differ."""
    times = (MIDNIGHT - 1, MIDNIGHT)
    calls = [_call(n, "answered", 3, started_at=at) for n, at in enumerate(times)]
    await _store(database, [centre(time_zone=zone), *calls])
    rows = await database.fetch("SELECT * FROM siaga112.kpi_hourly ORDER BY day, hour")
    assert [(str(row["day"]), row["hour"]) for row in rows] == expected
    assert [row["calls"] for row in rows] == [1, 1]


async def test_centres_apart(database: Connection) -> None:
    """Two centres in one database have their own rows; a centre that is not known counts in UTC."""
    await _store(database, [centre(), _call(1, "answered", 3), _call(2, "refused", centre="35.07")])
    rows = await database.fetch("SELECT centre, calls, answered FROM siaga112.kpi_daily ORDER BY centre")
    assert [tuple(row) for row in rows] == [("35.07", 1, 0), ("35.79", 1, 1)]


async def test_agent_daily(database: Connection) -> None:
    """An agent's states are cut at local midnight; occupancy is work over time logged in without breaks."""
    hour = 3600.0
    spells = [
        ("available", -2, 1), ("ringing", 1, 1.25), ("on_call", 1.25, 2), ("wrap_up", 2, 2.5),
        ("paused", 2.5, 4.5), ("not_responding", 4.5, 5), ("logged_out", 5, 9),
    ]  # fmt: skip
    rows = [state("101", name, MIDNIGHT + a * hour, MIDNIGHT + b * hour) for name, a, b in spells]
    rows += [
        centre(),
        _call(1, "answered", 3, started_at=MIDNIGHT + hour, agent_id="101", talk_s=90.0),
        *(record(number, started_at=MIDNIGHT) for number in (2, 3, 4)),
        offer(1, 1, offered_at=MIDNIGHT + hour, ended_at=MIDNIGHT + hour + 4, result="answered"),
        offer(2, 1, offered_at=MIDNIGHT + hour, ended_at=MIDNIGHT + hour + 8, result="rona"),
        offer(3, 1, offered_at=MIDNIGHT - hour, ended_at=MIDNIGHT - hour + 8, result="rona"),
        offer(4, 1, "102", offered_at=MIDNIGHT, ended_at=MIDNIGHT + 8, result="busy"),
    ]
    await _store(database, rows)
    query = "SELECT * FROM siaga112.agent_daily ORDER BY agent_id, day"
    before, today, other = [dict(row) for row in await database.fetch(query)]
    assert (str(before["day"]), before["available_s"], before["occupancy"]) == ("2025-12-31", 2 * hour, 0)
    assert (before["offers"], before["answered"], before["rona_rate"]) == (1, 0, 1.0)
    assert (str(today["day"]), today["logged_in_s"], today["available_s"]) == ("2026-01-01", 5 * hour, hour)
    assert (today["paused_s"], today["not_responding_s"]) == (2 * hour, hour / 2)
    assert (today["ringing_s"], today["on_call_s"], today["wrap_up_s"]) == (900, 2700, 1800)
    assert today["occupancy"] == pytest.approx(1.5 / 3)
    assert (today["offers"], today["answered"], today["rona"], today["rona_rate"]) == (2, 1, 1, 0.5)
    assert (today["ring_mean_s"], today["talk_mean_s"]) == (4.0, 90.0)
    assert (other["agent_id"], other["offers"], other["logged_in_s"], other["occupancy"]) == (
        "102",
        1,
        0,
        None,
    )


async def test_state_that_lasts_counts_until_now(database: Connection) -> None:
    """An agent who has been ready since an hour ago has an hour of it, wherever midnight was."""
    await database.execute(
        "INSERT INTO siaga112.agent_state (agent_id, state, from_at) "
        "VALUES ('101', 'available', now() - interval '1 hour')"
    )
    seconds = await database.fetchval("SELECT sum(available_s) FROM siaga112.agent_daily")
    assert seconds == pytest.approx(3600, abs=30)
