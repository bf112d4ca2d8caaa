"""How fast agencies answer: the view against its reference, and what a report shows of it."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from siaga112.cli import main
from siaga112.report.agencies import Request, agencies_daily
from siaga112.routing import talks
from siaga112.routing.entries import Journaled
from siaga112.routing.words import AgentId, LegId, OfferResult, Purpose
from siaga112.store.encoding import encode
from siaga112.store.migrate import Connection
from siaga112.store.rows import Row
from siaga112.store.sql import INSERTS
from tests.report.conftest import write_config
from tests.store.callers import LEG, answered, store

ZONE = ZoneInfo("Asia/Jakarta")
MIDNIGHT = datetime(2026, 1, 5, 17, tzinfo=UTC)
"""In Jakarta it is the sixth from now on."""
OUTSIDE = False


def asked(at: datetime, agency: str | None, after: float | None, phones: int = 1) -> list[Journaled]:
    """A call in whose talk an agency was asked for, and came after so many seconds or not at all."""
    told = answered(at, None)
    call, begin = told[0].call_id, at.timestamp() + 10
    rung = [
        (begin, talks.Invited(LegId(leg), AgentId(f"9{leg}"), agency, Purpose.JOIN, LEG, OUTSIDE, OUTSIDE))
        for leg in range(2, 2 + phones)
    ]
    ends = begin + (25 if after is None else after)
    came = OfferResult.RONA if after is None else OfferResult.ANSWERED
    rung += [
        (ends, talks.InviteEnded(LegId(leg), AgentId(f"9{leg}"), agency, result))  # type: ignore[misc]
        for leg, result in enumerate([came, *[OfferResult.ANSWERED_ELSEWHERE] * (phones - 1)], 2)
    ]
    said = sorted([*((one.at, one.entry) for one in told), *rung], key=lambda one: one[0])
    return [Journaled(call, seq, when, entry) for seq, (when, entry) in enumerate(said, 1)]


CALLS = [
    (-3600, "damkar", 4.0, 1),
    (-20, "damkar", 8.0, 3),
    (20, "damkar", None, 2),
    (40, "psc119", 12.5, 1),
    (60, "damkar", 6.0, 1),
    (80, None, 3.0, 1),
]


async def _stored(database: Connection) -> list[Request]:
    centre = {"code": "35.79", "name": "K", "time_zone": ZONE.key}
    await database.execute(INSERTS["centre"], f"[{encode(Row('centre', (), {**centre}).values)}]")
    requests = []
    for seconds, agency, after, phones in CALLS:
        at = MIDNIGHT + timedelta(seconds=seconds)
        await store(database, asked(at, agency, after, phones))
        if agency is not None:
            requests.append(Request(agency, at + timedelta(seconds=10), after))
    return requests


async def test_the_view_is_the_reference(database: Connection) -> None:
    """By the centre's day; however many phones of an agency rang, it was asked once."""
    expected = agencies_daily(await _stored(database), ZONE)
    rows = await database.fetch("SELECT * FROM siaga112.agency_daily")
    assert {(row["day"], row["agency"]) for row in rows} == expected.keys()
    assert len(rows) == len(expected) == 3
    for row in rows:
        one = expected[row["day"], row["agency"]]
        assert (row["asked"], row["answered"]) == (one.asked, one.answered.part)
        for name, value in (("answer_p50_s", one.answer.p50), ("answer_p90_s", one.answer.p90)):
            assert (row[name] is None) == (value is None)
            assert value is None or abs(row[name] - value) < 1e-5


async def test_the_report_has_a_page_for_each(dsn: str, database: Connection, tmp_path: Path) -> None:
    """A table of all, by name and not by counts; a section of its own for each, on paper a page."""
    await _stored(database)
    config = write_config(tmp_path, dsn)
    command = ["report", "--config", str(config), "--from", "2026-01-05", "--to", "2026-01-06"]
    for form in ("json", "html", "csv"):
        words = [*command, "--format", form, "--out", str(tmp_path / f"r.{form}")]
        assert await asyncio.to_thread(main, words) == 0
    data = json.loads((tmp_path / "r.json").read_text())["agencies"]
    assert list(data) == ["damkar", "psc119"]
    damkar = data["damkar"]
    assert (damkar["asked"], damkar["answered"]["part"], damkar["answer_p50_s"]) == (4, 3, 6.0)
    assert damkar["weeks"]["2026-01-05"]["asked"] == 4
    page = (tmp_path / "r.html").read_text()
    assert page.count(" class=apart>") == 2
    assert '<section id="agency-damkar" class=apart>' in page
    assert "agencies,damkar,asked,4," in (tmp_path / "r.csv").read_text()
