"""One caller's packets, put in order and accounted for, into the framer. Pure, time as an argument.

Knows sequence numbers, timestamps and how long a missing packet is waited for. Does not know sockets
or what is heard. What never came is filled with the idle code, up to a limit: a jump of the clock must
not become minutes of silence to be listened to.
"""

from dataclasses import dataclass, field
from typing import Final

from siaga112.audio.detector import Block
from siaga112.audio.framing import Framer
from siaga112.audio.g711 import Law
from siaga112.audio.health import BEHIND_MS
from siaga112.audio.lateness import Lateness
from siaga112.audio.rtp import LAWS, Packet
from siaga112.audio.settings import BLOCK, RATE

WAIT_S: Final = 0.06
"""How long a missing packet is waited for, and how late a frame may be without being called late."""
_WAITING: Final = 5
"""So many packets behind a gap end the waiting, too."""
_JUMP: Final = 100
"""A sequence number further off than this (two seconds) is a new beginning, not a loss."""
_PAUSE: Final = 3 * RATE
"""A longer gap in the timestamps is a clock that was set, or a caller who was silent for long."""
_FILL: Final = RATE // 4
"""What is filled in at most for one gap, in samples."""
_BACKLOG: Final = 31
"""Blocks kept for a slow listener (a second); older ones are dropped."""
_LATE: Final = BEHIND_MS.index(round(1000 * WAIT_S)) + 1
_HALF: Final = 1 << 31
_RECENT: Final = (1 << 64) - 1


@dataclass(slots=True)
class Account:
    """What became of a caller's packets."""

    received: int = 0
    """Packets of sound that were listened to, or will be."""
    lost: int = 0
    """Packets that never came, or came too late."""
    late: int = 0
    """Packets that came when they were no longer waited for."""
    doubled: int = 0
    reordered: int = 0
    """Packets that came after a later one, in time."""
    jumps: int = 0
    """New beginnings: of the source, the sequence or the clock."""
    odd: int = 0
    """Packets that hold no G.711."""
    behind: list[int] = field(default_factory=lambda: [0] * (len(BEHIND_MS) + 1))
    """Packets by BEHIND_MS; those of the last second are not counted yet."""
    dropped: int = 0
    """Blocks that were not listened to in time."""

    @property
    def delayed(self) -> int:
        """Packets that came more than WAIT_S behind their own clock."""
        return sum(self.behind[_LATE:])


class Stream:
    """Takes packets as they come; gives whole blocks."""

    def __init__(self, law: Law) -> None:
        self.account = Account()
        self._framer = Framer(law)
        self._ssrc: int | None = None
        self._expected = 0
        self._clock = 0
        """The timestamp that the next sample should have."""
        self._seen = 0
        """A bit for each of the last 64 sequence numbers: whether it came."""
        self._held: dict[int, tuple[Packet, float]] = {}
        self._sent = 0
        """Samples by the sender's clock since it began."""
        self._lateness = Lateness(self.account.behind)

    @property
    def law(self) -> Law:
        """The codec of late."""
        return self._framer.law

    @property
    def whole(self) -> int:
        """Blocks that can be popped."""
        return self._framer.held // BLOCK

    def take(self, packet: Packet, now: float) -> None:
        """A packet has come."""
        if packet.ssrc != self._ssrc:
            self._begin(packet, first=self._ssrc is None)
        ahead = (packet.sequence - self._expected) & 0xFFFF
        if ahead == 0:
            self._advance(packet, now)
            if self._held:
                self.account.reordered += 1
                self.settle(now)
        elif ahead <= _JUMP:
            self._hold(packet, now)
        elif ahead >= 0x10000 - _JUMP:
            self._too_late(0x10000 - ahead)
        else:
            self._begin(packet, first=False)
            self._advance(packet, now)

    def settle(self, now: float) -> None:
        """Gives up on packets that have been waited for long enough."""
        while self._held:
            waiting = self._held.get(self._expected)
            if waiting is None:
                oldest = min(came for _, came in self._held.values())
                if now - oldest < WAIT_S and len(self._held) < _WAITING:
                    return
                self.account.lost += 1
                self._expected = (self._expected + 1) & 0xFFFF
                self._seen = self._seen << 1 & _RECENT
            else:
                del self._held[self._expected]
                self._advance(*waiting)

    def quiet(self, samples: int) -> None:
        """The caller sends packets without sound: silence, as surely as if it had been sent."""
        room = _BACKLOG * BLOCK - self._framer.held
        self._framer.push(self._framer.law.idle * max(0, min(samples, room)))

    def pop(self) -> Block | None:
        """The next whole block; of a long backlog the oldest are dropped."""
        while self.whole > _BACKLOG:
            self._framer.pop()
            self.account.dropped += 1
        return self._framer.pop()

    def end(self) -> None:
        """Nothing comes any more: the account is complete."""
        self._lateness.end()

    def _begin(self, packet: Packet, *, first: bool) -> None:
        """A new source, or a new count: nothing of the old one is waited for any more."""
        for waiting, came in sorted(self._held.values(), key=lambda held: held[1]):
            self._deliver(waiting, came)
        self._held.clear()
        if not first:
            self.account.jumps += 1
        self._ssrc, self._expected = packet.ssrc, packet.sequence
        self._clock, self._seen = packet.timestamp, 0
        self._sent = 0
        self._lateness.end()

    def _advance(self, packet: Packet, came: float) -> None:
        self._expected = (packet.sequence + 1) & 0xFFFF
        self._seen = (self._seen << 1 | 1) & _RECENT
        self._deliver(packet, came)

    def _hold(self, packet: Packet, now: float) -> None:
        if packet.sequence in self._held:
            self.account.doubled += 1
            return
        # Counted are those who were overtaken: one packet that is late is one, not many.
        if any((other - packet.sequence) & 0xFFFF < _JUMP for other in self._held):
            self.account.reordered += 1
        self._held[packet.sequence] = packet, now
        self.settle(now)

    def _too_late(self, behind: int) -> None:
        came = behind <= _RECENT.bit_length() and self._seen >> (behind - 1) & 1
        if came:
            self.account.doubled += 1
        else:
            self.account.late += 1

    def _deliver(self, packet: Packet, came: float) -> None:
        law = LAWS.get(packet.kind)
        if law is None or not packet.payload:
            self.account.odd += 1
            return
        account, framer = self.account, self._framer
        account.received += 1
        gap = (packet.timestamp - self._clock + _HALF) % (2 * _HALF) - _HALF
        if gap:
            self._bridge(gap)
        if law is not framer.law:
            framer.switch(law)
        framer.push(packet.payload)
        self._clock = (packet.timestamp + len(packet.payload)) & 0xFFFFFFFF
        self._lateness.take(came - self._sent / RATE)
        self._sent += len(packet.payload)

    def _bridge(self, gap: int) -> None:
        """Samples are missing before this packet, or its clock was set."""
        if 0 < gap <= _PAUSE:
            self._framer.lose(min(gap, _FILL))
            self._sent += gap
        else:
            self.account.jumps += 1
            self._sent = 0
            self._lateness.end()
