"""Looks at how things are: what is told, and what of it is too old to be told."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from siaga112.ari.items import Transport
from siaga112.ari.request import Reply, Request
from siaga112.clock import Clock
from siaga112.lookout import Lookout, Rounds
from siaga112.routing.events import Event, LegGone, PhonesSeen, Resynced
from siaga112.routing.ids import agent_channel
from siaga112.routing.translate import Translator
from siaga112.routing.words import CallId, LegId, Why
from tests.fakes.asterisk import APP, AsteriskModel, Chan

SELDOM = Rounds(phones=3600.0, whole=3, again=3600.0)


class Desk:
    """A lookout at work: what it asked and what it told."""

    def __init__(self, rounds: Rounds, doubtful: Sequence[tuple[CallId, LegId]] = ()) -> None:
        self.transport = Transport.WEBSOCKET
        self.model = AsteriskModel(phones={"PJSIP/101": "online"})
        self.told: list[Event] = []
        self.ways: set[Transport] = set()
        self.asked: list[tuple[Request, asyncio.Future[Reply]]] = []
        self.lookout = Lookout(
            self, Translator("35.79", APP), Clock(), self.told.append, rounds, lambda: doubtful
        )

    def request(self, request: Request, *, transport: Transport | None = None) -> "asyncio.Future[Reply]":
        """Take a request; `answer` answers it."""
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self.asked.append((request, future))
        self.ways.add(transport or self.transport)
        return future

    def answer(self) -> None:
        """Answer everything that was asked, at once."""
        asked, self.asked = self.asked, []
        for request, future in asked:
            future.set_result(Reply(*self.model.ask(request)))

    async def rest(self) -> None:
        """Let the lookout go on as far as it can."""
        for _ in range(10):
            await asyncio.sleep(0)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """A lookout that runs, and comes to a second look only when told of a change."""
    one = Desk(SELDOM)
    task = asyncio.create_task(one.lookout.run())
    await one.rest()
    yield one
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_nothing_is_asked_without_a_connection(desk: Desk) -> None:
    """Before the first connection, and after a break, there is nothing to look at."""
    assert desk.asked == []
    desk.lookout.connected()
    desk.lookout.disconnected()
    await desk.rest()
    assert (desk.asked, desk.told, desk.lookout.synced) == ([], [], False)


async def test_a_connection_is_looked_at_as_a_whole(desk: Desk) -> None:
    """At once, everything, and then we are in step; not a routine look."""
    desk.lookout.connected()
    await desk.rest()
    desk.answer()
    await desk.rest()
    (seen,) = desk.told
    assert isinstance(seen, Resynced)
    assert (seen.routine, set(seen.snapshot.reachable)) == (False, {"PJSIP/101"})
    assert desk.lookout.synced


async def test_lists_never_come_over_the_websocket(desk: Desk) -> None:
    """Asterisk does not survive a frame larger than a thread's stack, and a list of channels can be."""
    desk.lookout.connected()
    await desk.rest()
    assert desk.ways == {Transport.HTTP}


async def test_answers_from_before_a_break_are_of_another_life(desk: Desk) -> None:
    """The connection broke as the answers came: nothing is told, the next one is looked at anew."""
    desk.lookout.connected()
    await desk.rest()
    desk.answer()
    desk.lookout.disconnected()
    await desk.rest()
    assert (desk.told, desk.lookout.synced) == ([], False)
    desk.lookout.connected()
    await desk.rest()
    desk.answer()
    await desk.rest()
    assert len(desk.told) == 1
    assert desk.lookout.synced


async def test_what_came_since_the_connection_is_not_judged(desk: Desk) -> None:
    """A call that came between connection and question has its claim on the way, not yet in a list."""
    before = desk.lookout._clock.now()
    desk.lookout.connected()
    came = desk.lookout._clock.now()
    await desk.rest()
    desk.answer()
    await desk.rest()
    (seen,) = desk.told
    assert isinstance(seen, Resynced)
    assert before < seen.asked_at < came


@pytest.mark.parametrize(("more", "lost"), [(50, False), (0, True)])
async def test_a_phone_that_is_neither_reached_nor_heard_is_lost(*, more: int, lost: bool) -> None:
    """Who cannot be reached by OPTIONS and still talks, talks; silence as well means that nobody is there."""
    leg = (CallId("0199c82c-c009-80d6-89c9-dbebdcfe7f95"), LegId(1))
    channel = agent_channel(*leg)
    desk = Desk(Rounds(phones=0.0, whole=3), [leg])
    desk.model.channels[channel] = Chan(channel, "PJSIP/101-1", "Up", "app")
    task = asyncio.create_task(desk.lookout.run())
    desk.lookout.connected()
    async with asyncio.timeout(10):
        while len(desk.told) < 4:
            desk.model.sound[channel] = desk.model.sound.get(channel, 0) + more
            desk.answer()
            await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (LegGone(*leg, Why.BROKEN) in desk.told) == lost


async def test_in_between_the_phones_are_looked_at_more_often() -> None:
    """Two looks at the phones, then one at everything, for as long as the connection stands."""
    desk = Desk(Rounds(phones=0.0, whole=3))
    task = asyncio.create_task(desk.lookout.run())
    desk.lookout.connected()
    async with asyncio.timeout(10):
        while len(desk.told) < 6:
            desk.answer()
            await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    kinds = [(type(one), getattr(one, "routine", None)) for one in desk.told[:6]]
    assert kinds == [
        (Resynced, False),
        (PhonesSeen, None),
        (Resynced, True),
        (PhonesSeen, None),
        (PhonesSeen, None),
        (Resynced, True),
    ]


async def test_only_an_answer_that_is_owed_says_that_nobody_hears(desk: Desk) -> None:
    """However long it is until the next question: a watchdog may be more impatient than our rounds."""
    desk.lookout.connected()
    await desk.rest()
    assert not desk.lookout.hears(0.0)
    desk.answer()
    await desk.rest()
    assert desk.lookout.hears(0.0)
