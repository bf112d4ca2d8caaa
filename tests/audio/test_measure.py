"""High-pass, levels, floor and bursts."""

import numpy as np
import pytest

from siaga112.audio import measure
from siaga112.audio.measure import BurstRule
from siaga112.audio.settings import BLOCK, RATE
from tests.audio import clips

RULE = BurstRule(rise_db=9, steps=5, knock_rise_db=20, knock_steps=3)


def filtered(sound: clips.Sound) -> clips.Sound:
    """The sound through the high-pass, block by block as live."""
    memory = np.zeros((1, 4), dtype=np.float32)
    out = []
    for start in range(0, len(sound) - BLOCK + 1, BLOCK):
        block = sound[None, start : start + BLOCK].astype(np.float32)
        passed, memory = measure.high_pass(block, memory)
        out.append(passed[0])
    return np.concatenate(out).astype(np.float64)


def loss_db(hertz: float) -> float:
    """What a tone loses in the high-pass, after it has settled."""
    sound = clips.tone(1, hertz)
    return float(20 * np.log10(sound[2000:].std() / filtered(sound)[2000:].std()))


@pytest.mark.parametrize(
    ("hertz", "low", "high"), [(50, 14, 20), (120, 5, 7), (300, 1, 2), (1000, -0.2, 0.3)]
)
def test_hum_is_damped_and_speech_is_not(hertz: float, low: float, high: float) -> None:
    """50 Hz loses some 17 dB, the telephone band next to nothing."""
    assert low <= loss_db(hertz) <= high


def test_a_constant_offset_disappears() -> None:
    """DC of 3 % of full scale leaves nothing behind."""
    assert np.abs(filtered(np.full(RATE, 0.03))[BLOCK:]).max() < 1e-5


def test_blocks_join_without_a_seam() -> None:
    """The filter's output is that of the plain recursion over the whole sound."""
    sound = clips.noise(0.5, -20)
    pole = np.exp(-2 * np.pi * measure.HIGH_PASS_HZ / RATE)
    expected = sound[: len(sound) // BLOCK * BLOCK]
    for _ in range(2):
        out, before, last = [], 0.0, 0.0
        for sample in expected:
            last = pole * last + (1 + pole) / 2 * (sample - before)
            before = sample
            out.append(last)
        expected = np.array(out)
    assert np.allclose(filtered(sound), expected, atol=1e-6)


def test_level_of_a_full_scale_sine() -> None:
    """A sine of full scale is -3 dBFS, nothing is -120 dBFS."""
    sine = np.sqrt(2) * clips.tone(BLOCK / RATE, 1000, dbfs=-3.01)
    power = measure.powers(np.stack([sine, np.zeros(BLOCK)]).astype(np.float32)).mean(axis=1)
    assert measure.to_dbfs(power) == pytest.approx([0, -120], abs=0.1)


def bursts(sound: clips.Sound, *, received: bool = True) -> tuple[list[float], float]:
    """How far each burst rose, and the floor at the end."""
    memory = np.zeros((1, measure.FOLLOW_COLUMNS), dtype=np.float32)
    found = []
    for start in range(0, len(sound) - BLOCK + 1, BLOCK):
        block = sound[None, start : start + BLOCK].astype(np.float32)
        levels = measure.to_dbfs(measure.powers(block))
        came = np.array([received or bool(block.any())])
        burst, memory = measure.follow(levels, came, memory, RULE)
        found += [float(burst[0])] if burst[0] else []
    return found, float(memory[0, 0])


def test_the_floor_settles_at_the_noise() -> None:
    """After two seconds of steady noise the floor is within 2 dB of it."""
    _, floor = bursts(clips.noise(2, -50))
    assert floor == pytest.approx(-50, abs=2)


def test_a_sound_of_60_ms_is_one_burst() -> None:
    """Above the floor by 15 dB for long enough: told once, with its height."""
    found, _ = bursts(clips.place(clips.noise(3, -50), (2, clips.noise(0.06, -35, seed=3))))
    assert found == [pytest.approx(15, abs=4)]


def test_a_knock_is_shorter_and_harder() -> None:
    """A tap of a finger lasts 30 ms, but far above the floor."""
    found, _ = bursts(clips.place(clips.noise(3, -60), (1.5, clips.tap()), (2.5, clips.tap())))
    assert len(found) == 2


def test_a_click_of_the_line_is_no_burst() -> None:
    """One millisecond, however loud, is not somebody."""
    click = np.full(8, 0.5)
    assert bursts(clips.place(clips.noise(3, -60), (2, click)))[0] == []


def test_steady_noise_makes_no_bursts() -> None:
    """Ten seconds of rain or comfort noise, at any level: nothing happened."""
    assert [bursts(clips.noise(10, level))[0] for level in (-65, -50, -35, -20)] == [[]] * 4


def test_noise_that_begins_and_stays_is_told_once() -> None:
    """A machine that is switched on is one burst, then the floor is there."""
    louder = clips.place(clips.noise(8, -60), (3, clips.noise(5, -30, seed=5)))
    found, floor = bursts(louder)
    assert len(found) == 1
    assert floor == pytest.approx(-30, abs=3)


def test_a_knock_on_a_line_that_carries_nothing_is_a_burst() -> None:
    """Some lines carry digital silence, no comfort noise: who knocks there is heard at the first knock."""
    found, _ = bursts(clips.place(clips.silence(6), (2, clips.tap()), (4, clips.tap())))
    assert len(found) == 2


def test_a_long_cry_does_not_deafen_a_line_that_carries_nothing() -> None:
    """What was loud before the silence is not the floor after it."""
    sound = clips.place(clips.silence(9), (2, clips.noise(4, -20)), (8, clips.noise(0.06, -35, seed=3)))
    assert len(bursts(sound)[0]) == 2


def test_the_floor_is_not_known_from_lost_packets() -> None:
    """Sound that begins where packets were lost may be a word's middle, not something that stands out."""
    sound = clips.place(clips.silence(6), (2, clips.noise(4, -40)))
    assert bursts(sound, received=False)[0] == []


def test_quiet_noise_after_digital_silence_is_no_burst() -> None:
    """A caller whose telephone sends nothing in pauses has comfort noise in between: that is nobody."""
    sound = np.concatenate([clips.noise(2, -50), clips.silence(20), clips.noise(1, -50, seed=2)])
    found, floor = bursts(sound)
    assert found == []
    assert floor == pytest.approx(-50, abs=2)
