"""A connection to the fake ARI, with short durations, and a sink that a test can read."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest

from siaga112.ari.connection import Connection, Pace
from siaga112.ari.items import Item, Transport
from tests.ari import fake_server
from tests.ari.fake_server import FakeAri

T = TypeVar("T")

PATIENCE = 5.0
"""Seconds until a test gives up on something that must come; nothing waits that long."""

STEADY = Pace(deadline=5.0, heartbeat=10.0, probe=5.0)
"""Long enough that a busy machine does not look like a dead peer."""


class Heard:
    """A sink: keeps every item until the test asks for it."""

    def __init__(self) -> None:
        self._items: asyncio.Queue[Item] = asyncio.Queue()

    def __call__(self, item: Item) -> None:
        """Take one item."""
        self._items.put_nowait(item)

    async def next(self, kind: type[T]) -> T:
        """Wait for the next item, which must be of a kind."""
        item = await asyncio.wait_for(self._items.get(), PATIENCE)
        assert isinstance(item, kind), item
        return item

    def nothing(self) -> bool:
        """Whether there is no item waiting."""
        return self._items.empty()


class Counted:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.requests: list[tuple[Transport, str]] = []
        self.unknown: list[tuple[str, bool]] = []
        self.bad: list[tuple[str, bool]] = []
        self.late = 0

    def request_done(self, transport: Transport, outcome: str, seconds: float) -> None:
        """Remember a request."""
        assert seconds >= 0
        self.requests.append((transport, outcome))

    def unknown_event(self, kind: str, *, first: bool) -> None:
        """Remember an unknown type."""
        self.unknown.append((kind, first))

    def bad_frame(self, kind: str, reason: str, *, first: bool) -> None:
        """Remember a bad frame."""
        assert reason
        self.bad.append((kind, first))

    def late_reply(self) -> None:
        """Remember a late reply."""
        self.late += 1


class Naps:
    """Stands in for `asyncio.sleep`: notes each wait, and lets it pass in no time."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._noted = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        """Note a wait."""
        self.waits.append(seconds)
        self._noted.set()
        await asyncio.sleep(0)

    async def until(self, count: int) -> list[float]:
        """Wait until there have been so many waits."""
        async with asyncio.timeout(PATIENCE):
            while len(self.waits) < count:
                self._noted.clear()
                await self._noted.wait()
        return self.waits[:count]


@pytest.fixture
async def fake() -> AsyncIterator[FakeAri]:
    """A fake ARI."""
    async with fake_server.serving() as running:
        yield running


@pytest.fixture
def heard() -> Heard:
    """A sink to read from."""
    return Heard()


@pytest.fixture
def counted() -> Counted:
    """An observer to read from."""
    return Counted()


@asynccontextmanager
async def running(connection: Connection) -> AsyncIterator[asyncio.Task[None]]:
    """Run a connection for as long as the block lasts."""
    task = asyncio.create_task(connection.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


Connect = Callable[..., Connection]


@pytest.fixture
def connect(fake: FakeAri, heard: Heard, counted: Counted) -> Connect:
    """Build a connection to the fake; keywords replace its parts."""

    def build(**parts: Any) -> Connection:
        chosen: dict[str, Any] = {
            "password": fake_server.PASSWORD,
            "observer": counted,
            "pace": STEADY,
            "jitter": lambda: 1.0,
            **parts,
        }
        password = chosen.pop("password")
        return Connection(fake.url, fake_server.USER, password, "siaga112", heard, **chosen)

    return build
