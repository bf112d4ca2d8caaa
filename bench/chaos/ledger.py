"""What is owed and what was found: callers against their rows; pure.

Knows numbers, rows and journals as they were read. Does not know how calls are placed, nor what went wrong.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """A row of `call_record` and its journal.

    Attributes:
        number: The caller's.
        ended: Whether the record says how the call ended.
        seqs: The daemon's own entries, in the order of `seq`.
        times: When each of them happened.
    """

    number: str
    ended: bool
    seqs: tuple[int, ...]
    times: tuple[float, ...]

    @property
    def flawed(self) -> bool:
        """Whether an entry is missing, or two stand in the wrong order."""
        whole = self.seqs == tuple(range(1, len(self.seqs) + 1))
        return not whole or list(self.times) != sorted(self.times)


@dataclass(frozen=True, slots=True)
class Account:
    """How it came out.

    Attributes:
        placed: Calls that were placed.
        failed: Calls that went otherwise than a caller wishes; what is allowed depends on the fault.
        owed: Callers who must have a row.
        rows: Rows found for the callers who called.
        missing: Who has none and must have one.
        double: Rows beyond one for each caller.
        open: Rows of calls that are over and do not say so.
        flawed: Rows whose journal has a gap or stands in the wrong order.
    """

    placed: int
    failed: int
    owed: int
    rows: int
    missing: int
    double: int
    open: int
    flawed: int

    @property
    def settled(self) -> bool:
        """Whether nothing is missing yet."""
        return not (self.missing or self.open)


def account(placed: Sequence[str], owed: Collection[str], failed: int, found: Iterable[Found]) -> Account:
    """Hold the rows against the callers."""
    rows = list(found)
    each = Counter(row.number for row in rows)
    return Account(
        placed=len(placed),
        failed=failed,
        owed=len(owed),
        rows=len(rows),
        missing=sum(number not in each for number in owed),
        double=sum(count - 1 for count in each.values()),
        open=sum(not row.ended for row in rows),
        flawed=sum(row.flawed for row in rows),
    )
