"""The ear on a loop: real sockets, a thread, and a detector that is not to be relied upon."""

import asyncio
import socket
import time
from collections.abc import Callable, Sequence
from typing import Self

import pytest

from siaga112.audio.detector import Activity, Block, Detector, Memory
from siaga112.audio.events import AudioClass, ClassChanged, EarEvent
from siaga112.audio.g711 import Law
from siaga112.audio.health import Health
from siaga112.audio.hearing import Ground, Hearing
from siaga112.audio.settings import DEFAULT
from siaga112.audio.sockets import bound
from siaga112.audio.taps import Listener, Taps
from tests.audio import clips
from tests.audio.packets import packets


class Frail:
    """A detector that raises for the batches it is told to."""

    def __init__(self, detector: Detector, *raising: int) -> None:
        self.batches = 0
        self._detector = detector
        self._raising = raising

    def listen(
        self, memories: Sequence[Memory], blocks: Sequence[Block]
    ) -> tuple[list[Memory], list[Activity]]:
        """The real one, or an error."""
        self.batches += 1
        if self.batches in self._raising:
            raise RuntimeError("out of order")
        return self._detector.listen(memories, blocks)


class Heard:
    """An ear on the loop of a test, and somebody to speak to it."""

    def __init__(self, load: Callable[[], Listener]) -> None:
        self.told: list[tuple[str, EarEvent]] = []
        self.sockets = [bound("127.0.0.1", 0) for _ in range(3)]
        ear = bound("127.0.0.1", 0)
        self.port = ear.getsockname()[1]
        self.taps = Taps(DEFAULT, lambda key, event: self.told.append((key, event)))
        self.hearing = Hearing(self.taps, Ground(ear, load))

    async def __aenter__(self) -> Self:
        self.hearing.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.hearing.stop()
        for one in self.sockets:
            one.close()

    def tap(self, key: str, caller: int) -> None:
        """Listen to one of the sockets."""
        now = time.monotonic()
        self.taps.tap(key, self.sockets[caller].getsockname(), Law.ALAW, now, now + DEFAULT.provisional_s)

    async def speak(self, caller: int, sound: clips.Sound) -> None:
        """Send a sound, each packet in its time."""
        start = time.monotonic()
        for number, data in enumerate(packets(sound)):
            await asyncio.sleep(max(0.0, start + number * 0.02 - time.monotonic()))
            self.sockets[caller].sendto(data, ("127.0.0.1", self.port))

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for something to be true."""
        async with asyncio.timeout(20):
            while not condition():  # noqa: ASYNC110 - a socket and a thread have no event to wait for
                await asyncio.sleep(0.01)

    def classes(self, key: str) -> list[AudioClass]:
        """The classes told of a caller."""
        return [
            event.verdict.audio_class
            for of, event in self.told
            if of == key and isinstance(event, ClassChanged)
        ]

    @property
    def health(self) -> Health:
        """How it does."""
        return self.hearing.health


async def test_callers_are_told_apart_by_their_ports(detector: Detector, sentence: clips.Sound) -> None:
    """One socket of ours takes the sound of all; a stranger's is counted and not heard."""
    async with Heard(lambda: detector) as ear:
        ear.tap("speaks", 0)
        ear.tap("is silent", 1)
        noise = clips.noise(len(sentence) / 8000, -65)
        await asyncio.gather(ear.speak(0, sentence), ear.speak(1, noise), ear.speak(2, sentence))
        await ear.until(lambda: ear.classes("speaks"))
        await ear.until(lambda: ear.health.strangers == len(packets(sentence)))
        assert ear.classes("speaks")[0] in {AudioClass.POSSIBLE_SPEECH, AudioClass.SPEAKING}
        assert ear.classes("is silent") == []
        assert (ear.health.taps, ear.health.failures, ear.health.deaf) == (2, 0, "")
        assert ear.health.frames == 2 * len(packets(sentence))


async def test_a_detector_that_cannot_be_loaded(sentence: clips.Sound) -> None:
    """The ear says so and is deaf; packets are taken, nothing is told, nothing is raised."""

    def load() -> Listener:
        raise ImportError("no onnxruntime")

    async with Heard(load) as ear:
        ear.tap("call", 0)
        await ear.until(lambda: ear.health.deaf)
        await ear.speak(0, sentence[:8000])
        await ear.until(lambda: ear.health.frames == 50)
        assert "no onnxruntime" in ear.health.deaf
        assert ear.health.failures == 1
        assert ear.told == []


async def test_a_detector_that_raises_once_goes_on(detector: Detector, sentence: clips.Sound) -> None:
    """One batch is missed; who speaks is heard all the same."""
    frail = Frail(detector, 3)
    async with Heard(lambda: frail) as ear:
        ear.tap("call", 0)
        await ear.speak(0, sentence)
        await ear.until(lambda: AudioClass.SPEAKING in ear.classes("call"))
        assert (ear.health.failures, ear.health.deaf) == (1, "")


async def test_a_detector_that_keeps_raising_is_not_asked_again(
    detector: Detector, sentence: clips.Sound
) -> None:
    """Three failures in a row, in the middle of a call: deaf, and no later verdict from what was heard."""
    frail = Frail(detector, 5, 6, 7)
    async with Heard(lambda: frail) as ear:
        ear.tap("call", 0)
        await ear.speak(0, sentence)
        await ear.until(lambda: ear.health.deaf)
        assert "out of order" in ear.health.deaf
        assert (frail.batches, ear.health.failures, ear.classes("call")) == (7, 3, [])


async def test_nothing_comes_and_the_ear_idles(detector: Detector) -> None:
    """Without a caller there is nothing to hear, and a flood of strangers holds nobody up."""
    async with Heard(lambda: detector) as ear:
        for _ in range(1000):
            ear.sockets[0].sendto(b"x", ("127.0.0.1", ear.port))
        await ear.until(lambda: ear.health.strangers == 1000)
        assert ear.told == []


def test_a_port_that_is_taken_is_said_so() -> None:
    """Two ears on one port would each hear half."""
    first = bound("127.0.0.1", 0)
    with pytest.raises(OSError, match="in use"):
        bound("127.0.0.1", first.getsockname()[1])
    first.close()
    assert isinstance(first, socket.socket)
