"""Commands on their way: in order within a call, tried again where that is safe."""

import asyncio

import pytest

from siaga112.ari.errors import AriError, AriTimeoutError, ConnectionLostError, from_status
from siaga112.ari.items import Transport
from siaga112.ari.request import Reply, Request
from siaga112.outbox import Outbox
from siaga112.routing.commands import (
    Answer,
    Claim,
    Command,
    Confirm,
    Connect,
    DropBridge,
    HandOver,
    Hangup,
    Lease,
    Originate,
    Play,
    StartHold,
    StopPlay,
)
from siaga112.routing.translate import Translator
from siaga112.routing.words import AgentId, CallId, ChannelId, Confirmation, Failure, LegId, Prompt

ONE, TWO = CallId("1" * 8 + "-0000-0000-0000-000000000001"), CallId("2" * 8 + "-0000-0000-0000-000000000002")
CHANNEL = ChannelId("1760000000.1")

ANSWER = Answer(ONE, CHANNEL)
PLAY = Play(ONE, CHANNEL, 1, Prompt.GREET, "id")
CONNECT = Connect(ONE, (CHANNEL, ChannelId("agent")))
LEASE = Lease(ONE, CHANNEL, 0)
DROP = DropBridge(ONE)
CLAIM = Claim(ONE, CHANNEL)
RING = Originate(ONE, LegId(1), AgentId("101"), "PJSIP/101", CHANNEL, None, 10)
HANG_UP = Hangup(ONE, LegId(1), ChannelId("agent"))
HAND_OVER = HandOver(ONE, CHANNEL)
STOP_PLAY = StopPlay(ONE, 1)
HOLD = StartHold(ONE, CHANNEL)


class Line:
    """Stands in for the connection: keeps each request until the test answers it."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.asked: list[Request] = []
        self._futures: list[asyncio.Future[Reply]] = []

    def request(self, request: Request, **_: Transport | None) -> "asyncio.Future[Reply]":
        """Take a request."""
        self.asked.append(request)
        self._futures.append(asyncio.get_running_loop().create_future())
        return self._futures[-1]

    @property
    def words(self) -> list[str]:
        """The last word of each path that was asked for, in order."""
        return [one.path.rpartition("/")[2] for one in self.asked]

    async def answer(self, n: int, error: AriError | None = None) -> None:
        """Answer the n-th request, and let what follows from that happen."""
        if error is None:
            self._futures[n].set_result(Reply(204, None))
        else:
            self._futures[n].set_exception(error)
        await asyncio.sleep(0)
        await asyncio.sleep(0)


def refused(status: int) -> AriError:
    """What Asterisk says when it will not."""
    return from_status("POST", "/x", status, "")


LOST = AriTimeoutError("POST", "/x", 0, "no reply within the deadline")


class Box(Outbox):
    """An outbox, with what it told of failures."""

    def __init__(self, line: Line) -> None:
        self.failures: list[tuple[Command, Failure]] = []
        super().__init__(line, Translator("35.79", "siaga112"), lambda *one: self.failures.append(one))


@pytest.fixture
def socket() -> Line:
    """An Asterisk that takes requests over the websocket."""
    return Line(Transport.WEBSOCKET)


@pytest.fixture
def http() -> Line:
    """An Asterisk that takes requests over HTTP only."""
    return Line(Transport.HTTP)


async def test_over_the_socket_all_go_at_once_in_order(socket: Line) -> None:
    """Asterisk carries them out one after another: waiting for replies would only cost time."""
    box = Box(socket)
    for one in (CLAIM, RING, ANSWER, PLAY):
        box.send(one)
    assert [one.method + " " + one.path for one in socket.asked][:3] == [
        "POST /events/claim",
        "POST /channels",
        f"POST /channels/{CHANNEL}/answer",
    ]
    assert len(socket.asked) == 4
    assert box._queues == {}


async def test_over_http_each_waits_for_the_one_before(http: Line) -> None:
    """A pool keeps no order, so the outbox does: a call's next request goes after the last was answered."""
    box = Box(http)
    box.send(ANSWER)
    box.send(CONNECT)
    box.send(LEASE)
    assert http.words == ["answer"]
    await http.answer(0)
    await http.answer(1)
    assert http.words[2:] == ["addChannel"]
    await http.answer(2)
    assert http.words[3:] == ["variable"]
    assert box._queues != {}
    await http.answer(3)
    assert box._queues == {}


async def test_over_http_calls_do_not_wait_for_each_other(http: Line) -> None:
    """One call's slow request keeps no other call waiting, nor a call-taker's feature code."""
    box = Box(http)
    box.send(ANSWER)
    box.send(Answer(TWO, ChannelId("1760000000.2")))
    box.send(Confirm(ChannelId("1760000000.3"), Confirmation.READY))
    assert http.words == ["answer", "answer", "continue"]


async def test_over_http_a_failure_does_not_stop_the_rest(http: Line) -> None:
    """What failed is told, and the call's next command goes out."""
    box = Box(http)
    box.send(PLAY)
    box.send(HAND_OVER)
    await http.answer(0, refused(500))
    assert box.failures == [(PLAY, Failure.REFUSED)]
    assert http.words[1:] == ["continue"]


async def test_a_command_that_began_over_http_is_not_overtaken(http: Line) -> None:
    """While the socket comes back, a call whose commands still wait over HTTP keeps its order."""
    box = Box(http)
    box.send(ANSWER)
    http.transport = Transport.WEBSOCKET
    box.send(PLAY)
    assert http.words == ["answer"]
    await http.answer(0)
    assert len(http.asked) == 2


REPEATED = [ANSWER, LEASE, DROP]
NOT_REPEATED = [CLAIM, RING, PLAY, HANG_UP, HAND_OVER, STOP_PLAY, HOLD]


@pytest.mark.parametrize("way", Transport)
@pytest.mark.parametrize("command", REPEATED, ids=lambda one: type(one).__name__)
async def test_what_bears_it_is_tried_once_more(command: Command, way: Transport) -> None:
    """No answer: the same again, once; lost twice is a failure."""
    line = Line(way)
    box = Box(line)
    box.send(command)
    await line.answer(0, LOST)
    assert line.asked == [line.asked[0]] * 2
    assert box.failures == []
    await line.answer(1, ConnectionLostError("POST", "/x", 0, "the websocket dropped"))
    assert box.failures == [(command, Failure.LOST)]
    assert len(line.asked) == 2


@pytest.mark.parametrize("way", Transport)
@pytest.mark.parametrize("command", NOT_REPEATED, ids=lambda one: type(one).__name__)
async def test_what_does_not_is_told_at_once(command: Command, way: Transport) -> None:
    """No answer to a command that the core itself says again, or that must not happen twice."""
    line = Line(way)
    box = Box(line)
    box.send(command)
    await line.answer(0, LOST)
    assert box.failures == [(command, Failure.LOST)]
    assert len(line.asked) == 1


@pytest.mark.parametrize("way", Transport)
async def test_a_lost_half_of_a_bridge_is_asked_for_as_a_whole(way: Transport) -> None:
    """The bridge and its members belong together: both are asked again, and what is there is well."""
    line = Line(way)
    box = Box(line)
    box.send(CONNECT)
    await line.answer(0, LOST)
    if way is Transport.WEBSOCKET:
        await line.answer(1, LOST)
        assert len(line.asked) == 4
        await line.answer(2, refused(409))
        await line.answer(3)
    else:
        await line.answer(1, refused(409))
        await line.answer(2)
    assert box.failures == []
    assert box._queues == {}


@pytest.mark.parametrize("way", Transport)
@pytest.mark.parametrize(
    ("status", "failure"), [(404, "gone"), (409, "gone"), (422, "gone"), (500, "refused")]
)
async def test_a_status_says_what_failed(status: int, failure: str, way: Transport) -> None:
    """Not there, not in our hands or not possible any more is gone; whatever else is refused."""
    line = Line(way)
    box = Box(line)
    box.send(ANSWER)
    await line.answer(0, refused(status))
    assert box.failures == [(ANSWER, Failure(failure))]
    assert len(line.asked) == 1, "an answer is an answer: nothing is tried again"


@pytest.mark.parametrize("way", Transport)
async def test_a_command_fails_once(way: Transport) -> None:
    """Two requests of one command that both fail are one failure."""
    line = Line(way)
    box = Box(line)
    box.send(CONNECT)
    await line.answer(0, refused(500))
    if way is Transport.WEBSOCKET:
        await line.answer(1, refused(404))
    assert box.failures == [(CONNECT, Failure.REFUSED)]
    assert box._queues == {}
