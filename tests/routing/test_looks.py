"""Routine looks: what events really did not tell is mended, what is only on its way is left alone."""

import pytest

from siaga112.routing.call import Connected
from siaga112.routing.events import Resynced, Snapshot
from siaga112.routing.words import CallId, EndedBy, Outcome
from tests.routing.world import World


def snapshot(world: World) -> Snapshot:
    """How things are in Asterisk."""
    return world.translator.snapshot_of(*(world.model.ask(one)[1] for one in world.translator.looks()))


def look(world: World, seen: Snapshot) -> list[tuple[CallId, str]]:
    """Tell the router what a routine look saw; what it mended."""
    world.now += 6.0
    decision = world.router.handle(Resynced(seen, world.now, routine=True), world.now)
    world.take(decision)
    return decision.mended


@pytest.fixture
def talk() -> World:
    """One caller and one agent who talk."""
    world = World(agents=1)
    world.model.invite()
    world.settle()
    phone = next(one.id for one in world.model.channels.values() if one.place == "dial")
    world.model.picks_up(phone)
    world.settle()
    (call,) = world.router.calls.values()
    assert isinstance(call.phase, Connected)
    return world


def test_what_two_looks_see_is_mended(talk: World) -> None:
    """The caller's hang-up was never told: the second look that misses the caller ends the talk."""
    caller = next(one.id for one in talk.model.channels.values() if one.trunk)
    talk.model.hangs_up(caller)
    talk.model.events.clear()
    assert look(talk, snapshot(talk)) == []
    assert len(look(talk, snapshot(talk))) == 1
    talk.settle()
    talk.check()
    assert not talk.router.calls
    (ended,) = [lines[-1].entry for lines in talk.journal.values()]
    assert (ended.by, ended.outcome) == (EndedBy.CALLER, Outcome.ANSWERED)  # type: ignore[union-attr]


def test_what_one_look_sees_may_be_on_its_way(talk: World) -> None:
    """A list that was made before a channel was in our hands, or after it went, is older than its event."""
    before = snapshot(talk)
    stale = Snapshot({}, (), {}, before.reachable)
    assert look(talk, stale) == []
    assert look(talk, before) == []
    assert look(talk, stale) == [], "two in a row, not two in all"
    assert len(talk.router.calls) == 1


def test_a_call_that_is_well_is_left_alone(talk: World) -> None:
    """However often we look, a talk that is as we believe is not touched."""
    for _ in range(5):
        assert look(talk, snapshot(talk)) == []
    assert not talk.outbox
