"""The names we give to what we create in Asterisk, and how to read them back.

We choose every id, so no event can arrive for something unknown to us, a repeated command cannot make a
second thing, and a restarted daemon knows whose a channel is by its name alone. Pure: no randomness.
"""

import hashlib
import re
from typing import Final, NamedTuple
from uuid import UUID

from siaga112.routing.words import CALLER, CallId, ChannelId, LegId

NO_LEG: Final = LegId(-1)
"""What no call has: channels of ours that belong to a call and carry nobody."""

_UNIQUEID: Final = re.compile(r"(?:.*-)?(?P<seconds>\d{9,11})\.(?P<count>\d+)")
_PREFIX: Final = "s112"
_OURS: Final = re.compile(
    r"s112\.(?P<call>[0-9a-f-]{36})\.(?P<what>agent|bridge|play|tap|beep)(?:\.(?P<n>\d+))?"
)


def call_id(centre: str, channel_id: str) -> CallId:
    """Name the call that came in on a channel; the same channel always gives the same call.

    A UUID of version 8 (RFC 9562): its first 48 bits are the milliseconds at which Asterisk made the
    channel, as its unique id tells, the rest is a hash. So calls sort by time, the rows of a month lie
    together, and tables can be parted by ranges of the key.
    """
    dated = _UNIQUEID.fullmatch(channel_id)
    milliseconds = int(dated["seconds"]) * 1000 + int(dated["count"]) % 1000 if dated else 0
    digest = hashlib.sha256(f"{centre}/{channel_id}".encode()).digest()
    value = milliseconds << 80 | int.from_bytes(digest[:10], "big")
    value = value & ~(0xF << 76) | 0x8 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return CallId(str(UUID(int=value)))


def agent_channel(call: CallId, leg: LegId) -> ChannelId:
    """Name the channel of an agent leg."""
    return ChannelId(f"{_PREFIX}.{call}.agent.{leg}")


def channel(call: CallId, caller: ChannelId, leg: LegId) -> ChannelId:
    """Name the channel of any leg of a call."""
    return caller if leg == CALLER else agent_channel(call, leg)


def bridge(call: CallId) -> str:
    """Name the bridge in which a call's legs talk."""
    return f"{_PREFIX}.{call}.bridge"


def playback(call: CallId, n: int) -> str:
    """Name the n-th prompt that a caller hears."""
    return f"{_PREFIX}.{call}.play.{n}"


def tap(call: CallId, n: int) -> ChannelId:
    """Name the channel through which the ear hears a caller for the n-th time."""
    return ChannelId(f"{_PREFIX}.{call}.tap.{n}")


def beep(call: CallId, half: int) -> ChannelId:
    """Name one of the two halves of the channel that beeps into a call-taker's ear."""
    return ChannelId(f"{_PREFIX}.{call}.beep.{half}")


class Ours(NamedTuple):
    """What an id of ours says: whose it is, what it is, and its number."""

    call_id: CallId
    what: str
    n: int


def read(name: str) -> Ours | None:
    """Read an id back; None when it is not one of ours."""
    found = _OURS.fullmatch(name)
    if found is None:
        return None
    return Ours(CallId(found["call"]), found["what"], int(found["n"] or 0))


def leg_of_call(call: CallId, channel_id: str) -> LegId:
    """Say which leg a channel is, of a call that it is known to belong to."""
    ours = read(channel_id)
    return LegId(ours.n) if ours is not None and ours.call_id == call else CALLER


def leg_of(centre: str, channel_id: str) -> tuple[CallId, LegId]:
    """Say which leg of which call a channel is: an agent's by its name, else a caller's; a tap is no leg."""
    ours = read(channel_id)
    if ours is None:
        return call_id(centre, channel_id), CALLER
    return ours.call_id, LegId(ours.n) if ours.what == "agent" else NO_LEG
