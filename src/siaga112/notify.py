"""Tells systemd how we are: ready, stopping, and alive (sd_notify(3)). Says nothing where nobody listens."""

import os
import socket


def notify(*lines: str) -> None:
    """Send state lines such as `READY=1` to whoever started us, if they asked for it."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as wire:
        wire.sendto("\n".join(lines).encode(), address)


def watchdog_seconds() -> float | None:
    """How often systemd wants to hear that we live; None when it does not care."""
    microseconds = os.environ.get("WATCHDOG_USEC")
    return int(microseconds) / 1_000_000 if microseconds else None
