"""Root folders: a Debian each, built once and kept in the cache.

Knows mmdebstrap. Does not know what is run in them. Neither Debian 12 nor 13 has Asterisk, sid does,
and sid's libraries must not touch the host, so they go into folders of their own.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from siaga112.lab.errors import LabError
from siaga112.lab.layout import cache
from siaga112.lab.postgres import make_cluster
from siaga112.lab.processes import setpriv
from siaga112.lab.progress import Progress
from siaga112.lab.recipes import APT_OPTIONS, LAB, SUITE, Recipe

# Named, because Ubuntu's mmdebstrap does not find it by itself for "sid".
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# mmdebstrap's own report, as it goes; the share of the whole time that has passed by then.
STEPS = {
    "running apt-get update": 0.03,
    "downloading packages": 0.10,
    "extracting archives": 0.30,
    "installing essential": 0.35,
    "installing remaining": 0.50,
    "cleaning package lists": 0.95,
}


@dataclass(frozen=True)
class Root:
    """A finished root in the cache."""

    dir: Path

    @property
    def fs(self) -> Path:
        """The Debian."""
        return self.dir / "fs"

    @property
    def cluster(self) -> Path:
        """An empty PostgreSQL cluster to copy."""
        return self.dir / "cluster"


def root_dir(recipe: Recipe = LAB) -> Path:
    """Where the root of a recipe is, built or not."""
    return cache() / f"{recipe.name}-{hashlib.sha256(recipe.text().encode()).hexdigest()[:12]}"


def command(recipe: Recipe, target: Path, mode: str) -> list[str]:
    """The line that builds it; the mirror is mmdebstrap's own choice."""
    line = ["mmdebstrap", f"--mode={mode}", f"--variant={recipe.variant}"]
    line.append(f"--include={','.join(recipe.packages)}")
    if KEYRING.exists():
        line.append(f"--keyring={KEYRING}")
    line += [f"--aptopt={option}" for option in APT_OPTIONS]
    line += [f"--dpkgopt=path-exclude={pattern}" for pattern in recipe.excluded]
    # Nothing is set up in a root that is only unpacked, so mmdebstrap has no later hook there.
    stage = "extract" if recipe.variant == "extract" else "customize"
    line += [f"--{stage}-hook={hook}" for hook in recipe.hooks]
    return [*line, SUITE, str(target)]


def ensure_root(say: Callable[[str], None] = lambda _: None, recipe: Recipe = LAB) -> Root:
    """The root, built now if it is not in the cache; two builders at once make one build."""
    root = Root(root_dir(recipe))
    if root.dir.is_dir():
        return root
    _tools()
    cache().mkdir(parents=True, exist_ok=True)
    with _lock(cache() / "root.lock", say):
        if not root.dir.is_dir():
            _build(root, recipe)
    return root


def _build(root: Root, recipe: Recipe) -> None:
    for left_over in root.dir.parent.glob("building-*"):  # of a build that was killed; we hold the lock
        remove(left_over)
    unfinished = Path(mkdtemp(prefix="building-", dir=root.dir.parent))
    try:
        unfinished.chmod(0o755)
        with Progress(f"{recipe.title} (once, a minute or two)") as progress:
            _mmdebstrap(recipe, unfinished / "fs", progress)
            if recipe.cluster:
                progress.step("PostgreSQL cluster", 0.97)
                make_cluster(unfinished / "fs", unfinished / "cluster")
        unfinished.rename(root.dir)
    except BaseException:
        remove(unfinished)
        raise


def _mmdebstrap(recipe: Recipe, target: Path, progress: Progress) -> None:
    mode = "root" if os.geteuid() == 0 else "unshare" if shutil.which("newuidmap") else "fakechroot"
    # Ends with us, even when we are killed; its mounts are in a namespace of its own and go with it.
    with subprocess.Popen(
        [setpriv(), "--pdeathsig", "TERM", *command(recipe, target, mode)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as build:
        try:
            output = _follow(build.stderr or (), progress)
        except BaseException:
            build.terminate()
            raise
    if build.returncode:
        raise LabError(_why(output))


def _follow(lines: Iterable[str], progress: Progress) -> list[str]:
    output: list[str] = []
    for line in lines:
        output.append(line.rstrip())
        for words, share in STEPS.items():
            if words in line:
                progress.step(line.removeprefix("I:").strip().rstrip("."), share)
    return output


def _why(output: list[str]) -> str:
    text = "\n".join(output)
    away = ("Could not resolve", "Temporary failure", "Connection failed", "Unable to connect", "Network is")
    if any(word in text for word in away):
        reason = "Debian's mirror cannot be reached: is the network up? (A proxy is taken from http_proxy.)"
    elif "subuid" in text:
        reason = (
            "you are not root and have no range of user ids: `sudo usermod --add-subuids 100000-165535 "
            "--add-subgids 100000-165535 $USER` gives you one, or be root"
        )
    elif "unshare" in text and "not permitted" in text:
        reason = "you are not root, and this system lets nobody else make a user namespace: be root"
    else:
        reason = "mmdebstrap failed"
    return f"a root folder could not be built: {reason}\n" + "\n".join(output[-15:])


def remove(path: Path) -> None:
    """Delete a root, also one whose files belong to other ids of ours (built without being root)."""
    shutil.rmtree(path, ignore_errors=True)
    found = shutil.which("mmdebstrap")
    if path.exists() and os.geteuid() != 0 and found:
        # Empties the folder as those ids; the folder itself is ours to delete.
        inner = str(path / "fs")
        subprocess.run([found, "--unshare-helper", "rm", "-rf", inner], check=False, capture_output=True)
        shutil.rmtree(path, ignore_errors=True)


def _tools() -> None:
    missing = [
        package
        for tool, package in (("mmdebstrap", "mmdebstrap"), ("bwrap", "bubblewrap"))
        if shutil.which(tool) is None
    ]
    if missing:
        names = " ".join(missing)
        raise LabError(f"{names} missing: run `make setup`, or `apt-get install {names}`")


@contextmanager
def _lock(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    with path.open("w") as handle:
        told = False
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not told:
                    say("a root is being built already; waiting for it")
                    told = True
                time.sleep(0.2)
        yield
