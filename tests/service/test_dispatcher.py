"""The dispatcher alone: what goes first when something has happened."""

import asyncio
from contextlib import suppress

from siaga112.ari.items import Transport
from siaga112.ari.request import Reply, Request
from siaga112.clock import Clock
from siaga112.dispatcher import Dispatcher
from siaga112.metrics import Metrics
from siaga112.observe import Observer
from siaga112.routing.decision import Decision
from siaga112.routing.events import CallArrived, Event, PromptEnded, Resynced, Snapshot
from siaga112.routing.plan import Plan
from siaga112.routing.router import Router
from siaga112.routing.translate import Translator
from siaga112.routing.words import CallId, ChannelId, NumberSource

NOTHING = Snapshot({}, (), {}, frozenset())
ARRIVED = CallArrived(
    CallId("c"),
    ChannelId("1.1"),
    None,
    NumberSource.NONE,
    restricted=False,
    dialled="112",
    recording=None,
    must_claim=True,
)


class Wire:
    """Writes requests in the loop's next turn, as the connection does; and keeps decisions."""

    transport = Transport.WEBSOCKET

    def __init__(self) -> None:
        self.said: list[str] = []

    def request(self, request: Request, **_: Transport | None) -> "asyncio.Future[Reply]":
        """Put a request on the wire."""
        asyncio.get_running_loop().call_soon(self.said.append, request.path)
        return asyncio.get_running_loop().create_future()

    def keep(self, decision: Decision) -> None:
        """Write a decision down."""
        self.said += [line.entry.kind for line in decision.journal]


def dispatcher(wire: Wire) -> Dispatcher:
    """Make a dispatcher of a centre without agents."""
    translator = Translator("35.79", "siaga112")
    return Dispatcher(Router(Plan("35.79")), translator, wire, wire, Observer(Metrics()), Clock())


async def happen(wire: Wire, *events: Event, turns: int) -> None:
    """Let events happen, and give the loop so many turns before the dispatcher is cancelled."""
    working = dispatcher(wire)
    running = asyncio.create_task(working.run())
    for event in events:
        working.put(event)
    for _ in range(turns):
        await asyncio.sleep(0)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_commands_go_first() -> None:
    """A claim is on the wire before the call is written down and logged: a caller waits for the one."""
    wire = Wire()
    await happen(wire, Resynced(NOTHING, 0.0), ARRIVED, turns=10)
    assert wire.said == ["/events/claim", "arrived"]


async def test_told_when_written_down() -> None:
    """Who waits for something to be so, as a drain does, is told when it is written down too."""
    wire = Wire()
    working = dispatcher(wire)
    running = asyncio.create_task(working.run())
    working.put(Resynced(NOTHING, 0.0))
    working.put(ARRIVED)
    async with asyncio.timeout(10):
        await working.until(lambda: bool(working.router.calls))
    assert "arrived" in wire.said
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_written_down_though_there_is_always_news() -> None:
    """News without end puts off what is to be written down, but not for long."""
    wire = Wire()
    working = dispatcher(wire)
    running = asyncio.create_task(working.run())
    working.put(Resynced(NOTHING, 0.0))
    working.put(ARRIVED)
    async with asyncio.timeout(10):
        while "arrived" not in wire.said:
            working.put(PromptEnded(CallId("another"), 1))
            await asyncio.sleep(0)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_what_was_decided_is_written_down() -> None:
    """Whenever the dispatcher is ended, nothing that was decided is missing in the journal."""
    for turns in range(10):
        wire = Wire()
        await happen(wire, Resynced(NOTHING, 0.0), ARRIVED, turns=turns)
        assert wire.said.count("arrived") == wire.said.count("/events/claim"), turns
