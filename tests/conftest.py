"""Which tests share a process, where several run side by side (`pytest -n 2`).

The real parts are started once for all tests that call them, so those stay together; every other file goes
where there is room: it computes while real calls take their time.
"""

from pathlib import Path

import pytest

_TESTS = Path(__file__).parent
_TOGETHER = {"asterisk": "calls", "watch": "browser", "web": "browser"}
"""Folders whose tests share what takes long to start."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say of each test with which others it runs; without `-n` it changes nothing."""
    for item in items:
        file = item.path.relative_to(_TESTS)
        together = _TOGETHER.get(file.parts[0], str(file))
        item.add_marker(pytest.mark.xdist_group(together))
