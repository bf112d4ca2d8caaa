"""How the ear is laid to a caller's line and taken away again. Nothing of the call waits for either.

A tap costs Asterisk two channels, as many as the call itself. So it is not opened in the moment in which
phones are rung for the caller, and callers take turns (`tapturns`).
"""

from dataclasses import asdict, replace

from siaga112.routing.commands import Tap, Untap
from siaga112.routing.ear import Ear
from siaga112.routing.evidence import ListeningBegan, ListeningEnded
from siaga112.routing.heard import Line
from siaga112.routing.legs import Presence
from siaga112.routing.turn import Turn

AFTER_ANSWER = 0.25
"""Seconds after the answer: first a phone rings, then somebody listens."""

_ENOUGH = 0.75
"""Of the time after which a silent caller is asked, what at least must have been listened to."""


def want_ear(t: Turn, after: float = 0.0) -> None:
    """Have the caller listened to, from so much later on and when their turn comes."""
    ear = t.call.ear
    if ear is not None and not ear.open and not ear.person and ear.wanted_at is None:
        t.set(ear=replace(ear, wanted_at=t.now + after))


def open_ear(t: Turn) -> None:
    """It is this caller's turn: listen, if that is still wanted."""
    call, ear = t.call, t.call.ear
    if ear is None or ear.wanted_at is None:
        return
    n, decide = ear.taps + 1, ear.rules.decide
    # Whoever waited for their turn in a rush is not asked later for that.
    decides_at = max(ear.wanted_at + decide, t.now + _ENOUGH * decide)
    known = replace(ear, taps=n, wanted_at=None, open=True, since=t.now, decides_at=decides_at, line=Line())
    t.set(ear=known)
    t.do(Tap(call.id, call.caller.channel_id, n, decides_at))
    t.note(ListeningBegan(n))


def close_ear(t: Turn) -> None:
    """Listen no more, and write down what was heard."""
    ear = t.call.ear
    if ear is None:
        return
    if ear.open:
        # A tap ends with its caller's channel by itself.
        t.do(Untap(t.call.id, ear.taps, hang_up=t.call.presence is not Presence.GONE))
        t.note(ListeningEnded(**asdict(ear.line)))
    t.set(ear=at_rest(ear))


def at_rest(ear: Ear) -> Ear:
    """The same, with nothing open and nothing to wait for."""
    closed = replace(ear, wanted_at=None, open=False, asks=False, challenge=None)
    return replace(closed, ask_at=None, beep_at=None, close_at=None)
