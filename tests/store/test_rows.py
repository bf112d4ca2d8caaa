"""Rows and ids: what is refused when it is made, and what is the same when it is made again."""

import pytest

from siaga112.store.errors import RowError
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
