"""The spool when the disk refuses or the process is killed: nothing that was promised is lost."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from siaga112.store.spool import Spool
from tests.store.samples import Told, ended, event, record
from tests.store.servers import eventually

_APPENDING_FOR_EVER = """
import asyncio, sys
from pathlib import Path
from siaga112.store.spool import Spool
from tests.store.samples import event

async def main():
    spool = Spool(Path(sys.argv[1]))
    spool.start()
    number = 0
    while True:
        spool.append([event(number, seq) for seq in range(5)])
        number += 1
        await spool.flush()
        print(number, flush=True)

asyncio.run(main())
"""

_ON_A_SMALL_DISK = """
import asyncio, resource, sys
from pathlib import Path
from siaga112.store.observer import Observer
from siaga112.store.spool import Spool
from tests.store.samples import event

class Quiet(Observer):
    def spool_failed(self, error, unsaved):
        pass

async def main():
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))  # a write beyond that fails
    spool = Spool(Path(sys.argv[1]), Quiet())
    spool.start()
    number = 0
    while spool.error is None:
        spool.append([event(number, 0, "x" * 500)])
        number += 1
        await asyncio.sleep(0)
    spool.append([event(number, 0, "while full")])
    rows = await spool.take(100_000)
    assert [entry.row.values["call_id"] for entry in rows] == [event(n, 0).key[0] for n in range(number + 1)]
    spool.done([entry.id for entry in rows[:10]])
    assert (await spool.take(1))[0] == rows[10]
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    await spool.flush()
    assert spool.error is None
    print(number, spool.depth(), flush=True)

asyncio.run(main())
"""


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def _kill_while_appending(path: Path) -> int:
    """Kill a process in the middle of its work; how many appends had been promised to be kept."""
    command = [sys.executable, "-c", _APPENDING_FOR_EVER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603 - our own
        assert child.stdout is not None
        promised = [int(child.stdout.readline()) for _ in range(40)]
        child.send_signal(signal.SIGKILL)
        return [*promised, *map(int, child.stdout.read().split())][-1]


def _fill_the_disk(path: Path) -> tuple[int, int]:
    """Have a process append beyond what its disk takes; the number of its last row, and its depth."""
    command = [sys.executable, "-c", _ON_A_SMALL_DISK, str(path)]
    child = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert child.returncode == 0, child.stderr
    number, depth = child.stdout.splitlines()[-1].split()
    return int(number), int(depth)


async def test_killed_process_keeps_its_promises(tmp_path: Path) -> None:
    """After kill -9, all that flush() had promised is there, an append is there whole or not at all."""
    path = tmp_path / "spool.sqlite3"
    promised = _kill_while_appending(path)
    async with Spool(path) as spool:
        rows = [entry.row for entry in await spool.take(100_000)]
    assert len(rows) % 5 == 0
    assert len(rows) >= promised * 5
    assert rows == [event(number, seq) for number in range(len(rows) // 5) for seq in range(5)]


async def test_full_disk(tmp_path: Path) -> None:
    """On a full disk rows are kept in memory, can be shipped, and are written once there is room again."""
    path = tmp_path / "spool.sqlite3"
    number, depth = _fill_the_disk(path)
    assert depth == number + 1 - 10
    async with Spool(path) as spool:
        rows = [entry.row for entry in await spool.take(100_000)]
    assert rows == [*(event(n, 0, "x" * 500) for n in range(10, number)), event(number, 0, "while full")]


async def test_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    """A spool whose folder is missing begins in memory, says so, and is written when the folder is there."""
    told = Told()
    path = tmp_path / "later" / "spool.sqlite3"
    async with Spool(path, told) as spool:
        spool.append([event(1, 0), record(1)])
        assert len(await spool.take(10)) == 2
        assert await spool.open_calls() == [[event(1, 0)]]
        assert spool.error is not None
        assert spool.depth() == 2
        path.parent.mkdir()
        await spool.flush()
        assert spool.error is None
        assert told.names()[0] == "spool_failed"
        assert told.names()[-1] == "spool_recovered"
    async with Spool(path) as spool:
        assert [entry.row for entry in await spool.take(10)] == [event(1, 0), record(1)]


async def test_older_version_on_a_disk_that_comes_late(tmp_path: Path) -> None:
    """A row that was shipped from memory is not followed by its older version from the disk."""
    path = tmp_path / "spool.sqlite3"
    async with Spool(path) as spool:
        spool.append([event(1, 0), record(1)])
    away = tmp_path / "away"
    path.rename(away)
    path.mkdir()  # nothing can be opened there
    async with Spool(path, Told()) as spool:
        spool.append([ended(1)])
        (entry,) = await spool.take(10)
        spool.done([entry.id])
        path.rmdir()
        away.rename(path)
        await spool.flush()
        assert [entry.row for entry in await spool.take(10)] == [event(1, 0)]
        assert await spool.open_calls() == []


async def test_closing_on_a_disk_that_refuses(tmp_path: Path) -> None:
    """Closing gives up after its time and says how many rows are lost."""
    spool = Spool(tmp_path / "nowhere" / "spool.sqlite3", Told())
    spool.start()
    spool.append([event(1, 0), event(1, 1)])
    assert await spool.close(patience=0.1) == 2


async def test_damaged_file_is_set_aside(tmp_path: Path) -> None:
    """A file that is no database any more is renamed, told about, and a new one begun; calls go on."""
    told = Told()
    path = tmp_path / "spool.sqlite3"
    path.write_bytes(b"\xff" * 8192)
    async with Spool(path, told) as spool:
        spool.append([event(1, 0)])
        await spool.flush()
    assert told.names() == ["spool_set_aside", "spool_failed", "spool_recovered"]
    (aside,) = [path for path in _files(tmp_path) if ".damaged-" in path.name]
    assert aside.read_bytes() == b"\xff" * 8192
    async with Spool(path) as spool:
        assert [entry.row for entry in await spool.take(10)] == [event(1, 0)]


async def test_file_of_another_version(tmp_path: Path) -> None:
    """A spool that a newer version wrote is left as it is; rows wait in memory and the remedy is told."""
    path = tmp_path / "spool.sqlite3"
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA user_version=99")
    file.close()
    spool = Spool(path, Told())
    spool.start()
    spool.append([event(1, 0)])
    await eventually(lambda: spool.error is not None)
    assert spool.error is not None
    assert "path of its own" in spool.error
    assert await spool.close(patience=0) == 1


async def test_giving_up_on_a_flush_spoils_nothing(tmp_path: Path) -> None:
    """Who stops waiting for a disk that refuses leaves the spool as it was."""
    path = tmp_path / "later" / "spool.sqlite3"
    async with Spool(path, Told()) as spool:
        spool.append([event(1, 0)])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(spool.flush(), 0.05)
        path.parent.mkdir()
        await spool.flush()
        assert len(await spool.take(10)) == 1


async def test_newer_version_waits_for_the_disk_that_has_the_older(tmp_path: Path) -> None:
    """While the disk refuses, a row is not shipped from memory if its older version is on the disk.

    After a crash the older one would be shipped last.
    """
    path = tmp_path / "spool.sqlite3"
    async with Spool(path, Told()) as spool:
        spool.append([record(1)])
        await spool.flush()
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        spool.append([record(1, band=3), record(2)])
        await eventually(lambda: spool.error is not None)
        assert [entry.row for entry in await spool.take(10)] == [record(2)]
        other.close()
        await spool.flush()
        assert [entry.row for entry in await spool.take(10)] == [record(1, band=3), record(2)]
