"""What a call needs to know of a lab: where SIP is, who may register, where files go.

Knows lab.json and the lab's folder, so that calls can be placed into a lab of this process as
well as into one that another command is running. Does not start or stop anything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from siaga112.lab.errors import LabError
from siaga112.lab.layout import asterisk_conf
from siaga112.lab.root import root_dir
from siaga112.lab.sandbox import Sandbox
from siaga112.lab.sounds import write_g711

if TYPE_CHECKING:
    from siaga112.lab.lab import Lab


@dataclass(frozen=True)
class Ground:
    """A lab as callers and phones see it."""

    sandbox: Sandbox
    folder: Path
    sip: str
    passwords: dict[str, str]
    """Of each endpoint, by agent."""

    @classmethod
    def of(cls, lab: Lab) -> Ground:
        """The ground of a lab that this process runs."""
        passwords = {seat.agent: seat.password for seat in lab.site.seats}
        return cls(Sandbox(lab.asterisk.sandbox.root), lab.layout.dir / "calls", lab.sip, passwords)

    @classmethod
    def at(cls, folder: Path) -> Ground:
        """The ground of a lab that another command runs in this folder."""
        try:
            facts = json.loads((folder / "lab.json").read_text())
        except FileNotFoundError:
            raise LabError(
                f"no lab runs in {folder}: start one with `siaga112 lab up --dir {folder}`"
            ) from None
        passwords = {one["agent"]: one["password"] for one in facts["endpoints"]}
        sandbox = Sandbox(root_dir() / "fs")
        return cls(sandbox, folder.resolve() / "calls", facts["sip"], passwords)

    @property
    def sounds(self) -> Path:
        """The folder of G.711 files, made when first asked for."""
        folder = self.folder / "sounds"
        write_g711(folder, asterisk_conf() / "sounds" / "id" / "siaga112")
        return folder

    def password(self, agent: str) -> str:
        """The endpoint's password."""
        try:
            return self.passwords[agent]
        except KeyError:
            known = ", ".join(self.passwords)
            raise LabError(f"the lab has no endpoint {agent}; it has {known}") from None
