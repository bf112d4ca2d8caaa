"""The ear as the daemon sees it: taps are opened and closed, events come out. Every method returns at once.

    ear = Ear(settings, sink, observer)
    tasks.create_task(ear.run())
    ear.tap(key, remote_port, Law.ALAW, at)  # Asterisk sends the caller's sound from there to ear.port

Knows that the work is done in a process of its own, and what to do when that dies: nothing is heard of the
callers it listened to, whose calls go on without a flag; the next callers get a new one. Does not know what a
key stands for.
"""

import asyncio
import json
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final, Protocol

from siaga112.audio import letters
from siaga112.audio.events import EarEvent, Verdict
from siaga112.audio.g711 import Law
from siaga112.audio.health import Health
from siaga112.audio.settings import EarSettings
from siaga112.audio.sockets import bound

_SILENT_S: Final = 10.0
"""An ear that has written nothing for this long has hung: it writes every second."""
_WAITS: Final = (0.5, 1.0, 2.0, 5.0, 15.0, 30.0)
"""Before it is started again; the last for ever."""
_STEADY_S: Final = 60.0
"""Having lived as long, it has earned a quick start."""
_UNREAD: Final = 1 << 20
"""Bytes of orders that an ear which does not read may leave lying."""

COMMAND: Final = (sys.executable, "-m", "siaga112.audio.apart")


class EarObserver(Protocol):
    """Is told how the ear does; every method returns at once."""

    def ear_health(self, health: Health) -> None:
        """Once a second: sums since the process began to work."""

    def ear_trouble(self, reason: str) -> None:
        """Callers are not heard, and why; told once for each reason."""


@dataclass(frozen=True, slots=True)
class Concluded:
    """Nobody listens any more; the last verdict, or none if nothing can be said."""

    at: float
    verdict: Verdict | None


class _NonsenseError(Exception):
    """The ear's process has written what is no letter."""


Sink = Callable[[str, EarEvent | Concluded], None]
"""Takes a caller's key and what happened; returns at once."""


class Ear:
    """All callers' ear.

    Args:
        settings: Thresholds.
        sink: Told of every event.
        observer: Told how it does.
        host: The address of ours that Asterisk sends to.
        port: The port; 0: any.
        remote_host: The address that Asterisk sends from.
        padded: Whether taps send silence where a caller sends nothing (see `taps.Taps`).
        clock: The time that events are told in.
        command: Starts the ear's process; two sockets' numbers are added.
    """

    def __init__(  # noqa: PLR0913 - where it listens, and what a test replaces
        self,
        settings: EarSettings,
        sink: Sink,
        observer: EarObserver,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        remote_host: str = "127.0.0.1",
        padded: bool = False,
        clock: Callable[[], float] = time.monotonic,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self.dry: frozenset[str] = frozenset()
        """Callers of whom nothing comes: ask their channels for their count of packets (`rtp_seen`)."""
        self._settings = settings
        self._sink = sink
        self._observer = observer
        self._remote_host = remote_host
        self._padded = padded
        self._clock = clock
        self._command = tuple(command)
        self._socket = bound(host, port)
        self._writer: asyncio.StreamWriter | None = None
        self._known: dict[str, Verdict | bytes | None] = {}
        self._told = ""
        self._health = Health()

    @property
    def port(self) -> int:
        """Where callers' sound is to be sent."""
        return int(self._socket.getsockname()[1])

    @property
    def health(self) -> Health:
        """How it did a second ago."""
        return self._health

    def tap(self, key: str, remote_port: int, law: Law, decides_at: float) -> None:
        """Listen to a caller, whose sound comes from that port; a key must hold no space.

        Who was not heard until `decides_at`, by this ear's clock, is said to be silent.
        """
        self._known[key] = None
        source = {"host": self._remote_host, "port": remote_port, "law": law.value}
        self._order("tap", key, source | {"decides_at": decides_at - self._shift})

    def untap(self, key: str) -> None:
        """Stop listening; `Concluded` follows, if the ear lives."""
        if key in self._known:
            self._order("untap", key, None)
            if self._writer is None:
                self._forget(key)

    def press(self, key: str, digit: str) -> None:
        """The network has reported a key."""
        self._order("press", key, digit)

    def prompt(self, key: str, *, playing: bool) -> None:
        """A prompt of ours began or ended."""
        self._order("prompt", key, playing)

    def rtp_seen(self, key: str, count: int) -> None:
        """So many packets has the caller's channel received; to be told once a second of who is dry."""
        self._order("rtp_seen", key, count)

    def summary(self, key: str) -> Verdict | None:
        """What a caller was taken for a second ago; None: too early, or not listened to."""
        known = self._known.get(key)
        if isinstance(known, bytes):
            with suppress(ValueError):
                self._known[key] = known = letters.to_verdict(known)
        return None if isinstance(known, bytes) else known

    async def run(self) -> None:
        """Keep an ear alive, for ever."""
        failed = 0
        try:
            while True:
                began = time.monotonic()
                reason = await self._live()
                failed = 0 if time.monotonic() - began > _STEADY_S else failed + 1
                self._end(reason)
                await asyncio.sleep(_WAITS[min(failed, len(_WAITS)) - 1] if failed else _WAITS[0])
        finally:
            self._socket.close()

    async def _live(self) -> str:
        """One life of the process; returns what ended it."""
        ours, theirs = socket.socketpair()
        with theirs:
            numbers = theirs.fileno(), self._socket.fileno()
            try:
                process = await asyncio.create_subprocess_exec(
                    *self._command, *map(str, numbers), pass_fds=numbers, stdin=asyncio.subprocess.DEVNULL
                )
            except OSError as error:
                ours.close()
                return f"cannot be started: {error}"
        reader, writer = await asyncio.open_connection(sock=ours)
        orders = {"settings": asdict(self._settings), "padded": self._padded}
        writer.write(json.dumps(orders).encode() + b"\n")
        self._writer = writer
        try:
            await self._read(reader)
        except TimeoutError:
            return "its process hangs"
        except _NonsenseError as error:
            return f"its process cannot be understood: {error}"
        except OSError:
            return "its process is gone"
        finally:
            self._writer = None
            writer.close()
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        return "its process ended"

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while True:
            async with asyncio.timeout(_SILENT_S):
                line = await _line(reader)
            if not line:
                return
            try:
                tell = self._read_one(*letters.opened(line))
            except ValueError as error:
                raise _NonsenseError(str(error)) from error
            # Not within the `try`: what a sink raises is a fault of the daemon's, and ends it loudly.
            tell()

    def _read_one(self, word: str, key: str, content: bytes) -> Callable[[], None]:
        """One letter; returns what is to be done about it."""
        if word == letters.HEALTH:
            return partial(self._healthy, *letters.to_health(content))
        if key not in self._known:
            return _nothing
        if word == letters.EVENT:
            return partial(self._sink, key, letters.to_event(content, self._shift))
        if word == letters.CONCLUDED:
            last = Concluded(self._clock(), letters.to_verdict(content))
            del self._known[key]
            return partial(self._sink, key, last)
        # A verdict as it stands. Most are never asked for: read when they are.
        self._known[key] = content
        return _nothing

    @property
    def _shift(self) -> float:
        """What is added to the process's time to make it ours."""
        return self._clock() - time.monotonic()

    def _healthy(self, health: Health, dry: frozenset[str]) -> None:
        self._health, self.dry = health, dry
        self._observer.ear_health(health)
        self._tell(health.deaf)

    def _order(self, word: str, key: str, content: Any) -> None:
        if self._writer is None or key not in self._known:
            return
        self._writer.write(letters.written(word, key, content))
        if self._writer.transport.get_write_buffer_size() > _UNREAD:
            self._writer.transport.abort()

    def _end(self, reason: str) -> None:
        """What was listened to is not taken up again: who has spoken must not be heard anew, as silent."""
        self._health, self.dry = Health(alive=False), frozenset()
        self._observer.ear_health(self._health)
        self._tell(reason)
        for key in tuple(self._known):
            self._forget(key)

    def _forget(self, key: str) -> None:
        verdict = self.summary(key)
        del self._known[key]
        self._sink(key, Concluded(self._clock(), verdict))

    def _tell(self, reason: str) -> None:
        if reason and reason != self._told:
            self._observer.ear_trouble(reason)
        self._told = reason


def _nothing() -> None:
    """For letters about who is not listened to any more."""


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readline()
    except ValueError as error:  # longer than any letter
        raise _NonsenseError(str(error)) from error
