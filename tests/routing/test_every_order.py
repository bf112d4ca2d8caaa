"""Every order of every event, for a world small enough to walk all of it."""

import pytest

from siaga112.routing.plan import Listening
from tests.routing.world import World


def explore(start: World, limit: int = 400_000) -> int:
    """Walk every world that can be reached; return how many there are."""
    seen = {start.key()}
    todo: list[tuple[World, tuple[str, ...]]] = [(start, ())]
    while todo:
        world, path = todo.pop()
        for name, move in world.choices():
            reached = world.fork()
            try:
                move(reached)
                reached.check()
            except Exception as error:
                raise AssertionError("\n".join((*path, name, f"=> {error!r}"))) from error
            if (key := reached.key()) not in seen:
                assert len(seen) < limit, "the world has grown too large to walk"
                seen.add(key)
                todo.append((reached, (*path, name)))
    return len(seen)


def _world(**budget: int) -> World:
    listens = Listening() if "hears" in budget else None
    world = World(agents=budget.pop("agents", 2), wrap_up=0, listening=listens)
    world.settle()
    world.model.invite("0811")
    if listens:  # What may happen before the answer, the other worlds have.
        world.settle()
        world.be_silent()
    world.budget = {"breaks": 0, "ends": 0, "time": 0, "rings": 0, "claim": 0, **budget}
    return world


def _talk(**budget: int) -> World:
    """A caller and the first agent talk; the second is free, and a supervisor where one is to barge in."""
    world = World(agents=2, wrap_up=0, supervisors=min(1, budget.get("barges", 0)))
    world.settle()
    world.model.invite("0811")
    world.settle()
    phone = next(one.id for one in world.model.channels.values() if one.place == "dial")
    world.model.picks_up(phone)
    world.settle()
    world.budget = {"ends": 0, "time": 0, "rings": 0, "claim": 0, "is": 0, "breaks": 0, **budget}
    return world


def _rings_all(**budget: int) -> World:
    """A caller has waited so long that two phones ring at once."""
    world = World(agents=2, ready=0, wrap_up=0)
    world.model.invite("0811")
    while not (world.settle().router.calls and next(iter(world.router.calls.values())).pressure):
        world.pass_time()
    for agent in ("101", "102"):
        world.model.dial_code(f"PJSIP/{agent}", "*11")
    world.settle()
    phones = [one.id for one in world.model.channels.values() if one.place == "dial"]
    assert len(phones) == 2, "both ring"
    for desk in [one.id for one in world.model.channels.values() if one.args]:
        world.model.hangs_up(desk)
    world.settle()
    world.budget = {"ends": 0, "time": 0, "rings": 0, "claim": 0, "is": 0, "breaks": 0, **budget}
    return world


BUDGETS = {
    "answer and hang-up": {},
    "ring, no answer": {"time": 2, "is": 0, "hangs": 1},
    "busy phones": {"time": 1, "is": 2, "hangs": 1},
    "late claim": {"claim": 1},
    "prompts": {"ends": 2, "time": 0, "is": 0},
    "a broken talk": {"breaks": 1, "is": 0},
    "a dropped socket": {"drop": 1, "is": 0, "hangs": 1},
    "a crash": {"crash": 1, "is": 0, "hangs": 1},
    "keys": {"presses": 2, "is": 0, "hangs": 1},
    "silence and nobody": {"hears": 2, "ends": 1, "time": 2, "is": 0, "hangs": 1, "agents": 0},
    "silence and a phone": {"hears": 1, "ends": 0, "time": 1, "is": 0, "hangs": 1, "agents": 1},
    "silence and a key": {"hears": 1, "presses": 1, "ends": 2, "time": 1, "is": 0, "hangs": 1, "agents": 0},
    "silence and a dropped socket": {"hears": 1, "drop": 1, "ends": 1, "is": 0, "hangs": 1, "agents": 0},
    "silence and a crash": {"hears": 1, "crash": 1, "ends": 1, "is": 0, "hangs": 1, "agents": 0},
}


@pytest.mark.parametrize("what", BUDGETS)
def test_every_order_keeps_every_rule(what: str) -> None:
    """One caller, two agents: whatever comes in whatever order, the rules hold in every world reached."""
    assert explore(_world(**BUDGETS[what])) > 20


TALKS = {
    "one code": {"dials": 1, "is": 1, "hangs": 2},
    "two codes": {"dials": 2, "hangs": 1, "codes": 3},
    "a code in vain": {"dials": 1, "time": 1, "hangs": 1, "picks": 1},
    "a line breaks": {"dials": 1, "breaks": 1, "hangs": 1},
    "words": {"dials": 1, "ends": 1, "hangs": 1},
    "a dropped socket": {"dials": 1, "drop": 1, "hangs": 1, "picks": 1, "codes": 3},
    "a crash": {"dials": 1, "crash": 1, "hangs": 1, "picks": 1, "codes": 3},
    "the caller calls again": {"hangs": 1, "calls": 1, "picks": 1},
    "guests": {"barges": 2, "hangs": 2},
    "a guest and a code": {"barges": 1, "dials": 1, "hangs": 1, "codes": 3},
    "a guest and a line that breaks": {"barges": 1, "breaks": 1, "hangs": 1},
    "a guest and a dropped socket": {"barges": 1, "drop": 1, "hangs": 1},
    "a guest and a crash": {"barges": 1, "crash": 1, "hangs": 1},
    "a guest, a code and a crash": {"barges": 1, "dials": 1, "crash": 1, "hangs": 0, "picks": 1, "codes": 3},
}


@pytest.mark.parametrize("what", TALKS)
def test_every_order_of_a_talk_keeps_every_rule(what: str) -> None:
    """Hold, transfer, third party: whoever picks up, leaves or breaks in whatever order, the rules hold."""
    assert explore(_talk(**TALKS[what])) > 20


RINGS = {
    "answers and hang-ups": {"hangs": 1},
    "busy phones": {"is": 1, "hangs": 1, "picks": 1},
    "a dropped socket": {"drop": 1, "hangs": 1, "picks": 1},
    "a crash": {"crash": 1, "hangs": 1, "picks": 1},
    "the caller calls again": {"hangs": 1, "calls": 1, "picks": 0},
}


@pytest.mark.parametrize("what", RINGS)
def test_every_order_of_two_phones_that_ring_keeps_every_rule(what: str) -> None:
    """Both may pick up, refuse or be given up, and the caller leaves or calls again: the rules hold."""
    assert explore(_rings_all(**RINGS[what])) > 20
