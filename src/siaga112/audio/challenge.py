"""The challenge: has a caller who was asked for a sign of life given one? Pure.

Knows which of the ear's events count, and when after the prompt. Does not know the prompt, or what
is done with the answer.
"""

from siaga112.audio.events import AudioClass, Burst, ClassChanged, EarEvent, FirstVoice, Key
from siaga112.audio.settings import EarSettings

_ALIVE = (AudioClass.SPEAKING, AudioClass.POSSIBLE_SPEECH, AudioClass.DTMF_RESPONSE)


def is_sign_of_life(event: EarEvent, prompt_ended_at: float, settings: EarSettings) -> bool:
    """True if this event answers a prompt that ended then.

    A key or possible speech counts as long as the challenge lasts; a burst only while somebody who
    was asked to tap would tap, since streets make bursts too.
    """
    after = event.at - prompt_ended_at
    match event:
        case Key() | FirstVoice():
            return after <= settings.challenge_s
        case ClassChanged():
            return after <= settings.challenge_s and event.verdict.audio_class in _ALIVE
        case Burst():
            return settings.challenge_from_s <= after <= settings.challenge_until_s
        case _:
            return False
