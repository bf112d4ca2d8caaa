"""One PostgreSQL for all rooms; and which tests share a process, where several run at once (`pytest -n 2`).

A file stays together, and so do the folders whose tests share a centre that takes long to fill with calls.
"""

import os
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from tests.company import in_company
from tests.store.servers import start_postgres

_TOGETHER = {"tests/watch/": "watch", "tests/web/": "watch"}
"""Folders whose tests share what takes long to start."""


class _ByFolder(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types for it
    """Gives a worker whole files, and whole folders where those share what takes long to start."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((group for folder, group in _TOGETHER.items() if file.startswith(folder)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Say which tests run together."""
    return _ByFolder(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let a test that is marked so run alone, with all that is made and cleared away for it."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return (yield)
    common: pytest.TempPathFactory = item.config._tmp_path_factory  # type: ignore[attr-defined]
    with in_company(common.getbasetemp().parent, alone=item.get_closest_marker("alone") is not None):
        return (yield)


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
