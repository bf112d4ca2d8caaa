"""Looks at how things really are in Asterisk: after every interruption, and again and again in between.

Knows when to ask and what to ask. Does not know what the answers mean: they go into the inbox as events.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

import structlog
from pydantic import ValidationError

from siaga112.ari.errors import AriError
from siaga112.ari.items import Transport
from siaga112.clock import Clock
from siaga112.outbox import Asterisk
from siaga112.routing.events import Event, LegGone, Resynced
from siaga112.routing.translate import Translator
from siaga112.routing.words import CallId, LegId, Why

Leg: TypeAlias = tuple[CallId, LegId]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rounds:
    """How often, in seconds."""

    phones: float = 2.0
    """With Asterisk's own qualify of 7.5 s: an unreachable phone is out within 10 s."""
    whole: int = 3
    """Every so many rounds everything is looked at."""
    again: float = 1.0
    """After a look that failed."""


class Lookout:
    """Asks Asterisk, and tells what it saw.

    Attributes:
        synced: Whether it has been told how things are since the last interruption.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - whom to ask, whom to tell, about what, and when
        self,
        asterisk: Asterisk,
        translator: Translator,
        clock: Clock,
        tell: Callable[[Event], None],
        rounds: Rounds | None = None,
        doubtful: Callable[[], Iterable[Leg]] = tuple,
    ) -> None:
        self.synced = False
        self._asterisk = asterisk
        self._translator = translator
        self._clock = clock
        self._tell = tell
        self._rounds = rounds or Rounds()
        self._doubtful = doubtful
        """Says which talking phones cannot be reached: whether sound comes from them shows who is there."""
        self._sound: dict[Leg, int] = {}
        self._since = 0.0
        self._asked_at: float | None = None
        """Since when an answer is owed."""
        self._connected = asyncio.Event()
        self._changed = asyncio.Event()

    def connected(self) -> None:
        """Asterisk can be heard (again): look at once."""
        self.synced, self._asked_at = False, None
        # From now on calls come whose claim may be on its way when we look.
        self._since = self._clock.now()
        self._connected.set()
        self._changed.set()

    def disconnected(self) -> None:
        """Asterisk cannot be heard: nothing to look at."""
        self.synced = False
        self._connected.clear()
        self._changed.set()

    def hears(self, patience: float) -> bool:
        """Whether Asterisk answers within so many seconds, where it is connected and was asked."""
        asked_at = self._asked_at
        return not self._connected.is_set() or asked_at is None or self._clock.now() - asked_at < patience

    async def run(self) -> None:
        """Look for ever, while there is a connection."""
        count = 0
        while True:
            while not self._connected.is_set():  # It may have gone again before we wake.
                await self._connected.wait()
            self._changed.clear()
            count += 1
            routine = self.synced
            try:
                if routine and count % self._rounds.whole:
                    self._tell(
                        self._translator.phones_of(*await self._ask(self._translator.asks_for_phones()))
                    )
                else:
                    await self._look(routine=routine)
                await self._listen()
                pause = self._rounds.phones
            except (AriError, ValidationError, TypeError) as error:
                _log.warning("look_failed", error=_described(error), routine=routine)
                pause = self._rounds.again
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._changed.wait()

    async def _look(self, *, routine: bool) -> None:
        asked_at = self._clock.now() if routine else self._since
        answers = await self._ask(*self._translator.looks())
        snapshot = self._translator.snapshot_of(*answers)
        if self._changed.is_set():
            return  # The connection broke meanwhile: what was seen is of another life.
        self._tell(Resynced(snapshot, asked_at, routine=routine))
        self.synced = True

    async def _listen(self) -> None:
        """Tell which talking phones are dead: not reached by OPTIONS, and no sound since the last round."""
        before, self._sound = self._sound, {}
        for call_id, leg in self._doubtful():
            try:
                (body,) = await self._ask(self._translator.asks_for_sound(call_id, leg))
                packets = self._translator.sound_of(body)
            except (AriError, KeyError):
                continue  # It has gone meanwhile, or Asterisk cannot say: events will.
            self._sound[call_id, leg] = packets
            if before.get((call_id, leg)) == packets:
                _log.warning("phone_lost", call_id=call_id, leg=leg)
                self._tell(LegGone(call_id, leg, Why.BROKEN))

    async def _ask(self, *requests: Any) -> list[Any]:
        # Never over the websocket: Asterisk copies each frame onto a thread's stack of 0.5 MB before sending
        # (res_http_websocket.c, ast_alloca), and a list of a thousand channels was its end.
        asked = [self._asterisk.request(one, transport=Transport.HTTP) for one in requests]
        if self._asked_at is None:
            self._asked_at = self._clock.now()
        replies = await asyncio.gather(*asked)
        self._asked_at = None
        return [one.body for one in replies]


def _described(error: Exception) -> str:
    """Say what was wrong, without the lists themselves: callers' numbers stand in them."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{error.title}: {'.'.join(str(one) for one in first['loc'])}: {first['msg']}"
