"""The wallboard of a real daemon in a real Chromium: its numbers are those of the API and of the records."""

import asyncio
import math

from siaga112.lab.callers import place
from tests.asterisk.centre import soon
from tests.watch.conftest import Watched
from tests.web.browser import Browser, Page

TODAY = """
SELECT calls, answered, abandoned, sl_10, sl_15, sl_20 FROM siaga112.kpi_daily k
WHERE day = (now() AT TIME ZONE (SELECT time_zone FROM siaga112.centre c WHERE c.code = k.centre))::date
"""


async def big(page: Page, name: str) -> str:
    """A number on the wall."""
    return await page.text(f"#{name} b")


async def test_the_wall_equals_the_records(watched: Watched, browser: Browser) -> None:
    """The day's figures are those of kpi_daily, each share rounded down to a whole per cent."""
    (row,) = await watched.query(TODAY)
    told = f"hari ini {row['calls']}, terjawab {row['answered']}, menyerah {row['abandoned']}"
    async with browser.page(watched.lab.http) as page:
        await page.until(f"document.getElementById('today').innerText === '{told}'")
        for mark in (10, 15, 20):
            assert await big(page, f"sl{mark}") == f"{math.floor(row[f'sl_{mark}'] * 100)}%"
        fallback = await page.ask("[...document.querySelectorAll('.banner')].map(b => b.innerText).join()")
        assert "Jalur cadangan baru saja melayani panggilan (hari ini 2)" in fallback
        assert page.thrown == []


async def test_the_wall_equals_the_api(watched: Watched, browser: Browser) -> None:
    """One talks, one waits, and the wall says so while it is so."""
    async with browser.page(watched.lab.http) as page:
        await page.until("centre !== null")
        with watched.phone("101"):
            calling = asyncio.gather(*(place(watched.ground, "talk", talk_s=6) for _ in range(2)))

            async def both() -> bool:
                states = sorted(one["state"] for one in watched.get("/api/v1/calls"))
                return states == ["connected", "queued"]

            await soon("one talks, one waits", both)
            await page.until("['waiting', 'talking'].every((one) => at(one).innerText.endsWith('1'))")
            shown = await page.ask("centre")
            told = watched.get("/api/v1/centre")
            for name in ("name", "ready", "missing"):
                assert shown[name] == told[name]
            assert len(await page.ask("[...at('calls').rows].map((one) => one.innerText)")) == 2
            taker = await page.ask("[...at('agents').rows].map((one) => one.innerText).join()")
            assert "101" in taker
            assert "melayani" in taker
            await calling
        await watched.at_rest()
