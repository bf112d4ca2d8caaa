"""What is made of what is heard of a caller: when a flag is raised, when the question is due, what lifts it.

    nobody heard ──► flag ──► "press five, or tap your phone" ──► any sign ─────► cannot speak: band 0
                                                            └──► none in 20 s ─► band 3, and a person listens

A flag is advice. It moves a waiting call between bands and tells the call-taker; it never ends one, and the
first sign of life takes it back. Once a call-taker talks nobody is asked: they hear a beep instead.
"""

from dataclasses import asdict, replace

from siaga112.routing import ids
from siaga112.routing.asking import (
    ADVICE,
    ask,
    change_ear,
    knock,
    look_at_challenge,
    show_life,
    suspect,
    unsuspect,
)
from siaga112.routing.call import Connected, Queued, Ringing
from siaga112.routing.commands import Beep
from siaga112.routing.ear import PERSON, Ear, Press
from siaga112.routing.events import CallEvent, KeyPressed
from siaga112.routing.evidence import Beeped, ClassChanged, VoiceBegan
from siaga112.routing.heard import (
    ClassHeard,
    EarLost,
    Heard,
    KeyToned,
    Line,
    LineSummed,
    SoundHeard,
    VoiceHeard,
)
from siaga112.routing.tap import close_ear, open_ear
from siaga112.routing.turn import Turn
from siaga112.routing.words import CALLER, OVERFLOW, AudioClass, Sign, Suspicion

_SHORTEST = 3.0
"""Who was listened to for less is not said to have been silent."""

_SURELY = 0.5
"""So long after its time the ear has said what the line is."""

_ONE_PRESS = 1.0
"""The same key as tones and as the network's event, this close together, was pressed once."""


def one_press(t: Turn, event: CallEvent) -> CallEvent | None:
    """Make a key out of tones a key like any other; None for what was told already, the other way."""
    ear = t.call.ear
    if ear is None:
        return event
    match event:
        case KeyToned(digit=digit):
            press = Press(digit, t.now, toned=True)
        case KeyPressed(leg=leg, digit=digit) if leg == CALLER:
            press = Press(digit, t.now, toned=False)
        case _:
            return event
    last = ear.press
    if last is not None and last.other_way(press) and t.now - last.at < _ONE_PRESS:
        change_ear(t, press=replace(last, told_twice=True))
        return None
    change_ear(t, press=press)
    return KeyPressed(t.call.id, CALLER, digit)


def hear(t: Turn, event: Heard) -> None:
    """Something was heard of a caller who waits or talks."""
    ear = t.call.ear
    if ear is None or not ear.open or event.tap != ear.taps:
        return
    match event:
        case ClassHeard(line=line):
            change_ear(t, line=line)
            t.note(ClassChanged(**asdict(line)))
            _take_for(t, line)
        case VoiceHeard(since=since):
            t.note(VoiceBegan(since))
            show_life(t, Sign.WORD)
        case SoundHeard(at=at, rise_db=rise_db):
            knock(t, ear, at, rise_db)
        case LineSummed(line=line):
            early = line.audio_class not in PERSON and t.now - ear.since < _SHORTEST
            change_ear(t, line=replace(line, audio_class=ear.line.audio_class) if early else line)
        case EarLost():
            _go_unheard(t)
        case KeyToned():
            pass  # Was made a key before it came here.
        case _:
            raise AssertionError(event)


def watch_talk(t: Turn) -> None:
    """A call-taker picked up: nobody is asked any more, and the call-taker is told if nothing is heard."""
    ear = t.call.ear
    if ear is None:
        return
    waits = ear.open and not ear.person and not t.call.silent and t.call.talker != OVERFLOW
    known_at = ear.decides_at + _SURELY
    beep_at = max(t.now + ear.rules.no_answer, known_at) if waits else None
    change_ear(t, asks=False, ask_at=None, challenge=None, beep_at=beep_at)


def listen_to_talk(t: Turn) -> None:
    """Their turn came only after the pick-up: what was due then is due now."""
    ear = t.call.ear
    first = ear is not None and not ear.taps
    open_ear(t)
    if first:
        watch_talk(t)


def look_at_ear(t: Turn) -> None:
    """What is due: the question, the second question, giving up, the beep, the end of listening."""
    if _due(t, "ask_at"):
        change_ear(t, ask_at=None)
        ask(t)
    ear = t.call.ear
    challenge = None if ear is None else ear.challenge
    if challenge is not None:
        look_at_challenge(t, challenge)
    if _due(t, "beep_at"):
        change_ear(t, beep_at=None)
        _beep(t)
    if _due(t, "close_at"):
        close_ear(t)


def _take_for(t: Turn, line: Line) -> None:
    ear, heard = t.call.ear, line.audio_class
    if ear is None or heard is None or heard is AudioClass.DTMF_RESPONSE:
        return  # A key is told by itself.
    if heard not in ADVICE:
        show_life(t, Sign.WORD)
        if heard is AudioClass.SPEAKING:
            _speaks(t, ear)
    elif not ear.person and not t.call.silent:
        if not _beeped(t):
            suspect(t, ADVICE[heard], heard)
        if isinstance(t.call.phase, Queued | Ringing) and not ear.asked and not ear.asks:
            change_ear(t, ask_at=max(t.now, ear.decides_at))


def _speaks(t: Turn, ear: Ear) -> None:
    """Who speaks can speak; who knocked before may have had others speak beside them."""
    change_ear(t, close_at=t.now + ear.rules.after_voice)
    if t.call.ear is not None and t.call.ear.sign is Sign.WORD:
        t.set(silent=False)


def _beeped(t: Turn) -> bool:
    """Whether a call-taker has already been told that nothing is heard."""
    ear = t.call.ear
    return isinstance(t.call.phase, Connected) and ear is not None and ear.beep_at is None


def _beep(t: Turn) -> None:
    """Picked up, and no answer: the call-taker is told; what it was, they say."""
    ear, phase = t.call.ear, t.call.phase
    if ear is None or not ear.nobody or t.call.silent or not isinstance(phase, Connected):
        return
    if t.call.held is not None or not t.call.talkers:
        return  # Nobody waits for a word of who is on hold.
    t.do(Beep(t.call.id, phase.leg, ids.agent_channel(t.call.id, phase.leg)))
    t.note(Beeped(phase.leg))
    suspect(t, Suspicion.GHOST_SUSPECT, f"nothing heard for {ear.rules.no_answer:g} s after the pick-up")


def _go_unheard(t: Turn) -> None:
    """Nobody may be suspected whose sign of life would not be heard."""
    close_ear(t)
    unsuspect(t, "heard no more")


def _due(t: Turn, name: str) -> bool:
    at = None if t.call.ear is None else getattr(t.call.ear, name)
    return at is not None and at <= t.now
