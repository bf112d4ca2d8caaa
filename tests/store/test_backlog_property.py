"""Whatever happens in whatever order, PostgreSQL ends up with each row once, in its last saved version."""

import contextlib
import sqlite3
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from siaga112.store.backlog import Backlog, Sizes
from siaga112.store.unsaved import Spooled
from tests.store.samples import NOON, Told, record

_CALLS = st.integers(0, 4)


class Shipping(RuleBasedStateMachine):
    """A backlog that is shipped into a table which, as ours do, takes the last version of a row.

    The disk can refuse (another connection holds it), the process can die, and a shipment can be committed
    without the backlog ever hearing of it. Memory holds but a few of the rows on the disk.
    """

    def __init__(self) -> None:
        super().__init__()
        self.told = Told()
        self.table: dict[str, int] = {}
        self.latest: dict[str, int] = {}
        self.promised: dict[str, int] = {}
        self.taken: list[Spooled] = []
        self.version = 0
        self.other: sqlite3.Connection | None = None

    @initialize()
    def begin(self) -> None:
        """Start on an empty folder."""
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "spool.sqlite3"
        self.open()

    def open(self) -> None:
        """Start a process."""
        self.backlog = Backlog(self.path, self.told, patience=0.0, sizes=Sizes(held=2, room=0, leaving=1))
        self.backlog.save()

    @rule(number=_CALLS)
    def append(self, number: int) -> None:
        """A new version of a row."""
        self.version += 1
        self.latest[record(number).key[0]] = self.version
        self.backlog.append([record(number, attempt=self.version)], NOON)

    @rule()
    def save(self) -> None:
        """The thread writes a group; if it says so, it is a promise."""
        if self.backlog.save():
            self.promised = dict(self.latest)
        else:
            assert self.other is not None

    @rule(limit=st.integers(1, 4))
    def take(self, limit: int) -> None:
        """The shipper reads a batch; it never has two versions of a row in it."""
        self.taken = self.backlog.take(limit)
        keys = [entry.key for entry in self.taken]
        assert len(keys) == len(set(keys))
        assert [entry.id for entry in self.taken] == sorted(entry.id for entry in self.taken)

    @precondition(lambda self: self.taken)
    @rule(heard=st.booleans())
    def commit(self, heard: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
        """PostgreSQL commits the batch, and the backlog hears of it or not."""
        for entry in self.taken:
            version = entry.row.values["attempt"]
            assert isinstance(version, int)
            assert version >= self.table.get(entry.key, 0), "an older version came after a newer one"
            self.table[entry.key] = version
        if heard:
            self.backlog.remove([entry.id for entry in self.taken])
        self.taken = []

    @precondition(lambda self: self.other is None)
    @rule()
    def refuse(self) -> None:
        """The disk stops taking rows."""
        self.other = sqlite3.connect(self.path, isolation_level=None)
        self.other.execute("BEGIN IMMEDIATE")

    @precondition(lambda self: self.other is not None)
    @rule()
    def mend(self) -> None:
        """The disk takes rows again."""
        if self.other is not None:
            self.other.close()
            self.other = None

    @precondition(lambda self: self.other is None)
    @rule()
    def crash(self) -> None:
        """The process dies; what had not been saved is gone, what had been promised is not."""
        self.backlog.close()
        self.taken = []
        self.latest = {
            key: max(self.promised.get(key, 0), self.table.get(key, 0))
            for key in {*self.promised, *self.table}
        }
        self.promised = dict(self.latest)
        self.open()

    @invariant()
    def nothing_is_ahead_of_what_was_appended(self) -> None:
        """The table never has a version that nobody appended."""
        assert all(version <= self.version for version in self.table.values())

    def teardown(self) -> None:
        """In the end everything is shipped once more, and the table is as it must be."""
        if not hasattr(self, "backlog"):
            return
        self.mend()
        assert self.backlog.save()
        while self.backlog.depth:
            self.take(3)
            assert self.taken
            self.commit(heard=True)
            assert self.backlog.save()
        self.backlog.close()
        with contextlib.suppress(OSError):
            self.folder.cleanup()
        assert self.table == self.latest


Shipping.TestCase.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
TestShipping = Shipping.TestCase
