"""Between calls and ear: what the ear is told of a call, and what the core is told of the line."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from siaga112.ari.errors import AriError
from siaga112.ari.request import Reply, Request
from siaga112.audio.ear import Concluded
from siaga112.audio.events import (
    AudioClass,
    Burst,
    ClassChanged,
    Evidence,
    FirstVoice,
    Key,
    Suspicion,
    ToneHeard,
    Verdict,
)
from siaga112.audio.g711 import Law
from siaga112.earpiece import Earpiece
from siaga112.routing import words
from siaga112.routing.commands import Play, Tap, Untap
from siaga112.routing.events import Event, KeyPressed, LegGone, PromptEnded
from siaga112.routing.heard import (
    ClassHeard,
    EarLost,
    KeyToned,
    LineSummed,
    SoundHeard,
    VoiceHeard,
)
from siaga112.routing.words import CALLER, CallId, ChannelId, LegId, Why

CALL, CHANNEL = CallId("0199c82c-c001-8794-b852-d8363fa6ba08"), ChannelId("1760000000.1")
KEY = f"{CALL}.1"
TAP = Tap(CALL, CHANNEL, 1, 8.25)
SILENT = Verdict(
    AudioClass.SILENT,
    Suspicion.SILENT_SUSPECT,
    0.0,
    None,
    8.0,
    Evidence(8.0, 400, None, None, 0, "", 2, None, None, 0.0, -79.5, -79.0, -70.0, 1.0, (250,)),
)


class Recorder:
    """An ear that notes what it is told, and an Asterisk that answers as it is told."""

    def __init__(self) -> None:
        self.dry: frozenset[str] = frozenset()
        self.said: list[tuple[object, ...]] = []
        self.sums: dict[str, Verdict] = {}
        self.answer: Reply | AriError = Reply(200, {"rxcount": 17})
        self.asked = asyncio.Event()

    def tap(self, key: str, remote_port: int, law: Law, decides_at: float) -> None:
        """Note it."""
        self.said.append(("tap", key, remote_port, law, decides_at))

    def untap(self, key: str) -> None:
        """Note it."""
        self.said.append(("untap", key))

    def press(self, key: str, digit: str) -> None:
        """Note it."""
        self.said.append(("press", key, digit))

    def prompt(self, key: str, *, playing: bool) -> None:
        """Note it."""
        self.said.append(("prompt", key, playing))

    def rtp_seen(self, key: str, count: int) -> None:
        """Note it."""
        self.said.append(("rtp_seen", key, count))

    def summary(self, key: str) -> Verdict | None:
        """What the test has put there."""
        return self.sums.get(key)

    def request(self, request: Request) -> "asyncio.Future[Reply]":
        """Answer as the test wants."""
        assert request.path == f"/channels/{CHANNEL}/rtp_statistics"
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        if isinstance(self.answer, Reply):
            future.set_result(self.answer)
        else:
            future.set_exception(self.answer)
        future.add_done_callback(lambda _: self.asked.set())
        return future


class Piece:
    """An earpiece between a recorder and a list."""

    def __init__(self) -> None:
        self.ear = Recorder()
        self.told: list[Event] = []
        self.piece = Earpiece(self.ear, self.told.append)
        self.piece.ear = self.ear

    def tapped(self) -> "Piece":
        """With a caller on it."""
        self.piece.ordered(TAP)
        self.piece.replied(TAP, Reply(200, {"id": "s112.x"}))
        self.piece.replied(TAP, Reply(200, {"value": "20000"}))
        return self

    def before(self, event: Event) -> list[Event]:
        """What the core should know first."""
        return list(self.piece.before(event))


def test_a_tap_is_told_apart_by_the_port_it_sends_from() -> None:
    """The ear begins when Asterisk has named the port, and is told that a prompt plays already."""
    one = Piece()
    one.piece.ordered(Play(CALL, CHANNEL, 1, "greet", "id"))
    one.tapped()
    assert one.ear.said == [("tap", KEY, 20000, Law.ALAW, 8.25), ("prompt", KEY, True)]


@pytest.mark.parametrize("value", ["", "no such"])
def test_a_tap_without_a_port_is_lost(value: str) -> None:
    """An Asterisk that does not say it makes an unflagged call."""
    one = Piece()
    one.piece.ordered(TAP)
    one.piece.replied(TAP, Reply(200, {"value": value}))
    assert one.told == [EarLost(CALL, 1)]


def test_the_caller_s_prompts_are_told_and_the_call_taker_s_are_not() -> None:
    """Only what the caller hears comes back as an echo; two at once end when the second does."""
    one = Piece().tapped()
    one.ear.said.clear()
    one.piece.ordered(Play(CALL, CHANNEL, 1, "menu", "id"))
    one.piece.ordered(Play(CALL, CHANNEL, 2, "wait_1", "id"))
    one.piece.ordered(Play(CALL, ChannelId(f"s112.{CALL}.agent.1"), 3, "w_silent", "id"))
    for n in (3, 1, 2):
        assert one.before(PromptEnded(CALL, n)) == []
    assert [playing for _, _, playing in one.ear.said] == [True, True, True, False]


def test_only_the_caller_s_keys_are_told() -> None:
    """Keys of the network go to the ear, which joins them with those it hears."""
    one = Piece().tapped()
    one.before(KeyPressed(CALL, CALLER, "5"))
    one.before(KeyPressed(CALL, LegId(1), "6"))
    assert [said for said in one.ear.said if said[0] == "press"] == [("press", KEY, "5")]


def test_what_the_ear_says_becomes_the_core_s_events() -> None:
    """Each in the core's own words; a machine's tone is told by its class."""
    one = Piece().tapped()
    for event in (
        ClassChanged(9.0, None, SILENT),
        FirstVoice(10.0, 9.5),
        Burst(11.0, 14.0),
        Key(12.0, "5"),
        ToneHeard(13.0, 425.0),
        Concluded(14.0, None),
    ):
        one.piece.heard(KEY, event)
    (changed, *rest) = one.told
    assert isinstance(changed, ClassHeard)
    assert changed.line.audio_class is words.AudioClass.SILENT
    assert (changed.line.bursts, changed.line.levels, changed.line.packets) == (2, (250,), 400)
    assert rest == [
        VoiceHeard(CALL, 1, 9.5),
        SoundHeard(CALL, 1, 11.0, 14.0),
        KeyToned(CALL, 1, "5"),
        EarLost(CALL, 1),
    ]


def test_nothing_is_told_of_a_caller_who_is_not_listened_to_any_more() -> None:
    """After the order to stop, the ear's last word is nobody's news."""
    one = Piece().tapped()
    one.piece.ordered(Untap(CALL, 1))
    one.piece.heard(KEY, Concluded(14.0, SILENT))
    assert one.told == []
    assert one.ear.said[-1] == ("untap", KEY)


def test_a_second_tap_takes_the_place_of_the_first() -> None:
    """An order to stop the first does not stop the second."""
    one = Piece().tapped()
    one.piece.ordered(Tap(CALL, CHANNEL, 2, 16.25))
    one.piece.ordered(Untap(CALL, 1))
    assert one.ear.said.count(("untap", KEY)) == 1
    one.piece.replied(Tap(CALL, CHANNEL, 2, 16.25), Reply(200, {"value": "20002"}))
    assert one.ear.said[-2] == ("tap", f"{CALL}.2", 20002, Law.ALAW, 16.25)


def test_how_the_line_was_is_told_before_a_leg_goes() -> None:
    """The record's last figures; once, if nothing has changed."""
    one = Piece().tapped()
    one.ear.sums[KEY] = SILENT
    gone = LegGone(CALL, CALLER, Why.HUNG_UP)
    (summed,) = one.before(gone)
    assert isinstance(summed, LineSummed)
    assert one.before(gone) == []


@asynccontextmanager
async def running(one: Piece) -> AsyncIterator[None]:
    """The earpiece at work."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(one.piece.run())
        yield
        task.cancel()


@pytest.mark.parametrize(
    ("answer", "counted"),
    [
        (Reply(200, {"rxcount": 17}), [("rtp_seen", KEY, 17)]),
        (Reply(200, {}), [("rtp_seen", KEY, 0)]),
        (AriError("GET", "/x", 404, "gone"), []),
    ],
)
async def test_the_channel_of_who_is_dry_is_asked(
    answer: Reply | AriError, counted: list[tuple[str, str, int]]
) -> None:
    """Whether anything comes from the caller, only the caller's own channel knows."""
    one = Piece().tapped()
    one.ear.said.clear()
    one.ear.answer, one.ear.dry = answer, frozenset({KEY, "nobody's"})
    one.ear.sums[KEY] = SILENT
    async with running(one):
        async with asyncio.timeout(10):
            await one.ear.asked.wait()
            while not one.told:  # noqa: ASYNC110 - told a moment later, without an event
                await asyncio.sleep(0.01)
    assert one.ear.said == counted
    assert isinstance(one.told[0], LineSummed)
