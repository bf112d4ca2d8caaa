"""The one inbox: everything that can happen, in total order, into one synchronous function.

Knows order, deadlines and where results go. Does not know why anything is done. Nothing here waits while an
item is handled: no disk, no database, no slow listener.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from typing import Protocol

from siaga112.ari import items, models
from siaga112.clock import Clock
from siaga112.earpiece import Earpiece
from siaga112.lookout import Lookout, Rounds
from siaga112.observe import Observer
from siaga112.outbox import Asterisk, Outbox
from siaga112.routing.commands import Command, Originate
from siaga112.routing.decision import Decision
from siaga112.routing.events import CommandFailed, ConnectionDropped, Event
from siaga112.routing.router import Router
from siaga112.routing.translate import Translator
from siaga112.routing.words import Failure

_HEARTBEAT = 1.0
_BATCH = 64
_BREATH = 0.002
"""Seconds without news after which is written down what was decided. The commands go first, and Asterisk has
the processor for them: the journal and the log cost more than the decision, and nobody waits for those."""
_LATEST = 0.01
"""Seconds after which it is written down in any case, …"""
_SLICE = 0.001
"""… so many seconds at a time: a call that comes in meanwhile does not wait for the rest, …"""
_MANY = 256
"""… unless so many decisions wait."""


class ReplacedError(RuntimeError):
    """Another instance has taken our application: two writers are the one thing this design cannot bear."""


class Keeper(Protocol):
    """Writes down what was decided."""

    def keep(self, decision: Decision) -> None:
        """Take a decision's journal and agents; returns at once."""


class Dispatcher:
    """Takes items one at a time, lets the router decide, and sends the results on their ways."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts it puts between each other
        self,
        router: Router,
        translator: Translator,
        asterisk: Asterisk,
        keeper: Keeper,
        observer: Observer,
        clock: Clock,
        rounds: Rounds | None = None,
        earpiece: Earpiece | None = None,
    ) -> None:
        self.router = router
        self.last_turn = clock.now()
        self._translator = translator
        self._asterisk = asterisk
        self._keeper = keeper
        self._observer = observer
        self._clock = clock
        self._earpiece = earpiece or Earpiece(asterisk, self.put)
        self._outbox = Outbox(asterisk, translator, self._command_failed, self._earpiece.replied)
        self._inbox: deque[tuple[float, items.Item | Event]] = deque()
        self._wake = asyncio.Event()
        self._decided: deque[Decision] = deque()
        self._behind = False
        """Whether there is more to write down, and no reason to wait with it."""
        self._rings = False
        """Whether a phone was just told to ring."""
        self._write_by = 0.0
        self._emptied: deque[tuple[Callable[[], bool], asyncio.Event]] = deque()
        self._lookout = Lookout(asterisk, translator, clock, self.put, rounds, router.staff.doubtful)

    def put(self, item: items.Item | Event) -> None:
        """Put something that happened into the inbox; returns at once."""
        self._inbox.append((self._clock.now(), item))
        self._wake.set()

    def take(self, decision: Decision) -> None:
        """Carry out what was decided outside the inbox: what a restart restored."""
        self._conclude(decision)
        self._write_down()

    async def run(self) -> None:
        """Handle items and deadlines for ever.

        Raises:
            ReplacedError: another instance has taken over.
        """
        async with asyncio.TaskGroup() as tasks:
            looking = tasks.create_task(self._lookout.run(), name="lookout")
            try:
                while True:
                    await self._wait()
                    nothing_new = not self._inbox
                    self._turn()
                    if nothing_new or self._clock.now() >= self._write_by:
                        self._write_down(_SLICE)
                    if not self._decided:
                        self._tell()
            finally:
                self._write_down()
                looking.cancel()

    def moves(self, patience: float) -> bool:
        """Whether the inbox was looked into, and Asterisk was heard, within so many seconds."""
        return self._clock.now() - self.last_turn < patience and self._lookout.hears(patience)

    @property
    def synced(self) -> bool:
        """Whether the router knows how things are in Asterisk."""
        return self._lookout.synced

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something is true, and what was decided up to then is written down."""
        while self._decided or not condition():
            event = asyncio.Event()
            self._emptied.append((condition, event))
            await event.wait()

    async def _wait(self) -> None:
        if self._inbox or self._behind:
            await asyncio.sleep(0)
            return
        due = self.router.next_deadline()
        patience = _HEARTBEAT if due is None else min(_HEARTBEAT, max(0.0, due - self._clock.now()))
        if self._decided:
            patience = min(patience, _BREATH)
        self._wake.clear()
        timer = asyncio.get_running_loop().call_later(patience, self._wake.set)
        await self._wake.wait()
        timer.cancel()

    def _turn(self) -> None:
        """Handle what is in the inbox, and what is due; no await from here to the end.

        Where a phone is to ring, the rest of the inbox comes after the request has been sent.
        """
        self._rings = False
        for _ in range(min(len(self._inbox), _BATCH)):
            came, item = self._inbox.popleft()
            self._handle(item)
            self._observer.lag(self._clock.now() - came)
            if self._rings:
                break
        now = self.last_turn = self._clock.now()
        due = self.router.next_deadline()
        if due is not None and due <= now:
            self._conclude(self.router.tick(now))
        elif due is None and not self.router.calls and not self._inbox:
            self._observer.clock_set(self._clock.settle())
            self.last_turn = self._clock.now()  # A clock that was set is no turn that was missed.

    def _tell(self) -> None:
        """Wake who waited for something that is true by now, and written down."""
        for _ in range(len(self._emptied)):
            condition, event = self._emptied.popleft()
            if condition():
                event.set()
            else:
                self._emptied.append((condition, event))

    def _handle(self, item: items.Item | Event) -> None:
        match item:
            case items.Connected():
                self._observer.connected(item)
                self._lookout.connected()
            case items.Disconnected(reason):
                self._lookout.disconnected()
                self._observer.disconnected(reason)
                self._decide(ConnectionDropped())
            case items.Unavailable():
                self._observer.unavailable(item)
            case items.Replaced():
                raise ReplacedError("another instance has taken the Stasis application")
            case models.Message():
                for event in self._translator.events(item):
                    self._decide(event)
            case _:
                self._decide(item)

    def _decide(self, event: Event) -> None:
        self._observer.event(event)
        for heard in self._earpiece.before(event):
            self._conclude(self.router.handle(heard, self._clock.now()))
        self._conclude(self.router.handle(event, self._clock.now()))

    def _conclude(self, decision: Decision) -> None:
        for command in decision.commands:
            self._outbox.send(command)
            self._rings = self._rings or isinstance(command, Originate)
            self._earpiece.ordered(command)
        if decision.journal or decision.agents or decision.mended or decision.memory or decision.queue:
            if not self._decided:
                self._write_by = self._clock.now() + _LATEST
            self._decided.append(decision)

    def _write_down(self, seconds: float = math.inf) -> None:
        """Keep and log what was decided, for so long."""
        until = self._clock.now() + (seconds if len(self._decided) < _MANY else math.inf)
        while self._decided:
            decision = self._decided.popleft()
            self._keeper.keep(decision)
            self._observer.decided(decision)
            if self._clock.now() >= until:
                break
        self._behind = bool(self._decided)

    def _command_failed(self, command: Command, failure: Failure) -> None:
        self._observer.command_failed(command, failure)
        self.put(CommandFailed(command, failure))
