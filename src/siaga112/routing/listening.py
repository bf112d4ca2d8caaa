"""What is made of a caller's silence: when a flag is raised, who is asked for a sign of life, what lifts it.

    nobody heard ──► flag ──► "press five, or tap your phone" ──► any sign ─────► cannot speak: band 0
                                                            └──► none in 20 s ─► band 3, and a person listens

A flag is advice. It moves a waiting call between bands and tells the call-taker; it never ends one, and the
first sign of life takes it back. Once a call-taker talks nobody is asked: they hear a beep instead.
"""

from dataclasses import asdict, replace
from typing import Any

from siaga112.routing import ids
from siaga112.routing.call import Connected, Hearing, Queued, Ringing
from siaga112.routing.commands import Beep
from siaga112.routing.ear import PERSON, Challenge, Ear, Press
from siaga112.routing.entries import KeyHeard, LanguageChosen
from siaga112.routing.events import CallEvent, KeyPressed
from siaga112.routing.evidence import (
    Beeped,
    Challenged,
    ChallengeEnded,
    ClassChanged,
    SoundAnswered,
    Suspected,
    VoiceBegan,
)
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
from siaga112.routing.ivr import put_into
from siaga112.routing.plan import Listening
from siaga112.routing.tap import close_ear, open_ear
from siaga112.routing.turn import Turn
from siaga112.routing.words import CALLER, OVERFLOW, AudioClass, Band, Prompt, Sign, Suspicion

_ADVICE = {
    # Somebody may be there whom we cannot hear: a dead microphone, a lost direction of the sound.
    AudioClass.SILENT: Suspicion.SILENT_SUSPECT,
    AudioClass.NO_AUDIO: Suspicion.SILENT_SUSPECT,
    AudioClass.NOISE_ONLY: Suspicion.GHOST_SUSPECT,
    AudioClass.TONE_MACHINE: Suspicion.GHOST_SUSPECT,
}
_OURS = frozenset({Suspicion.NONE, *_ADVICE.values()})
"""What may be replaced here; a call-taker's verdict on a number is not ours to take back."""

_SHORTEST = 3.0
"""Who was listened to for less is not said to have been silent."""

_SOUNDS = 64
"""So many are remembered of a line at most."""

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
        _change(t, press=replace(last, told_twice=True))
        return None
    _change(t, press=press)
    return KeyPressed(t.call.id, CALLER, digit)


def hear(t: Turn, event: Heard) -> None:
    """Something was heard of a caller who waits or talks."""
    ear = t.call.ear
    if ear is None or not ear.open or event.tap != ear.taps:
        return
    match event:
        case ClassHeard(line=line):
            _change(t, line=line)
            t.note(ClassChanged(**asdict(line)))
            _take_for(t, line)
        case VoiceHeard(since=since):
            t.note(VoiceBegan(since))
            show_life(t, Sign.WORD)
        case SoundHeard(at=at, rise_db=rise_db):
            _knock(t, ear, at, rise_db)
        case LineSummed(line=line):
            early = line.audio_class not in PERSON and t.now - ear.since < _SHORTEST
            _change(t, line=replace(line, audio_class=ear.line.audio_class) if early else line)
        case EarLost():
            _go_unheard(t)
        case KeyToned():
            pass  # Was made a key before it came here.
        case _:
            raise AssertionError(event)


def answer_by_key(t: Turn, digit: str) -> bool:
    """A waiting caller pressed a key; whether it answered the question, and needs no other meaning."""
    ear = t.call.ear
    if ear is None or ear.challenge is None:
        show_life(t, Sign.KEY)
        return False
    t.note(KeyHeard(CALLER, digit))
    if digit == "9":
        t.set(language="en")
        t.note(LanguageChosen("en"))
    show_life(t, Sign.KEY)
    return True


def show_life(t: Turn, sign: Sign) -> None:
    """Somebody is there: whoever was asked has answered, and any flag goes."""
    ear = t.call.ear
    if ear is None:
        return
    if ear.challenge is not None:
        _answered(t, sign)
    elif sign is not Sign.SOUND:
        _unsuspect(t, f"a sign of life: {sign}")
    if sign is not Sign.SOUND:
        _change(t, person=True, wanted_at=None)
    if sign is Sign.KEY and ear.sign is Sign.WORD:
        _change(t, sign=sign)  # Whoever presses keys may have others speak beside them.
    _change(t, asks=False, ask_at=None, beep_at=None)


def after_prompt_of_caller(t: Turn, n: int) -> bool:
    """A prompt was played to its end; whether what follows is the question's business."""
    ear = t.call.ear
    if ear is None:
        return False
    if ear.asks:
        return _ask(t)
    if ear.challenge is None:
        return False
    if ear.challenge.prompt == n:
        _change(t, challenge=_listens(ear.challenge, ear.rules, t.now))
    t.hold()
    return True


def is_asked(t: Turn) -> bool:
    """Whether the caller is being asked, and an answer is listened for."""
    return t.call.ear is not None and t.call.ear.challenge is not None


def watch_talk(t: Turn) -> None:
    """A call-taker picked up: nobody is asked any more, and the call-taker is told if nothing is heard."""
    ear = t.call.ear
    if ear is None:
        return
    waits = ear.open and not ear.person and not t.call.silent and t.call.talker != OVERFLOW
    known_at = ear.since + ear.rules.decide + _SURELY
    beep_at = max(t.now + ear.rules.no_answer, known_at) if waits else None
    _change(t, asks=False, ask_at=None, challenge=None, beep_at=beep_at)


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
        _change(t, ask_at=None)
        _ask(t)
    ear = t.call.ear
    challenge = None if ear is None else ear.challenge
    if challenge is not None:
        _look_at_challenge(t, challenge)
    if _due(t, "beep_at"):
        _change(t, beep_at=None)
        _beep(t)
    if _due(t, "close_at"):
        close_ear(t)


def ask_afresh(t: Turn) -> None:
    """An interruption is over: what was said meanwhile is not known, so the question is put again."""
    ear = t.call.ear
    if ear is not None and ear.challenge is not None:
        _change(t, challenge=None, asks=True, asked=False)


def _take_for(t: Turn, line: Line) -> None:
    ear, heard = t.call.ear, line.audio_class
    if ear is None or heard is None or heard is AudioClass.DTMF_RESPONSE:
        return  # A key is told by itself.
    if heard not in _ADVICE:
        show_life(t, Sign.WORD)
        if heard is AudioClass.SPEAKING:
            _speaks(t, ear)
    elif not ear.person and not t.call.silent:
        if not _beeped(t):
            _suspect(t, _ADVICE[heard], heard)
        if isinstance(t.call.phase, Queued | Ringing) and not ear.asked and not ear.asks:
            _change(t, ask_at=max(t.now, ear.since + ear.rules.decide))


def _speaks(t: Turn, ear: Ear) -> None:
    """Who speaks can speak; who knocked before may have had others speak beside them."""
    _change(t, close_at=t.now + ear.rules.after_voice)
    if t.call.ear is not None and t.call.ear.sign is Sign.WORD:
        t.set(silent=False)


def _beeped(t: Turn) -> bool:
    """Whether a call-taker has already been told that nothing is heard."""
    ear = t.call.ear
    return isinstance(t.call.phase, Connected) and ear is not None and ear.beep_at is None


def _ask(t: Turn) -> bool:
    """Ask for a sign of life, as soon as nothing else is being said; whether it is being asked now."""
    ear, waits = t.call.ear, isinstance(t.call.phase, Queued | Ringing) and t.call.info is None
    waits = waits and t.call.barred_until is None  # A blocked number is asked to press 1 all the time.
    if ear is None or ear.asked or not waits:
        _change(t, asks=False)
        return False
    if isinstance(t.call.sound, Hearing):
        _change(t, asks=True)
        return False
    t.set(script=())
    t.note(Challenged())
    t.play(Prompt.SILENT_FIRST)
    usual = sum(at > t.now - ear.rules.sound_until for at in ear.sounds)
    _change(t, asks=False, asked=True, challenge=Challenge(t.call.prompts, usual=usual))
    return True


def _listens(challenge: Challenge, rules: Listening, now: float) -> Challenge:
    """The question has been put; the second time it ends no later for that."""
    listens = replace(challenge, asked_at=now, lately=0)
    if challenge.until is not None:
        return listens
    again, until = now + rules.again, now + rules.challenge
    return replace(listens, again_at=again if again < until else None, until=until)


def _look_at_challenge(t: Turn, challenge: Challenge) -> None:
    if challenge.until is not None and challenge.until <= t.now:
        _change(t, challenge=None)
        t.note(ChallengeEnded(None, challenge.sounds, challenge.usual))
        # Whatever was heard may have been a person: neither in front nor behind.
        if not challenge.stirred and t.call.band in {Band.NORMAL, Band.INFORMATION}:
            put_into(t, Band.SUSPECT, "no sign of life")
    elif challenge.again_at is not None and challenge.again_at <= t.now:
        t.play(Prompt.SILENT_AGAIN)
        _change(t, challenge=replace(challenge, again_at=None, prompt=t.call.prompts))


def _knock(t: Turn, ear: Ear, at: float, rise_db: float) -> None:
    """A sound answers while somebody who was asked to knock would knock, unless the line is never quiet.

    Whoever knocks, coughs or cries before the question as well does so less often than rain and clocks; of
    those, and of machines, more sounds are wanted than before anybody was asked.
    """
    rules, challenge = ear.rules, ear.challenge
    _change(t, sounds=(*(one for one in ear.sounds if one > at - rules.sound_until), at)[-_SOUNDS:])
    if challenge is None or challenge.asked_at is None:
        return
    after = at - challenge.asked_at
    challenge = replace(challenge, stirred=challenge.stirred or after > 0)
    if rules.sound_from <= after <= rules.sound_until:
        t.note(SoundAnswered(round(after, 3), round(rise_db, 1)))
        challenge = replace(challenge, sounds=challenge.sounds + 1, lately=challenge.lately + 1)
    _change(t, challenge=challenge)
    noisy = challenge.usual > rules.never_quiet or ear.line.audio_class is AudioClass.TONE_MACHINE
    if challenge.lately > (rules.beyond_usual * challenge.usual if noisy else 0):
        show_life(t, Sign.SOUND)


def _answered(t: Turn, sign: Sign) -> None:
    """They are there and cannot speak: first in line, and the call-taker is told."""
    challenge = None if t.call.ear is None else t.call.ear.challenge
    _change(t, challenge=None, sign=sign)
    if challenge is not None:
        t.note(ChallengeEnded(sign, challenge.sounds, challenge.usual))
    _unsuspect(t, f"answered by a {sign}")
    t.set(silent=True)
    put_into(t, Band.NEED, f"answered by a {sign}")
    t.play(Prompt.SILENT_OK)


def _suspect(t: Turn, suspicion: Suspicion, reason: str) -> None:
    if t.call.suspicion in _OURS and t.call.suspicion is not suspicion:
        t.set(suspicion=suspicion)
        t.note(Suspected(suspicion, reason))


def _unsuspect(t: Turn, reason: str) -> None:
    _suspect(t, Suspicion.NONE, reason)
    if t.call.band == Band.SUSPECT and not isinstance(t.call.phase, Connected):
        put_into(t, Band.NORMAL, reason)


def _beep(t: Turn) -> None:
    """Picked up, and no answer: the call-taker is told; what it was, they say."""
    ear, phase = t.call.ear, t.call.phase
    if ear is None or not ear.nobody or t.call.silent or not isinstance(phase, Connected):
        return
    if t.call.held is not None or not t.call.talkers:
        return  # Nobody waits for a word of who is on hold.
    t.do(Beep(t.call.id, phase.leg, ids.agent_channel(t.call.id, phase.leg)))
    t.note(Beeped(phase.leg))
    _suspect(t, Suspicion.GHOST_SUSPECT, f"nothing heard for {ear.rules.no_answer:g} s after the pick-up")


def _go_unheard(t: Turn) -> None:
    """Nobody may be suspected whose sign of life would not be heard."""
    close_ear(t)
    _unsuspect(t, "heard no more")


def _due(t: Turn, name: str) -> bool:
    at = None if t.call.ear is None else getattr(t.call.ear, name)
    return at is not None and at <= t.now


def _change(t: Turn, **changes: Any) -> None:
    if t.call.ear is not None:
        t.set(ear=replace(t.call.ear, **changes))
