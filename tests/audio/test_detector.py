"""The detector: blocks of many callers in, activity of each out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siaga112.audio import detector as module
from siaga112.audio import g711
from siaga112.audio.detector import Activity, Block, Detector, Memory, blank
from siaga112.audio.g711 import Law
from siaga112.audio.settings import BLOCK
from tests.audio import clips

SOUNDS = (
    clips.noise(0.5, -50),
    clips.noise(0.5, -20, seed=2),
    clips.tone(0.5, 425),
    clips.key("5", 0.5),
    clips.chords(0.5),
    clips.silence(0.5),
)


def blocks_of(sound: clips.Sound, law: Law) -> list[Block]:
    """The sound as whole blocks."""
    payload, size = g711.encode(sound, law), BLOCK * law.width
    whole = range(0, len(payload) - size + 1, size)
    return [Block(payload[at : at + size], law, BLOCK) for at in whole]


def heard(detector: Detector, blocks: list[Block]) -> tuple[Memory, list[Activity]]:
    """One caller alone."""
    memory, activities = blank(), []
    for block in blocks:
        (memory,), (activity,) = detector.listen([memory], [block])
        activities.append(activity)
    return memory, activities


def identical(one: Activity, other: Activity) -> bool:
    """The same to the last bit."""
    return np.array_equal(np.array(one[:4]), np.array(other[:4])) and one[4:] == other[4:]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(SOUNDS), st.sampled_from(Law)), min_size=2, max_size=40))
def test_company_changes_nothing(detector: Detector, company: list[tuple[clips.Sound, Law]]) -> None:
    """A caller's activity and memory are the same bit for bit alone and in any batch, any codecs mixed."""
    lines = [blocks_of(sound, law) for sound, law in company]
    memories = [blank() for _ in lines]
    together: list[list[Activity]] = [[] for _ in lines]
    for tick in range(len(lines[0])):
        memories, activities = detector.listen(memories, [line[tick] for line in lines])
        for said, activity in zip(together, activities, strict=True):
            said.append(activity)
    for line, memory, activities in zip(lines, memories, together, strict=True):
        alone, said = heard(detector, line)
        assert np.array_equal(memory, alone)
        assert all(map(identical, said, activities))


@settings(max_examples=50, deadline=None)
@given(st.binary(min_size=BLOCK * 2, max_size=BLOCK * 2), st.sampled_from(Law), st.integers(0, BLOCK))
def test_any_bytes_are_heard(detector: Detector, payload: bytes, law: Law, received: int) -> None:
    """Nonsense from the line is sound like any other: sane numbers, never an exception."""
    block = Block(payload[: BLOCK * law.width], law, received)
    memory, activities = heard(detector, [block] * 3)
    assert np.isfinite(memory).all()
    for activity in activities:
        assert 0 <= activity.probability <= 1
        assert -120 <= activity.level <= 10
        assert -70 <= activity.floor <= 0


def test_memories_are_never_changed_in_place(detector: Detector) -> None:
    """What was true of a caller a block ago stays readable: steps are pure."""
    memory = blank()
    kept = memory.copy()
    first = detector.listen([memory], blocks_of(SOUNDS[1], Law.ALAW)[:1])
    again = detector.listen([memory], blocks_of(SOUNDS[1], Law.ALAW)[:1])
    assert np.array_equal(memory, kept)
    assert np.array_equal(first[0][0], again[0][0])


def test_nobody_is_no_error(detector: Detector) -> None:
    """A tick without callers gives two empty lists."""
    assert detector.listen([], []) == ([], [])


def test_a_voice_is_heard_and_noise_is_not(detector: Detector, sentence: clips.Sound) -> None:
    """Most blocks of a sentence are voice; no block of loud noise is."""
    _, speaking = heard(detector, blocks_of(sentence, Law.ALAW))
    _, raining = heard(detector, blocks_of(clips.noise(2, -25), Law.ALAW))
    assert sum(activity.probability > 0.5 for activity in speaking) > len(speaking) / 2
    assert max(activity.probability for activity in raining) < 0.25


def test_the_three_codings_hear_the_same(detector: Detector, sentence: clips.Sound) -> None:
    """µ-law, A-law and linear PCM of one sentence give nearly the same probabilities."""
    said = [heard(detector, blocks_of(sentence, law))[1] for law in Law]
    voiced = [sum(activity.probability > 0.35 for activity in one) for one in said]
    assert max(voiced) - min(voiced) <= 4


def test_after_half_a_second_of_silence_the_network_rests(detector: Detector) -> None:
    """A silent caller costs no run of the network, and its state stays as it was."""
    before, _ = heard(detector, blocks_of(clips.noise(1, -40), Law.ULAW))
    memory, rested = before, []
    for block in blocks_of(clips.silence(1.5), Law.ULAW):
        (memory,), _ = detector.listen([memory], [block])
        rested.append(memory[module._NETWORK])
    assert not np.array_equal(rested[0], before[module._NETWORK])
    assert np.array_equal(rested[20], rested[-1])


def test_lost_blocks_are_not_counted_as_heard(detector: Detector) -> None:
    """Filled-in samples say nothing of the line's level."""
    lost = Block(Law.ALAW.idle * BLOCK, Law.ALAW, 0)
    memory, activities = heard(detector, [lost] * 10)
    assert module.summary(memory) is None
    (memory,), _ = detector.listen([memory], blocks_of(clips.noise(0.04, -40), Law.ALAW))
    found = module.summary(memory)
    assert found is not None
    assert (found.blocks, found.digital_share) == (1, 0)
    assert not any(activity.received for activity in activities)


def test_the_summary_tells_levels_and_digital_silence(detector: Detector) -> None:
    """Median and 95th percentile in dBFS, and how much was the code for nothing."""
    sound = np.concatenate([clips.noise(3.2, -40), clips.silence(0.8)])
    found = module.summary(heard(detector, blocks_of(sound, Law.ULAW))[0])
    assert found is not None
    assert found.blocks == 125
    assert found.median == pytest.approx(-40, abs=2)
    assert found.p95 == pytest.approx(-39, abs=2)
    assert found.digital_share == pytest.approx(0.2, abs=0.01)


def test_the_histogram_counts_every_block_once(detector: Detector) -> None:
    """What is logged of a trunk's levels adds up to what was heard."""
    memory, activities = heard(detector, blocks_of(clips.noise(2, -33), Law.ULAW))
    counts = module.histogram(memory)
    assert sum(counts) == len(activities)
    assert sum(counts[80 - 36 : 80 - 30]) == len(activities)
