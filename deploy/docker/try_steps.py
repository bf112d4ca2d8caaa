# ruff: noqa: INP001, S603, S607  # a script, whose business is to start programs
"""Carries out a Dockerfile's steps without a container engine, and starts the daemon that comes out of it.

    make try-image              (or: python deploy/docker/try_steps.py [DOCKERFILE])

A base image is a clean Debian made by mmdebstrap, a RUN is a shell in it, by bubblewrap. The result runs as
the image's user on a read-only root, against a lab: /healthz by the image's own health check, /readyz from
outside, a clean end at SIGTERM. With another Dockerfile only its steps are carried out. Needs root, as the
steps install packages, and port 8112.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from siaga112.lab.lab import Lab
from siaga112.lab.layout import cache
from siaga112.lab.ports import pick
from siaga112.lab.processes import Process
from siaga112.lab.waiting import until

CONTEXT = Path(__file__).resolve().parent.parent.parent
# What this machine knows of networks and package sources, lent to the steps as an engine would.
LENT = ("/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf", "/etc/ssl/certs/ca-certificates.crt")
PASSED_ON = ("http_proxy", "https_proxy", "no_proxy", "PIP_CERT", "PIP_INDEX_URL", "PIP_DEFAULT_TIMEOUT")


@dataclass
class Stage:
    """A root folder and what the image says of itself."""

    root: Path
    folder: str = "/"
    user: str = "0:0"
    environment: dict[str, str] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)


def say(text: str) -> None:
    """Tell what is being done."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """Split a Dockerfile into words and what follows them."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word.upper(), rest.strip()


def base(image: str) -> Path:
    """A clean Debian of that name, made once."""
    suite = image.partition(":")[2].removesuffix("-slim")
    root = cache() / f"image-{suite}"
    if not root.is_dir():
        say(f"== {image}, made by mmdebstrap (once)")
        unfinished = root.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        stale = "--aptopt=Acquire::Check-Valid-Until false"
        slim = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "man", "locale", "info")]
        line = [
            "mmdebstrap",
            "--quiet",
            "--variant=minbase",
            "--include=ca-certificates",
            *slim,
            stale,
            suite,
        ]
        subprocess.run([*line, str(unfinished)], check=True)
        unfinished.rename(root)
    return root


def inside(stage: Stage, command: list[str], *binds: str, user: str = "0:0") -> list[str]:
    """The command line that runs a command in a stage."""
    uid, gid = user.split(":")
    become = [] if uid == "0" else ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
    line = ["bwrap", *binds, "--dev", "/dev", "--proc", "/proc"]
    line += ["--perms", "1777", "--tmpfs", "/tmp"]  # noqa: S108
    line += ["--unshare-pid", "--die-with-parent", "--clearenv", "--chdir", stage.folder]
    for name, value in {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **stage.environment}.items():
        line += ["--setenv", name, value]
    return [*line, "--", *become, *command]


def run(stage: Stage, command: str) -> None:
    """Carry out a RUN."""
    binds = ["--bind", str(stage.root), "/"]
    for path in LENT:
        if Path(path).exists():
            binds += ["--ro-bind", path, path]
    line = inside(stage, ["sh", "-ec", command], *binds)
    extra = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    at = line.index("--clearenv") + 1
    line[at:at] = [part for name, value in extra.items() for part in ("--setenv", name, value)]
    subprocess.run(line, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def copy(stage: Stage, rest: str, stages: dict[str, Stage]) -> None:
    """Carry out a COPY."""
    words = shlex.split(rest)
    source = CONTEXT
    if words[0].startswith("--from="):
        source = stages[words.pop(0).partition("=")[2]].root
    *names, where = words
    target = stage.root / (Path(stage.folder) / where).relative_to("/")
    for name in names:
        one = source / name.lstrip("/")
        if one.is_dir():
            unwanted = shutil.ignore_patterns("__pycache__")
            shutil.copytree(one, target, symlinks=True, dirs_exist_ok=True, ignore=unwanted)
        else:
            into = where.endswith("/") or len(names) > 1
            (target if into else target.parent).mkdir(parents=True, exist_ok=True)
            shutil.copy2(one, target / one.name if into else target)


def build(dockerfile: Path, work: Path) -> Stage:
    """Carry out all steps; gives the last stage."""
    stages: dict[str, Stage] = {}
    stage = Stage(work)
    for word, rest in instructions(dockerfile.read_text(encoding="utf-8")):
        say(f"== {word} {rest[:90]}")
        match word:
            case "FROM":
                image, _, name = rest.partition(" AS ")
                stage = Stage(work / (name or "image"))
                stages[name] = stage
                line = ["cp", "-a", "--reflink=auto", f"{base(image)}/.", str(stage.root)]
                stage.root.mkdir()
                subprocess.run(line, check=True)
            case "RUN":
                run(stage, re.sub(r" +", " ", rest))
            case "COPY":
                copy(stage, rest, stages)
            case "WORKDIR":
                stage.folder = rest
                (stage.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
            case "ENV":
                stage.environment |= dict(part.split("=", 1) for part in shlex.split(rest))
            case "USER":
                stage.user = rest
            case "ENTRYPOINT" | "CMD":
                stage.words[word] = json.loads(rest)
            case "HEALTHCHECK":
                stage.words[word] = json.loads(rest.partition("CMD ")[2])
            case "VOLUME" | "EXPOSE" | "STOPSIGNAL":
                pass
            case _:
                raise SystemExit(f"{dockerfile.name}: {word} is not known here")
    return stage


def base_of(dockerfile: Path) -> Path:
    """The base image of the last stage."""
    steps = instructions(dockerfile.read_text(encoding="utf-8"))
    return base([rest for word, rest in steps if word == "FROM"][-1])


def size(root: Path) -> int:
    """Megabytes of a root."""
    told = subprocess.run(["du", "-sm", "-x", str(root)], check=True, capture_output=True, text=True)
    return int(told.stdout.split()[0])


@contextmanager
def settings(lab: Lab, work: Path) -> Iterator[list[str]]:
    """The lab's configuration and a spool, as compose would mount them for the image's user."""
    etc, state = work / "etc", work / "state"
    etc.mkdir()
    state.mkdir(mode=0o700)
    os.chown(state, 10112, 10112)
    text = lab.layout.config.read_text(encoding="utf-8")
    spool = 'path = "/var/lib/siaga112/spool.sqlite3"'
    config = text.replace('path = "spool.sqlite3"', spool).replace(f"port = {lab.http_port}", "port = 8112")
    (etc / "siaga112.toml").write_text(config, encoding="utf-8")
    shutil.copyfile(lab.layout.plan, etc / "plan.toml")
    yield ["--ro-bind", str(etc), "/etc/siaga112", "--bind", str(state), "/var/lib/siaga112"]


def start(image: Stage, work: Path) -> None:
    """Start the image's own command against a lab, and end it as an engine would."""
    pick(8112)  # the health check asks there, and must not ask somebody else
    (image.root / "etc/siaga112").mkdir(exist_ok=True)
    with Lab(work / "lab", daemon=False) as lab, settings(lab, work) as mounts:
        binds = ["--ro-bind", str(image.root), "/", *mounts]
        command = image.words["ENTRYPOINT"] + image.words["CMD"]
        line = inside(image, command, *binds, "--as-pid-1", user=image.user)
        daemon = Process.outside("the image", line, work / "image.log")
        try:
            until("the image", ready, daemon, patience=30)
            check = inside(image, image.words["HEALTHCHECK"], *binds, user=image.user)
            subprocess.run(check, check=True, stdin=subprocess.DEVNULL)
            say("ready; the image's health check agrees")
        finally:
            end(daemon)
    if daemon.returncode != 0:
        raise SystemExit(f"it ended with {daemon.returncode}:\n{(work / 'image.log').read_text()}")
    say("ended cleanly at SIGTERM")


def ready() -> bool:
    """Whether the daemon says that a call would be served."""
    try:
        with urllib.request.urlopen("http://127.0.0.1:8112/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def end(daemon: Process) -> None:
    """Send SIGTERM to the daemon itself: bwrap, between us and it, passes nothing on."""
    told = subprocess.run(["pgrep", "-P", str(daemon.pid)], check=False, capture_output=True, text=True)
    for pid in told.stdout.split():
        os.kill(int(pid), 15)
    if daemon.wait(30) is None:
        daemon.kill()


def main() -> None:
    """Carry out the steps, and start what came out if it is the daemon's."""
    if os.geteuid() != 0:
        raise SystemExit(
            "the steps install Debian packages into a folder: run this as root (sudo make try-image)"
        )
    dockerfile = Path(sys.argv[1]).resolve() if sys.argv[1:] else CONTEXT / "Dockerfile"
    work = Path(tempfile.mkdtemp(prefix="siaga112-image-"))
    try:
        image = build(dockerfile, work)
        say(f"the image's root: {size(image.root)} MB, {size(base_of(dockerfile))} MB of them the base image")
        if "ENTRYPOINT" in image.words:
            start(image, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
