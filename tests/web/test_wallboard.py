"""The wallboard in a real Chromium: what the daemon tells is what the wall shows, in words and signs."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from siaga112.web.server import serving
from siaga112.web.window import AgentView, CallView, CentreView, TodayView
from tests.web.browser import Browser, Page

NOON = 1_767_243_600.0  # 2026-01-01 12:00:00 in Jakarta


def agent(id_: str, state: str, since: float = 65.0) -> AgentView:
    """A call-taker who has been in a state for so many seconds."""
    return AgentView(
        id=id_,
        name=f"Meja {id_}",
        endpoint=f"PJSIP/{id_}",
        state=state,
        reason=None,
        since=NOON - since,
        reachable=True,
        call_id=None,
    )


def call(state: str, since: float, **other: Any) -> CallView:
    """A call that came so many seconds ago."""
    plain = {"band": 1, "agent_id": None, "dialled": "112", "suspicion": "none", "audio_class": None}
    told: dict[str, Any] = plain | {"waits": state in {"offered", "queued", "ringing"}} | other
    return CallView(
        call_id=str(since), state=state, since=NOON - since, waited_s=since if told["waits"] else 0, **told
    )


TODAY = TodayView(
    calls=60, answered=40, abandoned=2, sl_10=0.905, sl_15=0.89999, sl_20=1.0, fallback=0, fallback_at=None
)
BUSY = CentreView(
    code="35.79",
    name="Siaga 112 Kota Contoh",
    time_zone="Asia/Jakarta",
    version="1",
    at=NOON,
    ready=True,
    today=TODAY,
    agents=[
        agent("101", "on_call", 12),
        agent("102", "available", 3700),
        agent("103", "not_responding"),
        agent("104", "logged_out"),
    ],
    calls=[
        call("connected", 90, agent_id="101"),
        call("queued", 40, waits=False, band=2),
        call("queued", 7, band=0, audio_class="silent"),
        call("ringing", 21, suspicion="abuse_flagged", band=4, attempt=3),
    ],
)


class Stage:
    """A daemon that shows what a test wants it to."""

    def __init__(self) -> None:
        self.shown = BUSY
        self.address = ""

    def show(self, **changed: Any) -> None:
        """Show the busy centre with something else in it."""
        self.shown = BUSY.model_copy(update=changed)

    def centre(self) -> CentreView:
        """What the wall is told."""
        return self.shown

    def seconds_since_turn(self) -> float:
        """The loop moves."""
        return 0.0

    def readiness(self) -> tuple[list[str], list[str]]:
        """All is well."""
        return [], []

    def fresh_metrics(self) -> CollectorRegistry:
        """No metrics."""
        return CollectorRegistry()


@asynccontextmanager
async def wall(browser: Browser, stage: Stage, **screen: int) -> AsyncIterator[Page]:
    """The wallboard of a stage, once it shows something."""
    async with serving(stage, "127.0.0.1", 0) as port:
        stage.address = f"http://127.0.0.1:{port}/"
        async with browser.page(stage.address, **screen) as page:
            await page.until("centre !== null")
            yield page
            assert page.thrown == []


async def tiles(page: Page) -> dict[str, str]:
    """The big numbers by their places."""
    names = ("waiting", "longest", "ready", "talking", "sl10", "sl15", "sl20")
    return {name: await page.text(f"#{name} b") for name in names}


async def table(page: Page, name: str) -> list[list[str]]:
    """The cells of a table."""
    found = await page.ask(
        f"[...document.querySelectorAll('#{name} tr')].map(r => [...r.cells].map(c => c.innerText))"
    )
    return [[str(cell) for cell in row] for row in found]


async def banners(page: Page) -> list[str]:
    """The troubles on the wall."""
    return [
        str(one) for one in await page.ask("[...document.querySelectorAll('.banner')].map(b => b.innerText)")
    ]


async def test_the_numbers_are_those_of_the_centre(browser: Browser) -> None:
    """Who waits and how long, who is ready, who talks, and the day's shares: 89.999 % is no 90 %."""
    async with wall(browser, Stage()) as page:
        assert await tiles(page) == {
            "waiting": "2",
            "longest": "0:21",
            "ready": "1",
            "talking": "1",
            "sl10": "90%",
            "sl15": "89%",
            "sl20": "100%",
        }
        assert await page.text("#today") == "hari ini 60, terjawab 40, menyerah 2"
        assert await page.text("#clock") == "12.00.00"
        assert await banners(page) == []


async def test_who_waits_longest_stands_first(browser: Browser) -> None:
    """Each call with its state, how long ago it came, its class and what is suspected; never a number."""
    async with wall(browser, Stage()) as page:
        assert await table(page, "calls") == [
            ["◍", "berdering", "0:21", "ditandai · ke-3", ""],
            ["◌", "menunggu", "0:07", "tak bisa bicara · diam", ""],
            ["●", "berbicara", "1:30", "darurat", "101"],
            ["♪", "dengar info", "0:40", "informasi", ""],
        ]


async def test_call_takers_with_their_states(browser: Browser) -> None:
    """Who does not answer stands first; who has logged out is only counted."""
    async with wall(browser, Stage()) as page:
        assert await table(page, "agents") == [
            ["✖", "103", "Meja 103", "tidak mengangkat", "1:05"],
            ["✔", "102", "Meja 102", "siap", "61:40"],
            ["●", "101", "Meja 101", "melayani", "0:12"],
        ]
        assert await page.text("#off") == "1 keluar"


TROUBLES: list[tuple[dict[str, Any], str]] = [
    (
        {"missing": ["asterisk: no route"]},
        "✖ ASTERISK TAK TERDENGAR: jalur cadangan melayani penelepon",
    ),
    ({"missing": ["daemon: it is being stopped"]}, "✖ SIAGA112 BERHENTI"),
    ({"degraded": ["postgres: refused; records wait"], "today": None}, "▲ PostgreSQL tidak terjangkau"),
    ({"degraded": ["spool: disk full; records wait"]}, "▲ Disk menolak catatan"),
    ({"degraded": ["agents: nobody"], "agents": [agent("101", "paused")]}, "✖ TIDAK ADA PETUGAS SIAP"),
    ({"degraded": ["moon: too full"]}, "▲ Perhatian: moon"),
    (
        {"today": TODAY.model_copy(update={"fallback": 3, "fallback_at": NOON - 100})},
        "▲ Jalur cadangan baru saja melayani panggilan (hari ini 3)",
    ),
]


async def test_every_trouble_has_its_banner(browser: Browser) -> None:
    """In words that say what happens to callers; and it goes when the trouble goes."""
    stage = Stage()
    async with wall(browser, stage) as page:
        for changed, words in TROUBLES:
            stage.show(**changed)
            await page.until(
                "(all => all.length === 1 && all[0].innerText.startsWith("
                f"{json.dumps(words)}))(document.querySelectorAll('.banner'))"
            )
            if changed.get("today", TODAY) is None:
                assert (await tiles(page))["sl10"] == "\N{EN DASH}"
        stage.show()
        await page.until("document.querySelectorAll('.banner').length === 0")


async def test_all_busy_is_no_trouble(browser: Browser) -> None:
    """Nobody is free, but somebody is on duty: the red number says so, no banner."""
    stage = Stage()
    stage.show(degraded=["agents: no call-taker is free"], agents=[agent("101", "on_call")])
    async with wall(browser, stage) as page:
        assert await banners(page) == []
        assert "alarm" in await page.ask("document.getElementById('ready').className")


async def test_a_wall_that_hears_nothing_says_so(browser: Browser) -> None:
    """Old numbers are not left standing as if they were true; when the daemon is back, the wall goes on."""
    stage = Stage()
    async with browser.page("about:blank#") as page:
        async with serving(stage, "127.0.0.1", 0) as port:
            await page.command("Page.navigate", url=f"http://127.0.0.1:{port}/")
            await page.until("typeof centre === 'object' && centre !== null")
        await page.until("document.body.classList.contains('stale')")
        assert (await banners(page))[0].startswith("✖ LAYAR INI TERPUTUS")
        async with serving(stage, "127.0.0.1", port):
            await page.until("!document.body.classList.contains('stale')")
            assert await banners(page) == []


async def test_english_at_a_press_and_remembered(browser: Browser) -> None:
    """Bahasa Indonesia first; who switches finds English again at the next start."""
    async with wall(browser, Stage()) as page:
        assert await page.ask("document.documentElement.lang") == "id"
        await page.ask("document.getElementById('language').click()")
        assert await page.text("#waiting span") == "Waiting"
        await page.command("Page.reload")
        await page.until("typeof centre === 'object' && centre !== null")
        assert await page.ask("document.documentElement.lang") == "en"
        assert (await table(page, "agents"))[0][3] == "not responding"
        await page.ask("localStorage.clear()")


async def test_every_word_is_in_both_languages(browser: Browser) -> None:
    """A word that is missing in one of them would be shown as code."""
    async with wall(browser, Stage()) as page:
        assert await page.ask("Object.keys(WORDS.id).sort().join() === Object.keys(WORDS.en).sort().join()")
        assert await page.ask("Object.keys(SIGNS).every((one) => one in WORDS.id)")


async def test_nothing_is_asked_of_the_internet(browser: Browser) -> None:
    """A centre's network may have no way out: the page is one file and one stream."""
    stage = Stage()
    async with wall(browser, stage) as page:
        await asyncio.sleep(0)
        assert [one for one in page.asked if not one.startswith((stage.address, "data:"))] == []


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 2160), (1280, 720)])
async def test_large_enough_for_five_metres(browser: Browser, width: int, height: int) -> None:
    """On a wall of 1.2 m lists are 16 mm high and numbers 45 mm, and nothing hangs over the edge."""
    stage = Stage()
    many = [call("queued", 200 - n) for n in range(60)]
    stage.show(calls=many, agents=[agent(str(n), "available") for n in range(101, 141)])
    async with wall(browser, stage, width=width, height=height) as page:
        size = "parseFloat(getComputedStyle(document.querySelector('{}')).fontSize)"
        millimetres = 1200 / width
        assert await page.ask(size.format("#calls td")) * millimetres >= 16
        assert await page.ask(size.format("#waiting b")) * millimetres >= 45
        assert await page.ask("document.body.scrollWidth <= innerWidth")
        assert await page.ask("document.body.scrollHeight <= innerHeight")
        shown = await page.ask("document.querySelectorAll('#calls tr').length")
        assert await page.text("#more-calls") == f"… dan {60 - shown} lagi"
        bottom = "document.getElementById('{}').getBoundingClientRect().bottom <= innerHeight"
        assert await page.ask(bottom.format("more-calls"))
        assert await page.ask(bottom.format("more-agents"))
