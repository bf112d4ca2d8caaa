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
