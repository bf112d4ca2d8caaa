"""What must not be in the tree: hosts of registries, paths of one machine, locks that name addresses."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent.parent.parent
# In pieces, so that this file does not hold what it looks for.
HOSTS = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "yarn" + "pkg.com",
    "crates" + ".io",
    "deb.debian" + ".org",
    "archive.ubuntu" + ".com",
    "docker" + ".io",
    "gh" + "cr.io",
    "quay" + ".io",
]
PATHS = [r"/ro{}ot/", r"/ho{}me/(?!\.)[a-z]", r"/wo{}rk/", r"/opt/py{}pi"]
MADE = {".git", ".venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}
FORBIDDEN = re.compile("|".join([*map(re.escape, HOSTS), *(one.replace("{}", "") for one in PATHS)]))


def _files() -> list[Path]:
    """Every file of the tree that is text; in a clone, what is tracked or about to be."""
    if (HERE / ".git").exists() and shutil.which("git"):
        command = ["git", "-c", "safe.directory=*", "-C", str(HERE), "ls-files", "-z", "--cached", "--others"]
        command += ["--exclude-standard"]
        listed = subprocess.run(command, capture_output=True, check=True, text=True).stdout  # noqa: S603
        paths = [HERE / name for name in listed.split("\0") if name]
    else:
        paths = [path for path in HERE.rglob("*") if not MADE & set(path.relative_to(HERE).parts)]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:8192]]


def test_no_registry_and_no_machine() -> None:
    """A mirror is the choice of the tools on the machine, and a path of one machine is on no other."""
    found = [
        f"{path.relative_to(HERE)}:{number}: {line.strip()[:120]}"
        for path in _files()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if FORBIDDEN.search(line)
    ]
    assert found == []


def test_the_look_itself_sees() -> None:
    """What is looked for is found where it is."""
    for host in HOSTS:
        assert FORBIDDEN.search(f"see https://{host}/simple")
    assert FORBIDDEN.search("cd /wo" + "rk/main")
    assert not FORBIDDEN.search("~/.cache/siaga112, networks/roots")


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-build.lock", "requirements-dev.lock"])
def test_locks_are_names_versions_and_hashes(name: str) -> None:
    """A lock without addresses works with any mirror; one without hashes with any intruder."""
    text = (HERE / name).read_text(encoding="utf-8")
    blocks = [block for block in re.split(r"\n(?=\S)", text.strip()) if block]
    assert blocks
    for block in blocks:
        assert re.match(
            r"[A-Za-z0-9._-]+==[^\s;]+( ; [^\\]+)? \\\n(    --hash=sha256:[0-9a-f]{64}( \\\n|$))+", block
        )


def test_what_is_tested_is_what_runs() -> None:
    """The development lock holds every package of the run-time lock, in the same version."""
    run, dev = (
        set(re.findall(r"^[A-Za-z0-9._-]+==[^\\]+", (HERE / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert run - dev == set()
