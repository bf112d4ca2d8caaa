"""Requests through a connection: their order, their ends and the way they take."""

import asyncio
import gc
import time
import weakref
from dataclasses import replace

import pytest

from siaga112.ari import errors, operations
from siaga112.ari.connection import Pace
from siaga112.ari.items import Connected, Disconnected, Transport, Unobserved
from siaga112.ari.ledger import Ledger
from siaga112.ari.pool import Pool
from siaga112.ari.request import Reply
from tests.ari.conftest import STEADY, Connect, Counted, Heard, Naps, running
from tests.ari.fake_server import FakeAri


async def test_requests_are_written_in_the_order_of_their_calls(
    fake: FakeAri, heard: Heard, connect: Connect
) -> None:
    """An originate goes right behind its claim, without waiting for the claim's reply."""
    connection = connect()
    async with running(connection):
        await heard.next(Connected)
        fake.keeps_replies = True
        claim = connection.request(operations.events.claim_channel(channel_id="1", application="siaga112"))
        calls = [claim] + [connection.request(operations.channels.get(str(n))) for n in range(20)]
        await fake.keep(len(calls))
        assert not any(call.done() for call in calls)
    assert fake.requests("websocket") == [
        "POST /events/claim",
        *(f"GET /channels/{n}" for n in range(20)),
    ]


async def test_replies_in_any_order_reach_who_asked(fake: FakeAri, heard: Heard, connect: Connect) -> None:
    """The request's id decides, not the order."""
    fake.answers = {("GET", f"/channels/{n}"): (200, {"id": str(n)}) for n in range(5)}
    connection = connect()
    async with running(connection):
        await heard.next(Connected)
        fake.keeps_replies = True
        calls = [connection.request(operations.channels.get(str(n))) for n in range(5)]
        for answer in reversed(await fake.keep(len(calls))):
            await answer()
        got = await asyncio.gather(*calls)
    assert got == [Reply(200, {"id": str(n)}) for n in range(5)]


@pytest.mark.parametrize("transport", list(Transport))
@pytest.mark.parametrize(
    "refusal",
    [
        (404, errors.NotFoundError),
        (409, errors.ConflictError),
        (422, errors.UnprocessableError),
        (500, errors.AriError),
    ],
)
async def test_a_refusal_is_a_typed_error_whatever_its_body(
    fake: FakeAri,
    heard: Heard,
    connect: Connect,
    transport: Transport,
    refusal: tuple[int, type[errors.AriError]],
) -> None:
    """The status is looked at first: a body that is no JSON does not hide it."""
    status, kind = refusal
    fake.answers[("POST", "/channels/1/answer")] = (status, "<no json>")
    connection = connect()
    async with running(connection):
        await heard.next(Connected)
        with pytest.raises(kind) as caught:
            await connection.request(operations.channels.answer("1"), transport=transport)
    assert (caught.value.status, caught.value.text) == (status, "<no json>")


@pytest.mark.parametrize("transport", list(Transport))
async def test_a_2xx_comes_back_decoded(
    fake: FakeAri, heard: Heard, connect: Connect, transport: Transport
) -> None:
    """Path, query and body arrive unharmed by either way, however strange they are."""
    asked = operations.channels.originate_with_id(
        "a/b+c d", endpoint="Local/1@x&y", app="é+ %", variables={"A": "1&2"}
    )
    fake.answers[("POST", "/channels/a%2Fb%2Bc%20d")] = (200, {"id": "a/b+c d"})
    connection = connect()
    async with running(connection):
        await heard.next(Connected)
        got = await connection.request(asked, transport=transport)
    assert got == Reply(200, {"id": "a/b+c d"})
    arrived = fake.asked[-1]
    assert arrived.query == {"endpoint": "Local/1@x&y", "app": "é+ %"}
    assert arrived.body == {"variables": {"A": "1&2"}}


@pytest.mark.parametrize("transport", list(Transport))
async def test_no_reply_is_a_timeout_at_the_deadline(
    fake: FakeAri, heard: Heard, counted: Counted, connect: Connect, transport: Transport
) -> None:
    """Every request ends, whatever Asterisk does; the next one is not harmed."""
    connection = connect()
    async with running(connection):
        await heard.next(Connected)
        connection._ledger._deadline = 0.05
        fake.speaks_rest = fake.answers_http = False
        with pytest.raises(errors.AriTimeoutError):
            await connection.request(operations.channels.list(), transport=transport)
        assert counted.requests[-1] == (transport, "timeout")
        connection._ledger._deadline = 5.0
        fake.speaks_rest = fake.answers_http = True
        again = await connection.request(operations.channels.list(), transport=transport)
    assert again.status == 204


async def test_a_reply_after_its_deadline_is_counted_and_dropped(
    fake: FakeAri, heard: Heard, counted: Counted, connect: Connect
) -> None:
    """Whoever asked has moved on; the late answer must not settle anything else."""
    connection = connect()
    async with running(connection):
        await heard.next(Connected)
        fake.keeps_replies = True
        connection._ledger._deadline = 0.05
        with pytest.raises(errors.AriTimeoutError):
            await connection.request(operations.channels.list())
        (late,) = await fake.keep(1)
        fake.keeps_replies = False
        connection._ledger._deadline = 5.0
        await late()
        await connection.request(operations.channels.list())
    assert counted.late == 1


def test_the_deadline_in_use_is_two_seconds() -> None:
    """Every request to Asterisk ends within 2 s."""
    assert Pace().deadline == 2.0


async def test_requests_under_way_fail_when_the_socket_drops(
    fake: FakeAri, heard: Heard, counted: Counted, connect: Connect
) -> None:
    """Whether they were carried out is not known; who asked is told before the drop is."""
    connection = connect(sleep=Naps())
    async with running(connection):
        await heard.next(Connected)
        fake.keeps_replies = True
        asked = connection.request(operations.channels.answer("1"))
        await fake.keep(1)
        await fake.cut()
        with pytest.raises(errors.ConnectionLostError):
            await asked
        await heard.next(Disconnected)
    assert (Transport.WEBSOCKET, "connection_lost") in counted.requests


async def test_an_asterisk_without_rest_over_websocket_is_asked_over_http(
    fake: FakeAri, heard: Heard, connect: Connect
) -> None:
    """An older Asterisk ignores what we say on the socket: that shows in a probe."""
    fake.speaks_rest = False
    connection = connect(pace=replace(STEADY, probe=0.05))
    async with running(connection):
        assert not (await heard.next(Connected)).rest_over_websocket
        assert connection.transport is Transport.HTTP
        await connection.request(operations.channels.answer("1"))
    assert fake.requests("http") == ["POST /channels/1/answer"]
    assert fake.requests("websocket") == []


async def test_requests_go_over_http_while_the_socket_is_down(
    fake: FakeAri, heard: Heard, connect: Connect
) -> None:
    """A cut socket is no reason to leave a caller alone: HTTP may well work."""
    waiting = asyncio.Event()

    async def stay_away(_: float) -> None:
        await waiting.wait()

    connection = connect(sleep=stay_away)
    async with running(connection):
        await heard.next(Connected)
        await fake.cut()
        await heard.next(Disconnected)
        await connection.request(operations.channels.hangup("1"))
        assert fake.requests("http") == ["DELETE /channels/1"]
        waiting.set()
        await heard.next(Connected)
        await connection.request(operations.channels.hangup("2"))
        assert fake.requests("websocket") == ["DELETE /channels/2"]


async def test_http_uses_few_connections(fake: FakeAri, heard: Heard, connect: Connect) -> None:
    """Asterisk has a thread for each connection: eight are enough, the rest wait their turn."""
    connection = connect()
    async with running(connection):
        await heard.next(Connected)
        fake.http_peers.clear()
        asked = [
            connection.request(operations.channels.get(str(n)), transport=Transport.HTTP) for n in range(40)
        ]
        await asyncio.gather(*asked)
    assert len(fake.requests("http")) == 40
    assert len(fake.http_peers) == 8


async def test_a_connection_that_does_not_run_refuses_at_once(connect: Connect) -> None:
    """Before the start and after the end there is no way to Asterisk, and nobody waits for one."""
    connection = connect()
    with pytest.raises(errors.ConnectionLostError):
        await connection.request(operations.channels.list())


async def test_a_request_that_is_given_up_leaves_nothing_behind(
    heard: Heard, counted: Counted, connect: Connect
) -> None:
    """A cancelled future closes its entry, and the reply that comes is late."""
    connection = connect()
    async with running(connection):
        await heard.next(Connected)
        for transport in Transport:
            asked = connection.request(operations.channels.list(), transport=transport)
            timers = [entry.timer for entry in connection._ledger._entries.values()]
            asked.cancel()
        await connection.request(operations.channels.list())
        assert connection._ledger._entries == {}
        assert all(timer.cancelled() for timer in timers)
    assert (Transport.HTTP, "cancelled") in counted.requests
    assert counted.late == 1


class _Broken:
    """An HTTP client that breaks inside."""

    def request(self, *_: object, **__: object) -> object:
        """Break in a way that aiohttp does not promise."""
        raise AttributeError("'NoneType' object has no attribute 'getall'")


async def test_whatever_breaks_an_http_request_ends_that_request_only() -> None:
    """The pool's tasks live in the daemon's task group: what one of them raised would end the daemon."""
    pool = Pool("http://127.0.0.1:1/ari", Ledger(Unobserved(), time.monotonic, 2.0))
    async with asyncio.TaskGroup() as tasks:
        pool.open(_Broken(), tasks)  # type: ignore[arg-type]
        with pytest.raises(errors.ConnectionLostError):
            await pool.send(operations.channels.list())


async def test_a_refusal_leaves_nothing_to_the_garbage_collector() -> None:
    """Its error does not hold on to what it was raised in: the memory is free at once."""
    ledger = Ledger(Unobserved(), time.monotonic, 2.0)
    gc.disable()
    try:
        key, asked = ledger.enter(operations.playbacks.stop("gone"), Transport.WEBSOCKET)
        ledger.settle(key, 404, '{"message": "Playback not found"}')
        await asyncio.sleep(0)
        seen = weakref.ref(asked)
        del asked
        assert seen() is None
    finally:
        gc.enable()
