"""A changed copy of a call."""

from dataclasses import fields, replace

import pytest

from siaga112.routing.call import Call
from siaga112.routing.change import changed
from siaga112.routing.plan import IvrMode, Plan
from siaga112.routing.words import Band
from tests.routing.conversation import play


def test_as_replace_does() -> None:
    """Every field is what `dataclasses.replace` makes of it, and the first call stays as it is."""
    call = play(plan=Plan("35.79", ivr=IvrMode.FULL)).call
    before = replace(call)
    assert changed(call, {"band": Band.NEED, "script": (), "cause": 16}) == replace(
        call, band=Band.NEED, script=(), cause=16
    )
    for one in fields(Call):
        mark = object()
        assert getattr(changed(call, {one.name: mark}), one.name) is mark
    assert call == before
    assert hash(changed(call, {})) == hash(call)


def test_unknown_field() -> None:
    """A slip of the pen is not lost in silence."""
    with pytest.raises(KeyError, match="bnad"):
        changed(play().call, {"bnad": 1})
