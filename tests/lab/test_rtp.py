"""The peer speaks RTP as a telephone does: steady, keys as telephone events, deaf to nothing."""

import asyncio
import socket
import struct

from siaga112.lab.rtp import EVENT, Key, RtpPeer, Script

AUDIO = bytes(range(160)) * 3


async def _listen(peer: RtpPeer, packets: int, *, greeted: bool) -> list[bytes]:
    """What the peer sends to an address that is told to it, or that sends a packet first."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        far.setblocking(False)  # noqa: FBT003 - the name of the call says which
        far.bind(("127.0.0.1", 0))
        if greeted:
            peer.greet(far.getsockname())
        else:
            await loop.sock_sendto(
                far, struct.pack("!BBHII", 0x80, 8, 1, 0, 9) + AUDIO, ("127.0.0.1", peer.port)
            )
        return [(await asyncio.wait_for(loop.sock_recv(far, 2048), 5)) for _ in range(packets)]


def _fields(packet: bytes) -> tuple[int, int, int]:
    kind, number, stamp = struct.unpack_from("!xBHI", packet)
    return kind, number, stamp


async def test_speaks_when_greeted() -> None:
    """An answered call is spoken to even if nothing has come from it."""
    async with RtpPeer(Script(AUDIO)) as peer:
        packets = await _listen(peer, 4, greeted=True)
    assert [_fields(packet) for packet in packets] == [(8, n, n * 160) for n in range(4)]
    assert packets[0][12:] == AUDIO[:160]


async def test_speaks_when_spoken_to() -> None:
    """The first packet of a call is as good as a greeting, and is kept."""
    async with RtpPeer(Script(AUDIO, law="PCMU")) as peer:
        packets = await _listen(peer, 1, greeted=False)
        (call,) = peer.calls
    assert _fields(packets[0])[0] == 0
    assert (call.packets, len(call.samples())) == (1, len(AUDIO))


async def test_greeting_after_the_first_packet_is_the_same_call() -> None:
    """Whichever comes first, the answer or the audio, it is one call with one voice."""
    async with RtpPeer(Script(AUDIO)) as peer:
        await _listen(peer, 1, greeted=False)
        peer.greet(peer.calls[0].address)
        assert len(peer.calls) == 1


async def test_key() -> None:
    """A key is one event: a marker, one time stamp, growing durations, three ends."""
    async with RtpPeer(Script(AUDIO, keys=[Key("5", 0.04)])) as peer:
        packets = await _listen(peer, 14, greeted=True)
    pressed = [packet for packet in packets if packet[1] & 0x7F == EVENT]
    assert [packet[1] >> 7 for packet in pressed] == [1] + [0] * 10
    assert {_fields(packet)[2] for packet in pressed} == {2 * 160}
    events = [struct.unpack("!BBH", packet[12:]) for packet in pressed]
    assert {code for code, _, _ in events} == {5}
    assert [flags >> 7 for _, flags, _ in events] == [0] * 8 + [1] * 3
    assert [held for _, _, held in events] == [160 * n for n in range(1, 9)] + [1280] * 3
    assert [_fields(packet)[1] for packet in packets] == list(range(14))


async def test_mute() -> None:
    """A peer without a sound hears and sends nothing."""
    async with RtpPeer(Script(None)) as peer:
        peer.greet(("127.0.0.1", 9))
        await asyncio.sleep(0.1)  # five packets' time
        assert peer.calls[0].sent == 0


async def test_not_rtp() -> None:
    """A stray packet is not a call."""
    async with RtpPeer(Script(AUDIO)) as peer:
        peer.datagram_received(b"OPTIONS sip:nobody SIP/2.0", ("127.0.0.1", 9))
        peer.datagram_received(b"\x80", ("127.0.0.1", 9))
        assert peer.calls == []
