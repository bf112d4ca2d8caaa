"""From packets of any size to the ear's blocks of 32 ms, one caller at a time.

Knows payload bytes and how many samples were lost between them. Does not know RTP headers, clocks or
sockets: whoever reads packets says what is missing.
"""

from siaga112.audio.detector import Block
from siaga112.audio.g711 import Law
from siaga112.audio.settings import BLOCK


class Framer:
    """Collects one caller's payloads; a block leaves as soon as it is whole."""

    def __init__(self, law: Law) -> None:
        self._law = law
        self._bytes = bytearray()
        self._gaps: list[tuple[int, int]] = []
        self._start = 0
        """Sample number of the first byte held."""

    @property
    def law(self) -> Law:
        """The law of the bytes collected now."""
        return self._law

    @property
    def held(self) -> int:
        """Samples waiting for a block to become whole."""
        return len(self._bytes) // self._law.width

    def switch(self, law: Law) -> None:
        """The codec changed in mid-call: what is held of the old one counts as lost."""
        if law is self._law:
            return
        held = self.held
        self._law = law
        self._bytes = bytearray()
        self._gaps = []
        self.lose(held)

    def push(self, payload: bytes) -> None:
        """The next payload in order."""
        self._bytes += payload

    def lose(self, samples: int) -> None:
        """So many samples never came: the network is fed the idle code instead."""
        start = self._start + self.held
        self._gaps.append((start, start + samples))
        self._bytes += self._law.idle * samples

    def pop(self) -> Block | None:
        """The next whole block, if there is one."""
        size = BLOCK * self._law.width
        if len(self._bytes) < size:
            return None
        payload = bytes(self._bytes[:size])
        del self._bytes[:size]
        end = self._start + BLOCK
        lost = sum(max(0, min(last, end) - max(first, self._start)) for first, last in self._gaps)
        self._gaps = [gap for gap in self._gaps if gap[1] > end]
        self._start = end
        return Block(payload, self._law, BLOCK - lost)
