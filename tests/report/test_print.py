"""The report on paper: printed by a real Chromium, read again from the PDF."""

import asyncio
import re
import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from siaga112.cli import main
from tests.web.browser import Browser

A4 = (595, 842)
"""Points."""
SMALLEST = 6.0
"""Points that small print must have to be read."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A real Chromium."""
    with Browser(tmp_path_factory.mktemp("printer")) as one:
        yield one


def _bare(text: str) -> str:
    """The letters of a text, two that are drawn as one taken apart."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


async def test_paper(config: Path, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A few pages of A4; each chart whole on one of them, under its title; nothing cut off or too small."""
    folder = tmp_path_factory.getbasetemp() / "printer0"
    page_file, paper = folder / "report.html", folder / "report.pdf"
    period = ["--from", "2026-01-01", "--to", "2026-04-30", "--language", "en"]
    command = ["report", "--config", str(config), *period, "--format", "html", "--out", str(page_file)]
    assert await asyncio.to_thread(main, command) == 0
    async with browser.page(f"file://{page_file}", width=688) as page:  # A4 without its margins
        await page.command("Emulation.setEmulatedMedia", media="print")
        assert await page.ask("document.documentElement.scrollWidth") <= 688
        charts = await page.ask(CHARTS)
        tables = await page.ask(
            "[...document.querySelectorAll('section:has(table) h2')].map(e => e.innerText)"
        )
        await page.command("Emulation.setEmulatedMedia", media="")
        await page.printed(paper)
    sheets = PdfReader(paper).pages
    texts = [_bare(sheet.extract_text()) for sheet in sheets]
    assert 4 <= len(sheets) <= 12
    assert all(len(text) > 100 for text in texts), "no page is empty"
    assert all(sizes(sheet) == pytest.approx(A4, abs=1) for sheet in sheets)
    assert len(charts) == 5
    for title, *labels in charts:
        holding = [text for text in texts if _bare(title) in text]
        assert any(all(_bare(label) in text for label in labels) for text in holding), title
    places = [max(n for n, text in enumerate(texts) if _bare(title) in text) for title in tables]
    assert all(a <= b for a, b in pairwise(places)), "every table is there, in order"
    assert min(smallest(sheet) for sheet in sheets) >= SMALLEST


CHARTS = """
[...document.querySelectorAll("section:has(svg)")].map(one => [
    one.querySelector("h2").innerText,
    ...[...one.querySelectorAll("svg text")].map(text => text.textContent.trim())
])
"""


def sizes(sheet: Any) -> tuple[float, float]:
    """The width and the height of a page."""
    return float(sheet.mediabox.width), float(sheet.mediabox.height)


def smallest(sheet: Any) -> float:
    """The size of the smallest print on a page."""
    found: list[float] = []

    def note(text: str, page: list[float], line: list[float], _font: Any, size: float) -> None:
        if text.strip():
            found.append(size * abs(_area(page) * _area(line)) ** 0.5)

    sheet.extract_text(visitor_text=note)
    return min(found)


def _area(matrix: list[float]) -> float:
    a, b, c, d, *_ = matrix
    return a * d - b * c
