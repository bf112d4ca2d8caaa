"""The UDP socket that all callers' sound comes to. Knows its options; nothing of what comes."""

import socket
from typing import Final

_BUFFER: Final = 4 << 20
"""What the kernel may hold for us, if it lets us: seconds of everybody's sound."""


def bound(host: str, port: int) -> socket.socket:
    """The socket that all callers' sound comes to."""
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.settimeout(0)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    try:
        one.bind((host, port))
    except OSError:
        one.close()
        raise
    return one
