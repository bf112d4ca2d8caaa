"""The small automata: how long something must last to count."""

import pytest

from siaga112.audio import tones
from siaga112.audio.detector import Activity
from siaga112.audio.settings import BLOCK_S, DEFAULT
from siaga112.audio.watch import KeyWatch, ToneWatch, UtteranceWatch, VoiceWatch

NONE = -1
FIVE = tones.KEYS.index("5")
ONE = tones.KEYS.index("1")


def keys(*halves: int) -> str:
    """The digits that a row of halves amounts to."""
    watch, padded = KeyWatch(), [*halves, NONE][: len(halves) + len(halves) % 2]
    for block in range(0, len(padded), 2):
        watch = watch.hear(block * BLOCK_S / 2, (padded[block], padded[block + 1]))
    return watch.digits


@pytest.mark.parametrize(
    ("halves", "digits"),
    [
        ((NONE, FIVE), ""),
        ((FIVE, FIVE), "5"),
        ((NONE, FIVE, FIVE, NONE), "5"),
        ((FIVE,) * 20, "5"),
        ((FIVE, FIVE, NONE, FIVE, FIVE), "5"),
        ((FIVE, FIVE, NONE, NONE, FIVE, FIVE), "55"),
        ((ONE, FIVE, ONE, FIVE), ""),
        ((ONE, ONE, FIVE, FIVE), "15"),
    ],
)
def test_a_key_is_two_halves_and_ends_after_two_without(halves: tuple[int, ...], digits: str) -> None:
    """One half is an accident, a hole of one half is not a second press."""
    assert keys(*halves) == digits


def test_a_key_in_both_ways_is_one_press() -> None:
    """Telephones send the tone and the event; within 0.2 s the two are the same press."""
    watch = KeyWatch().press(1.0, "5", in_band=False).press(1.1, "5", in_band=True)
    assert watch.digits == "5"


@pytest.mark.parametrize(("at", "digit", "in_band"), [(1.3, "5", True), (1.1, "1", True), (1.1, "5", False)])
def test_another_press_is_another_key(at: float, digit: str, *, in_band: bool) -> None:
    """Later, another digit, or a second event of the same kind: pressed again."""
    watch = KeyWatch().press(1.0, "5", in_band=False).press(at, digit, in_band=in_band)
    assert watch.digits == "5" + digit


def tone(*blocks: int) -> float | None:
    """The tone that a row of blocks amounts to."""
    watch = ToneWatch()
    for block in blocks:
        watch = watch.hear(block, DEFAULT)
    return watch.hertz


@pytest.mark.parametrize(
    ("blocks", "hertz"),
    [
        ((0,) * 9, None),
        ((0,) * 10, 425.0),
        (((0,) * 5 + (NONE,)) * 2, None),
        (((0,) * 7 + (NONE,) * 8) * 3, 425.0),
        ((1,) * 4 + (2,) * 4 + (3,) * 4, 1800.0),
        ((0,) * 5 + (4,) * 5, None),
        (((0,) * 4 + (NONE,)) * 10, None),
    ],
)
def test_a_machine_tone_is_stable_or_comes_in_a_cadence(blocks: tuple[int, ...], hertz: float | None) -> None:
    """More than 0.3 s at a stretch (the three of one announcement together), or three pieces of 160 ms."""
    assert tone(*blocks) == hertz


def activity(level: float, floor: float = -65.0) -> Activity:
    """A block at a level."""
    return Activity(level, floor, 0.0, 0.0, (NONE, NONE), NONE, received=True)


def utterances(*levels: float, floor: float = -65.0) -> int:
    """How many a row of blocks amounts to."""
    watch = UtteranceWatch()
    for level in levels:
        watch = watch.hear(activity(level, floor), DEFAULT)
    return watch.count


@pytest.mark.parametrize(
    ("levels", "count"),
    [
        ((-40,) * 10, 0),
        ((-40,) * 11, 1),
        ((-40,) * 60, 1),
        ((-40,) * 6 + (-64,) * 2 + (-40,) * 6, 1),
        ((-40,) * 6 + (-64,) * 3 + (-40,) * 6, 0),
        (((-40,) * 12 + (-64,) * 3) * 3, 3),
        ((-51,) * 30, 0),
    ],
)
def test_an_utterance_lasts_as_long_as_a_word(levels: tuple[float, ...], count: int) -> None:
    """A third of a second, holes of a consonant allowed, and well above the floor."""
    assert utterances(*levels) == count


def test_utterances_need_a_quiet_line() -> None:
    """In the street anything may stand out for a third of a second."""
    assert utterances(*(-20,) * 30, floor=-40.0) == 0


def voice(*probabilities: float, apart: float = BLOCK_S, levels: tuple[float, ...] = ()) -> VoiceWatch:
    """A row of blocks, so far apart, loud if nothing else is said."""
    watch = VoiceWatch()
    for number, probability in enumerate(probabilities, start=1):
        level = levels[number - 1] if levels else -30.0
        block = Activity(level, -65.0, probability, 0.0, (-1, -1), -1, received=True)
        watch = watch.hear(number * apart, block, DEFAULT.speech_gate_dbfs, DEFAULT)
    return watch


def test_five_blocks_make_speech_possible_and_eight_make_it_sure() -> None:
    """The operating points, and when each is reached."""
    watch = voice(*(0.9,) * 20)
    assert watch.possible_at == pytest.approx(5 * BLOCK_S)
    assert watch.spoken_at == pytest.approx(8 * BLOCK_S)
    assert watch.onset == pytest.approx(0)
    assert watch.blocks == 20


def test_hesitant_voice_is_possible_only() -> None:
    """Blocks between the two probabilities never make a speaker."""
    watch = voice(*(0.3,) * 50)
    assert watch.possible_at is not None
    assert watch.spoken_at is None


def test_blocks_need_not_be_in_a_row() -> None:
    """Voice with holes in it (lost packets, noise) adds up within the window."""
    assert voice(*(0.9, 0.0) * 8).spoken_at == pytest.approx(15 * BLOCK_S)


def test_blocks_too_far_apart_never_add_up() -> None:
    """An hour of noise that is taken for voice every three seconds makes no speaker."""
    watch = voice(*(0.9,) * 1000, apart=3.0)
    assert watch.possible_at is watch.spoken_at is None


def test_a_word_may_end_below_the_gate() -> None:
    """A short word dies away, or loses packets: what the network still hears makes it possible, not sure."""
    watch = voice(*(0.9,) * 8, levels=(-40,) * 3 + (-70,) * 5)
    assert watch.possible_at == pytest.approx(5 * BLOCK_S)
    assert watch.spoken_at is None
    assert watch.blocks == 3


@pytest.mark.parametrize("levels", [(-56,) * 3 + (-62,) * 5, (-40,) * 3 + (-70,) * 20])
def test_the_gate_does_not_stay_open(levels: tuple[float, ...]) -> None:
    """Comfort noise opens nothing; a word opens it for its own end, not for what comes later."""
    probabilities = (0.9,) * 3 + (0.0,) * (len(levels) - 5) + (0.9,) * 2
    assert voice(*probabilities, levels=levels).possible_at is None
