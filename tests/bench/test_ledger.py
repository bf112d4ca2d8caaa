"""The account that `make chaos` draws up: what is owed, what is found, what is wrong."""

from dataclasses import replace

import pytest
from bench.chaos.ledger import Account, Found, account

SOUND = [Found(number, ended=True, seqs=(1, 2, 3), times=(1.0, 2.0, 2.0)) for number in ("a", "b", "c")]
CLEAN = Account(placed=3, failed=0, owed=3, rows=3, missing=0, double=0, open=0, flawed=0)


def test_a_clean_account() -> None:
    """A row for every caller, each ended, each journal whole."""
    found = account(["a", "b", "c"], {"a", "b", "c"}, 0, SOUND)
    assert found == CLEAN
    assert found.settled


def test_missing_and_double() -> None:
    """Who is owed a row and has none is missing; a second row of a caller is one too many."""
    found = account(["a", "b", "c"], {"a", "b", "c"}, 1, [SOUND[0], SOUND[0], SOUND[1]])
    assert (found.missing, found.double, found.failed) == (1, 1, 1)
    assert not found.settled


def test_who_was_never_answered_is_owed_nothing() -> None:
    """A call that never reached the centre needs no row, and may have one."""
    found = account(["a", "b", "c"], {"a"}, 2, SOUND[:2])
    assert (found.owed, found.rows, found.missing) == (1, 2, 0)


@pytest.mark.parametrize(
    ("seqs", "times"),
    [((1, 3), (1.0, 2.0)), ((2, 3), (1.0, 2.0)), ((1, 1), (1.0, 2.0)), ((1, 2), (2.0, 1.0))],
    ids=["gap", "no beginning", "twice", "out of order"],
)
def test_flaws(seqs: tuple[int, ...], times: tuple[float, ...]) -> None:
    """A journal with a gap, a repetition or a time that runs back is a finding."""
    assert account(["a"], {"a"}, 0, [replace(SOUND[0], seqs=seqs, times=times)]).flawed == 1


def test_a_call_that_does_not_end() -> None:
    """A row that does not say how the call ended is not settled."""
    found = account(["a"], {"a"}, 0, [replace(SOUND[0], ended=False)])
    assert found.open == 1
    assert not found.settled
