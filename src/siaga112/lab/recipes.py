"""What is in each root folder: the parts of a lab, and the instruments that tests look at them with.

Knows Debian's package names. Does not know how a root is built.
"""

import json
import platform
from dataclasses import dataclass

SUITE = "sid"
# sid's Release file may be past its date on a mirror that lags; recommended packages would double the size.
APT_OPTIONS = ('Acquire::Check-Valid-Until "false"', 'APT::Install-Recommends "false"')
# Raise it when something outside the recipe makes an old root useless.
EDITION = 1
_UNREAD = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*")


@dataclass(frozen=True)
class Recipe:
    """What is to be in a root.

    Attributes:
        name: How its folder's name begins.
        title: How it is called while it is built.
        variant: mmdebstrap's word: `apt` sets every package up, `extract` only unpacks it.
        cluster: Whether an empty PostgreSQL cluster is made beside it.
    """

    name: str
    title: str
    packages: tuple[str, ...]
    hooks: tuple[str, ...]
    excluded: tuple[str, ...]
    variant: str = "apt"
    cluster: bool = False

    def text(self) -> str:
        """Everything that decides what is in the root, as text."""
        parts = [self.packages, SUITE, APT_OPTIONS, self.hooks, self.excluded, EDITION, platform.machine()]
        return json.dumps(parts)


LAB = Recipe(
    name="root",
    title="Lab root",
    packages=("asterisk", "asterisk-modules", "postgresql", "sip-tester", "baresip-core"),
    # Mount points for what the lab binds over the read-only root, and no manuals.
    hooks=(
        'mkdir -p "$1/usr/share/asterisk/sounds" "$1/usr/share/asterisk/moh"',
        'touch "$1/etc/hosts" "$1/etc/resolv.conf"',
        'chmod -R a+rX "$1/etc" "$1/usr"',
    ),
    excluded=(*_UNREAD, "/var/cache/apt/*.bin"),
    cluster=True,
)

INSTRUMENTS = Recipe(
    name="instruments",
    title="Prometheus and Chromium",
    packages=("prometheus", "chromium-headless-shell", "fonts-dejavu-core"),
    # They run as they are unpacked; only the links that a whole Debian has at its top are missing.
    hooks=(
        'for each in bin lib lib64; do ln -sfn "usr/$each" "$1/$each"; done',
        'chmod -R a+rX "$1/etc" "$1/usr"',
    ),
    # The drivers of graphics cards: 240 MB that a browser without a screen never loads.
    excluded=(
        *_UNREAD,
        "/usr/lib/*/libLLVM*",
        "/usr/lib/*/libgallium*",
        "/usr/lib/*/libz3*",
        "/usr/lib/chromium/libVkLayer*",
    ),
    variant="extract",
)
