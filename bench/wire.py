"""SIP requests on the loopback interface, each with the kernel's time stamp.

Knows IP, UDP and as much of SIP as tells whose INVITE it is. Does not know what is measured with it. The
kernel stamps a packet when it is sent, so how late this thread reads it does not matter; what the kernel had
to drop is counted. Needs CAP_NET_RAW, that is: root.
"""

import ctypes
import re
import socket
import struct
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

_IPV4: Final = 0x0800
_UDP: Final = 17
_INVITE: Final = int.from_bytes(b"INVI", "big")
# From the kernel's headers; Python has no names for them.
_SO_ATTACH_FILTER: Final = 26
_SO_TIMESTAMPNS: Final = 35
_SO_RCVBUFFORCE: Final = 33
_SOL_PACKET: Final = 263
_PACKET_STATISTICS: Final = 6
_BUFFER: Final = 16 * 1024 * 1024
_USER: Final = re.compile(r"^(?:From|f)[ \t]*:[^\r\n]*?sips?:([^@>;\r\n]*)@", re.IGNORECASE | re.MULTILINE)


class NoCaptureError(RuntimeError):
    """The loopback interface cannot be listened to; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Invite:
    """An INVITE that was on the wire."""

    at: float
    """Unix seconds, by the kernel."""
    source: int
    """UDP port."""
    target: int
    user: str
    """The user of From: the caller's number."""
    text: str = ""
    """The request line."""


def parse(packet: bytes, at: float) -> Invite | None:
    """Read an IPv4 packet; None when it is no INVITE."""
    begin = (packet[0] & 0x0F) * 4
    source, target = struct.unpack_from("!HH", packet, begin)
    line, _, rest = packet[begin + 8 :].decode("utf-8", "replace").partition("\r\n")
    if not line.startswith("INVITE "):
        return None
    found = _USER.search(rest.partition("\r\n\r\n")[0])
    return Invite(at, source, target, found[1] if found else "", line)


class Capture:
    """Listens from `with` on; `invites` is complete after it."""

    def __init__(self, sip_port: int) -> None:
        self.invites: list[Invite] = []
        self.lost = 0
        """Packets that the kernel could not keep for us."""
        self._port = sip_port
        self._socket: socket.socket
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="capture", daemon=True)

    def __enter__(self) -> Self:
        try:
            # Asked for IPv4 only, a packet socket gets each loopback packet once: as it comes in.
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        except PermissionError:
            raise NoCaptureError(
                "reading the wire needs root (CAP_NET_RAW): run `sudo make bench`, or `python -m bench load"
                " router memory` for the parts that do without"
            ) from None
        self._filter()
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.bind(("lo", _IPV4))
        self._socket.settimeout(0.2)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        statistics = self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8)
        self.lost = struct.unpack("II", statistics)[1]
        self._socket.close()

    def _listen(self) -> None:
        while True:
            try:
                packet, notes, _, _ = self._socket.recvmsg(4096, 128)
            except TimeoutError:
                if self._over.is_set():
                    return
                continue
            seconds, nanoseconds = struct.unpack("qq", notes[0][2])
            invite = parse(packet, seconds + nanoseconds * 1e-9)
            if invite is not None:
                self.invites.append(invite)

    def _filter(self) -> None:
        """Let the kernel throw away all but INVITEs of the SIP port: audio is most of the traffic."""
        program = b"".join(struct.pack("HBBI", *step) for step in filter_program(self._port))
        buffer = ctypes.create_string_buffer(program)
        length = len(program) // 8
        self._socket.setsockopt(
            socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HP", length, ctypes.addressof(buffer))
        )


def filter_program(port: int) -> Sequence[tuple[int, int, int, int]]:
    """Write the kernel's classic packet filter: opcode, jump if true, jump if false, value."""
    byte, word, half = 0x30, 0x40, 0x48
    equal, head, give = 0x15, 0xB1, 0x06
    return (
        (byte, 0, 0, 9),  # the protocol
        (equal, 0, 7, _UDP),
        (head, 0, 0, 0),  # x = the length of IP's header
        (half, 0, 0, 0),  # the source port
        (equal, 2, 0, port),
        (half, 0, 0, 2),  # the target port
        (equal, 0, 2, port),
        (word, 0, 0, 8),  # the first four letters
        (equal, 1, 0, _INVITE),
        (give, 0, 0, 0),
        (give, 0, 0, 0xFFFF),
    )


def offers(invites: Sequence[Invite], sip_port: int) -> dict[str, tuple[float, float | None]]:
    """Match by the caller's number: when each call came in, and when the first phone was rung for it.

    A request that is sent again counts from its first time.
    """
    came: dict[str, float] = {}
    rung: dict[str, float] = {}
    for invite in sorted(invites, key=lambda one: one.at):
        side = came if invite.target == sip_port else rung
        side.setdefault(invite.user, invite.at)
    return {number: (at, rung.get(number)) for number, at in came.items()}
