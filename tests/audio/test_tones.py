"""Keys and machine tones: the exact ones, and nothing that only resembles them."""

from itertools import pairwise

import numpy as np
import pytest

from siaga112.audio import tones
from siaga112.audio.settings import BLOCK, DEFAULT, RATE
from tests.audio import clips


def found(sound: clips.Sound) -> tones.Tones:
    """The measurement of every whole block in the sound."""
    whole = sound[: len(sound) // BLOCK * BLOCK].reshape(-1, BLOCK).astype(np.float32)
    return tones.find(whole, DEFAULT.tone_tolerance)


@pytest.mark.parametrize("digit", clips.KEY_HERTZ)
def test_every_key_is_known(digit: str) -> None:
    """Twelve keys, with noise 12 dB below them."""
    sound = clips.key(digit, 0.5) + clips.noise(0.5, -30)
    keys = {tones.KEYS[index] for index in found(sound).keys.ravel() if index >= 0}
    assert keys == {digit}


def test_the_two_tones_of_a_key_may_differ_by_8_db() -> None:
    """Long lines take more from the higher tone."""
    row, column = clips.KEY_HERTZ["5"]
    sound = clips.tone(0.2, row, dbfs=-15) + clips.tone(0.2, column, dbfs=-23)
    assert (found(sound).keys == tones.KEYS.index("5")).all()


def test_too_unequal_tones_are_no_key() -> None:
    """Twelve decibels between them: an overtone, not a keypad."""
    row, column = clips.KEY_HERTZ["5"]
    for low, high in ((-12, -24), (-24, -12)):
        sound = clips.tone(0.2, row, dbfs=low) + clips.tone(0.2, column, dbfs=high)
        assert (found(sound).keys == -1).all()


@pytest.mark.parametrize("digit", clips.KEY_HERTZ)
@pytest.mark.parametrize("off", [-0.015, 0.015])
def test_a_telephone_may_be_off_by_one_and_a_half_percent(digit: str, off: float) -> None:
    """So far a keypad of the old sort may stray, each tone on its own."""
    row, column = clips.KEY_HERTZ[digit]
    for other in (-off, off):
        sound = clips.tone(0.2, row * (1 + off), column * (1 + other)) + clips.noise(0.2, -35)
        assert (found(sound).keys == tones.KEYS.index(digit)).all()


@pytest.mark.parametrize("off", [-0.035, 0.035])
def test_what_strays_further_is_no_key(off: float) -> None:
    """At 3.5 % it is somebody's voice, not a keypad."""
    for row, column in clips.KEY_HERTZ.values():
        assert (found(clips.tone(0.2, row * (1 + off), column * (1 + off))).keys == -1).all()


@pytest.mark.parametrize("hertz", [(770,), (1336,), (770, 1633), (770, 852, 1336), (733, 1336), (770, 1272)])
def test_what_is_not_exactly_a_key_is_none(hertz: tuple[float, ...]) -> None:
    """One tone, three tones, or two at wrong frequencies are no key."""
    assert (found(clips.tone(0.5, *hertz)).keys == -1).all()


@pytest.mark.parametrize("hertz", tones.MACHINE_HZ)
@pytest.mark.parametrize("off", [-0.01, 0, 0.01])
def test_machine_tones_are_known_within_a_percent(hertz: float, off: float) -> None:
    """Exchanges are not exact, but nearly."""
    sound = clips.tone(0.5, hertz * (1 + off)) + clips.noise(0.5, -35)
    machine = {tones.MACHINE_HZ[index] for index in found(sound).machine}
    assert machine == {hertz}


@pytest.mark.parametrize("hertz", tones.MACHINE_HZ)
@pytest.mark.parametrize("off", [-0.025, 0.025])
def test_a_cry_beside_the_frequency_is_no_machine(hertz: float, off: float) -> None:
    """A single spectral peak somewhere else is what screams look like too."""
    assert (found(clips.tone(0.5, hertz * (1 + off))).machine == -1).all()


def test_a_tone_that_glides_through_is_no_stable_tone() -> None:
    """A siren or a scream crosses 425 and 1100 Hz, but does not stay."""
    times = np.arange(2 * RATE) / RATE
    glide = 0.2 * np.sin(2 * np.pi * (300 * times + 250 * times**2))
    machine = found(glide).machine
    assert not any(a == b == c != -1 for a, b, c in zip(machine, machine[1:], machine[2:], strict=False))


@pytest.mark.parametrize("sound", [clips.noise(5, -20), clips.street(5, -20), clips.chords(5)])
def test_noise_and_music_have_neither(sound: clips.Sound) -> None:
    """Five seconds of noise, traffic or music press no key and are no machine."""
    measured = found(sound)
    assert (measured.machine == -1).all()
    assert (measured.keys == -1).all()


def test_voices_press_no_key(sentence: clips.Sound) -> None:
    """No two halves of a spoken sentence are the same key."""
    keys = found(sentence).keys.ravel()
    assert not any(a == b != -1 for a, b in pairwise(keys))


def test_nothing_is_found_in_silence() -> None:
    """Zeros divide nothing by nothing, without a warning."""
    measured = found(clips.silence(0.5))
    assert (measured.machine == -1).all()
    assert (measured.keys == -1).all()
