"""The ear at work on an event loop: one UDP socket for all callers, a tick, a thread that hears.

Knows sockets, the loop and what to do when the detector fails: calls go on, unheard. Does not know what a
key stands for. Packets are read in bunches, not one by one: at 200 callers 10,000 come in a second, and a
wake-up for each would cost more than all the rest.
"""

import asyncio
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from siaga112.audio.health import Health
from siaga112.audio.settings import BLOCK_S
from siaga112.audio.stream import WAIT_S
from siaga112.audio.taps import Heard, Listener, Taps, listen

_READ_S: Final = 0.008
"""How often the socket is emptied while somebody is listened to."""
_BUNCH: Final = 400
"""Packets read at a time at most, so that a flood does not hold up the loop."""
_LARGEST: Final = 2048
_HUNG_S: Final = 5.0
_FAILURES: Final = 3
"""Failures one after another that make the ear deaf."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What an ear works with, and what a test replaces."""

    socket: socket.socket
    """Bound, and not blocking; closed with the ear."""
    load: Callable[[], Listener]
    """Makes the detector; called in the thread that uses it."""
    clock: Callable[[], float] = time.monotonic


class Hearing:
    """Reads, ticks, hears; `taps` is what it works on."""

    def __init__(self, taps: Taps, ground: Ground) -> None:
        self.taps = taps
        self._ground = ground
        self._socket = ground.socket
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ear")
        self._listener: Listener | None = None
        self._in_a_row = self._failures = self._tardy = 0
        self._deaf = ""
        self._next = self._since = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._under_way: asyncio.Future[list[Heard]] | None = None

    @property
    def health(self) -> Health:
        """How it does."""
        whole = self.taps.total()
        return Health(
            taps=len(self.taps),
            frames=whole.received,
            late=whole.delayed + whole.late + whole.dropped + self._tardy,
            lost=whole.lost,
            behind=tuple(whole.behind),
            strangers=self.taps.strangers,
            failures=self._failures,
            deaf=self._deaf or self._hung(),
        )

    def start(self) -> None:
        """Begin to work; the detector is loaded beside."""
        loop = asyncio.get_running_loop()
        self._next = self._ground.clock() + BLOCK_S
        self._timer = loop.call_later(_READ_S, self._turn)
        loop.run_in_executor(self._thread, self._ground.load).add_done_callback(self._loaded)

    def stop(self) -> None:
        """End; what is being heard is forgotten."""
        if self._timer is not None:
            self._timer.cancel()
        self._socket.close()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _loaded(self, done: "asyncio.Future[Listener]") -> None:
        if done.cancelled():
            return
        if (error := done.exception()) is not None:
            self._fail(error, for_good=True)
            return
        self._listener = done.result()

    def _turn(self) -> None:
        """Empty the socket; when it is time, hear."""
        now = self._ground.clock()
        self._read(now)
        if now >= self._next:
            # A tick that could not be kept is not made up for: callers' blocks wait in their framers.
            self._next = max(self._next + BLOCK_S, now)
            if self._listener is not None and self._under_way is None and not self._deaf:
                self._hear(self._listener, now)
        self._timer = asyncio.get_running_loop().call_later(_READ_S, self._turn)

    def _read(self, now: float) -> None:
        receive, take = self._socket.recvfrom, self.taps.receive
        for _ in range(_BUNCH):
            try:
                data, address = receive(_LARGEST)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                continue  # an ICMP error about something we never sent
            take(data, address, now)

    def _hear(self, listener: Listener, now: float) -> None:
        rounds = self.taps.gather(now)
        if not rounds:
            return
        work = asyncio.get_running_loop().run_in_executor(self._thread, listen, listener, rounds)
        self._under_way, self._since = work, now
        work.add_done_callback(self._heard)

    def _heard(self, done: "asyncio.Future[list[Heard]]") -> None:
        self._under_way = None
        if done.cancelled():
            return
        if (error := done.exception()) is not None:
            self._fail(error, for_good=self._in_a_row + 1 >= _FAILURES)
            return
        self._in_a_row = 0
        found = done.result()
        self.taps.heard(found)
        if self._ground.clock() - found[0].batch.at > WAIT_S:
            self._tardy += sum(len(one.activities) for one in found)

    def _hung(self) -> str:
        took = self._ground.clock() - self._since
        return f"the detector hangs for {took:.0f} s" if self._under_way and took > _HUNG_S else ""

    def _fail(self, error: BaseException, *, for_good: bool) -> None:
        """Nothing was heard: nothing is decided, and a call without a verdict goes on as any other."""
        self._failures += 1
        self._in_a_row += 1
        if for_good:
            self._deaf = repr(error)
