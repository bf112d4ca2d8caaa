"""A centre that was called some thirty times in every way, and a real Prometheus that watched it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from siaga112.lab.callers import place
from siaga112.lab.lab import Lab
from siaga112.lab.rtp import Key, RtpPeer, Script
from siaga112.lab.softphone import Softphone
from tests.asterisk.centre import Centre, soon
from tests.watch.prometheus import Prometheus
from tests.web.conftest import browser as browser  # noqa: PLC0414 - a fixture for this folder, too

FALLBACKS = 2
TIMINGS = {"ring": 2, "wrap_up": 0, "wait_prompt": 5}


class Watched(Centre):
    """A centre, and who watches it."""

    def __init__(self, lab: Lab, prometheus: Prometheus) -> None:
        super().__init__(lab)
        self.prometheus = prometheus


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """All calls have ended, and the last figures have been scraped."""
    folder: Path = tmp_path_factory.mktemp("watched")
    with (
        Lab(folder / "lab", timings=TIMINGS) as lab,
        Prometheus(folder / "prometheus", lab.http) as prometheus,
    ):
        one = Watched(lab, prometheus)
        asyncio.run(_load(one))
        yield one


async def _load(centre: Watched) -> None:
    """Calls of every kind, most of them at once; each ends somewhere else."""
    with (
        centre.phone(["101", "102", "103"]),
        centre.phone("104", behaviour="noanswer"),
        centre.phone("105", behaviour="busy"),
    ):
        await asyncio.gather(
            place(centre.ground, "talk", count=10, rate=4, talk_s=1.5),
            place(centre.ground, "abandon", count=4, rate=2),
            place(centre.ground, "hangup-ringing", count=3, rate=1),
            place(centre.ground, "anon", talk_s=1),
            place(centre.ground, "nosim", talk_s=1),
            place(centre.ground, "talk", count=3, rate=0.5, talk_s=3, number="081200000001"),
        )
        await centre.at_rest()
    await _prank(centre)
    await _by_the_fallback(centre)
    await centre.at_rest()
    await _settled(centre)
    centre.prometheus.wait_for_scrape()


async def _asks(centre: Centre, *keys: Key, talk_s: float) -> None:
    """Somebody who presses keys."""
    silence = (centre.ground.sounds / "silence.al").read_bytes()
    async with RtpPeer(Script(silence, keys)) as ear:
        await place(centre.ground, "talk", talk_s=talk_s, ear=ear)


async def _prank(centre: Centre) -> None:
    """A call-taker says what the call was, and the number is known when it calls again."""
    centre.reload(centre.lab.layout.plan.read_text() + "\n[misuse]\nthreshold = 0.5\n")
    number = "081200000002"
    async with Softphone(centre.ground, "110", answer_after=0.1) as phone:
        await phone.dial("*11")
        seen = len(phone.events)
        calling = asyncio.create_task(place(centre.ground, "talk", talk_s=4, number=number))
        await phone.happened("CALL_ESTABLISHED", since=seen)
        await phone.press("*7")
        await calling
        await phone.happened("CALL_CLOSED", since=seen)
        await phone.dial("*13")
    await place(centre.ground, "abandon", number=number)


async def _by_the_fallback(centre: Centre) -> None:
    """Beyond the limit: one caller waits and gives up, one only asks, the next two are the fallback's."""
    plan = centre.lab.layout.plan.read_text()
    centre.reload(plan + "\n[admission]\nmost_calls = 2\n")
    with centre.phone("101", answer_after=0.2) as phone:
        phone.dial("*12", listen=False)
        waits = asyncio.create_task(place(centre.ground, "talk", talk_s=7))
        asks = asyncio.create_task(_asks(centre, Key("2", 0.6), talk_s=7))

        async def both() -> bool:
            return len(centre.get("/api/v1/calls")) == 2

        await soon("two are in progress", both)
        await place(centre.ground, "talk", count=FALLBACKS, rate=1, talk_s=2)
        await asyncio.gather(waits, asks)
    centre.reload(plan)


async def _settled(centre: Watched) -> None:
    """Every record is in PostgreSQL, and the fallback's journal has been taken over."""
    told = "SELECT FROM siaga112.call_event e WHERE e.call_id = r.call_id AND e.kind = 'fallback_ended'"
    sql = (
        "SELECT count(*) AS calls, count(ended_at) AS ended,"  # noqa: S608 - our own words
        f" count(*) FILTER (WHERE EXISTS ({told})) AS told FROM siaga112.call_record r"
    )

    async def settled() -> bool:
        (row,) = await centre.query(sql)
        counted = centre.metric("siaga112_calls_total")
        return (row["calls"], row["ended"], row["told"]) == (counted, counted, FALLBACKS)

    await soon("everything is written down", settled)
