"""A command inside the lab's root folder, by bubblewrap.

Knows bwrap's options. Does not know what is run. The root folder is read-only; only what is bound
in can be written. Each command is number one of a process namespace of its own, so when it ends, or
we do, all that it started ends with it, and the mounts are its own and go with it too. Inside,
everybody is one ordinary user (PostgreSQL refuses to be root); outside, the files belong to whoever
runs the lab. The network is the host's: phones and daemon are outside.
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from siaga112.lab.errors import LabError

# Any number but 0 that has a name in every Debian, for initdb looks it up: "daemon".
INNER_UID = "1"
# What bubblewrap says where namespaces are forbidden.
NO_NAMESPACE = ("Creating new namespace failed", "No permissions to create", "setting up uid map")
# Enough of a file system for Debian's programs; /var and /run are empty but for what is bound in.
_TOP_LINKS = ("bin", "sbin", "lib", "lib64", "lib32", "libx32")


@dataclass(frozen=True)
class Sandbox:
    """A root folder and what of the outside is seen in it."""

    root: Path
    writable: tuple[tuple[Path, str], ...] = ()
    readable: tuple[tuple[Path, str], ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    tmp_bytes: int = 0
    """How much fits into /tmp; 0: as much as memory has."""

    def argv(self, command: Sequence[str], *, same_path: Sequence[Path] = ()) -> list[str]:
        """The command line that runs `command` inside; `same_path` folders are where they are outside."""
        return [
            bwrap(),
            *("--unshare-user", "--uid", INNER_UID, "--gid", INNER_UID),
            *("--unshare-pid", "--unshare-ipc", "--as-pid-1", "--die-with-parent"),
            *self._base(),
            *("--dev", "/dev", "--proc", "/proc", "--tmpfs", "/run"),
            *(("--size", str(self.tmp_bytes)) if self.tmp_bytes else ()),
            *("--tmpfs", "/tmp"),  # noqa: S108
            *("--symlink", "/run", "/var/run"),
            *self._binds(same_path),
            *self._settings(),
            "--",
            *command,
        ]

    def _base(self) -> list[str]:
        options = ["--ro-bind", str(self.root / "usr"), "/usr"]
        options += ["--ro-bind", str(self.root / "etc"), "/etc"]
        for name in _TOP_LINKS:
            top = self.root / name
            if top.is_symlink():
                options += ["--symlink", str(top.readlink()), f"/{name}"]
        return options

    def _binds(self, same_path: Sequence[Path]) -> list[str]:
        options: list[str] = []
        for outside, inside in self.readable:
            options += ["--ro-bind", str(outside), inside]
        for outside, inside in self.writable:
            options += ["--bind", str(outside), inside]
        for path in same_path:
            options += ["--bind", str(path), str(path)]
        return options

    def _settings(self) -> list[str]:
        options = ["--clearenv", "--chdir", "/"]
        inner = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/tmp"}  # noqa: S108
        for name, value in (inner | self.environment).items():
            options += ["--setenv", name, value]
        return options


def bwrap() -> str:
    """Where bubblewrap is, or a sentence that says how to get it."""
    found = shutil.which("bwrap")
    if found is None:
        raise LabError("bubblewrap is missing: run `make setup`, or `apt-get install bubblewrap`")
    return found


def why_not(output: str) -> str:
    """What to do about bubblewrap's own complaint."""
    if not any(words in output for words in NO_NAMESPACE):
        return output.strip()
    who = "root" if os.geteuid() == 0 else "an ordinary user"
    return (
        f"this kernel does not let {who} make a user namespace: run the lab as root on the machine"
        " itself (not in an unprivileged container), or allow it"
        " (sysctl kernel.apparmor_restrict_unprivileged_userns=0 kernel.unprivileged_userns_clone=1)"
    )
