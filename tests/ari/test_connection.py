"""A connection's life against a fake ARI: it comes up, tells, drops and comes back."""

import asyncio
import logging
from dataclasses import replace

import pytest

from siaga112.ari import models, operations
from siaga112.ari.connection import Connection, Pace
from siaga112.ari.errors import AriError
from siaga112.ari.items import Cause, Connected, Disconnected, Replaced, Transport, Unavailable
from tests.ari import fake_server, samples
from tests.ari.conftest import STEADY, Connect, Counted, Heard, Naps, running
from tests.ari.fake_server import FakeAri

START = samples.text("StasisStart", args=["trunk"], channel=samples.CHANNEL)


async def test_connected_says_what_this_asterisk_can_do(
    fake: FakeAri, heard: Heard, connect: Connect
) -> None:
    """Version, REST over the websocket and the filter are known before anybody is told."""
    connection = connect(disallowed=["ChannelVarset", "ChannelDialplan"])
    async with running(connection):
        assert await heard.next(Connected) == Connected(
            version="22.10.1", rest_over_websocket=True, event_filter=True
        )
        assert connection.is_connected
        assert connection.transport is Transport.WEBSOCKET
    filters = [a for a in fake.asked if a.path == "/applications/siaga112/eventFilter"]
    assert [(f.transport, f.method, f.body) for f in filters] == [
        (
            "http",
            "PUT",
            {
                "allowed": [],
                "disallowed": [{"type": "ChannelVarset"}, {"type": "ChannelDialplan"}],
            },
        )
    ]


async def test_an_asterisk_without_event_filter_is_connected_all_the_same(
    fake: FakeAri, heard: Heard, connect: Connect
) -> None:
    """More events than we like are no reason to answer no calls."""
    fake.has_event_filter = False
    async with running(connect()):
        assert not (await heard.next(Connected)).event_filter


async def test_events_come_after_connected_even_when_they_were_there_before(
    fake: FakeAri, heard: Heard, connect: Connect
) -> None:
    """A call that arrives while we ask for the version is told once requests can be made."""

    async def call_arrives() -> None:
        await fake.say(START)

    fake.on_filter = call_arrives
    async with running(connect()):
        await heard.next(Connected)
        got = await heard.next(models.StasisStart)
        assert got.channel.id == samples.CHANNEL["id"]


async def test_the_sink_can_make_a_request_at_once(fake: FakeAri, connect: Connect) -> None:
    """Resync starts inside the sink's `Connected`."""
    replies: asyncio.Queue[object] = asyncio.Queue()
    held: list[Connection] = []

    def sink(item: object) -> None:
        if isinstance(item, Connected):
            asked = held[0].request(operations.channels.list())
            asked.add_done_callback(replies.put_nowait)

    connection = connect()
    connection._sink = sink
    connection._inflow._sink = sink
    held.append(connection)
    async with running(connection):
        await asyncio.wait_for(replies.get(), 5)
    assert fake.requests("websocket") == ["GET /channels"]


@pytest.mark.parametrize("clean", [True, False])
async def test_a_dropped_socket_is_told_and_opened_again(
    fake: FakeAri, heard: Heard, connect: Connect, *, clean: bool
) -> None:
    """A clean close is a drop like any other; both are followed by a new connection."""
    async with running(connect(sleep=Naps())):
        await heard.next(Connected)
        await (fake.sockets[-1].close() if clean else fake.cut())
        await heard.next(Disconnected)
        await heard.next(Connected)
        await fake.say(START)
        await heard.next(models.StasisStart)


async def test_a_frozen_peer_is_noticed_by_the_heartbeat(
    fake: FakeAri, heard: Heard, connect: Connect
) -> None:
    """A stopped Asterisk keeps its sockets open and says nothing: only pings tell."""
    async with running(connect(pace=replace(STEADY, heartbeat=0.2))):
        await heard.next(Connected)
        fake.answers_pings = False
        await heard.next(Disconnected)


def test_the_heartbeat_in_use_notices_a_frozen_peer_within_two_seconds() -> None:
    """A ping after one heartbeat, half of one more for its pong."""
    assert 1.5 * Pace().heartbeat < 2.0


async def test_an_asterisk_that_is_away_is_tried_with_growing_waits(
    fake: FakeAri, heard: Heard, connect: Connect
) -> None:
    """Said once, tried again and again, never faster than the series."""
    fake.has_ari = False
    naps = Naps()
    async with running(connect(sleep=naps)):
        waits = await naps.until(6)
        assert waits == pytest.approx([0.05, 0.1, 0.2, 0.4, 0.8, 1.0])
        told = await heard.next(Unavailable)
        assert (told.cause, told.retry_in) == (Cause.NO_ARI, 0.05)
        assert heard.nothing()
        fake.has_ari = True
        await heard.next(Connected)


async def test_nobody_listening_is_unreachable(heard: Heard) -> None:
    """Asterisk not started yet is a sentence, not a traceback."""
    naps = Naps()
    connection = Connection("http://127.0.0.1:1/ari", "u", "p", "a", heard, sleep=naps)
    async with running(connection):
        told = await heard.next(Unavailable)
        assert told.cause is Cause.UNREACHABLE


async def test_a_wrong_password_is_said_and_not_hammered(
    fake: FakeAri, heard: Heard, connect: Connect
) -> None:
    """Each knock is followed by a long wait, growing to 30 s."""
    naps = Naps()
    async with running(connect(password="wrong", sleep=naps)):
        assert await naps.until(4) == [5.0, 10.0, 20.0, 30.0]
        assert fake.knocks == 0
        told = await heard.next(Unavailable)
        assert (told.cause, told.retry_in) == (Cause.UNAUTHORIZED, 5.0)
        assert "401" in told.reason


async def test_a_replaced_application_is_told_at_once_and_not_taken_back(
    fake: FakeAri, heard: Heard, connect: Connect
) -> None:
    """Two that drive the same calls is what cannot be borne: stay away until told."""
    naps = Naps()
    connection = connect(sleep=naps)
    async with running(connection):
        await heard.next(Connected)
        await fake.say(samples.text("ApplicationReplaced"))
        await heard.next(Replaced)
        await heard.next(Disconnected)
        for _ in range(20):
            await asyncio.sleep(0)
        assert (fake.knocks, naps.waits) == (1, [])
        connection.resume()
        await heard.next(Connected)
        assert fake.knocks == 2


async def test_a_frozen_asterisk_is_asked_before_a_socket_is_opened(
    fake: FakeAri, heard: Heard, connect: Connect
) -> None:
    """What it keeps and acts on when it thaws must be questions: a socket would replace ours."""
    fake.answers_http = False
    naps = Naps()
    async with running(connect(sleep=naps, pace=replace(STEADY, deadline=0.05))):
        await naps.until(3)
        assert (await heard.next(Unavailable)).cause is Cause.UNREACHABLE
    assert fake.knocks == 0


async def test_a_cancellation_in_the_very_moment_of_an_end_is_not_lost(
    fake: FakeAri, heard: Heard, connect: Connect
) -> None:
    """Python before 3.13 forgets it; a daemon that cannot be stopped would be the result."""
    connection = connect()
    async with running(connection) as task:
        await heard.next(Connected)

        def sink(_: object) -> None:
            task.cancel()

        connection._sink = sink
        await fake.say(samples.text("ApplicationReplaced"))
        done, _ = await asyncio.wait({task}, timeout=5)
        assert done
        assert task.cancelled()


async def test_another_applications_replacement_is_only_an_event(
    fake: FakeAri, heard: Heard, connect: Connect
) -> None:
    """The name in the event decides whose application was taken."""
    async with running(connect()):
        await heard.next(Connected)
        await fake.say(samples.text("ApplicationReplaced").replace("siaga112", "other"))
        await heard.next(models.ApplicationReplaced)


async def test_bad_frames_and_unknown_events_are_counted_and_harm_nobody(
    fake: FakeAri, heard: Heard, counted: Counted, connect: Connect
) -> None:
    """Each is counted, the first of its kind is marked for the log, and events go on."""
    async with running(connect()):
        await heard.next(Connected)
        for text in ("{", "]", "{}", samples.text("MoonRose"), samples.text("MoonRose"), b"\xff"):
            await fake.say(text)
        await fake.say(samples.text("SunSet"))
        await fake.say(START)
        await heard.next(models.StasisStart)
    assert counted.unknown == [("MoonRose", True), ("MoonRose", False), ("SunSet", True)]
    assert counted.bad == [
        ("not_json", True),
        ("not_json", False),
        ("bad_shape", True),
        ("not_json", False),
    ]


async def test_a_sink_that_raises_ends_the_run_loudly(fake: FakeAri, connect: Connect) -> None:
    """A daemon whose inbox is broken must not look alive."""

    def sink(item: object) -> None:
        raise LookupError(item)

    connection = connect()
    connection._sink = connection._inflow._sink = sink
    with pytest.raises(ExceptionGroup) as caught:
        await asyncio.wait_for(connection.run(), 5)
    assert caught.group_contains(LookupError)
    assert fake.knocks == 1


async def test_the_password_is_in_no_text(
    heard: Heard, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in a repr, an item, an error, a URL nor a log, right or wrong, at any level."""
    caplog.set_level(logging.DEBUG)
    texts: list[str] = []
    for password in (fake_server.PASSWORD, "salah-sekali"):
        connection = connect(password=password, sleep=Naps())
        async with running(connection):
            item = await heard.next(Connected | Unavailable)  # type: ignore[arg-type]
            texts += [repr(item), repr(connection)]
            try:
                await connection.request(operations.channels.get("x"), transport=Transport.HTTP)
            except AriError as error:
                texts += [repr(error), str(error), repr(error.__context__)]
    everything = " ".join([*texts, caplog.text])
    for secret in (fake_server.PASSWORD, "salah-sekali", "Basic "):
        assert secret not in everything


def test_credentials_in_the_url_are_refused(heard: Heard) -> None:
    """What is in a URL ends up in a log; so it may not be there."""
    with pytest.raises(ValueError, match="credentials"):
        Connection("http://u:p@127.0.0.1/ari", "u", "p", "a", heard)
