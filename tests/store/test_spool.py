"""The spool with a disk that works: what is kept, in what order, and what replaces what."""

import asyncio
import contextlib
import json
import sqlite3
from pathlib import Path

import pytest

from siaga112.store.backlog import Backlog, Sizes
from siaga112.store.bounds import Bounds
from siaga112.store.errors import SpoolInUseError, StoreError
from siaga112.store.rows import Row
from siaga112.store.scrub import scrub
from siaga112.store.spool import Spool
from tests.store.samples import NOON, Told, call_id, centre, ended, event, offer, record, state
from tests.store.servers import eventually


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the spool is."""
    return tmp_path / "spool.sqlite3"


async def test_row_stays_until_done(path: Path) -> None:
    """What is appended can be taken again and again until it is done, and is gone then."""
    async with Spool(path) as spool:
        spool.append([event(1, 0)])
        (first,) = await spool.take(10)
        assert first.row == event(1, 0)
        assert await spool.take(10) == [first]
        spool.done([first.id])
        assert await spool.take(10) == []


async def test_rows_survive_a_new_process(path: Path) -> None:
    """What was appended before closing is there when the file is opened again, in the same order."""
    rows = [event(1, 0), offer(1, 1), ended(1), centre()]
    async with Spool(path) as spool:
        spool.append(rows)
    async with Spool(path) as spool:
        assert [entry.row for entry in await spool.take(10)] == rows
        assert spool.depth() == 4


async def test_last_version_wins(path: Path) -> None:
    """A newer version of a row takes the older one's place and comes last, before and after saving."""
    async with Spool(path) as spool:
        spool.append([record(1), record(2)])
        await spool.flush()
        spool.append([record(1, band=3)])
        spool.append([record(1, band=4)])
        await spool.flush()
        assert [entry.row for entry in await spool.take(10)] == [record(2), record(1, band=4)]
        assert spool.depth() == 2


async def test_a_large_batch_leaves_in_small_transactions(path: Path) -> None:
    """Who appends meanwhile waits for a few rows at most; those not yet taken note of may be sent again."""
    backlog = Backlog(path, sizes=Sizes(leaving=2))
    backlog.append([event(1, n) for n in range(7)], NOON)
    assert backlog.save()
    backlog.remove([row.id for row in backlog.take(7)])
    assert (backlog.depth, backlog.saved) == (0, False)
    assert backlog.save()
    assert (backlog.take(7), backlog.saved) == ([], False)
    backlog.close()
    after_crash = Backlog(path, sizes=Sizes(leaving=2))
    assert after_crash.save()
    assert [row.row for row in after_crash.take(7)] == [event(1, n) for n in range(2, 7)]
    assert len(after_crash.open_calls()[0]) == 7
    after_crash.close()
    async with Spool(path) as spool:
        spool.done([row.id for row in await spool.take(7)])
    async with Spool(path) as spool:
        assert (spool.depth(), len((await spool.open_calls())[0])) == (0, 7)


async def test_what_was_shipped_is_told_along_with_the_next_rows(path: Path) -> None:
    """The disk is not told in a transaction of its own while rows come, but when none do, or at the end."""
    async with Spool(path, quiet=3600) as spool:
        spool.append([event(1, 0), event(1, 1)])
        await spool.flush()
        first, second = await spool.take(10)
        spool.done([first.id])
        assert await spool.take(10) == [second]
        await spool.flush()
        assert _shipped(path) == 0
        spool.append([event(1, 2)])
        await spool.flush()
        assert _shipped(path) == first.id
        spool.append([event(2, seq) for seq in range(100)])  # more than one transaction tells of
        many = [row.id for row in await spool.take(1_000)]
        spool.done(many)
    assert _shipped(path) == many[-1] > second.id
    async with Spool(path) as spool:
        spool.append([event(3, 0)])
        (last,) = await spool.take(10)
        spool.done([last.id])
        await eventually(lambda: _shipped(path) == last.id)


def _shipped(path: Path) -> int:
    with contextlib.closing(sqlite3.connect(path)) as file:
        return int(file.execute("SELECT upto FROM shipped").fetchone()[0])


def test_nobody_reads_in_the_file_what_has_left_it(path: Path) -> None:
    """Numbers of callers are not only let go of but overwritten, be they few or many."""
    number = "081298765432"
    backlog = Backlog(path)
    for first, count in ((0, 1), (1, 400)):
        backlog.append([record(first + n, caller_number=number) for n in range(count)], NOON)
        assert backlog.save()
        backlog.remove([row.id for row in backlog.take(1_000)])
    while not backlog.saved:
        assert backlog.save()
    backlog.close()
    assert number.encode() not in path.read_bytes()


async def test_replaced_while_shipping(path: Path) -> None:
    """A version that came while the one before it was shipped is still to be shipped."""
    async with Spool(path) as spool:
        spool.append([record(1)])
        (old,) = await spool.take(1)
        spool.append([record(1, band=3)])
        spool.done([old.id])
        (new,) = await spool.take(1)
        assert new.row == record(1, band=3)
        spool.done([new.id])
        assert await spool.take(1) == []


async def test_event_never_changes(path: Path) -> None:
    """A second event of the same key is dropped; if it says something else, that is told."""
    told = Told()
    async with Spool(path, told) as spool:
        spool.append([event(1, 0, "offered"), event(1, 0, "offered"), event(1, 0, "changed")])
        await spool.flush()
        assert [name for name, *_ in told.of] == ["spool_conflict"]
        spool.append([event(1, 0, "offered")])
        await spool.flush()
        assert len(told.of) == 1
        spool.append([event(1, 0, "other")])
        assert [entry.row for entry in await spool.take(10)] == [event(1, 0, "offered")]
        assert told.names() == ["spool_conflict"] * 2


async def test_an_event_that_comes_again_after_it_was_shipped_goes_to_postgresql(path: Path) -> None:
    """Which has the first one, and tells whether they differ, although the disk was not told yet."""
    async with Spool(path, quiet=3600) as spool:
        spool.append([event(1, 0, "offered")])
        spool.done([row.id for row in await spool.take(10)])
        spool.append([event(1, 0, "other")])
        assert [row.row for row in await spool.take(10)] == [event(1, 0, "other")]
        assert await spool.open_calls() == [[event(1, 0, "offered")]]


async def test_flush_waits_for_the_disk_and_order_is_kept(path: Path) -> None:
    """Appending goes on while the disk is busy; all of it is written in one go and in order afterwards."""
    async with Spool(path) as spool:
        await spool.flush()
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")  # as a disk that does not answer
        for number in range(500):
            spool.append([event(number, 0)])
        flushing = asyncio.create_task(spool.flush())
        done, _ = await asyncio.wait([flushing], timeout=0.2)
        assert not done
        assert other.execute("SELECT count(*) FROM page").fetchone() == (0,)
        other.execute("ROLLBACK")
        other.close()
        await flushing
        assert [entry.row for entry in await spool.take(1000)] == [event(n, 0) for n in range(500)]


async def test_open_calls_are_readable_after_shipping(path: Path) -> None:
    """The journal of a call stays, in order, until a record says that the call has ended."""
    async with Spool(path) as spool:
        spool.append([event(1, 0), record(1), event(2, 0)])
        spool.append([event(1, 1)])
        spool.done([entry.id for entry in await spool.take(10)])
    async with Spool(path) as spool:
        assert await spool.take(10) == []
        spool.append([event(1, 2)])
        assert await spool.open_calls() == [[event(1, n) for n in range(3)], [event(2, 0)]]
        spool.append([ended(1), event(1, 3)])
        assert await spool.open_calls() == [[event(2, 0)]]
    async with Spool(path) as spool:
        assert await spool.open_calls() == [[event(2, 0)]]
        assert [entry.row for entry in await spool.take(10)] == [event(1, 2), event(1, 3), ended(1)]


async def test_event_after_the_end_with_its_record(path: Path) -> None:
    """An event of a call that has ended does not open it again if its record comes along."""
    async with Spool(path) as spool:
        spool.append([event(1, 0), ended(1)])
        await spool.flush()
        spool.append([ended(1, disposition="prank"), event(1, 1)])
        assert await spool.open_calls() == []


async def test_latest_state_of_each_agent(path: Path) -> None:
    """The state that lasts is an agent's latest, even if the clock was put back when it began."""
    late, early = NOON + 100, NOON
    async with Spool(path) as spool:
        spool.append([state("101", "available", late), state("102", "paused", NOON)])
        await spool.flush()
        spool.append([state("101", "ringing", early), state("101", "available", late, early)])
        expected = [state("101", "ringing", early), state("102", "paused", NOON)]
        assert await spool.agent_states() == expected
        spool.done([entry.id for entry in await spool.take(10)])
    async with Spool(path) as spool:
        assert await spool.agent_states() == expected
        spool.append([state("102", "paused", NOON, NOON + 5)])
        assert (await spool.agent_states())[1] == state("102", "paused", NOON, NOON + 5)


async def test_row_that_json_cannot_say(path: Path) -> None:
    """A row with a foreign object or of an unknown table is put aside with the reason; the others go on."""
    told = Told()
    bad = [
        Row("call_event", (call_id(1), "2"), {"data": {"x": object()}}),  # type: ignore[dict-item]
        Row("no_table", ("1",), {}),
        Row("call_event", (call_id(1), "seventh"), {}),
        Row("call_event", (call_id(1), str(1 << 80)), {}),
    ]
    async with Spool(path, told) as spool:
        spool.append([*bad, event(1, 0)])
        await spool.flush()
        assert [entry.row for entry in await spool.take(10)] == [event(1, 0)]
        assert told.names() == ["spool_refused"] * 4
        assert {entry.table for entry in await spool.rejected()} == {"call_event", "no_table"}
        assert len(await spool.rejected()) == 4
        assert spool.depth() == 1


async def test_what_is_no_number_is_not_known(path: Path) -> None:
    """NaN and infinity, which JSON has no word for, become null: the row is not lost for them."""
    async with Spool(path) as spool:
        spool.append([record(1, voice_seconds=float("nan"), talk_s=float("inf"))])
        (entry,) = await spool.take(10)
        assert entry.row == record(1, voice_seconds=None, talk_s=None)


async def test_text_that_is_no_utf8(path: Path) -> None:
    """Lone surrogates, as a broken SIP header may hold, are stored and read back, in keys too."""
    odd = state("\udcff\x00", "paused", NOON)
    async with Spool(path) as spool:
        spool.append([odd, record(1, caller_number="\udc80")])
    async with Spool(path) as spool:
        rows = [entry.row for entry in await spool.take(10)]
        assert rows == [odd, record(1, caller_number="\udc80")]


async def test_rejected_rows_are_kept_with_the_reason(path: Path) -> None:
    """A row that PostgreSQL refuses leaves the way of the others and is kept."""
    async with Spool(path) as spool:
        spool.append([record(1), record(2)])
        first, _ = await spool.take(2)
        spool.reject(first, "no such centre")
        assert [entry.row for entry in await spool.take(2)] == [record(2)]
    async with Spool(path) as spool:
        assert [entry.row for entry in await spool.take(2)] == [record(2)]
        (kept,) = await spool.rejected()
        assert (kept.table, kept.body, kept.error) == ("call_record", first.body, "no such centre")


async def test_clock_put_back_between_two_processes(path: Path) -> None:
    """Ids begin with the time; new rows come last even if that is not later than those on the disk."""
    for number in range(3):
        spool = Spool(path, clock=lambda now=NOON - 10.0 * number: now)  # type: ignore[misc]
        spool.append([event(number, 0), event(number, 1)])
        async with spool:
            await spool.flush()
            rows = [entry.row for entry in await spool.take(10)]
            assert rows == [event(n, seq) for n in range(number + 1) for seq in range(2)]


async def test_two_processes_on_one_spool(path: Path) -> None:
    """A spool that is open is refused to a second daemon, with the remedy."""
    async with Spool(path):
        with pytest.raises(SpoolInUseError, match="path of its own"):
            Spool(path).start()


async def test_depth_and_age(path: Path) -> None:
    """Depth counts what is not shipped, also what is not saved yet; age is that of the oldest."""
    now = NOON
    spool = Spool(path, clock=lambda: now)
    spool.append([event(1, 0)])
    assert spool.depth() == 1
    async with spool:
        now += 30
        spool.append([event(1, 1), event(1, 2)])
        await spool.take(1)
        assert (spool.depth(), spool.oldest_age) == (3, 30)
        spool.done([(await spool.take(1))[0].id])
        await spool.take(1)
        assert (spool.depth(), spool.oldest_age) == (2, 0)
        now -= 3600
        assert spool.oldest_age == 0


async def test_bounds(path: Path) -> None:
    """Beyond its bounds the spool says so once and keeps every row; empty, it is within them again."""
    now, told = NOON, Told()
    spool = Spool(path, told, clock=lambda: now, bounds=Bounds(bytes=1e9, seconds=60))
    async with spool:
        spool.append([event(1, 0), event(1, 1)])
        await spool.flush()
        assert spool.over is None
        now += 3600
        spool.append([event(1, 2)])
        rows = await spool.take(10)
        assert len(rows) == 3
        spool.append([event(1, 3)])
        await spool.flush()
        assert told.names().count("spool_over") == 1
        assert str(spool.over).endswith("the oldest row has waited 1.0 h (bounds: 1000 MB, 0.0166667 h)")
        spool.done(one.id for one in await spool.take(10))
        await spool.take(1)
        assert spool.over is None
    assert Bounds(bytes=1000).over(1001, 0.0) is not None


async def test_listener_hears_of_new_rows(path: Path) -> None:
    """Who listens is called once rows are on the disk, and not for rows that leave."""
    calls = list[int]()
    async with Spool(path) as spool:
        spool.listen(lambda: calls.append(spool.depth()))
        spool.append([event(1, 0)])
        await eventually(lambda: bool(calls))
        spool.done([entry.id for entry in await spool.take(1)])
        await spool.flush()
        assert calls == [1]


async def test_closed_spool_answers_nobody(path: Path) -> None:
    """After closing, questions are refused instead of waiting for ever."""
    spool = Spool(path)
    spool.start()
    assert await spool.close() == 0
    with pytest.raises(StoreError, match="closed"):
        await spool.take(1)
    with pytest.raises(StoreError, match="closed"):
        await spool.flush()


async def test_events_of_others_open_no_call(tmp_path: Path) -> None:
    """Events that the fallback tells of are shipped, and are not what a restarted daemon goes on with."""
    async with Spool(tmp_path / "spool.sqlite3") as spool:
        spool.append([event(1, 1), event(2, 1_000_000), event(1, 1_000_000)])
        await spool.flush()
        assert [[row.key for row in call] for call in await spool.open_calls()] == [[(call_id(1), "1")]]
        assert len(await spool.take(10)) == 3


def _memory(name: str, until: float, what: dict[str, int]) -> Row:
    return Row.of("memory", {"name": name, "until": until, "what": dict(what)})


async def test_what_is_remembered_stays_here(path: Path) -> None:
    """It is never shipped, the latest version counts, and it is there after a restart, while it is of use."""
    async with Spool(path, clock=lambda: NOON) as spool:
        spool.append([_memory("0811", NOON + 60, {"n": 1}), _memory("0812", NOON + 5, {"n": 2})])
        await spool.flush()
        spool.append([_memory("0811", NOON + 90, {"n": 3})])
        assert await spool.memory() == [
            _memory("0811", NOON + 90, {"n": 3}),
            _memory("0812", NOON + 5, {"n": 2}),
        ]
        await spool.flush()
        assert (await spool.take(10), spool.depth()) == ([], 0)
    async with Spool(path, clock=lambda: NOON + 9) as spool:
        spool.append([_memory("0813", NOON + 99, {"n": 4})])
        await spool.flush()
        assert [row.key for row in await spool.memory()] == [("0811",), ("0813",)]


async def test_a_spool_from_before_there_was_a_memory(path: Path) -> None:
    """Its form is the same, so either version opens the other's file."""
    async with Spool(path) as spool:
        spool.append([event(1, 0)])
    with sqlite3.connect(path) as file:
        file.execute("DROP TABLE memory")
    file.close()
    async with Spool(path) as spool:
        assert [entry.row for entry in await spool.take(10)] == [event(1, 0)]
        assert await spool.memory() == []


_FIRST_FORM = """
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY, tbl TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, at REAL NOT NULL,
    UNIQUE (tbl, key)
);
CREATE TABLE journal (
    call_id TEXT, seq INTEGER, body TEXT NOT NULL, PRIMARY KEY (call_id, seq)
) WITHOUT ROWID;
CREATE TABLE agent (agent_id TEXT PRIMARY KEY, key TEXT NOT NULL, lasts INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE rejected (
    id INTEGER PRIMARY KEY, tbl TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, at REAL NOT NULL,
    error TEXT NOT NULL, rejected_at REAL NOT NULL DEFAULT 0
);
PRAGMA user_version=1;
"""


def _first_form(path: Path, waiting: list[Row], journal: list[Row]) -> None:
    """Write a spool as the first version of siaga112 did: each row for itself."""
    with sqlite3.connect(path) as file:
        file.executescript(_FIRST_FORM)
        for number, row in enumerate(waiting, 1_000):
            values = (number, row.table, "\x1f".join(row.key), json.dumps(row.values), NOON)
            file.execute("INSERT INTO outbox VALUES (?,?,?,?,?)", values)
        for row in journal:
            file.execute("INSERT INTO journal VALUES (?,?,?)", (*row.key, json.dumps(row.values)))
        file.execute("INSERT INTO rejected VALUES (1,'call_event','x','{}',0,'no such thing',0)")
    file.close()


async def test_a_spool_of_the_first_form_is_taken_over(path: Path) -> None:
    """Nothing is lost or sent twice: rows that wait, in their order, journals, and what was refused."""
    rows = [event(1, 1), event(1, 2), record(1), event(2, 0), ended(2), *(event(3, n) for n in range(5_000))]
    _first_form(path, rows, [event(1, 0), event(1, 1), event(1, 2)])
    async with Spool(path, clock=lambda: NOON) as spool:
        await spool.flush()
        assert spool.depth() == len(rows)
        assert [entry.row for entry in await spool.take(10_000)] == rows
        assert (await spool.open_calls())[0] == [event(1, 0), event(1, 1), event(1, 2)]
        assert len(await spool.open_calls()) == 2
        assert [entry.error for entry in await spool.rejected()] == ["no such thing"]
        spool.append([ended(1)])
        taken = [entry for entry in await spool.take(10_000) if entry.table == "call_record"]
        assert [entry.row for entry in taken] == [ended(2), ended(1)]


async def test_the_log_has_room_from_the_start(path: Path) -> None:
    """No write makes the write-ahead log grow before it is written back: such a write takes far longer."""
    log = path.with_name(path.name + "-wal")
    async with Spool(path) as spool:
        await spool.flush()
        size = log.stat().st_size
        assert size > 16_000_000
        for number in range(50):
            spool.append([event(number, 0)])
            await spool.flush()
        assert log.stat().st_size == size


async def test_more_than_memory_holds(path: Path) -> None:
    """What waits beyond that is read from the disk when its turn comes: in order, each row once."""
    backlog = Backlog(path, sizes=Sizes(held=100))
    rows = [event(call, seq) for call in range(50) for seq in range(20)]
    for begin in range(0, len(rows), 30):
        backlog.append(rows[begin : begin + 30], NOON)
        assert backlog.save()
    sent = list[Row]()
    assert backlog.depth == len(rows)
    while batch := backlog.take(70):
        ahead = backlog.take(70, batch[-1].id)
        backlog.append([event(99, len(sent))], NOON)
        backlog.remove([entry.id for entry in batch])
        assert backlog.save()
        assert backlog.take(70)[: len(ahead)] == ahead
        sent += [entry.row for entry in batch]
        if len(sent) > len(rows):
            break
    assert sent[: len(rows)] == rows
    backlog.close()


def test_what_another_process_took_out_is_noticed_beside_shipped_rows(path: Path) -> None:
    """Those of which the disk is not told yet are not sent again for that, and their call goes on."""
    backlog = Backlog(path, sizes=Sizes(leaving=2))
    backlog.append([*(event(2, n) for n in range(5)), ended(1, caller_number="0812")], NOON)
    assert backlog.save()
    backlog.remove([row.id for row in backlog.take(5)])
    scrub(path, lambda body: {"number"} if body["call_id"] == call_id(1) else (), ("page",))
    assert [row.row for row in backlog.take(9)] == [ended(1, caller_number=None)]
    assert backlog.save()
    assert backlog.saved
    backlog.close()
    later = Backlog(path)
    assert later.save()
    assert [row.row for row in later.take(9)] == [ended(1, caller_number=None)]
    assert later.open_calls() == [[event(2, n) for n in range(5)]]
    later.close()


async def test_what_another_process_took_out_is_not_sent(path: Path) -> None:
    """Who is erased from the file is not sent from memory either."""
    async with Spool(path) as spool:
        spool.append([ended(1, caller_number="0812"), ended(2, caller_number="0813"), event(1, 0)])
        assert len(await spool.take(10)) == 3
        scrub(path, lambda body: {"number"} if body["call_id"] == call_id(1) else (), ("page",))
        first, second, third = [entry.row for entry in await spool.take(10)]
        assert (first, second, third) == (
            event(1, 0),
            ended(1, caller_number=None),
            ended(2, caller_number="0813"),
        )
        spool.done(entry.id for entry in await spool.take(10))
        assert (await spool.take(10), spool.depth()) == ([], 0)
