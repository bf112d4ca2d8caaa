"""The lab's root: where it is kept, how it is built, what is said when it cannot be."""

from dataclasses import replace
from pathlib import Path

import pytest

from siaga112.lab import root
from siaga112.lab.errors import LabError
from siaga112.lab.recipes import INSTRUMENTS, LAB


def test_kept_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """SIAGA112_CACHE decides, and without it the user's own cache folder."""
    monkeypatch.setenv("SIAGA112_CACHE", str(tmp_path / "cache"))
    assert root.root_dir().parent == tmp_path / "cache"
    monkeypatch.delenv("SIAGA112_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert root.root_dir().parent == tmp_path / ".cache" / "siaga112"


def test_another_recipe_is_another_root() -> None:
    """A root of an old recipe is never taken for the present one."""
    fuller = replace(LAB, packages=(*LAB.packages, "sox"))
    assert root.root_dir(LAB) == root.root_dir(LAB) != root.root_dir(fuller)
    assert root.root_dir(INSTRUMENTS).name.startswith("instruments-")


def test_no_mirror_is_named(tmp_path: Path) -> None:
    """The mirror is mmdebstrap's own default: the command ends with suite and target."""
    for recipe in (LAB, INSTRUMENTS):
        line = root.command(recipe, tmp_path, "root")
        assert line[-2:] == ["sid", str(tmp_path)]
        assert not [word for word in line if "://" in word]


def test_missing_tools_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without mmdebstrap and bubblewrap one sentence says what to install, and nothing is left behind."""
    monkeypatch.setenv("SIAGA112_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LabError, match="apt-get install mmdebstrap bubblewrap"):
        root.ensure_root()
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 'W: Could not resolve the mirror' >&2; exit 25", "is the network up"),
        ("echo 'W: /etc/subuid is empty' >&2; exit 1", "usermod --add-subuids"),
        ("echo 'E: unshare() failed: Operation not permitted' >&2; exit 1", "be root"),
        ("echo 'E: no space left on device' >&2; exit 1", "no space left on device"),
    ],
)
def test_failed_build_says_why_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, reason: str
) -> None:
    """A build that fails is told with its reason; what it had begun, and what a killed one left, is gone."""
    tools = tmp_path / "tools"
    tools.mkdir()
    fake = tools / "mmdebstrap"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    cache = tmp_path / "cache"
    (cache / "building-killed" / "fs").mkdir(parents=True)
    monkeypatch.setenv("SIAGA112_CACHE", str(cache))
    monkeypatch.setenv("PATH", str(tools), prepend=":")
    with pytest.raises(LabError, match=reason):
        root.ensure_root()
    assert [path.name for path in cache.iterdir()] == ["root.lock"]
