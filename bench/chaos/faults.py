"""What goes wrong, one function a fault: it breaks something, waits, and mends it again.

Knows the lab. Does not know calls, nor what must come of them. Each function gives up the loop while it
waits, so that callers go on; what it starts, it starts from the loop's own thread, which is the main one.
"""

import asyncio
import os
import resource
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from siaga112.lab.lab import Lab
from siaga112.lab.phones import Phone
from siaga112.lab.postgres import USER

SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Broken:
    """What a fault may lay hands on.

    Attributes:
        lab: The centre.
        phones: Call-takers' phones that may be killed.
        skew: The file that says by how much the daemon's clock is wrong.
        lasts: Seconds that a fault lasts.
    """

    lab: Lab
    phones: Phone
    skew: Path
    lasts: float


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        name: On the command line.
        what: In the table.
        happen: Breaks and mends.
        seen: What the daemon must say of it while it lasts: the first word of a line of /readyz, or that
            nobody answers there. A fault that nobody notices has not been one.
        cuts: Calls are cut off or turned away by it: then who was never answered is owed no row, and a call
            that went wrong is no finding.
    """

    name: str
    what: str
    happen: Callable[[Broken], Awaitable[None]]
    seen: str | None = "postgres"
    cuts: bool = False


async def _stopped(broken: Broken) -> None:
    broken.lab.stop_postgres()
    await asyncio.sleep(broken.lasts)
    broken.lab.start_postgres()


async def _frozen(broken: Broken) -> None:
    broken.lab.freeze("postgres")
    await asyncio.sleep(max(broken.lasts, 15.0))  # longer than a command is waited for
    broken.lab.thaw("postgres")


async def _read_only(broken: Broken) -> None:
    lab = broken.lab
    lab.stop_postgres()
    (lab.layout.pgdata / "standby.signal").touch()
    lab.start_postgres()
    await asyncio.sleep(broken.lasts)
    lab.postgres.sql("postgres", "SELECT pg_promote()")


async def _disk_full(broken: Broken) -> None:
    postgres = broken.lab.postgres
    postgres.fill_disk("call_event", "call_record")
    await asyncio.sleep(broken.lasts)
    postgres.empty_disk()


async def _rotated(broken: Broken) -> None:
    lab = broken.lab
    config, before = lab.layout.config, lab.postgres.password
    lab.postgres.sql("postgres", f"ALTER ROLE {USER} PASSWORD 'rotated'")
    lab.postgres.sql("postgres", _CUT)
    await asyncio.sleep(broken.lasts)
    lab.postgres.password = "rotated"  # noqa: S105 - a lab's
    config.write_text(config.read_text().replace(before, "rotated"))
    os.kill(lab.part("daemon").pid, signal.SIGHUP)


_CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'siaga112'"


async def _spool_full(broken: Broken) -> None:
    pid, limit = broken.lab.part("daemon").pid, resource.RLIMIT_FSIZE
    soft, hard = resource.prlimit(pid, limit)
    resource.prlimit(pid, limit, (0, hard))  # whatever it writes into a file is refused, its log too
    await asyncio.sleep(broken.lasts)
    resource.prlimit(pid, limit, (soft, hard))


async def _spool_full_and_stopped(broken: Broken) -> None:
    broken.lab.stop_postgres()
    await _spool_full(broken)
    broken.lab.start_postgres()


async def _clock_set(broken: Broken) -> None:
    for seconds in (3600.0, -7200.0, 0.0):
        broken.skew.write_text(f"{seconds}")
        await asyncio.sleep(broken.lasts / 3)


async def _killed(broken: Broken) -> None:
    broken.lab.kill_daemon()
    await asyncio.sleep(broken.lasts / 2)
    broken.lab.start_daemon()


async def _killed_and_stopped(broken: Broken) -> None:
    broken.lab.stop_postgres()
    await asyncio.sleep(broken.lasts / 2)
    broken.lab.kill_daemon()
    await asyncio.sleep(broken.lasts / 4)
    broken.lab.start_daemon()
    await asyncio.sleep(broken.lasts / 4)
    broken.lab.start_postgres()


async def _daemon_frozen(broken: Broken) -> None:
    broken.lab.freeze("daemon")
    await asyncio.sleep(broken.lasts)
    broken.lab.thaw("daemon")


async def _asterisk(broken: Broken) -> None:
    broken.lab.part("asterisk").kill()
    await asyncio.sleep(1.0)
    broken.lab.stop_asterisk()
    broken.lab.start_asterisk()


async def _phones(broken: Broken) -> None:
    broken.phones.stop()
    await asyncio.sleep(broken.lasts)
    broken.phones.start()
    broken.phones.dial("*11", listen=False)


FAULTS = (
    Fault("stopped", "PostgreSQL stopped", _stopped),
    Fault("frozen", "PostgreSQL frozen", _frozen),
    Fault("read-only", "PostgreSQL read-only, then promoted", _read_only),
    Fault("disk-full", "PostgreSQL's disk full", _disk_full),
    Fault("password", "PostgreSQL's password rotated", _rotated),
    Fault("spool-full", "the spool's disk full", _spool_full, "spool"),
    Fault("both-full", "the spool's disk full, PostgreSQL stopped", _spool_full_and_stopped, "spool"),
    Fault("clock", "the clock set forward, then back", _clock_set, None),
    Fault("daemon-killed", "daemon killed (-9)", _killed, SILENT),
    Fault("both-killed", "PostgreSQL stopped, daemon killed (-9)", _killed_and_stopped),
    Fault("daemon-frozen", "daemon frozen", _daemon_frozen, SILENT),
    Fault("asterisk", "Asterisk killed and restarted", _asterisk, "asterisk", cuts=True),
    Fault("phones", "half of the phones killed in mid-call", _phones, None),
)
