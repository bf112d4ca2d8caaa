"""The lab itself: up, down, nothing left; and Asterisk's files as this Asterisk reads them."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from siaga112.lab.errors import LabError
from siaga112.lab.lab import Lab
from siaga112.lab.layout import asterisk_conf
from siaga112.lab.ports import is_free

# What Asterisk says at start that is neither ours nor a fault.
HARMLESS = ("No music on hold classes",)


def _gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def _soon(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 15
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def _mounts() -> str:
    return Path("/proc/self/mounts").read_text()


def _ports(lab: Lab) -> list[int]:
    return [int(re.findall(r":(\d+)(?:/|$)", address)[-1]) for address in (lab.sip, lab.ari, lab.dsn)]


def test_up_and_down(tmp_path: Path) -> None:
    """A lab that is up says what the contract promises; one that is down has left nothing but its folder."""
    mounts = _mounts()
    with Lab(tmp_path / "lab", daemon=False) as lab:
        told = json.loads(lab.layout.json.read_text())
        assert set(told) == {
            *("sip", "ari", "ari_user", "ari_password", "http", "dsn", "config", "pids", "endpoints"),
        }
        assert [one["agent"] for one in told["endpoints"]] == [str(n) for n in range(101, 121)]
        pids = told["pids"]
        assert {Path(f"/proc/{pid}/comm").read_text().strip() for pid in pids.values()} == {
            "asterisk",
            "postgres",
        }
        assert lab.postgres.sql("siaga112", "SELECT current_user") == "siaga112"
        ports = _ports(lab)
        assert not any(is_free(port) for port in ports)
        assert lab.layout.json.stat().st_mode & 0o077 == 0
    assert all(_gone(pid) for pid in pids.values())
    assert all(is_free(port) for port in ports)
    assert _mounts() == mounts
    assert not lab.layout.json.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_command_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C and SIGTERM end `lab up` in order; even kill -9 leaves no process behind."""
    folder = tmp_path / "lab"
    line = [
        sys.executable,
        "-m",
        "siaga112",
        "lab",
        "up",
        "--no-daemon",
        "--agents",
        "1",
        "--dir",
        str(folder),
    ]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as command:  # noqa: S603
        assert command.stdout is not None
        assert command.stdout.readline() == f"ready {folder}/lab.json\n"
        inside = str(folder).encode()
        pids = json.loads((folder / "lab.json").read_text())["pids"].values()
        command.send_signal(number)
        code = command.wait(20)
    assert code == (-signal.SIGKILL if number is signal.SIGKILL else 0)
    assert _soon(lambda: all(_gone(pid) for pid in pids))
    assert _soon(lambda: not _mentioning(inside))


def _mentioning(words: bytes) -> list[int]:
    """The processes with these words in their command lines."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and words in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return [pid for pid in found if pid != os.getpid()]


def test_two_labs_side_by_side(plain_lab: Lab, tmp_path: Path) -> None:
    """A second lab has ports, passwords and an Asterisk of its own, and its end does not touch the first."""
    with Lab(tmp_path / "second", daemon=False) as second:
        assert not set(_ports(second)) & set(_ports(plain_lab))
        assert second.json["endpoints"] != plain_lab.json["endpoints"]
        second.asterisk_cli("dialplan set global WHOSE second")
        plain_lab.asterisk_cli("dialplan set global WHOSE first")
        assert "WHOSE=second" in second.asterisk_cli("dialplan show globals")
    assert "WHOSE=first" in plain_lab.asterisk_cli("dialplan show globals")


def test_one_lab_a_folder(plain_lab: Lab) -> None:
    """A second lab in the same folder is refused, and the first goes on."""
    with pytest.raises(LabError, match=r"running in .* already"):
        Lab(plain_lab.layout.dir, daemon=False).up()
    assert plain_lab.layout.json.exists()
    assert "0 active" in plain_lab.asterisk_cli("core show channels count")


def test_wanted_port_that_is_taken(plain_lab: Lab, tmp_path: Path) -> None:
    """A port that somebody has is an error with the port in it, before anything is started."""
    port = plain_lab.site.sip_port
    with pytest.raises(LabError, match=str(port)):
        Lab(tmp_path / "lab", daemon=False, sip_port=port).up()
    assert not (tmp_path / "lab").exists()


def test_outages_of_postgres(tmp_path: Path) -> None:
    """PostgreSQL can be stopped, started again on the same data and port, frozen and thawed."""
    with Lab(tmp_path / "lab", daemon=False) as lab:
        lab.postgres.sql("siaga112", "CREATE TABLE kept AS SELECT 112 AS number")
        dsn = lab.dsn
        lab.stop_postgres()
        assert "postgres" not in lab.json["pids"]
        lab.start_postgres()
        assert lab.dsn == dsn
        assert lab.postgres.sql("siaga112", "SELECT number FROM kept") == "112"
        lab.freeze("postgres")
        stopped = Path(f"/proc/{lab.part('postgres').pid}/stat")
        assert _soon(lambda: stopped.read_text().rsplit(")", 1)[1].split()[0] == "T")
        lab.thaw("postgres")
        assert lab.postgres.sql("siaga112", "SELECT number FROM kept") == "112"


def test_asterisk_reads_its_files_without_complaint(plain_lab: Lab) -> None:
    """Every module that modules.conf lists runs, and the log of the start has no warning and no error."""
    lines = (asterisk_conf() / "modules.conf").read_text()
    wanted = set(re.findall(r"^(?:load|require) = (\S+)", lines, re.MULTILINE))
    shown = plain_lab.asterisk_cli("module show")
    running = {
        line.split()[0] for line in shown.splitlines() if "Running" in line and "Not Running" not in line
    }
    assert wanted - running == set()
    log = (plain_lab.layout.log / "asterisk.log").read_text()
    start = log[: log.index("Asterisk Ready")]
    faults = [line for line in start.splitlines() if re.search(r"\b(WARNING|ERROR)\[", line)]
    assert [line for line in faults if not any(words in line for words in HARMLESS)] == []


def test_dialplan_uses_only_what_is_there(plain_lab: Lab) -> None:
    """Every application and function of extensions.conf is registered, and every prompt it plays exists."""
    text = re.sub(r"^\s*;.*$", "", (asterisk_conf() / "extensions.conf").read_text(), flags=re.MULTILINE)
    applications = set(re.findall(r"(?<![A-Za-z_])([A-Z]+[a-z][A-Za-z]*)\(", text))
    assert {"Set", "Stasis", "StasisBroadcast", "Dial", "MixMonitor", "Playback"} <= applications
    known = plain_lab.asterisk_cli("core show applications").lower()
    assert [name for name in applications if f" {name.lower()}:" not in known] == []
    functions = set(re.findall(r"\$\{([A-Z_]+)\(", text))
    assert {"PJSIP_HEADER", "CALLERID", "REGEX"} <= functions
    shown = plain_lab.asterisk_cli("core show functions")
    assert [name for name in functions if not re.search(rf"^{name}\b", shown, re.MULTILINE)] == []
    played = set(re.findall(r"Playback\(siaga112/(\w+)\)", text))
    assert all((asterisk_conf() / "sounds/id/siaga112" / f"{name}.wav").exists() for name in played)


def test_contexts_of_the_contract(plain_lab: Lab) -> None:
    """The contexts that operators' own dialplans may name exist."""
    for context in ("from-trunk", "from-agents", "siaga112-fallback", "siaga112-say"):
        assert f"Context '{context}'" in plain_lab.asterisk_cli(f"dialplan show {context}")
