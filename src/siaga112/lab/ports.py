"""Free ports on the loopback.

Knows sockets. Does not know who will listen on them.
"""

import secrets
import socket

from siaga112.lab.errors import LabError

# Below the kernel's range for outgoing connections (32768 upwards), so that no client of anybody
# takes a port between the moment it is found free and the moment the server binds it; above the RTP
# ports.
LOWEST, HIGHEST = 20_000, 32_000
ATTEMPTS = 200


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether both a TCP and a UDP server could bind the port now."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind is socket.SOCK_STREAM:
                # As the servers do it: connections of a former server that linger are no obstacle.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True


def pick(wanted: int = 0, host: str = "127.0.0.1") -> int:
    """The wanted port if it is free, or any free one for 0.

    Drawn at random, so that two labs starting at the same moment do not race for the same one.
    """
    if wanted:
        if not is_free(wanted, host):
            raise LabError(f"port {wanted} on {host} is taken; choose another or leave it out")
        return wanted
    for _ in range(ATTEMPTS):
        port = LOWEST + secrets.randbelow(HIGHEST - LOWEST)
        if is_free(port, host):
            return port
    raise LabError(f"no free port between {LOWEST} and {HIGHEST} on {host}")


def pick_all(*wanted: int) -> list[int]:
    """Different ports, one for each that is wanted (0: any)."""
    taken: list[int] = []
    for port in wanted:
        chosen = pick(port)
        while chosen in taken:
            if port:
                raise LabError(f"port {port} is wanted twice")
            chosen = pick()
        taken.append(chosen)
    return taken
