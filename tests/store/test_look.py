"""`siaga112 records spool` sees what waits, beside the daemon that works with the file."""

from pathlib import Path

import pytest

from siaga112.store.errors import StoreError
from siaga112.store.look import look
from siaga112.store.spool import Spool
from tests.store.samples import NOON, ended, event, offer, record


async def test_what_waits(tmp_path: Path) -> None:
    """Each row counts once however often it changed, until it is shipped; calls count that have not ended."""
    path, now = tmp_path / "spool.sqlite3", NOON
    async with Spool(path, clock=lambda: now) as spool:
        spool.append([event(1, 0), event(1, 1), record(1), event(2, 0), record(2), offer(2, 1)])
        await spool.flush()
        now += 60
        spool.append([event(1, 2), ended(1), event(3, 0), record(3)])
        spool.append([record(2, band=3)])
        await spool.flush()
        found = look(path)
        assert found.waiting == {
            "call_event": (5, NOON),
            "call_offer": (1, NOON),
            "call_record": (3, NOON + 60),
        }
        assert (found.open_calls, found.rejected) == (2, 0)
        assert found.bytes > 0
        first, *_ = await spool.take(3)
        spool.done([first.id])
        spool.reject((await spool.take(3))[1], "no such call")
        await spool.flush()
        found = look(path)
        assert found.waiting["call_event"] == (3, NOON)
        assert (found.open_calls, found.rejected, found.latest[0].error) == (2, 1, "no such call")


def test_nothing_to_look_into(tmp_path: Path) -> None:
    """Where no daemon ever ran, that is said with the key of the configuration."""
    with pytest.raises(StoreError, match=r"\[spool\] path"):
        look(tmp_path / "spool.sqlite3")
