"""A caller's packets in order: what is lost, late, doubled, odd or jumps, and what is heard all the same."""

import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siaga112.audio.g711 import Law
from siaga112.audio.health import BEHIND_MS
from siaga112.audio.rtp import LONGEST, parse
from siaga112.audio.settings import BLOCK, FRAME
from siaga112.audio.stream import WAIT_S, Account, Stream
from tests.audio.packets import PACKET_S, packet

SPAN = range(1, 9)


def voice(number: int) -> bytes:
    """A payload that tells which packet it was in."""
    return bytes([number % 200 + 1]) * FRAME


def fed(*arrivals: tuple[float, bytes], law: Law = Law.ALAW) -> Stream:
    """A stream that took these packets at these times."""
    stream = Stream(law)
    for now, data in arrivals:
        found = parse(data)
        assert found is not None
        stream.take(found, now)
    return stream


def on_time(numbers: list[int]) -> list[tuple[float, bytes]]:
    """Packets by number, each sent when its number is due."""
    return [(n * PACKET_S, packet(n, voice(n))) for n in numbers]


def heard(stream: Stream) -> tuple[bytes, int]:
    """All whole blocks, and how many samples of them really came."""
    blocks = []
    while (block := stream.pop()) is not None:
        blocks.append(block)
    return b"".join(block.payload for block in blocks), sum(block.received for block in blocks)


def tidy(stream: Stream) -> Account:
    """Its account, but for how far behind each packet came."""
    return replace(stream.account, behind=Account().behind)


def spoken(numbers: list[int]) -> bytes:
    """What the payloads of these packets are in whole blocks; -1: the idle code."""
    sound = b"".join(voice(n) if n >= 0 else Law.ALAW.idle * FRAME for n in numbers)
    return sound[: len(sound) // BLOCK * BLOCK]


def test_packets_in_order_are_the_sound() -> None:
    """What was sent is what is heard, byte for byte."""
    stream = fed(*on_time([1, 2, 3, 4, 5, 6, 7, 8]))
    assert heard(stream) == (spoken(list(SPAN)), 1280)
    assert tidy(stream) == Account(received=8)


def test_a_lost_packet_is_silence_of_its_length() -> None:
    """What never came is waited for, then filled, so that what follows is where it belongs."""
    stream = fed(*on_time([1, 2, 3, 5, 6]))
    assert stream.whole == 1, "it is still waited for"
    stream.settle(5 * PACKET_S + WAIT_S)
    assert heard(stream) == (spoken([1, 2, 3, -1, 5, 6])[: 3 * BLOCK], 3 * BLOCK - FRAME)
    assert (stream.account.lost, stream.account.received) == (1, 5)


def test_five_packets_behind_a_gap_end_the_waiting() -> None:
    """Packets that come at once are not held back by one that does not."""
    stream = fed(*((1.0, data) for _, data in on_time([1, 3, 4, 5, 6, 7])))
    assert heard(stream)[0] == spoken([1, -1, 3, 4, 5, 6, 7])
    assert stream.account.lost == 1


def test_a_late_packet_is_counted_and_not_heard() -> None:
    """What comes when its place has been filled would be out of place."""
    stream = fed(*on_time([1, 2]), (0.08, packet(4, voice(4))))
    stream.settle(0.08 + WAIT_S)
    late = parse(packet(3, voice(3)))
    assert late is not None
    stream.take(late, 0.15)
    assert heard(stream)[0] == spoken([1, 2, -1, 4])
    assert (stream.account.late, stream.account.lost, stream.account.doubled) == (1, 1, 0)


def test_a_doubled_packet_is_heard_once() -> None:
    """Whether its twin was heard already or is still held."""
    stream = fed(*on_time([1, 2, 2, 1, 4, 4, 3, 5, 6, 7, 8]))
    assert heard(stream)[0] == spoken(list(SPAN))
    assert (stream.account.doubled, stream.account.late, stream.account.lost) == (3, 0, 0)


def test_packets_out_of_order_are_put_in_order() -> None:
    """Overtaking within the time that is waited changes nothing of the sound."""
    stream = fed(*on_time([1, 3, 2, 4, 7, 6, 5, 8]))
    assert heard(stream)[0] == spoken(list(SPAN))
    assert (stream.account.reordered, stream.account.lost, stream.account.received) == (3, 0, 8)


@given(st.lists(st.integers(0, 3), min_size=30, max_size=30), st.sets(st.integers(2, 30), max_size=10))
def test_any_small_disorder_is_the_same_sound(delays: list[int], twice: set[int]) -> None:
    """Each packet up to three places late, and some of them doubled: all is heard, in order."""
    numbers = [1, *sorted(range(2, 31), key=lambda n: n + delays[n - 1]), *[31] * 2]
    sent = [n for number in numbers for n in [number] * (2 if number in twice else 1)]
    stream = fed(*((place * PACKET_S / 2, packet(n, voice(n))) for place, n in enumerate(sent)))
    assert heard(stream)[0] == spoken(list(range(1, 32)))
    assert (stream.account.lost, stream.account.late, stream.account.jumps) == (0, 0, 0)
    assert stream.account.doubled == len(twice) + 1


def test_other_payload_types_are_counted_and_not_heard() -> None:
    """Comfort noise, keys and codecs that nobody asked for are not G.711, whatever their bytes."""
    odd = (4 * PACKET_S, packet(4, voice(4), kind=13))
    stream = fed(*on_time([1, 2, 3]), odd, *on_time([5, 6, 7, 8]))
    assert heard(stream)[0] == spoken([1, 2, 3, -1, 5, 6, 7, 8])
    assert (stream.account.odd, stream.account.received, stream.account.lost) == (1, 7, 0)


@pytest.mark.parametrize("jump", [10_000_000, -10_000_000, 1 << 31])
def test_a_jump_of_the_timestamp_adds_nothing(jump: int) -> None:
    """A clock that was set is not an hour of silence; the sound goes on where it was."""
    after = [(n * PACKET_S, packet(n, voice(n), stamp=n * FRAME + jump)) for n in (5, 6, 7, 8)]
    stream = fed(*on_time([1, 2, 3, 4]), *after)
    assert heard(stream) == (spoken(list(SPAN)), 1280)
    assert (stream.account.jumps, stream.account.lost, stream.account.delayed) == (1, 0, 0)


def test_a_pause_is_filled_for_a_quarter_of_a_second_at_most() -> None:
    """A caller who sends nothing while silent leaves a gap in the timestamps, none in the sequence."""
    stream = fed(*on_time([1]), (1.02, packet(2, voice(2), stamp=51 * FRAME)))
    sound, came = heard(stream)
    assert sound == (voice(1) + Law.ALAW.idle * 2000 + voice(2))[: len(sound)]
    assert (len(sound), came) == (2304, 160 + 144)
    assert tidy(stream) == Account(received=2)


def test_a_new_source_begins_anew() -> None:
    """After a jump of the SSRC, sequence and clock of the new source count."""
    after = [(n * PACKET_S, packet(n + 5000, voice(n), ssrc=99)) for n in (5, 6, 7, 8)]
    stream = fed(*on_time([1, 2, 3, 4]), *after)
    assert heard(stream)[0] == spoken(list(SPAN))
    assert (stream.account.jumps, stream.account.lost) == (1, 0)


def test_a_jump_of_the_sequence_begins_anew() -> None:
    """Numbers far off are not thousands of lost packets, and what was held is heard first."""
    after = [(n * PACKET_S, packet(n + 20_000, voice(n), stamp=n * FRAME)) for n in (6, 7, 8)]
    stream = fed(*on_time([1, 2, 3, 5]), *after)
    assert heard(stream)[0] == spoken([1, 2, 3, -1, 5, 6, 7, 8])
    assert (stream.account.jumps, stream.account.lost) == (1, 0)


def test_numbers_begin_again_at_zero() -> None:
    """The wrap of sequence and timestamp is not a jump."""
    numbers = [65_533 + n for n in range(8)]
    sent = [(n * PACKET_S, packet(n, voice(n), stamp=(1 << 32) + (n - 65_536) * FRAME)) for n in numbers]
    stream = fed(*sent)
    assert heard(stream)[0] == spoken(numbers)
    assert tidy(stream) == Account(received=8)


def test_the_codec_changes() -> None:
    """What was held of the old law makes room for its length of silence; blocks are of one law each."""
    stream = fed(*on_time([1, 2]))
    first = stream.pop()
    for n in (3, 4, 5, 6):
        changed = parse(packet(n, voice(n), kind=0))
        assert changed is not None
        stream.take(changed, n * PACKET_S)
    second, third = stream.pop(), stream.pop()
    assert first is not None
    assert second is not None
    assert third is not None
    assert [block.law for block in (first, second, third)] == [Law.ALAW, Law.ULAW, Law.ULAW]
    assert second.payload[:64] == Law.ULAW.idle * 64
    assert second.received == BLOCK - 64
    assert stream.law is Law.ULAW


def test_lateness_is_told_by_the_sender_s_clock() -> None:
    """A packet more than 60 ms behind its own clock is late; one that is early sets the measure.

    Each is counted by how far behind it came, in steps.
    """
    stream = fed(*on_time([1, 2, 3]), (4 * PACKET_S + 0.1, packet(4, voice(4))), *on_time([9]))
    stream.settle(1.0)
    stream.end()
    assert stream.account.delayed == 1
    behind = dict(zip((*BEHIND_MS, "more"), stream.account.behind, strict=True))
    assert (behind[5], behind[100] + behind[200], sum(behind.values())) == (4, 1, 5)


def test_a_hole_in_the_sound_makes_nothing_late() -> None:
    """Where a caller's packet is lost Asterisk's clock stands still: what follows is not late for ever."""
    stream = fed(*((n * PACKET_S + n // 5 * PACKET_S, packet(n, voice(n))) for n in range(1, 200)))
    stream.end()
    assert (stream.account.delayed, sum(stream.account.behind)) == (0, 199)


def test_who_was_held_up_and_catches_up_was_late() -> None:
    """Half a second in which nothing came, and then all of it: late by as much as each had to wait."""
    times = [max(n * PACKET_S, 3.0 if 2.5 < n * PACKET_S < 3.0 else 0.0) for n in range(1, 200)]
    stream = fed(*((at, packet(n, voice(n))) for n, at in enumerate(times, 1)))
    stream.end()
    assert stream.account.delayed == sum(at - n * PACKET_S > WAIT_S for n, at in enumerate(times, 1))


def test_a_slow_listener_loses_the_oldest() -> None:
    """More than a second that nobody heard is not kept, and is counted."""
    stream = fed(*on_time(list(range(1, 101))))
    blocks = heard(stream)[0]
    assert len(blocks) == 31 * BLOCK
    assert stream.account.dropped == 100 * FRAME // BLOCK - 31


def test_extension_sources_and_padding_are_not_sound() -> None:
    """All that RFC 3550 allows around the sound is taken off."""
    head = struct.pack("!BBHII", 0xB2, 8, 1, 160, 7)
    dressed = head + bytes(8) + struct.pack("!HH", 0xBEDE, 1) + bytes(4) + voice(1) + b"\0\0\0\4"
    found = parse(dressed)
    assert found is not None
    assert found.payload == voice(1)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(11),
        packet(1)[:11],
        b"\x40" + packet(1)[1:],
        b"\x8f" + packet(1, b"")[1:],
        b"\x90" + packet(1, b"")[1:],
        b"\x90" + packet(1, b"\0\0\xff\xff")[1:],
        b"\xa0" + packet(1, bytes(160))[1:],
        b"\xa0" + packet(1, b"\xff")[1:],
        packet(1, bytes(LONGEST + 1)),
    ],
    ids=[
        "empty",
        "short",
        "cut",
        "version 1",
        "sources beyond the end",
        "no room for an extension",
        "extension beyond the end",
        "padding of none",
        "padding beyond the start",
        "longer than a telephone's",
    ],
)
def test_what_is_no_packet_is_none(data: bytes) -> None:
    """Whatever comes, nothing is raised."""
    assert parse(data) is None


@given(st.binary(max_size=2000))
def test_no_bytes_raise(data: bytes) -> None:
    """Nor does anything that looks like a packet upset a stream."""
    found = parse(b"\x80\x08" + data)
    stream = Stream(Law.ALAW)
    for one in (found, parse(data)):
        if one is not None:
            stream.take(one, 1.0)
            stream.take(one, 2.0)
    stream.settle(3.0)
    heard(stream)
