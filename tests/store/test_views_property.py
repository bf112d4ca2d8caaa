"""The views against their reference in Python: whatever the records, both say the same."""

import itertools
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siaga112.report import kpi, takers
from siaga112.report.calls import CallFacts, Shift, windows
from siaga112.report.evaluation import Period, evaluate
from siaga112.report.facts import LONGEST
from siaga112.report.flat import as_csv
from siaga112.report.kpi import Figures
from siaga112.report.reading import added_up_here, added_up_there, cut_alike
from siaga112.report.sums import DISPOSITIONS, OUTCOMES, by_hour
from siaga112.report.takers import OfferFacts, Spell, TakerFigures
from siaga112.store.archive import Archive
from siaga112.store.encoding import encode
from siaga112.store.migrate import Connection
from siaga112.store.rows import JSON, Row
from siaga112.store.sql import INSERTS
from tests.store.samples import call_id, ended

ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "UTC")
THREE = (
    Shift("pagi", time(7, 30), time(16)),
    Shift("sore", time(16), time(23, 30)),
    Shift("malam", time(23, 30), time(7, 30)),
)
ROTAS = ((), THREE, (Shift("siang", time(8), time(17)),), (Shift("24 jam", time(6), time(6)),))
START = datetime.combine(datetime.now(UTC).date() - timedelta(days=30), time(), UTC)
"""Not long ago: call-takers' time is worked out for every day until now."""
RESULTS = ("answered", "rona", "busy", "unreachable", "ring_cancelled", "answered_elsewhere", None)
STATES = (
    "logged_out",
    "paused",
    "available",
    "reserved",
    "ringing",
    "on_call",
    "wrap_up",
    "not_responding",
    "unreachable",
)

moments = st.integers(0, 3 * 86_400_000).map(lambda ms: START + timedelta(milliseconds=ms))
edges = st.sampled_from([0, 9_999, 10_000, 10_001, 15_000, 15_001, 20_000, 20_001])
waits = st.one_of(edges, st.integers(0, 120_000)).map(lambda ms: timedelta(milliseconds=ms))
seconds = st.none() | st.integers(0, 600_000).map(lambda ms: ms / 1000)


@dataclass(frozen=True)
class Rung:
    """An offer of a generated call."""

    agent_id: str
    offered_at: datetime
    ended_at: datetime | None
    result: str | None


def later(started: datetime) -> st.SearchStrategy[datetime]:
    """A moment up to twenty minutes later; often one ten minutes after another."""
    after = st.sampled_from([0, 1, 600_000, 600_001]) | st.integers(0, 1_200_000)
    return after.map(lambda ms: started + timedelta(milliseconds=ms))


@st.composite
def calls(draw: st.DrawFn) -> tuple[CallFacts, list[Rung]]:
    """A call as the tables would have it; sound or not, the views must agree with the reference."""
    started = draw(moments)
    answered = draw(st.none() | waits)
    rungs = [
        Rung(draw(st.sampled_from("AB")), started, started + took if took else None, draw(_results))
        for took in draw(st.lists(st.none() | waits, max_size=3))
    ]
    outcome = draw(st.sampled_from(("answered", "answered", "abandoned_queue", *OUTCOMES, None)))
    return CallFacts(
        call_id="",
        started_at=started,
        queued_at=draw(st.sampled_from((None, started, started))),
        agent_answered_at=None if answered is None else started + answered,
        ended_at=None if outcome is None else started + timedelta(hours=1),
        outcome=outcome,
        disposition=draw(st.sampled_from(("test", *DISPOSITIONS))),
        agent_id=draw(st.sampled_from((None, "A", "B"))),
        wait_s=draw(seconds),
        ring_s=draw(seconds),
        talk_s=draw(seconds),
        served_by=draw(st.sampled_from(("daemon", "fallback"))),
        flaw=draw(st.sampled_from((None, None, "gap"))),
        suspicion=draw(st.sampled_from(("none", "silent_suspect", "repeat_suspect"))),
        talk_ended_at=draw(st.none() | later(started)),
        classified_at=draw(st.none() | later(started)),
        sign_of_life=draw(st.booleans()),
        offers=len(rungs),
        rona=sum(one.result == "rona" for one in rungs),
    ), rungs


_results = st.sampled_from(RESULTS)


@st.composite
def spells(draw: st.DrawFn, agent: str) -> list[Spell]:
    """The states of one agent, one after another; the last one may still last."""
    at, found = draw(moments), list[Spell]()
    for state in draw(st.lists(st.sampled_from(STATES), max_size=6)):
        until = at + timedelta(milliseconds=draw(st.integers(1, 40_000_000)))
        found.append(Spell(agent, state, at, until))
        at = until
    lasts = draw(st.booleans())
    if found and lasts:
        found[-1] = replace(found[-1], to_at=None)
    return found


def followed(spans: list[Spell]) -> set[int]:
    """The places of states after which the same call-taker had another one."""
    pairs = enumerate(itertools.pairwise(spans))
    return {number for number, (one, other) in pairs if one.agent_id == other.agent_id}


def unix(moment: datetime | None) -> float | None:
    """Unix seconds."""
    return None if moment is None else moment.timestamp()


def rows_of(found: list[tuple[CallFacts, list[Rung]]]) -> list[Row]:
    """The rows of generated calls, and of their offers."""
    rows = []
    for number, (call, rungs) in enumerate(found):
        values: dict[str, JSON] = {
            "call_id": call_id(number), "centre": "35.79", "channel_id": "", "outcome": call.outcome,
            "started_at": unix(call.started_at), "queued_at": unix(call.queued_at),
            "agent_answered_at": unix(call.agent_answered_at), "ended_at": unix(call.ended_at),
            "disposition": call.disposition, "agent_id": call.agent_id, "wait_s": call.wait_s,
            "ring_s": call.ring_s, "talk_s": call.talk_s, "served_by": call.served_by,
            "suspicion": call.suspicion, "journal_flaw": call.flaw, "talk_ended_at": unix(call.talk_ended_at),
            "classified_at": unix(call.classified_at),
            "dtmf": "5" if call.sign_of_life and number % 2 else "",
            "voice_seconds": 1.5 if call.sign_of_life and not number % 2 else None,
        }  # fmt: skip
        rows.append(Row.of("call_record", values))
        for seq, one in enumerate(rungs):
            offer: dict[str, JSON] = {
                "call_id": call_id(number), "seq": seq, "agent_id": one.agent_id, "result": one.result,
                "offered_at": unix(one.offered_at), "ended_at": unix(one.ended_at),
            }  # fmt: skip
            rows.append(Row.of("call_offer", offer))
    return rows


def rows_of_spells(spans: list[Spell], unended: AbstractSet[int] = frozenset()) -> list[Row]:
    """The rows of call-takers' states; nobody wrote the end of those of these places."""
    rows = []
    for number, one in enumerate(spans):
        values: dict[str, JSON] = {"agent_id": one.agent_id, "state": one.state}
        values |= {"from_at": unix(one.from_at), "to_at": None if number in unended else unix(one.to_at)}
        rows.append(Row.of("agent_state", values))
    return rows


def offers_of(found: list[tuple[CallFacts, list[Rung]]]) -> list[OfferFacts]:
    """The same offers as the reference takes them."""
    return [
        OfferFacts(
            one.agent_id,
            one.offered_at,
            one.ended_at,
            one.result,
            call.talk_s if call.agent_id == one.agent_id else None,
        )
        for call, rungs in found
        for one in rungs
    ]


async def store(database: Connection, rows: list[Row], zone: str, shifts: tuple[Shift, ...]) -> None:
    """Put rows in, and the centre."""
    rota: list[JSON] = [
        {"name": one.name, "begins": f"{one.begins:%H:%M}", "ends": f"{one.ends:%H:%M}"} for one in shifts
    ]
    centre = Row("centre", (), {"code": "35.79", "name": "K", "time_zone": zone, "shifts": rota})
    for row in [centre, *rows]:
        await database.execute(INSERTS[row.table], f"[{encode(row.values)}]")


def columns(one: Figures) -> dict[str, Any]:
    """Figures under the names of the views' columns."""
    spread = one.answer
    found: dict[str, Any] = {
        "calls": one.calls, "test_calls": one.test_calls, "in_progress": one.in_progress, "ended": one.ended,
        "queued": one.queued, "answered": one.answered, "abandoned": one.abandoned, "fallback": one.fallback,
        "answer_n": spread.n, "asa_s": spread.mean, "answer_p50_s": spread.p50, "answer_p90_s": spread.p90,
        "answer_p99_s": spread.p99, "answer_slowest_decile_s": spread.slowest_decile,
        "wait_mean_s": one.wait_mean_s, "wait_max_s": one.wait_max_s, "ring_mean_s": one.ring_mean_s,
        "talk_mean_s": one.talk_mean_s, "offers": one.offers, "rona": one.rona,
        "lost_before_human": one.lost_before_human, "answered_ghost": one.answered_as["ghost"],
        "answered_prank": one.answered_as["prank"], "answered_false": one.answered_as["false"],
        "answered_genuine": one.answered_as["genuine"],
        "answered_classified": one.answered_as["classified"],
    }  # fmt: skip
    for mark in kpi.MARKS:
        found[f"answered_{mark}"] = one.answered_within[mark]
        for name in ("sl", "sl_strict", "sl_raw"):
            found[f"{name}_{mark}"] = getattr(one, name)(mark).value
    found |= {name: ratio.value for name, ratio in one.rates.items()}
    found |= {name: count for name, count in one.outcomes.items() if name != "answered"}
    found |= one.dispositions
    return found | {f"bucket_{name}": count for name, count in one.buckets.items()}


def quality_columns(one: Figures) -> dict[str, Any]:
    """The same for what was said of calls."""
    rate = one.classification_rate
    found = {"answered": rate.whole, "classified_in_time": rate.part, "classification_rate": rate.value}
    return found | one.silent


def taker_columns(one: TakerFigures) -> dict[str, Any]:
    """The same for a call-taker."""
    names = "logged_in_s occupancy offers answered rona ring_mean_s talk_mean_s talk_s present_s utilisation"
    found = {name: getattr(one, name) for name in (*names.split(), "aht_s")}
    return found | one.seconds | {"rona_rate": one.rona_rate.value}


def same(row: dict[str, Any], expected: dict[str, Any]) -> None:
    """A row holds exactly these columns, to the millionth."""
    assert row.keys() == expected.keys()
    for name, value in expected.items():
        assert (row[name] is None) == (value is None), name
        if value is not None:
            assert float(row[name]) == pytest.approx(value, rel=1e-9, abs=1e-6), name


def unkeyed(row: Any, *keys: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """A row's key apart from the rest."""
    values = dict(row)
    return tuple(values.pop(key) for key in keys), values


EXAMPLES = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@dataclass(frozen=True)
class Past:
    """What was in the database, and kept, before it became what it is.

    Attributes:
        calls: Calls under the same ids, whatever they were then.
        zone: The centre's time zone then.
        after: So many of the present rows came before the figures were kept once more.
        gone: Ids of calls that were there and were taken out.
        spells: States that were there and were taken out, or went on otherwise.
        lasting: So many of the present states had begun then and lasted.
    """

    calls: list[tuple[CallFacts, list[Rung]]]
    zone: str
    after: int
    gone: int
    spells: list[Spell]
    lasting: int


@st.composite
def pasts(draw: st.DrawFn) -> Past:
    """Something that was before."""
    before = draw(st.lists(calls(), max_size=8))
    return Past(
        calls=before,
        zone=draw(st.sampled_from(ZONES)),
        after=draw(st.integers(0, 60)),
        gone=draw(st.integers(0, 3)),
        spells=[*draw(spells("A")), *draw(spells("Z"))],
        lasting=draw(st.integers(0, 4)),
    )


OTHER_STATES = """
DELETE FROM siaga112.agent_state WHERE (agent_id, from_at) NOT IN (
    SELECT a, to_timestamp(b) FROM unnest($1::text[], $2::float8[]) AS t(a, b))
"""


async def become(
    database: Connection, rows: list[Row], zone: str, shifts: tuple[Shift, ...], past: Past
) -> None:
    """Bring the database to these rows by a detour: other rows before, and figures kept on the way."""
    other = [(replace(call, outcome="refused", ended_at=None), rungs) for call, rungs in past.calls]
    await store(database, rows_of(other), past.zone, ())
    for number in range(100, 100 + past.gone):
        await store(database, [ended(number)], past.zone, ())
    states = [one for one in rows if one.table == "agent_state"]
    lasted = [Row(one.table, one.key, one.values | {"to_at": None}) for one in states[: past.lasting]]
    await store(database, [*rows_of_spells(past.spells), *lasted], past.zone, ())
    await database.fetchval("SELECT siaga112.keep_figures(500)")
    await database.execute("DELETE FROM siaga112.call_offer")
    await database.execute("DELETE FROM siaga112.call_record WHERE call_id > $1", call_id(99))
    agents, begins = [one.values["agent_id"] for one in states], [one.values["from_at"] for one in states]
    await database.execute(OTHER_STATES, agents, begins)
    await store(database, rows[: past.after], zone, shifts)
    await database.fetchval("SELECT siaga112.keep_figures(500)")
    await store(database, rows[past.after :], zone, shifts)
    keys = [one.key[0] for one in rows if one.table == "call_record"]
    await database.execute("DELETE FROM siaga112.call_record WHERE call_id <> ALL($1::uuid[])", keys)


@EXAMPLES
@given(st.lists(calls(), max_size=40), st.sampled_from(ZONES), st.sampled_from(ROTAS), pasts(), st.booleans())
async def test_calls(  # noqa: PLR0917 - what hypothesis draws
    database: Connection,
    found: list[tuple[CallFacts, list[Rung]]],
    zone: str,
    shifts: tuple[Shift, ...],
    past: Past,
    keep: bool,  # noqa: FBT001 - as above
) -> None:
    """Every column of the views of calls is what the reference says, for any day, zone and rota.

    Whatever was there before, whatever was kept of it, and whether all of it or nothing is kept now.
    """
    facts, local = [one for one, _ in found], ZoneInfo(zone)
    undo = database.transaction()
    await undo.start()
    await become(database, rows_of(found), zone, shifts, past)
    if keep:
        await database.fetchval("SELECT siaga112.keep_figures(500)")
    daily = await database.fetch("SELECT * FROM siaga112.kpi_daily")
    hourly = await database.fetch("SELECT * FROM siaga112.kpi_hourly")
    in_shift = await database.fetch("SELECT * FROM siaga112.kpi_shift")
    quality = await database.fetch("SELECT * FROM siaga112.kpi_quality_daily")
    tallies = await database.fetch("SELECT * FROM siaga112.kpi_tally")
    await undo.rollback()
    _compare_sums(
        [unkeyed(row, "day", "hour", "shift_day", "shift") for row in tallies], facts, local, shifts
    )
    expected: dict[tuple[Any, ...], Figures] = {
        ("35.79", day): one for day, one in kpi.daily(facts, local).items()
    }
    _compare([unkeyed(row, "centre", "day") for row in daily], expected)
    counted = {key: one for key, one in expected.items() if one.calls}
    assert len(quality) == len(counted)
    for key, values in (unkeyed(row, "centre", "day") for row in quality):
        same(values, quality_columns(counted[key]))
    expected = {("35.79", *key): one for key, one in kpi.hourly(facts, local).items()}
    _compare([unkeyed(row, "centre", "day", "hour") for row in hourly], expected)
    expected = {("35.79", *key): one for key, one in kpi.by_shift(facts, local, shifts).items()}
    _compare([unkeyed(row, "centre", "day", "shift") for row in in_shift], expected)


def _compare_sums(
    rows: list[tuple[tuple[Any, ...], dict[str, Any]]],
    facts: list[CallFacts],
    zone: ZoneInfo,
    shifts: tuple[Shift, ...],
) -> None:
    expected = {
        (one.day, one.hour, one.shift_day, one.shift): one.sums for one in by_hour(facts, zone, shifts)
    }
    assert sorted(key for key, _ in rows) == sorted(expected)
    for key, values in rows:
        of = expected[key]
        assert sorted(values.pop("answers")) == sorted(of.answers)
        assert values.pop("centre") == "35.79"
        same(values, {**of.counts, **of.seconds, "wait_max_s": of.wait_max_s})


def _compare(
    rows: list[tuple[tuple[Any, ...], dict[str, Any]]], expected: dict[tuple[Any, ...], Figures]
) -> None:
    assert {key for key, _ in rows} == expected.keys()
    assert len(rows) == len(expected)
    for key, values in rows:
        same(values, columns(expected[key]))


@EXAMPLES
@given(
    spells("A"),
    spells("B"),
    st.lists(calls(), max_size=10),
    st.sampled_from(ZONES),
    st.sampled_from(ROTAS),
    pasts(),
    st.booleans(),
    st.sets(st.integers(0, 12), max_size=2),
)
async def test_takers(  # noqa: PLR0917 - what hypothesis draws
    database: Connection,
    first: list[Spell],
    second: list[Spell],
    found: list[tuple[CallFacts, list[Rung]]],
    zone: str,
    shifts: tuple[Shift, ...],
    past: Past,
    keep: bool,  # noqa: FBT001 - as above
    unended: set[int],
) -> None:
    """Time in states, offers, occupancy and attendance: by day, by shift, and the day's availability."""
    spans, local = [*first, *second], ZoneInfo(zone)
    rows = [*rows_of(found), *rows_of_spells(spans, unended & followed(spans))]
    undo = database.transaction()
    await undo.start()
    await become(database, rows, zone, shifts, past)
    if keep:
        await database.fetchval("SELECT siaga112.keep_figures(500)")
    now = await database.fetchval("SELECT now()")
    daily = await database.fetch("SELECT * FROM siaga112.agent_daily")
    in_shift = await database.fetch("SELECT * FROM siaga112.agent_shift")
    available = await database.fetch("SELECT * FROM siaga112.availability_daily ORDER BY day")
    attended = await database.fetch("SELECT * FROM siaga112.agent_attendance")
    await undo.rollback()
    expected = takers.takers_daily(spans, offers_of(found), local, now)
    _compare_takers([unkeyed(row, "agent_id", "day") for row in daily], expected)
    if shifts:
        expected = takers.takers_daily(spans, offers_of(found), local, now, shifts)
        _compare_takers([unkeyed(row, "agent_id", "day", "shift") for row in in_shift], expected)
        _compare_attendance(attended, takers.attendance(spans, local, now, shifts))
    for row in available:
        (day,) = windows(row["day"], row["day"], local)
        assert row["ready_s"] == pytest.approx(takers.ready_seconds(spans, day, now), abs=1e-5)
        assert row["day_s"] == pytest.approx((min(day.ends, now) - day.begins).total_seconds())
    known = min((one.from_at for one in spans), default=None)
    assert (known is None) == (not available)
    if known is not None:
        assert available[0]["day"] == known.astimezone(local).date()


def _compare_takers(
    rows: list[tuple[tuple[Any, ...], dict[str, Any]]], expected: dict[tuple[str, Any, str], TakerFigures]
) -> None:
    assert sorted((*key, "")[:3] for key, _ in rows) == sorted(expected)
    for key, values in rows:
        same(values, taker_columns(expected[(*key, "")[:3]]))


def _compare_attendance(rows: list[Any], expected: dict[tuple[str, Any, str], tuple[float, float]]) -> None:
    """Every shift somebody was logged in for is there; one in which they only were rung may be, too."""
    found = {(row["agent_id"], row["day"], row["shift"]): row for row in rows}
    assert found.keys() >= expected.keys()
    assert all(found[key]["present_s"] == 0 for key in found.keys() - expected.keys())
    for key, (present, length) in expected.items():
        row = found[key]
        assert (row["present_s"], row["shift_s"]) == pytest.approx((present, length), abs=1e-5)
        assert row["attendance"] == pytest.approx(present / length, abs=1e-6)


@EXAMPLES
@given(
    st.lists(calls(), min_size=1, max_size=30),
    spells("A"),
    spells("C"),
    st.sampled_from(ZONES),
    st.sampled_from(ROTAS),
    pasts(),
    st.tuples(st.integers(-1, 4), st.integers(0, 4)),
    st.sampled_from(("", "", *ZONES)),
)
async def test_report(  # noqa: PLR0917 - what hypothesis draws
    database: Connection,
    found: list[tuple[CallFacts, list[Rung]]],
    first: list[Spell],
    second: list[Spell],
    zone: str,
    shifts: tuple[Shift, ...],
    past: Past,
    days: tuple[int, int],
    takers_zone: str,
) -> None:
    """A report of what the database added up says what one of every single row says, figure by figure.

    Also where call-takers' days are cut by the time zone of another centre, which comes first.
    """
    rows = [*rows_of(found), *rows_of_spells([*first, *second])]
    begins = START.date() + timedelta(days=days[0])
    period = Period("35.79", "K", begins, begins + timedelta(days=days[1]), ZoneInfo(zone), shifts)
    window = period.window
    undo = database.transaction()
    await undo.start()
    await become(database, rows, zone, shifts, past)
    if takers_zone:
        await database.execute("INSERT INTO siaga112.centre VALUES ('35.01', 'L', $1)", takers_zone)
    await database.fetchval("SELECT siaga112.keep_figures($1)", past.after % 4)
    records = Archive(database, await database.fetchval("SELECT now()"))
    assert cut_alike(period, *await records.tallies.cut("35.79"))
    texts = []
    if any(window.begins <= one.started_at < window.ends for one, _ in found):
        for find in (added_up_here, added_up_there):
            of = await find(records, period, lambda _done, _count: None)
            texts.append(as_csv(evaluate(period, of, records.now)).splitlines())
            assert len(of.longest) <= LONGEST
    await undo.rollback()
    for here, there in zip(*texts, strict=True) if texts else ():
        _alike(here, there)


def _alike(here: str, there: str) -> None:
    """Two lines are the same, to the millionth where there is a number."""
    for one, other in zip(here.split(","), there.split(","), strict=True):
        try:
            assert float(other) == pytest.approx(float(one), rel=1e-9, abs=1e-6), (here, there)
        except ValueError:
            assert one == other


def test_few_cases_have_no_percentage() -> None:
    """Of fewer than thirty cases no percentage is shown, of none a dash; the view's function agrees."""
    assert [kpi.Ratio(*one).text() for one in ((0, 0), (3, 29), (27, 30))] == ["-", "n<30", "90.0 %"]
    assert kpi.Ratio(27, 40).text(",") == "67,5 %"


async def test_few_cases_in_sql(database: Connection) -> None:
    """`percent` writes what the reference writes."""
    sql = "SELECT siaga112.percent($1, $2)"
    for part, whole in ((0, 0), (3, 29), (27, 30), (27, 40), (1, 80), (1, 1000), (1000, 1000)):
        assert await database.fetchval(sql, part, whole) == kpi.Ratio(part, whole).text()
