"""What the tests of several rooms share: one real PostgreSQL, in which each makes databases of its own."""

import os
from collections.abc import Iterator

import pytest

from tests.store.servers import start_postgres


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The DSN of a server on which databases may be made.

    SIAGA112_TEST_DSN names another one (its role must be allowed to make databases).
    """
    if given := os.environ.get("SIAGA112_TEST_DSN"):
        yield given
        return
    postgres = start_postgres(tmp_path_factory.mktemp("postgres"))
    yield postgres.dsn
    postgres.stop()
