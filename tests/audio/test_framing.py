"""Packets of any size to blocks of 32 ms."""

from hypothesis import given
from hypothesis import strategies as st

from siaga112.audio.detector import Block
from siaga112.audio.framing import Framer
from siaga112.audio.g711 import Law
from siaga112.audio.settings import BLOCK

Packet = bytes | int
"""A payload, or how many samples were lost."""
PACKETS = st.lists(st.binary(max_size=700) | st.integers(0, 900), max_size=20)


def framed(law: Law, packets: list[Packet], *, at_once: bool) -> list[Block]:
    """All blocks, taken when they are ready or only at the end."""
    framer, blocks = Framer(law), []
    for number, packet in enumerate(packets):
        if isinstance(packet, int):
            framer.lose(packet)
        else:
            framer.push(packet)
        while (at_once or number == len(packets) - 1) and (block := framer.pop()):
            blocks.append(block)
    return blocks


@given(PACKETS, st.sampled_from((Law.ULAW, Law.ALAW)))
def test_every_sample_comes_out_once_and_in_order(packets: list[Packet], law: Law) -> None:
    """What was pushed comes out in blocks, lost samples as the idle code in their place."""
    whole = b"".join(law.idle * p if isinstance(p, int) else p for p in packets)
    came = b"".join(b"\0" * p if isinstance(p, int) else b"\1" * len(p) for p in packets)
    blocks = framed(law, packets, at_once=True)
    assert blocks == [
        Block(whole[at : at + BLOCK], law, came[at : at + BLOCK].count(1))
        for at in range(0, len(whole) - BLOCK + 1, BLOCK)
    ]


@given(PACKETS)
def test_when_blocks_are_taken_does_not_matter(packets: list[Packet]) -> None:
    """A late tick takes the same blocks, only more at once."""
    late = framed(Law.ALAW, packets, at_once=False)
    assert framed(Law.ALAW, packets, at_once=True) == late


def test_linear_samples_are_two_bytes() -> None:
    """A block of PCM is 512 bytes of the same 32 ms."""
    framer = Framer(Law.LINEAR)
    framer.push(b"\1\0" * BLOCK)
    framer.lose(10)
    assert framer.pop() == Block(b"\1\0" * BLOCK, Law.LINEAR, BLOCK)
    assert framer.held == 10


def test_a_new_codec_does_not_garble_what_is_held() -> None:
    """The codec changes between two packets: the torn block counts as lost, the clock goes on."""
    framer = Framer(Law.ULAW)
    framer.push(b"\1" * 100)
    framer.switch(Law.ALAW)
    framer.push(b"\2" * (BLOCK - 100))
    assert framer.pop() == Block(b"\xd5" * 100 + b"\2" * (BLOCK - 100), Law.ALAW, BLOCK - 100)


def test_the_same_codec_again_is_no_change() -> None:
    """Every packet names its codec; only another one matters."""
    framer = Framer(Law.ULAW)
    framer.push(b"\1" * BLOCK)
    framer.switch(Law.ULAW)
    assert framer.pop() == Block(b"\1" * BLOCK, Law.ULAW, BLOCK)
