"""`siaga112 export`: every call of a period, and nobody who could be known."""

import asyncio
import csv
import hashlib
import hmac
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from siaga112.cli import main
from siaga112.pseudonyms import COLUMNS, KeyTooShortError, Pseudonyms, national
from siaga112.store.migrate import Connection

PERIOD = ["--from", "2026-01-01", "--to", "2026-04-30"]
KEY = "a key of the region, 2026"
Export = Callable[..., int]


@pytest.fixture
def export(config: Path, tmp_path: Path) -> Export:
    """Run the command with a key in a file; the words after the period may replace it."""
    (tmp_path / "key").write_text(f"{KEY}\n")
    config.write_text(config.read_text() + '[export]\nkey_file = "key"\n')
    return lambda *more: main(
        ["export", "--config", str(config), *(more if "--from" in more else [*PERIOD, *more])]
    )


async def test_every_call_and_nobody(
    export: Export, database: Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As many lines as calls; repeated callers stay repeated; no number, no path, no channel, no id."""
    rows = await database.fetch("SELECT * FROM siaga112.call_record")
    out = tmp_path / "export.csv"
    assert await asyncio.to_thread(export, "--out", str(out)) == 0
    assert capsys.readouterr().out == ""
    text = out.read_text()
    lines = list(csv.DictReader(io.StringIO(text)))
    assert len(lines) == len(rows) == 6_000
    assert tuple(lines[0]) == COLUMNS
    numbers = {row["caller_number"] for row in rows} - {None}
    assert len({one["caller"] for one in lines} - {""}) == len(numbers)
    assert sum(one["caller"] == "" for one in lines) == sum(row["caller_number"] is None for row in rows)
    for secret in (numbers, {row["channel_id"] for row in rows}, {str(row["call_id"]) for row in rows}):
        assert not any(one in secret for line in lines for one in line.values())
    assert not any(word in text for word in (".wav", "PJSIP"))
    for outcome in ("answered", "short_abandon"):
        assert sum(one["outcome"] == outcome for one in lines) == sum(
            row["outcome"] == outcome for row in rows
        )
    talked = sum(row["talk_s"] or 0 for row in rows)
    assert sum(float(one["talk_s"] or 0) for one in lines) == pytest.approx(talked, abs=3)


def test_json_says_the_same(export: Export, tmp_path: Path) -> None:
    """One object, of which every line is one of the CSV's, and how many there are."""
    assert export("--format", "json", "--out", str(tmp_path / "e.json")) == 0
    assert export("--out", str(tmp_path / "e.csv")) == 0
    data = json.loads((tmp_path / "e.json").read_text())
    with (tmp_path / "e.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert (data["centre"], data["from"], data["to"], data["calls"]) == ("35.79", PERIOD[1], PERIOD[3], 6_000)
    shown = [{name: "" if one is None else str(one) for name, one in line.items()} for line in data["lines"]]
    assert shown == lines


def test_another_key_gives_other_names(
    export: Export, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same key the same names, twice; another one none of them."""
    day, names = ["--from", "2026-01-03", "--to", "2026-01-03"], []
    for key in (KEY, KEY, "another key, kept elsewhere"):
        (tmp_path / "key").write_text(key)
        assert export(*day) == 0
        names.append({one["caller"] for one in csv.DictReader(io.StringIO(capsys.readouterr().out))} - {""})
    assert names[0] == names[1]
    assert names[0].isdisjoint(names[2])


def test_a_name_is_the_hash_that_it_says() -> None:
    """HMAC-SHA-256 of the number as it is dialled at home, as anybody with the key can make it again."""
    expected = hmac.new(KEY.encode(), b"caller:081234567890", hashlib.sha256).hexdigest()
    for number in ("081234567890", "+6281234567890", "6281234567890"):
        assert Pseudonyms(KEY).caller(number) == expected
    assert Pseudonyms(KEY).name("agent", "081234567890") != expected
    assert Pseudonyms(KEY).caller(None) is None
    assert [national(one) for one in ("+6591234567", "620", "112")] == ["+6591234567", "620", "112"]
    with pytest.raises(KeyTooShortError, match="has 3 characters, at least 16"):
        Pseudonyms("abc")


def test_no_key(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a key there is nothing, and one sentence says how to make one."""
    assert main(["export", "--config", str(config), *PERIOD]) == 1
    told = capsys.readouterr()
    assert "there is no key to make pseudonyms with: `openssl rand -base64 32` makes one" in told.err
    assert (told.err.count("\n"), told.out) == (1, "")


def test_a_key_from_the_environment(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The variable is enough."""
    monkeypatch.setenv("SIAGA112_EXPORT__KEY", KEY)
    assert main(["export", "--config", str(config), "--from", "2026-01-03", "--to", "2026-01-03"]) == 0
    assert capsys.readouterr().out.startswith("call,caller,agent,")


BAD = {
    "a key file that is not there": (["--format", "csv"], "export.key_file: No such file or directory"),
    "backwards": (["--from", "2026-02-02", "--to", "2026-02-01"], "lies before --from 2026-02-02"),
    "future": (["--from", "2199-01-01", "--to", "2199-01-02"], "lies in the future: today is"),
    "no calls": (
        ["--from", "2025-01-01", "--to", "2025-01-31"],
        "its calls are from 2026-01-01 to 2026-04-30",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_what_cannot_be_exported(
    export: Export, tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    """A sentence, and a file that was there before stays."""
    words, sentence = BAD[what]
    if "key" in what:
        (tmp_path / "key").unlink()
    out = tmp_path / "out.csv"
    out.write_text("before")
    assert export(*words, "--out", str(out)) != 0
    assert sentence in capsys.readouterr().err
    assert out.read_text() == "before"
    assert not (tmp_path / "out.csv.new").exists()
