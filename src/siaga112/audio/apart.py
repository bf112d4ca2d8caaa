"""The ear's own process: `python -m siaga112.audio.apart CONTROL SOUND`, started by `siaga112.audio.ear`.

Knows orders and how they are carried out. A process apart, so that neither hundreds of callers nor a crash of
the network's native code can hold up a call. It ends when the daemon does: its control socket closes.
"""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from siaga112.audio import letters
from siaga112.audio.detector import Detector
from siaga112.audio.events import EarEvent
from siaga112.audio.g711 import Law
from siaga112.audio.hearing import Ground, Hearing
from siaga112.audio.network import VoiceNetwork
from siaga112.audio.settings import EarSettings
from siaga112.audio.taps import Taps

_NICE: Final = 1
"""Behind the calls where processors are short: better a voice noticed late than a phone rung late. Not far
behind: at 5, beside fifty calls on two cores, some frames were heard more than 60 ms late."""
_ROUNDS: Final = 20
"""A second is cut into so many rounds; each caller's verdict is written in one of them."""


class Apart:
    """Carries out orders; writes what comes of them."""

    def __init__(self, writer: asyncio.StreamWriter, orders: dict[str, Any], sound: socket.socket) -> None:
        settings = EarSettings(**orders["settings"])
        self._write = writer.write
        self._taps = Taps(settings, self._event, padded=orders["padded"])
        self.hearing = Hearing(self._taps, Ground(sound, lambda: Detector(VoiceNetwork(), settings)))
        self._round = 0

    def obey(self, line: bytes) -> None:
        """Carry out one order."""
        word, key, content = letters.opened(line)
        told, now = json.loads(content), time.monotonic()
        match word:
            case "tap":
                self._tap(key, told, now)
            case "untap":
                self._conclude(key, now)
            case "press":
                self._taps.press(key, told, now)
            case "prompt":
                self._taps.prompt(key, now, playing=told)
            case "rtp_seen":
                self._taps.rtp_seen(key, told, now)
            case _:
                raise ValueError(f"no order is called {word}")

    def _tap(self, key: str, told: dict[str, Any], now: float) -> None:
        address = told["host"], told["port"]
        self._taps.tap(key, address, Law(told["law"]), now, told["decides_at"])

    async def tell_for_ever(self) -> None:
        """Write how it goes, again and again."""
        while True:
            self.tell()
            await asyncio.sleep(1 / _ROUNDS)

    def tell(self) -> None:
        """Write how it goes: each call of this a part, all of it in a second."""
        now = time.monotonic()
        self._round = (self._round + 1) % _ROUNDS
        for key in self._share():
            self._write(letters.written(letters.VERDICT, key, _plain(self._taps.summary(key, now))))
        if self._round == 0:
            content = asdict(self.hearing.health) | {"dry": self._taps.dry(now)}
            self._write(letters.written(letters.HEALTH, "-", content))

    def _share(self) -> Iterator[str]:
        keys = self._taps.keys()
        yield from keys[self._round :: _ROUNDS]

    def _conclude(self, key: str, now: float) -> None:
        self._write(letters.written(letters.CONCLUDED, key, _plain(self._taps.untap(key, now))))

    def _event(self, key: str, event: EarEvent) -> None:
        self._write(letters.written(letters.EVENT, key, letters.from_event(event)))


def _plain(verdict: Any) -> Any:
    return None if verdict is None else verdict.as_json()


async def work(control: socket.socket, sound: socket.socket) -> None:
    """Work until the other end of the control socket is closed."""
    reader, writer = await asyncio.open_connection(sock=control)
    apart = Apart(writer, json.loads(await reader.readline()), sound)
    apart.hearing.start()
    try:
        async with asyncio.TaskGroup() as tasks:
            telling = tasks.create_task(apart.tell_for_ever())
            while line := await reader.readline():
                apart.obey(line)
            telling.cancel()
    finally:
        apart.hearing.stop()
        writer.close()


def main() -> None:
    """Take the two sockets that were handed down, and work."""
    os.nice(_NICE)
    # Ctrl-C and systemd reach us too, when the daemon has calls to drain: it decides when the ear ends.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # The thread that hears gives way hundreds of times a batch; each time at most this long.
    sys.setswitchinterval(0.001)
    control, sound = (socket.socket(fileno=int(one)) for one in sys.argv[1:3])
    sound.settimeout(0)
    try:
        asyncio.run(work(control, sound))
    finally:
        # Not waiting for the thread that hears: it may be what hangs.
        os._exit(0)


if __name__ == "__main__":
    main()
