"""G.711: what the codes of both laws stand for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siaga112.audio import g711
from siaga112.audio.g711 import Law

EVERY_CODE = bytes(range(256))
COMPANDED = (Law.ULAW, Law.ALAW)


@pytest.mark.parametrize(
    ("law", "code", "sample"),
    [
        (Law.ULAW, 0x00, -32124),
        (Law.ULAW, 0x80, 32124),
        (Law.ULAW, 0xFF, 0),
        (Law.ULAW, 0x7F, 0),
        (Law.ALAW, 0x2A, -32256),
        (Law.ALAW, 0xAA, 32256),
        (Law.ALAW, 0xD5, 8),
        (Law.ALAW, 0x55, -8),
    ],
)
def test_codes_mean_what_the_standard_says(law: Law, code: int, sample: int) -> None:
    """The loudest and the quietest codes of each law are those of ITU-T G.711."""
    assert g711.LINEAR[law][code] == sample


@pytest.mark.parametrize("law", COMPANDED)
def test_every_code_survives_there_and_back(law: Law) -> None:
    """Coding a decoded sample again gives a code of the same sample."""
    samples = g711.decode(EVERY_CODE, law)
    again = g711.decode(g711.encode(samples, law), law)
    assert np.array_equal(samples, again)


@pytest.mark.parametrize("law", COMPANDED)
def test_coding_loses_less_than_a_step(law: Law) -> None:
    """The nearest code is never further away than 3 % and a little."""
    sound = np.linspace(-0.98, 0.98, 4001)
    back = g711.decode(g711.encode(sound, law), law)
    assert np.all(np.abs(back - sound) <= 0.033 * np.abs(sound) + 0.0005)


def test_louder_than_full_scale_is_clipped() -> None:
    """A sample beyond the range becomes the loudest code, it does not wrap around."""
    loudest = [g711.decode(g711.encode(np.array([9.0, -9.0]), law), law) for law in Law]
    assert all(high > 0.98 and low < -0.98 for high, low in loudest)


@pytest.mark.parametrize(
    ("payload", "law", "idle"),
    [
        (b"\xff\x7f\xff", Law.ULAW, True),
        (b"\xff\x7e\xff", Law.ULAW, False),
        (b"\xd5\x55\xd5", Law.ALAW, True),
        (b"\xd5\x54\xd5", Law.ALAW, False),
        (b"\xff\xff\xff", Law.ALAW, False),
        (b"\0\0\0\0", Law.LINEAR, True),
        (b"\0\0\1\0", Law.LINEAR, False),
    ],
)
def test_digital_silence_is_known_by_its_codes(payload: bytes, law: Law, *, idle: bool) -> None:
    """Each law has its own codes for nothing; A-law's do not decode to zero."""
    assert g711.is_idle(payload, law) is idle


@given(st.binary(max_size=600), st.sampled_from(Law))
def test_any_bytes_are_samples(payload: bytes, law: Law) -> None:
    """Whatever comes over the line is audio of some kind: between -1 and 1, never an exception."""
    samples = g711.decode(payload, law)
    assert len(samples) == len(payload) // law.width
    assert np.all(np.abs(samples) <= 1)


def test_many_callers_decode_as_one_does() -> None:
    """A batch with both laws in it gives each caller the samples of its own law."""
    codes = np.frombuffer(EVERY_CODE * 2, dtype=np.uint8).reshape(2, 256)
    samples, idle = g711.decode_blocks(codes, np.array([Law.ULAW, Law.ALAW]))
    for law in COMPANDED:
        assert np.array_equal(samples[law], g711.decode(EVERY_CODE, law))
    assert not idle.any()
