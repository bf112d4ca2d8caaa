"""One lab: Asterisk, PostgreSQL and the daemon in a folder, started in order and stopped in order.

Knows which parts there are and what they need of one another. Does not know how each is run
(asterisk.py, postgres.py) nor how the daemon works: to the lab it is a command with a configuration
file and a /readyz.

    with Lab(Path("/tmp/mylab"), agents=0, daemon=False) as lab:
        lab.asterisk_cli("core show channels count")

Start it from a thread that lives as long as the lab (see processes.py).
"""

import fcntl
import json
import secrets
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from siaga112.lab.asterisk import LOOPBACK, Asterisk, Seat, Site
from siaga112.lab.daemon import daemon_config, plan_config
from siaga112.lab.errors import LabError
from siaga112.lab.ground import Ground
from siaga112.lab.layout import Layout
from siaga112.lab.phones import Phone, Phones
from siaga112.lab.ports import pick_all
from siaga112.lab.postgres import Postgres
from siaga112.lab.processes import Process
from siaga112.lab.root import Root, ensure_root
from siaga112.lab.waiting import until

ARI_USER = "siaga112"
_LIVELY = {"wrap_up": 2.0}
"""A laptop has few call-takers and little patience: they rest less than a centre's."""
SEATS = tuple(str(number) for number in range(101, 121))


class Lab:
    """A running (or startable) lab."""

    def __init__(  # noqa: PLR0913 - what the command line can say
        self,
        dir: Path,  # noqa: A002 - the word of the command line
        *,
        agents: int = 0,
        sip_port: int = 0,
        http_port: int = 0,
        daemon: bool = True,
        timings: Mapping[str, float] | None = None,
        root: Root | None = None,
        seats: Sequence[str] = SEATS,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.layout = Layout(dir.resolve())
        self.agents = agents
        self.with_daemon = daemon
        self._timings = timings or _LIVELY
        self._say = say
        self._root = root
        self._seats = tuple(seats)
        self._wanted = (sip_port, http_port)
        self.daemon: Process | None = None
        self.daemon_command = [sys.executable, "-m", "siaga112"]
        """What is started as the daemon, without its arguments."""
        self.asterisk: Asterisk
        self.postgres: Postgres
        self.site: Site
        self.http_port = self._pg_port = 0
        self._started: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()

    # --- up and down

    def up(self) -> None:
        """Start everything; on any failure stop what was started."""
        try:
            self._up()
        except BaseException:
            self.down()
            raise

    def _up(self) -> None:
        root = self._root or ensure_root(say=self._say)
        self._choose()
        self.layout.make()
        self._claim()
        self._write_names()
        self.layout.json.unlink(missing_ok=True)
        self.postgres = Postgres(root.fs, self.layout, self._pg_port, secrets.token_hex(12))
        self.asterisk = Asterisk(root.fs, self.layout)
        self._say("PostgreSQL …")
        self.postgres.create(root.cluster)
        self._started.append(self.postgres.stop)
        self.postgres.start()
        self.postgres.prepare()
        self._say("Asterisk …")
        self.asterisk.configure(self.site)
        self._started.append(self.asterisk.stop)
        self.asterisk.start()
        self._write_daemon_config()
        if self.with_daemon:
            self._say("siaga112 …")
            self._started.append(self.stop_daemon)
            self.start_daemon()
        if self.agents:
            self._say(f"{self.agents} call-takers …")
            self._start_phones()
        self.write_json()

    def _start_phones(self) -> None:
        # Without a daemon nobody understands *11: the phones only register.
        ground = Ground.of(self)
        phones = (
            Phones(ground, self.agents) if self.with_daemon else Phone(ground, self._seats[: self.agents])
        )
        self._started.append(phones.stop)
        phones.start()

    def down(self) -> None:
        """Stop everything, the last started first. May be called twice."""
        with ExitStack() as stack:  # so that one part that cannot be stopped does not keep the others
            for stop in self._started:
                stack.callback(stop)
            if self._started:
                self.layout.json.unlink(missing_ok=True)
            self._started = []

    def _claim(self) -> None:
        """One lab a folder; the kernel lets go of the lock when we end, however we end."""
        lock = (self.layout.dir / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise LabError(f"a lab is running in {self.layout.dir} already; choose another --dir") from None
        self._started.append(lock.close)

    def _choose(self) -> None:
        sip, http = self._wanted
        sip_port, self.http_port, ari_port, self._pg_port = pick_all(sip, http, 0, 0)
        self.site = Site(
            sip_port=sip_port,
            http_port=ari_port,
            ari_password=secrets.token_hex(16),
            seats=tuple(Seat(name, secrets.token_hex(8)) for name in self._seats),
            entity_id=":".join(f"{byte:02x}" for byte in b"\x02" + secrets.token_bytes(5)),
        )

    def _write_names(self) -> None:
        self.layout.hosts.write_text(f"127.0.0.1 localhost {socket.gethostname()}\n")
        self.layout.resolv.write_text("")

    def _write_daemon_config(self) -> None:
        config = daemon_config(
            ari=self.ari, user=ARI_USER, password=self.site.ari_password, dsn=self.dsn, port=self.http_port
        )
        self.layout.config.write_text(config)
        self.layout.config.chmod(0o600)
        self.layout.plan.write_text(plan_config(self._seats, self._timings))

    # --- what outsiders need to know

    @property
    def sip(self) -> str:
        """Where 112 is called and phones register."""
        return f"{LOOPBACK}:{self.site.sip_port}"

    @property
    def ari(self) -> str:
        """ARI's base address."""
        return f"http://{LOOPBACK}:{self.site.http_port}/ari"

    @property
    def http(self) -> str:
        """The daemon's address."""
        return f"http://{LOOPBACK}:{self.http_port}"

    @property
    def dsn(self) -> str:
        """PostgreSQL's address, password included."""
        return self.postgres.dsn

    @property
    def json(self) -> dict[str, Any]:
        """What lab.json says (contract)."""
        parts = {
            "asterisk": self.asterisk.process,
            "postgres": self.postgres.process,
            "daemon": self.daemon,
        }
        return {
            "sip": self.sip,
            "ari": self.ari,
            "ari_user": ARI_USER,
            "ari_password": self.site.ari_password,
            "http": self.http,
            "dsn": self.dsn,
            "config": str(self.layout.config),
            "pids": {name: part.pid for name, part in parts.items() if part is not None and part.alive},
            "endpoints": [
                {"agent": seat.agent, "user": seat.agent, "password": seat.password}
                for seat in self.site.seats
            ],
        }

    def write_json(self) -> None:
        """Write lab.json, whole or not at all."""
        fresh = self.layout.json.with_suffix(".json.new")
        fresh.write_text(json.dumps(self.json, indent=2) + "\n")
        fresh.chmod(0o600)
        fresh.rename(self.layout.json)

    # --- for tests of outages

    def asterisk_cli(self, command: str) -> str:
        """Run a command on the lab's Asterisk."""
        return self.asterisk.cli(command)

    def stop_asterisk(self) -> None:
        """End Asterisk and every call in it."""
        self.asterisk.stop()

    def start_asterisk(self) -> None:
        """Start it again."""
        self.asterisk.start()
        self.write_json()

    def stop_postgres(self) -> None:
        """End PostgreSQL."""
        self.postgres.stop()

    def start_postgres(self) -> None:
        """Start it again, on the same data and port."""
        self.postgres.start()
        self.write_json()

    def start_daemon(self) -> None:
        """Start the daemon and wait until it says that a call would be served."""
        command = [*self.daemon_command, "run", "--config", str(self.layout.config)]
        self.daemon = Process.outside("siaga112", command, self.layout.log / "siaga112.log")
        until("siaga112", self._daemon_ready, self.daemon, patience=60)
        if self.layout.json.exists():
            self.write_json()

    def stop_daemon(self) -> None:
        """Ask the daemon to drain and end."""
        if self.daemon is not None:
            self.daemon.stop(signal.SIGTERM, patience=30)

    def kill_daemon(self) -> None:
        """End the daemon as a crash would (kill -9)."""
        if self.daemon is not None:
            self.daemon.kill()

    def part(self, name: str) -> Process:
        """The running `asterisk`, `postgres` or `daemon`, to freeze and thaw."""
        parts = {"asterisk": self.asterisk.process, "postgres": self.postgres.process, "daemon": self.daemon}
        process = parts[name]
        if process is None:
            raise LabError(f"{name} is not running")
        return process

    def freeze(self, name: str) -> None:
        """Stop a part in its tracks, as a hung machine would."""
        self.part(name).freeze()

    def thaw(self, name: str) -> None:
        """Let it go on."""
        self.part(name).thaw()

    def parts(self) -> list[Process]:
        """The processes that have been started, ended ones included."""
        started = (self.asterisk.process, self.postgres.process, self.daemon)
        return [part for part in started if part is not None]

    def _daemon_ready(self) -> bool:
        address = f"{self.http}/readyz"
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310 - our own
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
