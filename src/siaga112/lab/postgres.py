"""The lab's PostgreSQL: a cluster made once, copied for each lab.

Knows initdb and postgres, and how to fill up its disk. Knows nothing of what is stored.
"""

import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from siaga112.lab.errors import LabError
from siaga112.lab.layout import Layout
from siaga112.lab.processes import Process
from siaga112.lab.sandbox import Sandbox, why_not
from siaga112.lab.waiting import until

USER = DATABASE = "siaga112"
# A lab's data has to outlive killed processes, not a power cut; the rest are the smallest sizes that do.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "/run/postgresql",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "max_wal_size": "256MB",
    "logging_collector": "off",
    "timezone": "UTC",
}


def programs(root: Path) -> str:
    """The folder, inside the root, of the PostgreSQL that is there."""
    versions = sorted((root / "usr/lib/postgresql").iterdir(), key=lambda path: int(path.name))
    return f"/usr/lib/postgresql/{versions[-1].name}/bin"


def make_cluster(root: Path, target: Path) -> None:
    """Make an empty cluster, to be copied (initdb takes a second or two, a copy a tenth)."""
    target.mkdir()
    sandbox = Sandbox(root, writable=((target, "/pgdata"),))
    command = [f"{programs(root)}/initdb", "--pgdata=/pgdata", f"--username={USER}", "--no-sync"]
    command += ["--encoding=UTF8", "--locale=C.UTF-8", "--auth-local=trust"]
    command += ["--auth-host=scram-sha-256"]
    done = subprocess.run(sandbox.argv(command), capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"initdb: {why_not(done.stderr)}")


_SMALL_DISK = 48 << 20
"""Bytes of /tmp inside: large enough for a tablespace of a test, small enough to be filled up in a moment."""
_MONTHS = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'siaga112' AND c.relkind = 'r' AND c.relname ~ '^({})'
"""
_SMALL = """
SELECT c.relname FROM pg_class c JOIN pg_tablespace t ON t.oid = c.reltablespace
WHERE c.relkind = 'r' AND t.spcname = 'small'
"""


class Postgres:
    """PostgreSQL in its sandbox.

    Attributes:
        layout: Where its files are.
        port: Where it listens.
        password: Of its user, as the address says it.
    """

    def __init__(
        self,
        root: Path,
        layout: Layout,
        port: int,
        password: str,
        *,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._settings = SETTINGS | dict(settings or {})
        self.layout = layout
        self.port = port
        self.password = password
        self._programs = programs(root)
        self.process: Process | None = None
        self.sandbox = Sandbox(
            root,
            readable=((layout.hosts, "/etc/hosts"),),
            writable=((layout.pgdata, "/pgdata"), (layout.pgrun, "/run/postgresql")),
            tmp_bytes=_SMALL_DISK,
        )

    @property
    def dsn(self) -> str:
        """How to connect over TCP."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    def create(self, template: Path) -> None:
        """Lay down the data, unless the folder has some from an earlier run."""
        if not (self.layout.pgdata / "PG_VERSION").exists():
            shutil.copytree(template, self.layout.pgdata, dirs_exist_ok=True)
            self.layout.pgdata.chmod(0o700)

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        (self.layout.pgdata / "postmaster.pid").unlink(missing_ok=True)
        command = [f"{self._programs}/postgres", "-D", "/pgdata", "-p", str(self.port)]
        for name, value in self._settings.items():
            command += ["-c", f"{name}={value}"]
        log = self.layout.log / "postgres.log"
        self.process = Process.inside("PostgreSQL", self.sandbox, command, log)
        until("PostgreSQL", self._ready, self.process, patience=60)

    def prepare(self) -> None:
        """Give the user this lab's password and make the database, if it is not there yet."""
        self.sql("postgres", f"ALTER ROLE {USER} PASSWORD '{self.password}'")
        if not self.sql("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"):  # noqa: S608
            self.sql("postgres", f"CREATE DATABASE {DATABASE} STRATEGY file_copy")

    def stop(self) -> None:
        """End it in order, connections or not."""
        if self.process is not None:
            self.process.stop(signal.SIGINT)

    def sql(self, database: str, statement: str) -> str:
        """Run a statement over the local socket, as the owner."""
        command = [f"{self._programs}/psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1"]
        command += ["-h", "/run/postgresql", "-p", str(self.port), "-U", USER, "-c", statement]
        argv = self.sandbox.argv([*command, database])
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LabError(f"psql: {why_not(done.stderr)}")
        return done.stdout.strip()

    # --- for tests of outages

    def fill_disk(self, *tables: str) -> None:
        """Move these tables' rows to a small disk, and fill that up to the last byte."""
        self._shell("mkdir -m 700 /tmp/small")
        self.sql(DATABASE, "CREATE TABLESPACE small LOCATION '/tmp/small'")
        for name in self.sql(DATABASE, _MONTHS.format("|".join(tables))).split():
            self.sql(DATABASE, f"ALTER TABLE siaga112.{name} SET TABLESPACE small")
        self._shell("cat /dev/zero > /tmp/filler || true")

    def empty_disk(self) -> None:
        """Make room again, and move the tables back: the small disk goes when the server ends."""
        self._shell("rm /tmp/filler")
        for name in self.sql(DATABASE, _SMALL).split():
            self.sql(DATABASE, f"ALTER TABLE siaga112.{name} SET TABLESPACE pg_default")
        self.sql(DATABASE, "DROP TABLESPACE small")

    def _shell(self, command: str) -> None:
        """Run a command where the server is: its /tmp is nobody else's."""
        self.sql(DATABASE, f"COPY (SELECT) TO PROGRAM '{command}'")

    def _ready(self) -> bool:
        # The eighth line of postmaster.pid is the server's own word on whether it takes connections.
        pid_file = self.layout.pgdata / "postmaster.pid"
        lines = pid_file.read_text().splitlines() if pid_file.exists() else []
        return len(lines) >= 8 and lines[7].strip() == "ready"
