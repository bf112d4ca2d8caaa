"""Prompts: every text has its sound in every language, and every sound is what a telephone can carry."""

import array
import math
import sys
import wave

import pytest

from siaga112.lab import prompts
from siaga112.lab.layout import asterisk_conf

BASE = asterisk_conf()
TEXTS = prompts.manifest()
# What the daemon and the dialplan play by name.
PLAYED = {
    *("greet", "menu", "rec", "wait_1", "wait_n", "noagent", "silent_1", "silent_2", "silent_ok"),
    *("silent_yn", "silent_svc", "flagged", "info_menu", "info_end", "surge", "overflow", "xregion"),
    *("info_weather", "info_health", "info_numbers"),
    *("reconnect", "callback", "bye", "closed_test", "unavailable"),
    *("w_silent", "w_suspect", "w_flag", "w_repeat", "w_xfer", "w_info"),
    *("agent_ready", "agent_paused", "agent_logged_out", "agent_wrap_up_ended", "agent_unknown"),
    *("agent_state_ready", "agent_state_paused", "agent_state_logged_out", "agent_state_on_call"),
    *("agent_state_wrap_up", "agent_state_not_responding"),
    *("agent_surge_on", "agent_surge_off", "agent_blocked", "agent_unblocked"),
    *("agent_no_number", "agent_not_allowed", "agent_not_talking"),
    *("hold", "desk_calling", "desk_failed", "desk_refused"),
}


def _samples(file: wave.Wave_read) -> "array.array[int]":
    samples = array.array("h", file.readframes(file.getnframes()))
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def test_all_that_is_played_has_a_text() -> None:
    """The manifest holds exactly the prompts that are played, each in both languages."""
    assert {prompt.id for prompt in TEXTS} == PLAYED
    assert all(set(prompt.texts) == {"id", "en"} and all(prompt.texts.values()) for prompt in TEXTS)


def test_files_are_those_of_the_manifest() -> None:
    """There is a file for each text and no other file."""
    wanted = {prompts.wav_path(BASE, language, prompt.id) for prompt in TEXTS for language in ("id", "en")}
    assert set(BASE.glob("sounds/**/*.wav")) == wanted


@pytest.mark.parametrize("path", sorted(BASE.glob("*/**/*.wav")), ids=lambda path: path.name)
def test_file_is_playable_and_soft(path: object) -> None:
    """8 kHz, mono, 16 bit, at most 15 s; audible, and never louder than half of full scale."""
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        assert 0.5 < file.getnframes() / 8000 < 15
        peak = max(abs(sample) for sample in _samples(file))
    assert 0.05 * 32768 < peak <= prompts.PEAK * 32768 + 1


def test_repository_stays_small() -> None:
    """All sounds together are a few megabytes."""
    assert sum(path.stat().st_size for path in BASE.glob("*/**/*.wav")) < 8_000_000


@pytest.mark.parametrize(("pitch", "survives"), [(1000, True), (2800, True), (5000, False)])
def test_resampling_keeps_the_telephone_band(pitch: int, survives: bool) -> None:  # noqa: FBT001
    """What the telephone carries passes unchanged; what would fold back into it is gone."""
    rate = 22050
    tone = [round(10_000 * math.sin(2 * math.pi * pitch * n / rate)) for n in range(rate // 4)]
    middle = prompts.resample(tone, rate)[400:-400]
    peak = max(abs(sample) for sample in middle)
    assert (9_000 < peak < 11_000) if survives else peak < 300


def test_levelling_trims_and_evens_out() -> None:
    """Silence at the ends goes but for a breath; quiet and loud speech come out alike."""
    words = [round(math.sin(n / 3) * 1000) for n in range(8000)]
    quiet = prompts.level([0] * 8000 + words + [0] * 8000)
    loud = prompts.level([sample * 20 for sample in words])
    assert 8000 <= len(quiet) <= 8000 + 2 * prompts.EDGE
    assert max(quiet) == pytest.approx(max(loud), rel=0.1)


def test_hold_music_has_no_seam() -> None:
    """The loop's end and start are near silence, so that no click is heard every few seconds."""
    music = prompts.hold_music()
    assert len(music) == prompts.HOLD_SECONDS * 8000
    assert max(abs(sample) for sample in [*music[:80], *music[-80:]]) < 100
    assert max(music) <= prompts.HOLD_PEAK * 32768


@pytest.mark.parametrize(("prompt", "longest"), [("greet", 3.0), ("menu", 8.0)])
@pytest.mark.parametrize("language", ["id", "en"])
def test_what_stands_before_the_queue_is_short(language: str, prompt: str, longest: float) -> None:
    """A caller hears the greeting for three seconds at most, and the menu for eight."""
    with wave.open(str(BASE / "sounds" / language / "siaga112" / f"{prompt}.wav")) as sound:
        assert sound.getnframes() / sound.getframerate() <= longest
