"""Which packets are INVITEs, whose they are, and which belong together."""

import struct

import pytest
from bench.wire import Capture, Invite, filter_program, offers, parse

SIP = 5060
HEAD = "INVITE sip:112@127.0.0.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:7000\r\n"


def packet(
    text: str, *, source: int = 7000, target: int = SIP, options: int = 0, protocol: int = 17
) -> bytes:
    """Write an IPv4 packet with UDP in it, and so many words of IP options."""
    begin = struct.pack(
        "!BBHHHBBH4s4s", 0x45 + options, 0, 0, 0, 0, 64, protocol, 0, b"\x7f\0\0\1", b"\x7f\0\0\1"
    )
    body = text.encode()
    return begin + b"\x01\0\0\0" * options + struct.pack("!HHHH", source, target, 8 + len(body), 0) + body


@pytest.mark.parametrize(
    "sender",
    [
        "From: <sip:0812@127.0.0.1>;tag=1",
        'From: "Ibu <Sari>" <sip:0812@127.0.0.1:5060;x=y>;tag=1',
        "f: sip:0812@127.0.0.1;tag=1",
        "FROM : <sips:0812@127.0.0.1>",
    ],
)
@pytest.mark.parametrize("options", [0, 3])
def test_whose(sender: str, options: int) -> None:
    """The caller's number is From's user, in every way that From may be written."""
    invite = parse(packet(f"{HEAD}{sender}\r\n\r\nbody", options=options), 1.5)
    assert invite is not None
    assert (invite.at, invite.source, invite.target, invite.user) == (1.5, 7000, SIP, "0812")


@pytest.mark.parametrize(
    "text", ["SIP/2.0 200 OK\r\nFrom: <sip:0812@x>\r\n", "ACK sip:x SIP/2.0\r\n", "", "INVITED "]
)
def test_no_invite(text: str) -> None:
    """Answers and other requests are none, whoever they are from."""
    assert parse(packet(text), 0.0) is None


def test_from_is_not_looked_for_in_the_body() -> None:
    """What only looks like a header, in a body, is nobody's number."""
    invite = parse(packet(f"{HEAD}\r\nFrom: <sip:0812@x>\r\n"), 0.0)
    assert invite is not None
    assert not invite.user


def test_match() -> None:
    """An offer lasts from a caller's first INVITE to the first one out with that number."""
    seen = [
        Invite(10.9, 7000, SIP, "a"),  # sent again
        Invite(10.0, 7000, SIP, "a"),
        Invite(10.4, SIP, 9000, "a"),
        Invite(10.1, 7000, SIP, "b"),
        Invite(10.6, SIP, 9000, "a"),  # the re-INVITE of the talk
        Invite(11.0, SIP, 9000, "c"),  # nobody called with that number
    ]
    assert offers(seen, SIP) == {"a": (10.0, 10.4), "b": (10.1, None)}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (packet(HEAD), True),
        (packet(HEAD, source=SIP, target=9000), True),
        (packet(HEAD, options=2), True),
        (packet(HEAD, target=5061), False),
        (packet("ACK sip:112@x SIP/2.0"), False),
        (packet(HEAD, protocol=6), False),
    ],
)
def test_the_kernel_keeps_invites_only(given: bytes, *, kept: bool) -> None:
    """The filter lets through what `parse` is for, and not the audio beside it."""
    assert bool(run(filter_program(SIP), given)) is kept


def run(program: object, data: bytes) -> int:
    """Carry a filter out as the kernel does (the few instructions that ours has)."""
    assert isinstance(program, tuple)
    at = a = x = 0
    while True:
        code, true, false, k = program[at]
        at += 1
        match code:
            case 0x30:
                a = data[k]
            case 0xB1:
                x = 4 * (data[k] & 0x0F)
            case 0x48:
                a = int.from_bytes(data[x + k : x + k + 2], "big")
            case 0x40:
                a = int.from_bytes(data[x + k : x + k + 4], "big")
            case 0x15:
                at += true if a == k else false
            case 0x06:
                return int(k)
            case _:
                pytest.fail(f"an instruction that is none of ours: {code:#x}")


def test_capture_is_ready_to_be_made() -> None:
    """Nothing is opened before the capture begins: who may not listen is told only then."""
    assert Capture(SIP).invites == []
