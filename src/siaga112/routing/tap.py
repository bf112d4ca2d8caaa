"""How the ear is laid to a caller's line and taken away again. Nothing of the call waits for either."""

from dataclasses import asdict, replace

from siaga112.routing.call import Presence
from siaga112.routing.commands import Tap, Untap
from siaga112.routing.ear import Ear
from siaga112.routing.evidence import ListeningBegan, ListeningEnded
from siaga112.routing.heard import Line
from siaga112.routing.turn import Turn


def open_ear(t: Turn) -> None:
    """Listen to the caller, where that is wanted and nobody has been heard yet."""
    call, ear = t.call, t.call.ear
    if ear is None or ear.open or ear.person:
        return
    n = ear.taps + 1
    t.set(ear=replace(ear, taps=n, open=True, since=t.now, line=Line()))
    t.do(Tap(call.id, call.caller.channel_id, n))
    t.note(ListeningBegan(n))


def close_ear(t: Turn) -> None:
    """Listen no more, and write down what was heard."""
    ear = t.call.ear
    if ear is None or not ear.open:
        return
    # A tap ends with its caller's channel by itself.
    t.do(Untap(t.call.id, ear.taps, hang_up=t.call.presence is not Presence.GONE))
    t.note(ListeningEnded(**asdict(ear.line)))
    t.set(ear=at_rest(ear))


def at_rest(ear: Ear) -> Ear:
    """The same, with nothing open and nothing to wait for."""
    closed = replace(ear, open=False, asks=False, challenge=None)
    return replace(closed, ask_at=None, beep_at=None, close_at=None)
