"""Between the calls and the ear: which caller is on which tap, and what was heard as the core's events.

Knows the ear's vocabulary and the core's. Decides nothing, and nobody waits for it: what is lost here is a
flag, never a call.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from siaga112.ari.operations import channels
from siaga112.ari.request import Reply, Request
from siaga112.audio.ear import Concluded
from siaga112.audio.events import Burst, ClassChanged, EarEvent, FirstVoice, Key, Verdict
from siaga112.audio.g711 import Law
from siaga112.routing.commands import Command, Play, Tap, Untap
from siaga112.routing.events import Event, KeyPressed, LegGone, PromptEnded
from siaga112.routing.heard import (
    ClassHeard,
    EarLost,
    Heard,
    KeyToned,
    Line,
    LineSummed,
    SoundHeard,
    VoiceHeard,
)
from siaga112.routing.words import CALLER, AudioClass, CallId, ChannelId

_EVERY: Final = 1.0
"""Seconds between two questions about a caller of whom nothing comes, and between two sums."""


class Ears(Protocol):
    """Hears callers; `siaga112.audio.ear.Ear` is one."""

    dry: frozenset[str]

    def tap(self, key: str, remote_port: int, law: Law, decides_at: float) -> None:
        """Listen to a caller."""

    def untap(self, key: str) -> None:
        """Stop."""

    def press(self, key: str, digit: str) -> None:
        """The network has reported a key."""

    def prompt(self, key: str, *, playing: bool) -> None:
        """A prompt of ours began or ended."""

    def rtp_seen(self, key: str, count: int) -> None:
        """So many packets has the caller's channel received."""

    def summary(self, key: str) -> Verdict | None:
        """What a caller was taken for a second ago."""


class Requests(Protocol):
    """Takes requests to Asterisk."""

    def request(self, request: Request) -> "asyncio.Future[Reply]":
        """Send a request at once."""


@dataclass(slots=True)
class _Tapped:
    """One caller who is listened to."""

    call_id: CallId
    n: int
    channel_id: ChannelId
    told: Line | None = None

    @property
    def key(self) -> str:
        return f"{self.call_id}.{self.n}"


class Earpiece:
    """Tells the ear what it must know of calls, and the inbox what the ear heard."""

    def __init__(self, asterisk: Requests, tell: Callable[[Event], None]) -> None:
        self.ear: Ears | None = None
        """None: nobody is listened to."""
        self._asterisk = asterisk
        self._tell = tell
        self._tapped: dict[CallId, _Tapped] = {}
        self._by_key: dict[str, _Tapped] = {}
        self._playing: defaultdict[CallId, set[int]] = defaultdict(set)

    # What the calls do.

    def ordered(self, command: Command) -> None:
        """A command has been sent on its way."""
        match command:
            case Tap(call_id, channel_id, n, _):
                self._forget(call_id)
                tapped = _Tapped(call_id, n, channel_id)
                self._tapped[call_id] = self._by_key[tapped.key] = tapped
            case Untap(call_id, n):
                known = self._tapped.get(call_id)
                if known is not None and known.n == n:
                    self._forget(call_id)
            case Play(call_id, channel_id, n) if not channel_id.startswith("s112."):
                self._playing[call_id].add(n)
                self._prompt(call_id)
            case _:
                pass

    def replied(self, command: Command, reply: Reply) -> None:
        """Asterisk has answered: the last request of a tap asks where its sound comes from."""
        if not isinstance(command, Tap) or not isinstance(reply.body, dict) or "value" not in reply.body:
            return
        tapped = self._by_key.get(f"{command.call_id}.{command.n}")
        if tapped is None or self.ear is None:
            return
        if not str(reply.body["value"]).isdecimal():
            self._tell(EarLost(tapped.call_id, tapped.n))
            return
        self.ear.tap(tapped.key, int(reply.body["value"]), Law.ALAW, command.decides_at)
        self._prompt(tapped.call_id)

    def before(self, event: Event) -> Iterator[Heard]:
        """What the core should know before an event is handled: how the line of who leaves was."""
        match event:
            case LegGone(call_id, leg):
                yield from self._sum(self._tapped.get(call_id))
                if leg == CALLER:
                    self._playing.pop(call_id, None)
            case KeyPressed(call_id, leg, digit) if leg == CALLER:
                if self.ear is not None and (tapped := self._tapped.get(call_id)) is not None:
                    self.ear.press(tapped.key, digit)
            case PromptEnded(call_id, n) if n in self._playing.get(call_id, ()):
                self._playing[call_id].discard(n)
                self._prompt(call_id)
            case _:
                pass

    # What the ear does.

    def heard(self, key: str, event: EarEvent | Concluded) -> None:
        """The ear's sink."""
        tapped = self._by_key.get(key)
        if tapped is None:
            return
        call_id, n = tapped.call_id, tapped.n
        match event:
            case ClassChanged(verdict=verdict):
                self._tell(ClassHeard(call_id, n, line_of(verdict)))
            case FirstVoice(onset=onset):
                self._tell(VoiceHeard(call_id, n, onset))
            case Burst(at, rise_db):
                self._tell(SoundHeard(call_id, n, at, rise_db))
            case Key(digit=digit):
                self._tell(KeyToned(call_id, n, digit))
            case Concluded():
                self._tell(EarLost(call_id, n))
            case _:
                pass  # A machine's tone is told by the class that it makes.

    async def run(self) -> None:
        """For ever: ask Asterisk about callers of whom nothing comes, and tell how lines stand."""
        while True:
            await asyncio.sleep(_EVERY)
            for key in () if self.ear is None else self.ear.dry & self._by_key.keys():
                asked = self._asterisk.request(channels.rtpstatistics(self._by_key[key].channel_id))
                asked.add_done_callback(partial(self._counted, key))
            for tapped in self._tapped.values():
                for event in self._sum(tapped):
                    self._tell(event)

    def _counted(self, key: str, done: "asyncio.Future[Reply]") -> None:
        if self.ear is None or done.cancelled() or done.exception() is not None:
            return
        body = done.result().body
        # Asterisk has no such figure while not one packet has come.
        self.ear.rtp_seen(key, int(body.get("rxcount", 0)) if isinstance(body, dict) else 0)

    def _sum(self, tapped: _Tapped | None) -> Iterator[Heard]:
        verdict = None if tapped is None or self.ear is None else self.ear.summary(tapped.key)
        if tapped is None or verdict is None or (line := line_of(verdict)) == tapped.told:
            return
        tapped.told = line
        yield LineSummed(tapped.call_id, tapped.n, line)

    def _prompt(self, call_id: CallId) -> None:
        """While one of ours plays, the caller's line brings its echo."""
        if self.ear is not None and (tapped := self._tapped.get(call_id)) is not None:
            self.ear.prompt(tapped.key, playing=bool(self._playing.get(call_id)))

    def _forget(self, call_id: CallId) -> None:
        tapped = self._tapped.pop(call_id, None)
        if tapped is not None:
            del self._by_key[tapped.key]
            if self.ear is not None:
                self.ear.untap(tapped.key)


def line_of(verdict: Verdict) -> Line:
    """Say in the core's words what the ear makes of a line."""
    evidence = verdict.evidence
    return Line(
        AudioClass(verdict.audio_class.value),
        verdict.voice_seconds,
        evidence.heard_s,
        evidence.packets,
        evidence.bursts,
        evidence.level_dbfs,
        evidence.level_p95_dbfs,
        evidence.floor_dbfs,
        evidence.levels,
    )
