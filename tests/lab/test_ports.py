"""Free ports: what is picked can be bound, what is taken is said so."""

import socket

import pytest

from siaga112.lab.errors import LabError
from siaga112.lab.ports import HIGHEST, LOWEST, is_free, pick, pick_all


def _listen(kind: socket.SocketKind) -> socket.socket:
    taken = socket.socket(socket.AF_INET, kind)
    taken.bind(("127.0.0.1", pick()))
    if kind is socket.SOCK_STREAM:
        taken.listen()
    return taken


def test_picked_port_can_be_bound() -> None:
    """A picked port lies outside the kernel's own range and both TCP and UDP can take it."""
    port = pick()
    assert LOWEST <= port < HIGHEST
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as server:
            server.bind(("127.0.0.1", port))


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_taken_port_is_refused(kind: socket.SocketKind) -> None:
    """A wanted port that either TCP or UDP has taken is an error that names it."""
    with _listen(kind) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
        with pytest.raises(LabError, match=str(port)):
            pick(port)


def test_ports_of_a_lab_differ() -> None:
    """Ports picked together are different, and one that is wanted is kept."""
    wanted = pick()
    ports = pick_all(0, wanted, 0, 0)
    assert len(set(ports)) == 4
    assert ports[1] == wanted


def test_one_port_for_two_servers() -> None:
    """The same port wanted twice is an error."""
    wanted = pick()
    with pytest.raises(LabError, match="twice"):
        pick_all(wanted, wanted)
