"""Rows and ids: what is refused when it is made, and what is the same when it is made again."""

import uuid

import pytest

from siaga112.store.errors import RowError
from siaga112.store.ids import dated_uuid
from siaga112.store.rows import JSON, Row


@pytest.mark.parametrize(
    ("table", "values", "about"),
    [
        ("call", {}, "no table 'call'"),
        ("call_event", {"call_id": "x", "seq": 1, "sort": "y"}, "no column sort"),
        ("call_event", {"call_id": "x"}, "needs seq"),
        ("call_record", {"call_id": None}, "needs call_id"),
    ],
)
def test_row_that_fits_no_table(table: str, values: dict[str, JSON], about: str) -> None:
    """A row with a wrong table, a wrong column or no key is refused where it is made, by name."""
    with pytest.raises(RowError, match=about):
        Row.of(table, values)


def test_key_is_read_from_values() -> None:
    """The key of a row is its key columns as text, in the table's order."""
    assert Row.of("call_offer", {"seq": 3, "call_id": "c"}).key == ("c", "3")


def test_dated_uuid_sorts_by_time() -> None:
    """Ids of later calls are greater, to the millisecond, whatever their names are."""
    times = [1.5, 1_700_000_000.0, 1_700_000_000.001, 1_767_243_600.25]
    ids = [dated_uuid(at, "35.79", str(at)) for at in times]
    assert ids == sorted(ids)


def test_dated_uuid_is_the_names_and_the_time() -> None:
    """The same time and names give the same id, other names another, and it is a valid UUID of version 8."""
    one = dated_uuid(1_700_000_000.5, "35.79", "1700000000.1")
    assert one == dated_uuid(1_700_000_000.5, "35.79", "1700000000.1")
    assert one != dated_uuid(1_700_000_000.5, "35.79", "1700000000.2")
    assert one != dated_uuid(1_700_000_000.5, "35.791", "700000000.1")
    assert (uuid.UUID(one).version, uuid.UUID(one).variant) == (8, uuid.RFC_4122)
    assert int(one.replace("-", "")[:12], 16) == 1_700_000_000_500
