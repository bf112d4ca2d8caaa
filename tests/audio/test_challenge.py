"""The challenge: what counts as a sign of life."""

import pytest

from siaga112.audio.challenge import is_sign_of_life
from siaga112.audio.events import (
    AudioClass,
    Burst,
    ClassChanged,
    EarEvent,
    Evidence,
    FirstVoice,
    Key,
    Suspicion,
    ToneHeard,
    Verdict,
)
from siaga112.audio.settings import DEFAULT

EVIDENCE = Evidence(0, 0, None, None, 0, "", 0, None, None, 0, None, None, None, 0)
PROMPT_ENDED = 100.0


def changed(after: float, kind: AudioClass) -> ClassChanged:
    """The class became this, so long after the prompt."""
    said = Verdict(kind, Suspicion.NONE, 0, None, 0, EVIDENCE)
    return ClassChanged(PROMPT_ENDED + after, AudioClass.SILENT, said)


@pytest.mark.parametrize(
    ("event", "alive"),
    [
        (Key(PROMPT_ENDED + 0.1, "5"), True),
        (Key(PROMPT_ENDED + 19.9, "1"), True),
        (Key(PROMPT_ENDED + 20.1, "1"), False),
        (Key(PROMPT_ENDED - 2, "5"), True),
        (FirstVoice(PROMPT_ENDED + 15, PROMPT_ENDED + 14.8), True),
        (Burst(PROMPT_ENDED + 0.2, 30), False),
        (Burst(PROMPT_ENDED + 0.4, 10), True),
        (Burst(PROMPT_ENDED + 7.9, 10), True),
        (Burst(PROMPT_ENDED + 8.1, 30), False),
        (changed(12, AudioClass.POSSIBLE_SPEECH), True),
        (changed(12, AudioClass.NOISE_ONLY), False),
        (changed(21, AudioClass.SPEAKING), False),
        (ToneHeard(PROMPT_ENDED + 3, 425.0), False),
    ],
)
def test_what_answers_a_prompt(event: EarEvent, *, alive: bool) -> None:
    """Any key or possible word for 20 s (also into the prompt), a burst from 0.3 to 8 s after it."""
    assert is_sign_of_life(event, PROMPT_ENDED, DEFAULT) is alive
