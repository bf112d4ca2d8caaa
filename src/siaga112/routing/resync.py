"""What an interruption hid: the events that make a call agree with what Asterisk really has."""

from collections.abc import Iterator, Mapping

from siaga112.routing import ids
from siaga112.routing.call import Call, Connected, Queued, Ringing
from siaga112.routing.commands import Command, Dismiss, DropBridge, Hangup, Untap
from siaga112.routing.events import (
    CallerEntered,
    CallEvent,
    GuestGone,
    LegAnswered,
    LegGone,
    Resumed,
    Resynced,
    Snapshot,
)
from siaga112.routing.legs import Presence, Stage
from siaga112.routing.words import CALLER, CallId, ChannelId, LegId, Why


def differences(call: Call, event: Resynced) -> Iterator[CallEvent]:
    """List what must have happened to a call; legs that are gone come first."""
    if call.queued_at >= event.asked_at:
        return
    guests = [one.channel_id for one in call.guests if one.since < event.asked_at]
    gone = [GuestGone(call.id, one) for one in guests if one not in event.snapshot.desks]
    missed = [*_of_the_caller(call, event.snapshot), *_of_the_others(call, event), *gone]
    yield from missed
    together = event.snapshot.bridges.get(call.id, frozenset())
    outside = frozenset(one for one in guests if event.snapshot.desks.get(one) != call.id)
    if event.routine and (missed or _agrees(call, together, outside)):
        return
    caller = event.snapshot.legs.get((call.id, CALLER))
    yield Resumed(call.id, caller is not None and caller.up, together, outside)


def _agrees(call: Call, together: frozenset[LegId], outside: frozenset[ChannelId]) -> bool:
    """Whether those are in the bridge who belong there; nothing can be played to a caller left in it."""
    match call.phase:
        case Connected():
            return together == call.together and not outside
        case Queued() | Ringing():
            return CALLER not in together
        case _:
            return True


def _of_the_caller(call: Call, snapshot: Snapshot) -> Iterator[CallEvent]:
    caller = snapshot.legs.get((call.id, CALLER))
    if caller is None:
        yield LegGone(call.id, CALLER, Why.VANISHED)
    elif caller.ours and call.presence is Presence.ARRIVING:
        yield CallerEntered(call.id)
    elif not caller.ours and call.presence is not Presence.ARRIVING:
        yield LegGone(call.id, CALLER, Why.LEFT)


def _of_the_others(call: Call, event: Resynced) -> Iterator[CallEvent]:
    for leg in call.legs:
        sight = event.snapshot.legs.get((call.id, leg.leg))
        if leg.since >= event.asked_at:
            continue
        if sight is None:
            yield LegGone(call.id, leg.leg, _why(leg.stage))
        elif sight.up and sight.ours and leg.stage is Stage.DIALLING:
            yield LegAnswered(call.id, leg.leg)


def _why(stage: Stage) -> Why:
    """A phone that talked was most likely hung up; one that rang in vain was not reached."""
    return Why.HUNG_UP if stage is Stage.ANSWERED else Why.VANISHED


def strangers(calls: Mapping[CallId, Call], snapshot: Snapshot) -> frozenset[ChannelId]:
    """Say which of the phones that dialled a code are in no talk, as far as we know."""
    guests = {guest.channel_id for call in calls.values() for guest in call.guests}
    return frozenset(snapshot.desks) - guests


def sweep_desks(
    found: frozenset[ChannelId], before: frozenset[ChannelId], snapshot: Snapshot
) -> Iterator[Command]:
    """List which of these phones to hang up: who is in a talk uninvited, or has waited for us in vain.

    A code that was dialled just now is dealt with in a moment; whoever the look before saw, too, is stuck.
    """
    for channel_id in sorted(found):
        if snapshot.desks[channel_id] is not None or channel_id in before:
            yield Dismiss(channel_id)


def sweep(calls: Mapping[CallId, Call], snapshot: Snapshot) -> Iterator[Command]:
    """List what is left over of calls that are no more: agents' channels, taps, then bridges."""
    for (call_id, leg), sight in snapshot.legs.items():
        known = calls.get(call_id)
        if leg != CALLER and sight.ours and (known is None or known.leg(leg) is None):
            yield Hangup(call_id, leg, ids.agent_channel(call_id, leg))
    for call_id, n in snapshot.taps:
        known = calls.get(call_id)
        if known is None or known.ear is None or not known.ear.open or known.ear.taps != n:
            yield Untap(call_id, n)
    for call_id in snapshot.bridges:
        known = calls.get(call_id)
        if known is None or not known.bridged:
            yield DropBridge(call_id)
