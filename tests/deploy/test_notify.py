"""A real daemon and a real socket where systemd would listen."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from siaga112.lab.lab import Lab
from siaga112.lab.processes import Process, tail

WATCHDOG_S = 3.0


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Asterisk and PostgreSQL for a daemon that each test starts itself."""
    with Lab(tmp_path_factory.mktemp("notify"), daemon=False) as running:
        yield running


class Listener:
    """Hears what a daemon tells systemd."""

    def __init__(self, lab: Lab, tmp_path: Path) -> None:
        address = tmp_path / "notify"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(address))
        self.log = tmp_path / "daemon.log"
        command = [sys.executable, "-m", "siaga112", "run", "--config", str(lab.layout.config)]
        told = {"NOTIFY_SOCKET": str(address), "WATCHDOG_USEC": str(int(WATCHDOG_S * 1_000_000))}
        self.daemon = Process.outside("siaga112", command, self.log, environment=told)

    def hear(self, patience: float) -> str | None:
        """The next thing that is told; None if nothing is for so long."""
        self._socket.settimeout(patience)
        try:
            return self._socket.recv(4096).decode()
        except TimeoutError:
            return None

    def hush(self) -> None:
        """Forget what was told before now."""
        while self.hear(0.01) is not None:
            pass

    def close(self) -> None:
        """End the daemon, however it is."""
        self.daemon.kill()
        self._socket.close()


@pytest.fixture
def told(lab: Lab, tmp_path: Path) -> Iterator[Listener]:
    """A daemon that has just been started, and what it tells."""
    listener = Listener(lab, tmp_path)
    yield listener
    listener.close()


def test_ready_alive_stopping(told: Listener) -> None:
    """READY once it is in step with Asterisk, WATCHDOG well within its time, STOPPING at SIGTERM; exit 0."""
    assert told.hear(20) == "READY=1", tail(told.log)
    for _ in range(3):
        assert told.hear(WATCHDOG_S) == "WATCHDOG=1"
    told.daemon.send(signal.SIGTERM)
    heard = told.hear(WATCHDOG_S)
    while heard == "WATCHDOG=1":
        heard = told.hear(WATCHDOG_S)
    assert heard == "STOPPING=1"
    assert told.daemon.wait(30) == 0, tail(told.log)


def test_a_daemon_that_is_frozen_feeds_no_watchdog(told: Listener) -> None:
    """Silence is what systemd acts on; a daemon that moves again is heard again."""
    assert told.hear(20) == "READY=1", tail(told.log)
    told.daemon.freeze()
    told.hush()
    assert told.hear(2 * WATCHDOG_S) is None
    told.daemon.thaw()
    assert told.hear(WATCHDOG_S) == "WATCHDOG=1"


def test_an_asterisk_that_is_away_is_no_reason_to_be_restarted(lab: Lab, told: Listener) -> None:
    """The daemon goes on being fed while it tries to connect: a restart would mend nothing."""
    assert told.hear(20) == "READY=1", tail(told.log)
    lab.stop_asterisk()
    try:
        told.hush()
        for _ in range(4):
            assert told.hear(WATCHDOG_S) == "WATCHDOG=1"
    finally:
        lab.start_asterisk()


def test_ready_without_asterisk(lab: Lab, tmp_path: Path) -> None:
    """A daemon that finds no Asterisk has started all the same: it says so in /readyz and goes on trying."""
    lab.stop_asterisk()
    listener = Listener(lab, tmp_path)
    try:
        assert listener.hear(20) == "READY=1", tail(listener.log)
    finally:
        listener.close()
        lab.start_asterisk()


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of systemd nothing is told and nothing fails."""
    from siaga112 import notify  # noqa: PLC0415

    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    notify.notify("READY=1")
    assert notify.watchdog_seconds() is None
    assert "NOTIFY_SOCKET" not in os.environ
