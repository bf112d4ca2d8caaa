"""The ear's own process, as the daemon sees it: events come out, and its death is nobody's harm."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from siaga112.audio import letters
from siaga112.audio.apart import Apart
from siaga112.audio.detector import blank
from siaga112.audio.ear import COMMAND, Concluded, Ear
from siaga112.audio.events import AudioClass, Burst, ClassChanged, EarEvent, FirstVoice, Key, ToneHeard
from siaga112.audio.g711 import Law
from siaga112.audio.health import Health
from siaga112.audio.settings import DEFAULT
from siaga112.audio.sockets import bound
from siaga112.audio.verdict import begin, conclude
from tests.audio import clips
from tests.audio.packets import packets

SHIFT = 1_000_000.0


class Watch:
    """All that an ear told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, EarEvent | Concluded]] = []
        self.health: Health | None = None
        self.trouble: list[str] = []

    def ear_health(self, health: Health) -> None:
        """Keep the last."""
        self.health = health

    def ear_trouble(self, reason: str) -> None:
        """Keep all."""
        self.trouble.append(reason)

    def take(self, key: str, event: EarEvent | Concluded) -> None:
        """Keep all."""
        self.told.append((key, event))

    @property
    def works(self) -> bool:
        """The process that is there now has written."""
        return self.health is not None and self.health.alive

    def concluded(self, key: str) -> list[Concluded]:
        """How listening to a caller ended."""
        return [event for of, event in self.told if of == key and isinstance(event, Concluded)]


@asynccontextmanager
async def running(command: Sequence[str] = COMMAND) -> AsyncIterator[tuple[Ear, Watch]]:
    """An ear at work, on a clock of its own, ended with the test."""
    watch = Watch()
    ear = Ear(DEFAULT, watch.take, watch, clock=lambda: time.monotonic() + SHIFT, command=command)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(ear.run())
        try:
            yield ear, watch
        finally:
            task.cancel()


async def until(condition: Callable[[], object]) -> None:
    """Wait for something to be true."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - a process apart has no event to wait for
            await asyncio.sleep(0.01)


async def speak(port: int, caller: socket.socket, sound: clips.Sound) -> None:
    """Send a sound, each packet in its time."""
    start = time.monotonic()
    for number, data in enumerate(packets(sound)):
        await asyncio.sleep(max(0.0, start + number * 0.02 - time.monotonic()))
        caller.sendto(data, ("127.0.0.1", port))


def in_time() -> float:
    """When a caller of this moment is said to be silent, by the daemon's clock."""
    return time.monotonic() + SHIFT + DEFAULT.provisional_s


def ears() -> list[int]:
    """The processes that listen for this test."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [pid for pid in map(int, children) if b"apart" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@pytest.fixture
def caller() -> Iterator[socket.socket]:
    """Where a caller's sound comes from."""
    with bound("127.0.0.1", 0) as one:
        yield one


async def test_the_whole_way(caller: socket.socket, sentence: clips.Sound) -> None:
    """From packets to events on the daemon's clock, a summary meanwhile, and a last verdict."""
    async with running() as (ear, watch):
        await until(lambda: watch.works)
        ear.tap("call", caller.getsockname()[1], Law.ALAW, in_time())
        before = time.monotonic() + SHIFT
        await speak(ear.port, caller, sentence)
        ear.press("call", "5")
        ear.prompt("call", playing=True)
        ear.rtp_seen("call", 500)
        await until(lambda: (found := ear.summary("call")) and found.evidence.keys == "5")
        ear.untap("call")
        await until(lambda: watch.concluded("call"))
        last = watch.concluded("call")[0]
        first = next(event for _, event in watch.told if isinstance(event, FirstVoice))
        assert before < first.onset <= first.at < last.at < time.monotonic() + SHIFT
        assert last.verdict is not None
        assert last.verdict.audio_class is AudioClass.SPEAKING
        assert last.verdict.evidence.packets == 500
        assert watch.trouble == []
        assert ear.summary("call") is None


async def test_silence_is_told_when_the_daemon_says_so(caller: socket.socket) -> None:
    """By its clock, and before the settings' time: the caller had waited for a turn."""
    async with running() as (ear, watch):
        await until(lambda: watch.works)
        silent_at = time.monotonic() + SHIFT + 3.3
        ear.tap("call", caller.getsockname()[1], Law.ALAW, silent_at)
        await speak(ear.port, caller, clips.silence(3.8))
        await until(lambda: watch.told)
        (_, event), *_ = watch.told
        assert isinstance(event, ClassChanged)
        assert event.verdict.audio_class is AudioClass.SILENT
        assert silent_at <= event.at


async def test_its_death_harms_nobody(caller: socket.socket, sentence: clips.Sound) -> None:
    """Killed in mid-call: the call is concluded with what was known, and the next caller is heard."""
    async with running() as (ear, watch):
        await until(lambda: watch.works)
        ear.tap("before", caller.getsockname()[1], Law.ALAW, in_time())
        await speak(ear.port, caller, sentence)
        await until(lambda: ear.summary("before"))
        (pid,) = ears()
        os.kill(pid, signal.SIGKILL)
        await until(lambda: watch.concluded("before"))
        assert watch.concluded("before")[0].verdict is not None
        assert (watch.trouble, ear.health.taps) == (["its process ended"], 0)
        ear.press("before", "5")
        ear.untap("before")
        await until(lambda: watch.works)
        ear.tap("after", caller.getsockname()[1], Law.ALAW, in_time())
        await speak(ear.port, caller, sentence)
        await until(lambda: any(of == "after" for of, _ in watch.told))
        assert watch.concluded("before") == watch.concluded("before")[:1]


async def test_an_ear_that_cannot_be_started() -> None:
    """Orders go nowhere, nothing is raised, and it is said once."""
    async with running(["/nonexistent/ear"]) as (ear, watch):
        await until(lambda: watch.trouble)
        ear.tap("call", 9, Law.ULAW, in_time())
        ear.rtp_seen("call", 7)
        ear.untap("call")
        assert [type(event) for _, event in watch.told] == [Concluded]
        assert watch.concluded("call")[0].verdict is None
        assert len(watch.trouble) == 1
        assert "cannot be started" in watch.trouble[0]


@pytest.mark.parametrize(
    "line",
    ["", "x", "event call {}", "event call [5]", 'event call ["Key",{}]', "health - []", "concluded call {}"],
)
async def test_an_ear_that_talks_nonsense(line: str) -> None:
    """What cannot be understood is ended and started again, and the loop lives."""
    letter = line.encode() + b"\n"
    program = f"import socket,sys; socket.socket(fileno=int(sys.argv[1])).sendall({letter!r})"
    async with running([sys.executable, "-c", program]) as (ear, watch):
        ear.tap("call", 9, Law.ULAW, in_time())
        await until(lambda: watch.trouble)
        assert "cannot be understood" in watch.trouble[0]
        assert [event for event in watch.told if not isinstance(event[1], Concluded)] == []


async def test_it_ends_with_the_daemon() -> None:
    """Signals meant for the daemon do not end it; a closed control socket does."""
    async with running() as (ear, watch):
        await until(lambda: watch.works)
        (pid,) = ears()
        for signalled in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(pid, signalled)
        ear.tap("call", 9, Law.ALAW, in_time())
        await until(lambda: ear.health.taps == 1)
        assert (ears(), watch.trouble) == ([pid], [])
    assert ears() == []


@pytest.mark.parametrize(
    "event",
    [
        FirstVoice(5.0, 4.0),
        Burst(5.0, 12.5),
        Key(5.0, "#"),
        ToneHeard(5.0, 425.0),
        ClassChanged(5.0, None, conclude(begin(0.0, DEFAULT), 9.0, blank(), DEFAULT)),
        ClassChanged(5.0, AudioClass.SILENT, conclude(begin(0.0, DEFAULT), 9.0, blank(), DEFAULT)),
    ],
    ids=lambda event: type(event).__name__,
)
def test_a_letter_is_the_same_when_opened(event: EarEvent) -> None:
    """Every event comes out of its line as it went in."""
    line = letters.written(letters.EVENT, "a.key", letters.from_event(event))
    word, key, content = letters.opened(line)
    assert (word, key) == ("event", "a.key")
    assert letters.to_event(content, 0.0) == event
    assert letters.to_event(content, 2.0).at == 7.0


def test_the_daemon_needs_no_network() -> None:
    """The daemon starts and routes calls where the network's library is missing or broken."""
    code = "import sys, siaga112.audio.ear; print('onnxruntime' in sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert loaded.stdout == "False\n"


async def test_an_unknown_order_is_a_fault_of_ours() -> None:
    """The two sides are of one version: what is not understood ends the process, and is seen."""
    ours, theirs = socket.socketpair()
    _, writer = await asyncio.open_connection(sock=ours)
    apart = Apart(writer, {"settings": {}, "padded": False}, bound("127.0.0.1", 0))
    with pytest.raises(ValueError, match="dance"):
        apart.obey(b"dance call null\n")
    apart.hearing.stop()
    writer.close()
    await writer.wait_closed()
    theirs.close()
