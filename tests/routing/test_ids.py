"""The names that we give, and reading them back."""

from uuid import RFC_4122, UUID

import pytest

from siaga112.routing import ids
from siaga112.routing.words import CALLER, LegId

CALL = ids.call_id("35.79", "1760000000.7")


def test_a_channel_always_names_the_same_call() -> None:
    """The call's id is a function of centre and channel, and differs when either does."""
    assert ids.call_id("35.79", "1760000000.7") == CALL
    assert len({CALL, ids.call_id("35.78", "1760000000.7"), ids.call_id("35.79", "1760000000.8")}) == 3


def test_calls_sort_by_time() -> None:
    """Ids begin with the milliseconds of the channel, also behind the name of a system."""
    later = ids.call_id("35.79", "pusat-1760000001.3")
    assert later > CALL
    assert (UUID(CALL).version, UUID(CALL).variant) == (8, RFC_4122)
    assert int(CALL.replace("-", "")[:12], 16) == 1_760_000_000_007


def test_a_strange_channel_id_still_names_a_call() -> None:
    """An id that holds no time gives a valid id that sorts first."""
    strange = ids.call_id("35.79", "whatever it is")
    assert UUID(strange).version == 8
    assert strange < CALL


def test_our_names_are_read_back() -> None:
    """What we named an agent's channel, a bridge or a prompt, we can read again."""
    assert ids.leg_of("35.79", ids.agent_channel(CALL, LegId(3))) == (CALL, 3)
    assert ids.leg_of("35.79", "1760000000.7") == (CALL, CALLER)
    assert ids.read(ids.bridge(CALL)) == ids.Ours(CALL, "bridge", 0)
    assert ids.read(ids.playback(CALL, 2)) == ids.Ours(CALL, "play", 2)


@pytest.mark.parametrize("name", ["", "1760000000.7", "s112.x.agent.1", f"s112.{CALL}.agent.1x"])
def test_other_names_are_not_ours(name: str) -> None:
    """Anybody else's channel or bridge is left alone."""
    assert ids.read(name) is None
