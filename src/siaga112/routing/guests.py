"""Supervisors who are one more in a talk, unasked.

A guest is heard by everybody and ends nothing: the talk goes on when they leave. They are there for one of
ours who talks; when none is left their phone is hung up, so that nobody listens to silence and no caller
has a guest for company only. A phone of which we lost sight is for the sweep of `resync`.
"""

from siaga112.routing.commands import Admit, Confirm, Dismiss
from siaga112.routing.events import Barged
from siaga112.routing.legs import Guest
from siaga112.routing.talks import Watched, WatchEnded
from siaga112.routing.turn import Turn
from siaga112.routing.words import ChannelId, Confirmation, Watching


def let_in(t: Turn, event: Barged) -> None:
    """Let a supervisor's phone into the talk."""
    t.note(Watched(event.supervisor, event.agent_id, Watching.BARGE, event.channel_id))
    t.set(guests=(*t.call.guests, Guest(event.supervisor, event.channel_id, t.now)))
    t.do(Admit(t.call.id, event.channel_id))


def let_in_again(t: Turn, outside: frozenset[ChannelId]) -> None:
    """Bring those back who should be in the bridge and were seen outside of it."""
    t.do(*(Admit(t.call.id, one.channel_id) for one in t.call.guests if one.channel_id in outside))


def turn_away(t: Turn, channel_id: ChannelId) -> None:
    """The bridge did not take the phone: say so, and nobody else is concerned."""
    if lose_guest(t, channel_id):
        t.do(Confirm(channel_id, Confirmation.NOT_TALKING))


def lose_guest(t: Turn, channel_id: ChannelId) -> bool:
    """Go on without a guest; say whether there was such a one."""
    found = [one for one in t.call.guests if one.channel_id == channel_id]
    for guest in found:
        t.set(guests=tuple(one for one in t.call.guests if one is not guest))
        t.note(WatchEnded(guest.agent_id, channel_id))
    return bool(found)


def see_out(t: Turn) -> None:
    """Where none of ours talks any more, guests go, too."""
    if t.call.talkers:
        return
    for guest in t.call.guests:
        lose_guest(t, guest.channel_id)
        t.do(Dismiss(guest.channel_id))
