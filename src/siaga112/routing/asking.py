"""How a silent caller is asked for a sign of life, what counts as one, and what it changes."""

from dataclasses import replace
from typing import Any

from siaga112.routing.call import Connected, Hearing, Queued, Ringing
from siaga112.routing.ear import Challenge, Ear
from siaga112.routing.entries import KeyHeard, LanguageChosen
from siaga112.routing.evidence import Challenged, ChallengeEnded, SoundAnswered, Suspected
from siaga112.routing.ivr import put_into
from siaga112.routing.plan import Listening
from siaga112.routing.turn import Turn
from siaga112.routing.words import CALLER, AudioClass, Band, Prompt, Sign, Suspicion

ADVICE = {
    # Somebody may be there whom we cannot hear: a dead microphone, a lost direction of the sound.
    AudioClass.SILENT: Suspicion.SILENT_SUSPECT,
    AudioClass.NO_AUDIO: Suspicion.SILENT_SUSPECT,
    AudioClass.NOISE_ONLY: Suspicion.GHOST_SUSPECT,
    AudioClass.TONE_MACHINE: Suspicion.GHOST_SUSPECT,
}
_OURS = frozenset({Suspicion.NONE, *ADVICE.values()})
"""What may be replaced here; a call-taker's verdict on a number is not ours to take back."""

_SOUNDS = 64
"""So many are remembered of a line at most."""


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
        unsuspect(t, f"a sign of life: {sign}")
    if sign is not Sign.SOUND:
        change_ear(t, person=True, wanted_at=None)
    if sign is Sign.KEY and ear.sign is Sign.WORD:
        change_ear(t, sign=sign)  # Whoever presses keys may have others speak beside them.
    change_ear(t, asks=False, ask_at=None, beep_at=None)


def after_prompt_of_caller(t: Turn, n: int) -> bool:
    """A prompt was played to its end; whether what follows is the question's business."""
    ear = t.call.ear
    if ear is None:
        return False
    if ear.asks:
        return ask(t)
    if ear.challenge is None:
        return False
    if ear.challenge.prompt == n:
        change_ear(t, challenge=_listens(ear.challenge, ear.rules, t.now))
    t.hold()
    return True


def is_asked(t: Turn) -> bool:
    """Whether the caller is being asked, and an answer is listened for."""
    return t.call.ear is not None and t.call.ear.challenge is not None


def ask_afresh(t: Turn) -> None:
    """An interruption is over: what was said meanwhile is not known, so the question is put again."""
    ear = t.call.ear
    if ear is not None and ear.challenge is not None:
        change_ear(t, challenge=None, asks=True, asked=False)


def ask(t: Turn) -> bool:
    """Ask for a sign of life, as soon as nothing else is being said; whether it is being asked now."""
    ear, waits = t.call.ear, isinstance(t.call.phase, Queued | Ringing) and t.call.info is None
    waits = waits and t.call.barred_until is None  # A blocked number is asked to press 1 all the time.
    if ear is None or ear.asked or not waits:
        change_ear(t, asks=False)
        return False
    if isinstance(t.call.sound, Hearing):
        change_ear(t, asks=True)
        return False
    t.set(script=())
    t.note(Challenged())
    t.play(Prompt.SILENT_FIRST)
    usual = sum(at > t.now - ear.rules.sound_until for at in ear.sounds)
    change_ear(t, asks=False, asked=True, challenge=Challenge(t.call.prompts, usual=usual))
    return True


def _listens(challenge: Challenge, rules: Listening, now: float) -> Challenge:
    """The question has been put; the second time it ends no later for that."""
    listens = replace(challenge, asked_at=now, lately=0)
    if challenge.until is not None:
        return listens
    again, until = now + rules.again, now + rules.challenge
    return replace(listens, again_at=again if again < until else None, until=until)


def look_at_challenge(t: Turn, challenge: Challenge) -> None:
    """What is due: the second question, or nobody has answered either."""
    if challenge.until is not None and challenge.until <= t.now:
        change_ear(t, challenge=None)
        t.note(ChallengeEnded(None, challenge.sounds, challenge.usual))
        # Whatever was heard may have been a person: neither in front nor behind.
        if not challenge.stirred and t.call.band in {Band.NORMAL, Band.INFORMATION}:
            put_into(t, Band.SUSPECT, "no sign of life")
    elif challenge.again_at is not None and challenge.again_at <= t.now:
        t.play(Prompt.SILENT_AGAIN)
        change_ear(t, challenge=replace(challenge, again_at=None, prompt=t.call.prompts))


def knock(t: Turn, ear: Ear, at: float, rise_db: float) -> None:
    """A sound answers while somebody who was asked to knock would knock, unless the line is never quiet.

    Whoever knocks, coughs or cries before the question as well does so less often than rain and clocks; of
    those, and of machines, more sounds are wanted than before anybody was asked.
    """
    rules, challenge = ear.rules, ear.challenge
    change_ear(t, sounds=(*(one for one in ear.sounds if one > at - rules.sound_until), at)[-_SOUNDS:])
    if challenge is None or challenge.asked_at is None:
        return
    after = at - challenge.asked_at
    challenge = replace(challenge, stirred=challenge.stirred or after > 0)
    if rules.sound_from <= after <= rules.sound_until:
        t.note(SoundAnswered(round(after, 3), round(rise_db, 1)))
        challenge = replace(challenge, sounds=challenge.sounds + 1, lately=challenge.lately + 1)
    change_ear(t, challenge=challenge)
    noisy = challenge.usual > rules.never_quiet or ear.line.audio_class is AudioClass.TONE_MACHINE
    if challenge.lately > (rules.beyond_usual * challenge.usual if noisy else 0):
        show_life(t, Sign.SOUND)


def _answered(t: Turn, sign: Sign) -> None:
    """They are there and cannot speak: first in line, and the call-taker is told."""
    challenge = None if t.call.ear is None else t.call.ear.challenge
    change_ear(t, challenge=None, sign=sign)
    if challenge is not None:
        t.note(ChallengeEnded(sign, challenge.sounds, challenge.usual))
    unsuspect(t, f"answered by a {sign}")
    t.set(silent=True)
    put_into(t, Band.NEED, f"answered by a {sign}")
    t.play(Prompt.SILENT_OK)


def suspect(t: Turn, suspicion: Suspicion, reason: str) -> None:
    """Raise a flag, or change it."""
    if t.call.suspicion in _OURS and t.call.suspicion is not suspicion:
        t.set(suspicion=suspicion)
        t.note(Suspected(suspicion, reason))


def unsuspect(t: Turn, reason: str) -> None:
    """Take a flag back, and what it did to the place in line."""
    suspect(t, Suspicion.NONE, reason)
    if t.call.band == Band.SUSPECT and not isinstance(t.call.phase, Connected):
        put_into(t, Band.NORMAL, reason)


def change_ear(t: Turn, **changes: Any) -> None:
    """Change fields of what is known of the caller's line."""
    if t.call.ear is not None:
        t.set(ear=replace(t.call.ear, **changes))
