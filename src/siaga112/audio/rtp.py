"""RTP: one packet's header, read (RFC 3550, section 5.1). Pure.

Knows bytes. Does not know callers, order or time.
"""

from struct import Struct
from typing import Final, NamedTuple

from siaga112.audio.g711 import Law

LAWS: Final = {0: Law.ULAW, 8: Law.ALAW}
"""Static payload types (RFC 3551) that the ear understands."""
LONGEST: Final = 1600
"""Bytes of payload: 200 ms. No telephone packs more, and an ear must not be fed by the kilobyte."""

_HEADER: Final = Struct("!BBHII")
_EXTENSION: Final = Struct("!HH")
_VERSION: Final = 2


class Packet(NamedTuple):
    """What matters of a packet."""

    kind: int
    """Its payload type."""
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def parse(data: bytes) -> Packet | None:
    """The packet in a datagram; None if it is not one, or too long to be a telephone's."""
    if len(data) < _HEADER.size:
        return None
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    if first == 0x80:  # what all but a few packets begin with: no padding, extension or sources
        payload = data[_HEADER.size :]
    else:
        found = _unwrap(data, first)
        if found is None:
            return None
        payload = found
    if len(payload) > LONGEST:
        return None
    return Packet(second & 0x7F, sequence, timestamp, ssrc, payload)


def _unwrap(data: bytes, first: int) -> bytes | None:
    """The payload of a packet with contributing sources, an extension or padding."""
    if first >> 6 != _VERSION:
        return None
    start, end = _HEADER.size + 4 * (first & 0x0F), len(data)
    if first & 0x10:
        if start + _EXTENSION.size > end:
            return None
        _, words = _EXTENSION.unpack_from(data, start)
        start += _EXTENSION.size + 4 * words
    if first & 0x20:
        padding = data[-1]
        if padding == 0:
            return None
        end -= padding
    return data[start:end] if start <= end else None
