"""Looks at what else is around the daemon: PostgreSQL, the spool's disk, and a daemon that runs.

Knows asyncpg, the file system and /readyz. None of them keeps a call from being served, so none is a failure.
"""

import asyncio
import json
import os
import shutil
import tempfile
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from siaga112.check.finding import Finding, ok, shorten, warn
from siaga112.check.switch import clock
from siaga112.config import HttpSettings, Settings
from siaga112.store.errors import MigrationError
from siaga112.store.migrate import pending_over

_ROOM = 500 * 1024 * 1024
"""Bytes: a day of PostgreSQL being away, with a wide margin."""


_SAMPLE = "change-me"
"""The password of every sample."""


def passwords(settings: Settings) -> list[Finding]:
    """Look for passwords that everybody knows; nothing to say where there are none."""
    known = {
        "asterisk.password": settings.asterisk.secret(),
        "postgres.dsn": urlsplit(settings.postgres.dsn.get_secret_value()).password,
    }
    samples = [name for name, password in known.items() if password == _SAMPLE]
    if not samples:
        return []
    told = f"{' and '.join(samples)} still have the sample's password"
    return [warn("passwords", told, "choose others, here and in siaga112.conf or PostgreSQL")]


async def database(settings: Settings) -> list[Finding]:
    """Look at PostgreSQL, its tables and its clock."""
    dsn = settings.postgres.dsn.get_secret_value()
    try:
        connection = await asyncpg.connect(dsn, timeout=5)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError, TimeoutError) as error:
        remedy = "is it running, and postgres.dsn right? Calls go on, records wait in the spool"
        return [warn("postgres", f"cannot be reached: {_words(error)}", remedy)]
    try:
        async with asyncio.timeout(10):
            return [
                await _tables(connection),
                clock("PostgreSQL's", await _now(connection), datetime.now(UTC)),
            ]
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        return [warn("postgres", f"does not work: {_words(error)}", "see PostgreSQL's own log")]
    finally:
        connection.terminate()


async def _now(connection: "asyncpg.Connection[asyncpg.Record]") -> datetime:
    told: datetime = await connection.fetchval("SELECT clock_timestamp()")
    return told


async def _tables(connection: "asyncpg.Connection[asyncpg.Record]") -> Finding:
    try:
        waiting = await pending_over(connection)
    except MigrationError as error:
        return warn("postgres", "its tables are not ours", str(error))
    version = connection.get_server_version()
    if waiting:
        names = shorten([f"{one.version:04d}_{one.name}" for one in waiting])
        remedy = "`siaga112 migrate` as the database's owner; the daemon tries at its start as well"
        return warn("postgres", f"migrations are pending: {names}", remedy)
    return ok("postgres", f"version {version.major}.{version.minor}, tables up to date")


def _words(error: BaseException) -> str:
    """What broke, on one line; asyncpg's messages hold no password."""
    return " ".join(str(error).split()) or type(error).__name__


def spool(path: Path) -> Finding:
    """Look whether records can be kept on this disk."""
    remedy = f"make {path.parent} a folder on a local disk that the daemon's user may write"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent) as probe:
            probe.write(b"112")
    except OSError as error:
        return warn("spool", f"{path.parent} cannot be written: {error.strerror}", remedy)
    if path.exists() and not os.access(path, os.R_OK | os.W_OK):
        return warn("spool", f"{path} belongs to another user", remedy)
    free = shutil.disk_usage(path.parent).free
    if free < _ROOM:
        return warn(
            "spool", f"only {free // 1_000_000} MB free at {path.parent}", "make room, or move spool.path"
        )
    return ok("spool", f"{path.parent} can be written, {free // 1_000_000_000} GB free")


def daemon(http: HttpSettings) -> Finding:
    """Ask a daemon that runs whether it is ready."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(http.host, http.host)
    url = f"http://{host}:{http.port}/readyz"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return _ready(answer.read(), url)
    except urllib.error.HTTPError as error:
        return _ready(error.read(), url)
    except OSError:
        return warn("daemon", "not running: calls go to the fallback", "`systemctl start siaga112`")


def _ready(body: bytes, url: str) -> Finding:
    try:
        told = json.loads(body)
        missing, degraded = list(told["missing"]), list(told["degraded"])
    except (ValueError, KeyError, TypeError):
        return warn("daemon", f"{url} is another program", "give http.port a port that is free")
    if missing:
        return warn("daemon", f"running, not ready: {'; '.join(missing)}", "see its log")
    return ok("daemon", "running and ready" + (f"; {'; '.join(degraded)}" if degraded else ""))
