"""`siaga112 report` as its user meets it: what it writes, and what it says when it cannot."""

import asyncio
import csv
import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import asyncpg
import pytest

from siaga112.cli import main
from siaga112.store.migrate import migrate
from tests.report.conftest import write_config
from tests.store.servers import named

PERIOD = ["--from", "2026-01-01", "--to", "2026-04-30"]
Report = Callable[..., int]


@pytest.fixture
def report(config: Path) -> Report:
    """Run the command on the four months, or with other words in place of the period."""
    return lambda *more: main(
        ["report", "--config", str(config), *(more if "--from" in more else [*PERIOD, *more])]
    )


def test_table(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    """A table of every section, in the plan's language, on standard output; nothing else anywhere."""
    assert report() == 0
    told = capsys.readouterr()
    assert told.err == ""
    for title in (
        "Ringkasan",
        "Kecepatan menjawab",
        "Kelas resmi",
        "Tren mingguan",
        "Per sif",
        "Per petugas",
    ):
        assert title in told.out
    assert "101 Meja 1" in told.out
    assert re.search(r"SL ≤ 15 s +│ +\d\d,\d %", told.out)


def test_table_in_english(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    """The same in English, with a decimal point."""
    assert report("--language", "en") == 0
    told = capsys.readouterr().out
    assert "By call-taker" in told
    assert re.search(r"SL ≤ 15 s +│ +\d\d\.\d %", told)


def test_few_calls_have_no_percentage(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    """On one day there are too few ghost calls of too few answered ones: n<30 stands there."""
    assert report("--from", "2026-01-03", "--to", "2026-01-03", "--language", "en") == 0
    told = capsys.readouterr().out
    assert re.search(r"RONA\) +│ +(n<30|\d)", told)
    assert "n<30" in told


def test_csv_holds_every_figure_of_the_json(report: Report, tmp_path: Path) -> None:
    """One line a figure, each with the value that JSON gives; made for a spreadsheet."""
    assert report("--format", "csv", "--out", str(tmp_path / "r.csv")) == 0
    assert report("--format", "json", "--out", str(tmp_path / "r.json")) == 0
    data = json.loads((tmp_path / "r.json").read_text())
    with (tmp_path / "r.csv").open(newline="") as file:
        lines = {(one["section"], one["item"], one["figure"]): one for one in csv.DictReader(file)}
    sl = lines["total", "", "sl_15"]
    wanted = data["total"]["sl_15"]
    assert (float(sl["value"]), int(sl["part"]), int(sl["of"])) == (
        wanted["value"],
        wanted["part"],
        wanted["of"],
    )
    assert int(lines["total", "", "outcomes.answered"]["value"]) == data["total"]["outcomes"]["answered"]
    assert float(lines["takers", "101", "occupancy"]["value"]) == data["takers"]["101"]["occupancy"]
    for section in ("weeks", "shifts", "takers"):
        assert {item for part, item, _ in lines if part == section} == data[section].keys()
    assert sum(section == "longest" for section, _, _ in lines) == 10
    assert (
        sum(int(one["value"]) for (section, _, _), one in lines.items() if section == "heat")
        == (data["total"]["calls"])
    )


class Seen(HTMLParser):
    """What a page refers to, its ids, and its headings."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.outside: list[str] = []
        self.ids: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember what matters."""
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(str(value))
            if name in {"src", "href", "xlink:href"} and not str(value).startswith("#"):
                self.outside.append(str(value))


@pytest.mark.parametrize("language", ["id", "en"])
def test_page(report: Report, tmp_path: Path, language: str) -> None:
    """One file with five charts and all tables, that loads nothing from anywhere and repeats no id."""
    out = tmp_path / "report.html"
    assert report("--format", "html", "--language", language, "--out", str(out)) == 0
    page = out.read_text(encoding="utf-8")
    seen = Seen(page)
    assert seen.tags.count("svg") == 5
    assert seen.tags.count("table") == 9
    assert seen.outside == []
    assert "url(http" not in page
    assert len(seen.ids) == len(set(seen.ids))
    assert f'<html lang="{language}">' in page
    assert "Siaga 112 &lt;Contoh&gt;" in page, "a name is text, whatever stands in it"
    for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        ET.fromstring(svg)  # noqa: S314 - our own drawing
    shares = re.findall(r"≤ (?:10|15|20) s: [\d.,]+ %", page)
    assert len(shares) == 3, "the marks stand in the distribution"


def test_page_is_the_same_twice(report: Report, tmp_path: Path) -> None:
    """The same period of the same records gives the same drawing, so that two reports can be compared."""
    pages = []
    for name in ("a", "b"):
        assert report("--format", "html", "--out", str(tmp_path / name)) == 0
        pages.append(re.findall(r"<svg.*?</svg>", (tmp_path / name).read_text(), re.DOTALL))
    assert pages[0] == pages[1]


BAD = {
    "no date": (["--from", "2026-02-30", "--to", "2026-03-01"], 2, "--from '2026-02-30' is no date"),
    "another form": (["--from", "2026-02-01", "--to", "01/03/2026"], 2, "--to '01/03/2026' is no date"),
    "backwards": (["--from", "2026-02-02", "--to", "2026-02-01"], 2, "lies before --from 2026-02-02"),
    "future": (["--from", "2199-01-01", "--to", "2199-01-02"], 2, "lies in the future: today is"),
    "before time": (["--from", "0001-01-01", "--to", "2026-01-02"], 2, "--from 0001-01-01 cannot be meant"),
    "after time": (["--from", "2026-01-01", "--to", "9999-12-31"], 2, "--to 9999-12-31 cannot be meant"),
    "a time of day": (["--from", "2026-01-01T10:00", "--to", "2026-01-02"], 2, "is no date"),
    "nothing": (["--from", "", "--to", "2026-01-02"], 2, "--from '' is no date"),
    "no calls": (
        ["--from", "2025-01-01", "--to", "2025-01-31"],
        1,
        "no call of 35.79 came in from 2025-01-01 to 2025-01-31; its calls are from 2026-01-01 to 2026-04-30",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_period_that_cannot_be_reported(
    report: Report, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    """One sentence on standard error, an exit status, nothing on standard output."""
    words, status, sentence = BAD[what]
    assert report(*words) == status
    told = capsys.readouterr()
    assert sentence in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""


ADDRESSES = {
    "nobody listens": ("postgresql://u:hush@127.0.0.1:9/db", "PostgreSQL cannot be read: "),
    "not an address": ("postgresql://u:hush@[::1/db", "the address of PostgreSQL cannot be read"),
}


@pytest.mark.parametrize("what", ADDRESSES)
def test_no_database(tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str) -> None:
    """A database that cannot be reached is one sentence, without the password."""
    dsn, sentence = ADDRESSES[what]
    assert main(["report", "--config", str(write_config(tmp_path, dsn)), *PERIOD]) == 1
    told = capsys.readouterr()
    assert sentence in told.err
    assert "hush" not in told.err
    assert told.err.count("\n") == 1


async def _other(archived: str, *statements: str) -> str:
    """The DSN of another database on the same server, made so."""
    name = f"siaga112_other_{secrets.token_hex(4)}"
    server = await asyncpg.connect(archived)
    await server.execute(f"CREATE DATABASE {name} STRATEGY file_copy")
    await server.close()
    dsn = named(archived, name)
    connection = await asyncpg.connect(dsn)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()
    return dsn


COMMANDS = {
    "report": ["report", *PERIOD],
    "export": ["export", *PERIOD],
    "rebuild": ["records", "rebuild", *PERIOD],
    "retention": ["retention", "--dry-run"],
    "show": ["records", "show", "00000000-0000-8000-8000-000000000001"],
    "erase": ["records", "erase", "--number", "0812", "--by", "201", "--reason", "asked for"],
}


async def _says(dsn: str, folder: Path, capsys: pytest.CaptureFixture[str], sentence: str) -> None:
    """Every command that reads the records says the sentence, and nothing else."""
    config = write_config(folder, dsn)
    config.write_text(config.read_text() + '[export]\nkey = "a key that is long enough"\n')
    with (folder / "plan.toml").open("a") as plan:
        plan.write('[[agents]]\nid = "201"\nendpoint = "PJSIP/201"\nrole = "supervisor"\n')
    for words in COMMANDS.values():
        assert await asyncio.to_thread(main, [*words, "--config", str(config)]) == 1, words
        told = capsys.readouterr()
        assert sentence in told.err, words
        assert (told.err.count("\n"), told.out) == (1, ""), words


async def test_a_database_of_a_newer_version(
    archived: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rows that a newer version wrote are not guessed at: update, or restore."""
    dsn = await _other(archived)
    await migrate(dsn)
    connection = await asyncpg.connect(dsn)
    await connection.execute("INSERT INTO siaga112.migration VALUES (9999, 'dispatch', 'x')")
    await connection.close()
    await _says(
        dsn, tmp_path, capsys, "the database has had migration 9999_dispatch, this version of siaga112"
    )


async def test_an_empty_database(archived: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One that was never migrated: the command that does it."""
    dsn = await _other(archived)
    await _says(dsn, tmp_path, capsys, "the database lacks migration 0001_tables: run `siaga112 migrate`")


async def test_a_wrong_password(archived: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence, without the password; so for a database that is not there."""
    parts = urlsplit(archived)
    wrong = parts._replace(netloc=f"siaga112:hush@{parts.hostname}:{parts.port}").geturl()
    await _says(wrong, tmp_path, capsys, "PostgreSQL cannot be read: password authentication failed")
    await _says(named(archived, "nothing"), tmp_path, capsys, "PostgreSQL cannot be read: database")


def test_output_that_cannot_be_written(
    report: Report, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that is not there: a sentence; a report that was there before stays whole."""
    assert report("--format", "csv", "--out", str(tmp_path / "no" / "r.csv")) == 1
    assert "r.csv cannot be written: No such file or directory" in capsys.readouterr().err


def test_reader_that_has_seen_enough(config: Path) -> None:
    """`siaga112 report … | head` ends quietly."""
    command = [
        sys.executable,
        "-m",
        "siaga112",
        "report",
        "--config",
        str(config),
        *PERIOD,
        "--format",
        "json",
    ]
    read, write = os.pipe()
    with subprocess.Popen(command, stdout=write, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        os.close(write)
        os.close(read)
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert process.returncode == 0
