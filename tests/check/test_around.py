"""The disk and the daemon's port, as the doctor sees them."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from siaga112.check import around
from siaga112.check.finding import Finding, Level
from siaga112.config import HttpSettings, Settings
from siaga112.lab.ports import pick


def test_the_passwords_of_the_samples() -> None:
    """Everybody knows them, so whoever keeps one is told which; with others there is nothing to say."""
    known = settings("change-me", "postgresql://siaga112:change-me@127.0.0.1/siaga112")
    (finding,) = around.passwords(known)
    assert finding.level is Level.WARN
    assert "asterisk.password and postgres.dsn" in finding.says
    assert around.passwords(settings("a", "postgresql://siaga112:b@127.0.0.1/siaga112")) == []


def settings(password: str, dsn: str) -> Settings:
    """A configuration with these two secrets."""
    return Settings.model_validate({"asterisk": {"password": password}, "postgres": {"dsn": dsn}})


def test_a_spool_folder_that_is_not_there_yet_is_made(tmp_path: Path) -> None:
    """What a first start would make is no fault, and nothing else is left behind."""
    finding = around.spool(tmp_path / "fresh" / "spool.sqlite3")
    assert finding.level is Level.OK
    assert list((tmp_path / "fresh").iterdir()) == []


def test_a_spool_folder_that_is_a_file(tmp_path: Path) -> None:
    """A folder that cannot be had is told, with what to do."""
    (tmp_path / "taken").write_text("")
    finding = around.spool(tmp_path / "taken" / "spool.sqlite3")
    assert finding.level is Level.WARN
    assert "cannot be written" in finding.says


def test_no_daemon() -> None:
    """Nobody listening means that calls go to the fallback."""
    finding = around.daemon(HttpSettings(port=pick()))
    assert finding.level is Level.WARN
    assert "not running" in finding.says


@pytest.mark.parametrize(
    ("status", "body", "level", "words"),
    [
        (200, {"ready": True, "missing": [], "degraded": []}, Level.OK, "running and ready"),
        (200, {"ready": True, "missing": [], "degraded": ["agents: none"]}, Level.OK, "agents: none"),
        (503, {"ready": False, "missing": ["asterisk: gone"], "degraded": []}, Level.WARN, "asterisk: gone"),
        (200, ["something else"], Level.WARN, "another program"),
        (404, {"error": "what?"}, Level.WARN, "another program"),
    ],
)
async def test_who_answers_on_the_daemon_port(status: int, body: Any, level: Level, words: str) -> None:
    """A daemon that is not ready says why; a stranger on its port is told apart."""
    finding = await _asked(status, body)
    assert finding.level is level
    assert words in finding.says


async def _asked(status: int, body: Any) -> Finding:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response(body, status=status)

    app = web.Application()
    app.router.add_get("/readyz", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return await asyncio.to_thread(around.daemon, HttpSettings(port=runner.addresses[0][1]))
    finally:
        await runner.cleanup()
