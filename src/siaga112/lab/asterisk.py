"""The lab's Asterisk: its configuration, its start, its command line.

Knows asterisk-conf and Asterisk's switches. Knows nothing of calls.
"""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from siaga112.lab.errors import LabError
from siaga112.lab.layout import Layout, asterisk_conf
from siaga112.lab.processes import Process
from siaga112.lab.sandbox import Sandbox, why_not
from siaga112.lab.waiting import until

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Seat:
    """A call-taker's SIP account."""

    agent: str
    password: str


@dataclass(frozen=True)
class Site:
    """What differs from lab to lab in Asterisk's configuration."""

    sip_port: int
    http_port: int
    ari_password: str
    seats: tuple[Seat, ...]
    entity_id: str


def site_conf(site: Site) -> str:
    """The lab's siaga112.conf, with the same templates as the one in asterisk-conf."""
    return f"""; Written by `siaga112 lab`.
[siaga112-system](!)
entityid = {site.entity_id}
[siaga112-http](!)
bindaddr = {LOOPBACK}
bindport = {site.http_port}
[siaga112-ari](!)
password = {site.ari_password}
[siaga112-udp](!)
bind = {LOOPBACK}:{site.sip_port}
[siaga112-tcp](!)
bind = {LOOPBACK}:{site.sip_port}
[siaga112-identification](!)
; Trunk and phones share the loopback here, so the address comes last: a call for 112 is the
; trunk's, whoever names himself like a phone is asked for its password, all the rest is the trunk's.
endpoint_identifier_order = request_uri,auth_username,username,ip
[siaga112-trunk-addresses](!)
match = 127.0.0.0/8
[siaga112-media](!)
media_address = {LOOPBACK}
bind_rtp_to_media_address = yes
[siaga112-rtp](!)
rtpstart = 10000
rtpend = 19999
[siaga112-globals](!)
S112_FALLBACK_AGENTS = {"-".join(seat.agent for seat in site.seats)}
S112_LANGUAGE = id
S112_LEASE = 45
"""


def agents_conf(seats: Sequence[Seat]) -> str:
    """The lab's pjsip_agents.conf."""
    blocks = ["; Written by `siaga112 lab`."]
    blocks += [
        f"""[{seat.agent}](siaga112-agent)
aors = {seat.agent}
auth = {seat.agent}
callerid = "Meja {number}" <{seat.agent}>
[{seat.agent}](siaga112-agent-aor)
[{seat.agent}](siaga112-agent-auth)
username = {seat.agent}
password = {seat.password}
"""
        for number, seat in enumerate(seats, 1)
    ]
    return "\n".join(blocks)


class Asterisk:
    """Asterisk in its sandbox."""

    def __init__(self, root: Path, layout: Layout) -> None:
        self._layout = layout
        self.process: Process | None = None
        self.sandbox = Sandbox(
            root,
            readable=(
                (layout.hosts, "/etc/hosts"),
                (layout.resolv, "/etc/resolv.conf"),
                (layout.asterisk_etc, "/etc/asterisk"),
                (layout.sounds, "/usr/share/asterisk/sounds"),
                (layout.moh, "/usr/share/asterisk/moh"),
            ),
            writable=(
                (layout.asterisk_lib, "/var/lib/asterisk"),
                (layout.spool, "/var/spool/asterisk"),
                (layout.log / "asterisk", "/var/log/asterisk"),
                (layout.asterisk_run, "/run/asterisk"),
            ),
        )

    def configure(self, site: Site) -> None:
        """Copy the product's files and write the two that differ."""
        source, etc = asterisk_conf(), self._layout.asterisk_etc
        for path in source.glob("*.conf"):
            shutil.copyfile(path, etc / path.name)
        for name, text in (
            ("siaga112.conf", site_conf(site)),
            ("pjsip_agents.conf", agents_conf(site.seats)),
        ):
            (etc / name).write_text(text)
            (etc / name).chmod(0o600)  # passwords
        shutil.copytree(source / "sounds", self._layout.sounds, dirs_exist_ok=True)
        shutil.copytree(source / "moh", self._layout.moh, dirs_exist_ok=True)

    def start(self) -> None:
        """Start it and wait until all its modules are up."""
        log = self._layout.log / "asterisk.log"
        self.process = Process.inside("Asterisk", self.sandbox, ["asterisk", "-f", "-n"], log)
        socket = self._layout.asterisk_run / "asterisk.ctl"
        until("Asterisk", socket.exists, self.process, patience=30)
        self.cli("core waitfullybooted")

    def stop(self) -> None:
        """End it; calls in progress end with it."""
        if self.process is not None:
            self.process.stop()
            (self._layout.asterisk_run / "asterisk.ctl").unlink(missing_ok=True)

    def cli(self, command: str, patience: float = 30) -> str:
        """Run a command on Asterisk's own command line and return what it prints."""
        argv = self.sandbox.argv(["asterisk", "-rx", command])
        try:
            done = subprocess.run(argv, capture_output=True, text=True, timeout=patience, check=False)
        except subprocess.TimeoutExpired:
            raise LabError(f"Asterisk did not answer {command!r} within {patience:g} s") from None
        if done.returncode:
            raise LabError(f"{command!r}: {why_not(done.stderr or done.stdout)}")
        return done.stdout
