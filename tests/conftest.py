"""One PostgreSQL for all rooms; and which tests share a process, where several run at once (`pytest -n 2`).

The real parts are started once for all tests that call them, so those stay together; every other file goes
where there is room: it computes while real calls take their time.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.servers import start_postgres

_TESTS = Path(__file__).parent
_TOGETHER = {"asterisk": "calls", "watch": "browser", "web": "browser"}
"""Folders whose tests share what takes long to start."""


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say of each test with which others it runs; without `-n` it changes nothing."""
    for item in items:
        file = item.path.relative_to(_TESTS)
        together = _TOGETHER.get(file.parts[0], str(file))
        item.add_marker(pytest.mark.xdist_group(together))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The DSN of a server on which databases may be made, each test's under a name of its own.

    SIAGA112_TEST_DSN names another one (its role must be allowed to make databases).
    """
    if given := os.environ.get("SIAGA112_TEST_DSN"):
        yield given
        return
    postgres = start_postgres(tmp_path_factory.mktemp("postgres"))
    yield postgres.dsn
    postgres.stop()
