"""ari-py's words on top of the connection, typed."""

import asyncio

import pytest

from siaga112.ari import errors, models
from siaga112.ari.client import AriClient, UnavailableError
from tests.ari import fake_server, samples
from tests.ari.conftest import STEADY
from tests.ari.fake_server import FakeAri


@pytest.fixture
def client(fake: FakeAri) -> AriClient:
    """A client of the fake, not connected yet."""
    return AriClient(fake.url, fake_server.USER, fake_server.PASSWORD, "siaga112", pace=STEADY)


async def test_a_group_returns_objects_that_carry_their_own_operations(
    fake: FakeAri, client: AriClient
) -> None:
    """`channels.originate` gives a channel, and the channel answers, plays and hangs up."""
    fake.answers[("POST", "/channels")] = (200, samples.CHANNEL)
    fake.answers[("POST", "/channels/1766000000.7/play")] = (
        200,
        {"id": "p1", "media_uri": "sound:x", "target_uri": "channel:1", "state": "queued"},
    )
    async with client:
        channel = await client.channels.originate(endpoint="PJSIP/101", app="siaga112")
        assert (channel.id, channel.model.caller.number) == ("1766000000.7", "081234567890")
        await channel.answer()
        playback = await channel.play(media="sound:x", lang="id")
        await playback.stop()
        await channel.hangup(reason_code="17")
    assert fake.requests("websocket") == [
        "POST /channels",
        "POST /channels/1766000000.7/answer",
        "POST /channels/1766000000.7/play",
        "DELETE /playbacks/p1",
        "DELETE /channels/1766000000.7",
    ]
    assert fake.asked[-1].query == {"reason_code": "17"}


async def test_bridges_take_channels_in(fake: FakeAri, client: AriClient) -> None:
    """`bridge.add_channel` is the operation with the bridge's id filled in."""
    fake.answers[("POST", "/bridges/b1")] = (200, samples.BRIDGE)
    fake.answers[("GET", "/bridges")] = (200, [samples.BRIDGE])
    async with client:
        bridge = await client.bridges.create_with_id("b1", type="mixing")
        await bridge.add_channel(channel=["1", "2"])
        assert [b.id for b in await client.bridges.list()] == [bridge.id]
    assert fake.asked[-2].query == {"channel": "1,2"}


async def test_an_error_is_raised_where_it_is_awaited(fake: FakeAri, client: AriClient) -> None:
    """The client raises what the connection's future fails with."""
    fake.answers[("GET", "/channels/x")] = (404, {"message": "Channel not found"})
    async with client:
        with pytest.raises(errors.NotFoundError, match="Channel not found"):
            await client.channels.get("x")


async def test_events_call_back_by_name_or_model_until_undone(fake: FakeAri, client: AriClient) -> None:
    """`on_event` sees only its kind, and nothing after its undo."""
    names: list[str] = []
    undo = client.on_event("StasisEnd", lambda event: names.append(event.channel.id))
    client.on_event(models.StasisStart, lambda event: names.append(event.args[0]))
    ended = samples.text("StasisEnd", channel=samples.CHANNEL)
    async with client:
        for text in (samples.text("StasisStart", args=["a"], channel=samples.CHANNEL), ended):
            seen = client.expect(models.BaseEvent)
            await fake.say(text)
            await seen
        undo()
        seen = client.expect(models.BaseEvent)
        await fake.say(ended)
        await seen
    assert names == ["a", samples.CHANNEL["id"]]


def test_an_event_that_does_not_exist_cannot_be_listened_to(client: AriClient) -> None:
    """A slip of the pen is an error, not a callback that is never called."""
    with pytest.raises(ValueError, match="StasisStarted"):
        client.on_event("StasisStarted", print)


async def test_expect_looks_out_for_the_one_that_fits(fake: FakeAri, client: AriClient) -> None:
    """The condition decides which of several events it is."""
    async with client:
        wanted = client.expect(models.StasisStart, lambda event: event.args == ["b"])
        for argument in "ab":
            await fake.say(samples.text("StasisStart", args=[argument], channel=samples.CHANNEL))
        got = await asyncio.wait_for(wanted, 5)
    assert got.args == ["b"]


async def test_a_recordings_file_comes_over_http_as_bytes(fake: FakeAri, client: AriClient) -> None:
    """The websocket has no frame for a file, so that one request takes the other way."""
    fake.files["/recordings/stored/r/file"] = b"RIFF\xff"
    async with client:
        assert await client.recordings.get_stored_file("r") == b"RIFF\xff"


async def test_not_being_let_in_is_an_error_with_its_reason(fake: FakeAri) -> None:
    """A tool says why and ends; only a daemon tries for ever."""
    client = AriClient(fake.url, fake_server.USER, "wrong", "siaga112")
    with pytest.raises(UnavailableError, match="401"):
        async with client:
            pass


async def test_a_callback_that_raises_is_not_swallowed(fake: FakeAri, client: AriClient) -> None:
    """A test whose callback fails must fail."""

    def broken(_: object) -> None:
        raise LookupError

    client.on_event(models.StasisEnd, broken)
    with pytest.raises(ExceptionGroup) as caught:  # noqa: PT012 - leaving the block raises
        async with client:
            await fake.say(samples.text("StasisEnd", channel=samples.CHANNEL))
            assert client._running is not None
            await asyncio.wait({client._running}, timeout=5)
    assert caught.group_contains(LookupError)
