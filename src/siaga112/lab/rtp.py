"""One UDP socket that is the telephone mouth and ear of many calls.

SIPp can stream a file, but it can send keys only through a raw socket, which an ordinary user
may not open. So callers who press keys, callers who send no RTP at all, and tests that must
hear what a person would hear, have their media here. Every call names this one socket in its
SDP; a call is recognised by Asterisk's address for it, which is learnt from `greet` (whoever has
read the SDP tells it) or from the first packet that comes, whichever is first.

Knows RTP (RFC 3550) and telephone events (RFC 4733). Knows nothing about SIP or about calls.
"""

from __future__ import annotations

import asyncio
import math
import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from siaga112.lab.sounds import Law, decode, encode, loudness

FRAME = 160
TICK = 0.02
EVENT = 101
PAYLOAD: dict[Law, int] = {"PCMA": 8, "PCMU": 0}
_LAW: dict[int, Law] = {8: "PCMA", 0: "PCMU"}
_DIGITS = "0123456789*#ABCD"
_KEY_TO_KEY = 16
"""Packets from the beginning of a key to that of the next, when they are pressed in a row."""
_SAME_CALL_S = 1.0
"""Greeted so soon after the first packet, it is the same call; later, Asterisk uses the port again."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key pressed at a time, in seconds from the start of the audio."""

    digit: str
    at: float


@dataclass(frozen=True, slots=True)
class Script:
    """What a peer says to each call: nothing at all, or a sound in a loop, with keys between."""

    sound: bytes | None
    keys: Sequence[Key] = ()
    law: Law = "PCMA"
    lost: float = 0.0
    """The share of packets that never arrive, the same ones in each run."""
    other_law_at: float | None = None
    """In seconds from the start of the audio: what comes later is in the other law, as after a transfer."""


@dataclass(slots=True)
class Heard:
    """What came from one far address, and how far our own voice has got there."""

    address: tuple[str, int]
    since: float
    packets: int = 0
    sent: int = 0
    keys: list[str] = field(default_factory=list)
    pressing: list[tuple[int, int]] = field(default_factory=list)
    """Keys of ours: the number of the first packet of each, and its code."""
    _audio: list[tuple[Law, bytes]] = field(default_factory=list)
    _event: int = -1

    def take(self, packet: bytes) -> None:
        """Counts one RTP packet and keeps its payload."""
        kind, (stamp,) = packet[1] & 0x7F, struct.unpack_from("!I", packet, 4)
        self.packets += 1
        if (law := _LAW.get(kind)) is not None:
            self._audio.append((law, packet[12:]))
        elif kind == EVENT and stamp != self._event:
            self._event = stamp
            self.keys.append(_DIGITS[packet[12] & 15])

    def press(self, digits: str) -> None:
        """Presses keys from now on, one behind the other."""
        last = self.pressing[-1][0] + _KEY_TO_KEY if self.pressing else 0
        first = max(self.sent + 1, last)
        for n, digit in enumerate(digits):
            self.pressing.append((first + n * _KEY_TO_KEY, _DIGITS.index(digit)))

    def samples(self) -> list[int]:
        """All audio heard, in the order in which it came."""
        return [s for law, payload in self._audio for s in decode(payload, law)]

    def loudness(self) -> float:
        """How loud it was on the whole, in dBFS."""
        return loudness(self.samples())


class RtpPeer(asyncio.DatagramProtocol):
    """Answers each call that sends to its socket with the script; keeps what it heard.

    Use as a context: ``async with RtpPeer(script) as peer: ... peer.port ... peer.calls``.

    Args:
        script: What it says to each call.
        lasts_s: How long it goes on speaking to one, heard or not (it knows nothing of a BYE).
    """

    def __init__(self, script: Script, lasts_s: float = 60.0) -> None:
        self.calls: list[Heard] = []
        self._lasts_s = lasts_s
        self._voice = _Voice(script)
        self._by_address: dict[tuple[str, int], Heard] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self._tick: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        opening = loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self._transport, _ = await opening
        self._speak(loop.time())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._tick is not None:
            self._tick.cancel()
        if self._transport is not None:
            self._transport.close()

    @property
    def port(self) -> int:
        """The port that goes into the SDP; 0 while the socket is not open."""
        return int(self._transport.get_extra_info("sockname")[1]) if self._transport else 0

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Takes one packet; the first one of a call starts the voice."""
        if len(data) <= 12 or data[0] >> 6 != 2:
            return  # not RTP: a stray packet harms nobody
        call = self._by_address.get(addr) or self._begin(addr)
        call.take(data)

    def greet(self, address: tuple[str, int]) -> None:
        """A call has been answered, with this address in the answer."""
        call = self._by_address.get(address)
        if call is None or asyncio.get_running_loop().time() - call.since > _SAME_CALL_S:
            self._begin(address)

    def _begin(self, address: tuple[str, int]) -> Heard:
        call = self._by_address[address] = Heard(address, asyncio.get_running_loop().time())
        self.calls.append(call)
        return call

    def _speak(self, due: float) -> None:
        """Sends one packet to each call that is alive, then waits for the next 20 ms."""
        loop = asyncio.get_running_loop()
        for call in self._by_address.values():
            if self._transport and not self._voice.mute and due - call.since < self._lasts_s:
                if not self._voice.loses(call.sent):
                    packet = self._voice.packet(call.sent, call.pressing)
                    self._transport.sendto(packet, call.address)
                call.sent += 1
        self._tick = loop.call_at(due + TICK, self._speak, due + TICK)


class _Voice:
    """A script as RTP packets: audio, or telephone events in its place."""

    HELD = 8  # frames a key is held: 160 ms, then the end three times (RFC 4733, 2.5.1.4)
    ENDS = 3

    def __init__(self, script: Script) -> None:
        sound = script.sound or b""
        self.mute = script.sound is None
        self._payload = PAYLOAD[script.law]
        self._frames = [sound[n : n + FRAME] for n in range(0, len(sound) - FRAME + 1, FRAME)]
        self._lost = script.lost
        self._turn: float = math.inf
        if script.other_law_at is not None:
            other: Law = "PCMU" if script.law == "PCMA" else "PCMA"
            self._turn, self._other = script.other_law_at / TICK, PAYLOAD[other]
            self._turned = [encode(decode(frame, script.law), other) for frame in self._frames]
        self._keys = [(round(key.at / TICK), _DIGITS.index(key.digit)) for key in script.keys]

    def loses(self, number: int) -> bool:
        """Whether the packet with this number gets lost on the way."""
        return self._lost > 0 and random.Random(number).random() < self._lost  # noqa: S311

    def packet(self, number: int, pressing: Sequence[tuple[int, int]]) -> bytes:
        """The packet with this number, counted from the start of the call."""
        for first, code in (*self._keys, *pressing):
            if first <= number < first + self.HELD + self.ENDS:
                return self._event(number, first, code)
        n = number % len(self._frames)
        if number >= self._turn:
            return _header(self._other, number, number) + self._turned[n]
        return _header(self._payload, number, number) + self._frames[n]

    def _event(self, number: int, first: int, code: int) -> bytes:
        step = number - first
        end = 0x80 if step >= self.HELD else 0
        held = min(step + 1, self.HELD) * FRAME
        kind = EVENT | (0x80 if step == 0 else 0)
        return _header(kind, number, first) + struct.pack("!BBH", code, end | 10, held)


def _header(kind: int, number: int, stamp: int) -> bytes:
    return struct.pack("!BBHII", 0x80, kind, number & 0xFFFF, stamp * FRAME & 0xFFFFFFFF, 112)
