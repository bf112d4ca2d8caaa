"""Callers on the wire, for tests: RTP packets of a sound, and taps on a clock that tests move."""

import struct
from collections.abc import Iterable, Iterator

from siaga112.audio import g711
from siaga112.audio.events import AudioClass, ClassChanged, EarEvent
from siaga112.audio.g711 import Law
from siaga112.audio.settings import BLOCK_S, DEFAULT, FRAME
from siaga112.audio.taps import Listener, Taps, listen
from tests.audio import clips

PACKET_S = 0.02
KIND = {Law.ULAW: 0, Law.ALAW: 8}
CALLER = ("127.0.0.1", 20000)


def packet(
    number: int, payload: bytes = bytes(FRAME), *, kind: int = 8, stamp: int | None = None, ssrc: int = 7
) -> bytes:
    """A packet; its timestamp follows from its number unless said."""
    stamp = number * FRAME if stamp is None else stamp
    return struct.pack("!BBHII", 0x80, kind, number & 0xFFFF, stamp & 0xFFFFFFFF, ssrc) + payload


def packets(sound: clips.Sound, law: Law = Law.ALAW, first: int = 0) -> list[bytes]:
    """A sound in packets of 20 ms."""
    codes = g711.encode(sound, law)
    cut = range(0, len(codes) - FRAME + 1, FRAME)
    return [packet(first + n, codes[at : at + FRAME], kind=KIND[law]) for n, at in enumerate(cut)]


class Line:
    """Taps on a clock of the test's own, and all that they told."""

    def __init__(self, detector: Listener, *, padded: bool = False) -> None:
        self.now = 100.0
        self.told: list[tuple[str, EarEvent]] = []
        self.taps = Taps(DEFAULT, lambda key, event: self.told.append((key, event)), padded=padded)
        self._detector = detector
        self._ticked = self.now

    def tap(self, key: str = "call", port: int = 20000, law: Law = Law.ALAW) -> None:
        """Listen to a caller."""
        self.taps.tap(key, ("127.0.0.1", port), law, self.now, self.now + DEFAULT.provisional_s)

    def play(self, sent: Iterable[bytes | None], *, counted: int | None = None) -> None:
        """One packet, or none, each 20 ms; once a second the channel's count is told, if there is one.

        Args:
            sent: The packets; None: nothing comes.
            counted: What the caller's channel has counted before; it grows by one with each packet.
        """
        for number, data in enumerate(sent):
            if data is not None:
                self.taps.receive(data, CALLER, self.now)
            if counted is not None:
                counted += data is not None
                if number % 50 == 49:
                    self.taps.rtp_seen("call", counted, self.now)
            self.wait(PACKET_S)

    def wait(self, seconds: float) -> None:
        """Time goes by, and with it the ticks."""
        self.now += seconds
        while self._ticked + BLOCK_S <= self.now:
            self._ticked += BLOCK_S
            self.taps.heard(listen(self._detector, self.taps.gather(self._ticked)))

    def classes(self, key: str = "call") -> list[AudioClass]:
        """The classes told of a caller, in order."""
        return [
            event.verdict.audio_class
            for of, event in self.told
            if of == key and isinstance(event, ClassChanged)
        ]


def nothing(seconds: float) -> Iterator[None]:
    """Nothing comes for so long."""
    yield from [None] * round(seconds / PACKET_S)
