"""A lab without the daemon: Asterisk, its dialplan and its fallback, and nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from siaga112.lab.ground import Ground
from siaga112.lab.lab import Lab
from tests.asterisk.centre import Centre


@pytest.fixture(scope="session")
def plain_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One Asterisk for all tests that only speak SIP with it."""
    folder: Path = tmp_path_factory.mktemp("plain-lab")
    with Lab(folder, daemon=False) as lab:
        yield lab


@pytest.fixture(scope="session")
def ground(plain_lab: Lab) -> Ground:
    """What callers and phones need of that lab."""
    return Ground.of(plain_lab)


@pytest.fixture(scope="session")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """One whole centre, daemon included, for all tests that call 112; call-takers need no rest in it."""
    folder: Path = tmp_path_factory.mktemp("centre")
    with Lab(folder, daemon=True, timings={"ring": 3, "wrap_up": 0, "wait_prompt": 5}) as lab:
        yield Centre(lab)
