"""Where everything is in a lab's folder, and where the product's own files are.

Knows paths. Does nothing but name and make them.
"""

import os
from dataclasses import dataclass
from pathlib import Path


def cache() -> Path:
    """What is downloaded once is kept here."""
    chosen = os.environ.get("SIAGA112_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "siaga112"


def asterisk_conf() -> Path:
    """The product's Asterisk files: in the installed package, or in the checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "asterisk_conf"
    return installed if installed.is_dir() else package.parent.parent / "asterisk-conf"


@dataclass(frozen=True)
class Layout:
    """The folders and files of one lab."""

    dir: Path

    @property
    def json(self) -> Path:
        """What outsiders read (contract)."""
        return self.dir / "lab.json"

    @property
    def config(self) -> Path:
        """The daemon's configuration."""
        return self.dir / "siaga112.toml"

    @property
    def plan(self) -> Path:
        """The centre and its call-takers."""
        return self.dir / "plan.toml"

    @property
    def hosts(self) -> Path:
        """The hosts file inside: without this host's name in it every call waits for DNS."""
        return self.dir / "hosts"

    @property
    def resolv(self) -> Path:
        """An empty resolv.conf: nothing in the lab looks up names outside."""
        return self.dir / "resolv.conf"

    @property
    def log(self) -> Path:
        """Everybody's output; asterisk/ below it has Asterisk's own logs."""
        return self.dir / "log"

    @property
    def asterisk_etc(self) -> Path:
        """A copy of asterisk-conf with the lab's own siaga112.conf."""
        return self.dir / "asterisk" / "etc"

    @property
    def sounds(self) -> Path:
        """A copy of the prompts: a test may delete one."""
        return self.dir / "asterisk" / "sounds"

    @property
    def moh(self) -> Path:
        """A copy of the hold music."""
        return self.dir / "asterisk" / "moh"

    @property
    def asterisk_lib(self) -> Path:
        """Asterisk's own database."""
        return self.dir / "asterisk" / "lib"

    @property
    def asterisk_run(self) -> Path:
        """Asterisk's control socket."""
        return self.dir / "asterisk" / "run"

    @property
    def spool(self) -> Path:
        """Recordings (monitor/)."""
        return self.dir / "asterisk" / "spool"

    @property
    def monitor(self) -> Path:
        """Where `S112_RECORDING` is relative to."""
        return self.spool / "monitor"

    @property
    def fallback_journal(self) -> Path:
        """What the dialplan's fallback did while the daemon was away, one line an event."""
        return self.log / "asterisk" / "cel-custom" / "siaga112-fallback.log"

    @property
    def pgdata(self) -> Path:
        """PostgreSQL's data."""
        return self.dir / "postgres" / "data"

    @property
    def pgrun(self) -> Path:
        """PostgreSQL's socket."""
        return self.dir / "postgres" / "run"

    def make(self) -> None:
        """Make the folders; a new one is private, one that was there before keeps its mode."""
        self.dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in (
            self.fallback_journal.parent,
            self.asterisk_etc,
            self.sounds,
            self.moh,
            self.asterisk_lib,
            self.asterisk_run,
            self.monitor,
            self.pgrun,
        ):
            path.mkdir(parents=True, exist_ok=True)
