"""All callers who are listened to: packets in, blocks out to be heard, events out. Time as an argument.

Knows which port is whose, and how a block's activity becomes events. Does not know sockets, threads or
what a key stands for; one caller's trouble is never another's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, Protocol

from siaga112.audio import rtp, verdict
from siaga112.audio.detector import Activity, Block, Memory, blank
from siaga112.audio.events import ClassChanged, EarEvent, Suspicion, Verdict
from siaga112.audio.g711 import Law
from siaga112.audio.settings import RATE, EarSettings
from siaga112.audio.stream import Account, Stream

Address = tuple[str, int]
Sink = Callable[[str, EarEvent], None]
"""Takes a caller's key and an event; returns at once."""

_SEVERAL: Final = 4
"""Blocks of one caller heard in a tick at most: who was delayed catches up."""
_DRY_S: Final = 0.5
"""A tap that brings nothing for this long is dry ..."""
_BELIEVED_S: Final = 2.5
"""... and that is believed so long after the caller's own channel was asked: the tap may be what broke."""


@dataclass(slots=True, eq=False)
class Tap:
    """One caller."""

    key: str
    address: Address
    stream: Stream
    state: verdict.Listening
    heard_at: float
    """When sound last came."""
    grown_at: float
    """When the caller's own channel last counted more packets than before."""
    memory: Memory = field(default_factory=blank)
    asked_at: float = float("-inf")
    """When it last counted at all."""
    told: int = 0
    """What it counted."""
    open: bool = True

    def dry(self, now: float) -> bool:
        """Nothing has come for a while."""
        return now - self.heard_at >= _DRY_S

    @property
    def unsure(self) -> bool:
        """So much has been missed that nobody may be suspected of having said nothing."""
        account = self.stream.account
        return account.dropped > 0 or account.lost > account.received


class Batch(NamedTuple):
    """One block each of several callers, to be heard together."""

    taps: list[Tap]
    blocks: list[Block]
    at: float


class Heard(NamedTuple):
    """What was heard of a batch, in its order."""

    batch: Batch
    memories: list[Memory]
    activities: list[Activity]


class Listener(Protocol):
    """Hears blocks; `detector.Detector` is one."""

    def listen(
        self, memories: Sequence[Memory], blocks: Sequence[Block]
    ) -> tuple[list[Memory], list[Activity]]:
        """Hear one block of every caller given."""


def listen(listener: Listener, rounds: list[Batch]) -> list[Heard]:
    """Hears what was gathered. May be done in another thread: it changes nothing."""
    found: list[Heard] = []
    latest: dict[Tap, Memory] = {}
    for batch in rounds:
        before = [latest.get(tap, tap.memory) for tap in batch.taps]
        memories, activities = listener.listen(before, batch.blocks)
        latest.update(zip(batch.taps, memories, strict=True))
        found.append(Heard(batch, memories, activities))
    return found


class Taps:
    """The callers, by key and by the address their sound comes from.

    Args:
        settings: The ear's thresholds.
        sink: Told of every event.
        padded: Whether a tap sends silence where the caller sends nothing, as a snoop channel does; then
            only what is told by `rtp_seen` says whether anything comes from the caller.
    """

    def __init__(self, settings: EarSettings, sink: Sink, *, padded: bool = False) -> None:
        self.strangers = 0
        """Packets from an address that is nobody's."""
        self.malformed = 0
        """Datagrams that are no RTP."""
        self.closed = Account()
        """The accounts of all callers who are listened to no more."""
        self._settings = settings
        self._sink = sink
        self._padded = padded
        self._by_key: dict[str, Tap] = {}
        self._by_address: dict[Address, Tap] = {}

    def __len__(self) -> int:
        return len(self._by_key)

    def keys(self) -> list[str]:
        """Who is listened to."""
        return list(self._by_key)

    def tap(self, key: str, address: Address, law: Law, now: float, decides_at: float) -> None:
        """Begin to listen to a caller, silent if not heard until then; the same key again: afresh."""
        self.untap(key, now)
        # Asterisk uses a port again as soon as it is free: whoever had it is gone.
        if (before := self._by_address.get(address)) is not None:
            self.untap(before.key, now)
        state = verdict.begin(now, self._settings, decides_at)
        tap = Tap(key, address, Stream(law), state, heard_at=now, grown_at=now)
        self._by_key[key] = self._by_address[address] = tap

    def untap(self, key: str, now: float) -> Verdict | None:
        """Stop listening; the verdict as it stands."""
        tap = self._by_key.pop(key, None)
        if tap is None:
            return None
        del self._by_address[tap.address]
        tap.open = False
        tap.stream.end()
        add(self.closed, tap.stream.account)
        return self._conclude(tap, now)

    def summary(self, key: str, now: float) -> Verdict | None:
        """What a caller is taken for now; None if it is not listened to."""
        tap = self._by_key.get(key)
        return None if tap is None else self._conclude(tap, now)

    def account(self, key: str) -> Account | None:
        """What became of a caller's packets."""
        tap = self._by_key.get(key)
        return None if tap is None else tap.stream.account

    def total(self) -> Account:
        """What became of everybody's packets so far."""
        whole = Account()
        add(whole, self.closed)
        for tap in self._by_key.values():
            add(whole, tap.stream.account)
        return whole

    def receive(self, data: bytes, address: Address, now: float) -> None:
        """A datagram has come."""
        tap = self._by_address.get(address)
        if tap is None:
            self.strangers += 1
            return
        packet = rtp.parse(data)
        if packet is None:
            self.malformed += 1
            return
        tap.stream.take(packet, now)
        tap.heard_at = now

    def dry(self, now: float) -> list[str]:
        """The callers whose own channels should be asked for `rtp_seen`, once a second."""
        return [key for key, tap in self._by_key.items() if self._padded or tap.dry(now)]

    def rtp_seen(self, key: str, count: int, now: float) -> None:
        """So many packets has the caller's own channel received."""
        tap = self._by_key.get(key)
        if tap is None:
            return
        tap.asked_at = now
        if count <= tap.told:
            return
        works = tap.stream.account.received > 0
        if works and not self._padded and tap.heard_at <= tap.grown_at:
            # Packets without sound (comfort noise, RFC 3389): the line is up, and silent.
            tap.stream.quiet(round((now - tap.grown_at) * RATE))
        tap.told, tap.grown_at = count, now

    def press(self, key: str, digit: str, now: float) -> None:
        """The network has reported a key."""
        tap = self._by_key.get(key)
        if tap is not None:
            self._step(tap, verdict.press(tap.state, now, digit, tap.memory, self._settings))

    def prompt(self, key: str, now: float, *, playing: bool) -> None:
        """A prompt of ours began or ended."""
        tap = self._by_key.get(key)
        if tap is not None:
            tap.state = verdict.prompt(tap.state, now, self._settings, playing=playing)

    def gather(self, now: float) -> list[Batch]:
        """What is to be heard now: a block of everybody, and of some another.

        Time goes by, too: of who sends nothing that is all there is to tell.
        """
        rounds = [Batch([], [], now)]
        for tap in tuple(self._by_key.values()):
            tap.stream.settle(now)
            self._count(tap, now)
            if (block := tap.stream.pop()) is None:
                if self._padded or self._believed(tap, now):
                    self._step(tap, verdict.tick(tap.state, now, tap.memory, self._settings))
                continue
            rounds[0].taps.append(tap)
            rounds[0].blocks.append(block)
            for turn in range(1, min(_SEVERAL, tap.stream.whole)):
                if len(rounds) == turn:
                    rounds.append(Batch([], [], now))
                if (more := tap.stream.pop()) is not None:
                    rounds[turn].taps.append(tap)
                    rounds[turn].blocks.append(more)
        return [batch for batch in rounds if batch.taps]

    def heard(self, found: list[Heard]) -> None:
        """What was heard of what was gathered."""
        for batch, memories, activities in found:
            for tap, memory, activity in zip(batch.taps, memories, activities, strict=True):
                tap.memory = memory
                if tap.open:
                    self._step(tap, verdict.hear(tap.state, batch.at, activity, memory, self._settings))

    def _believed(self, tap: Tap, now: float) -> bool:
        """Whether that nothing comes may be held against the caller."""
        return not (self._padded or tap.dry(now)) or now - tap.asked_at < _BELIEVED_S

    def _count(self, tap: Tap, now: float) -> None:
        if not self._padded:
            tap.state = verdict.packets(tap.state, now, max(tap.told, tap.stream.account.received))
        elif self._believed(tap, now):
            tap.state = verdict.packets(tap.state, now, tap.told)
        else:
            tap.state = replace(tap.state, grew_at=now, packets=max(1, tap.state.packets))

    def _conclude(self, tap: Tap, now: float) -> Verdict | None:
        """The verdict; none on a tap that brought nothing although the caller sent something."""
        broken = not tap.stream.account.received and tap.told > 0
        if tap.state.audio_class is None and (broken or not self._believed(tap, now)):
            return None
        concluded = verdict.conclude(tap.state, now, tap.memory, self._settings)
        return None if tap.unsure and concluded.suspicion is not Suspicion.NONE else concluded

    def _step(self, tap: Tap, step: verdict.Step) -> None:
        tap.state, events = step
        for event in events:
            if not (tap.unsure and _suspects(event)):
                self._sink(tap.key, event)


def _suspects(event: EarEvent) -> bool:
    return isinstance(event, ClassChanged) and event.verdict.suspicion is not Suspicion.NONE


def add(whole: Account, part: Account) -> None:
    """Adds an account to a sum."""
    for name in Account.__slots__:
        if name != "behind":
            setattr(whole, name, getattr(whole, name) + getattr(part, name))
    whole.behind = [ours + theirs for ours, theirs in zip(whole.behind, part.behind, strict=True)]
