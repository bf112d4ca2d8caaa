"""What callers and phones say is what it claims to be."""

import wave
from pathlib import Path

import pytest

from siaga112.lab.errors import LabError
from siaga112.lab.layout import asterisk_conf
from siaga112.lab.sounds import Law, decode, encode, loudness, samples_of, speech, write_g711

PROMPTS = asterisk_conf() / "sounds" / "id" / "siaga112"


@pytest.mark.parametrize("law", ["PCMA", "PCMU"])
def test_there_and_back(law: Law) -> None:
    """A sample survives G.711 within the law's own step, at most one part in sixteen and a bit."""
    samples = list(range(-32000, 32001, 37))
    for sample, back in zip(samples, decode(encode(samples, law), law), strict=True):
        assert abs(sample - back) <= max(16, abs(sample) / 30)


def test_how_loud_they_are() -> None:
    """Speech is clearly louder than the street, and silence is nothing at all."""
    levels = {name: loudness(samples_of(name, PROMPTS)) for name in ("caller", "agent", "street", "silence")}
    assert levels["silence"] == -100.0
    assert -45 < levels["street"] < -30
    assert min(levels["caller"], levels["agent"]) > -30


def test_two_people_say_different_things() -> None:
    """Caller and call-taker can be told apart in a recording."""
    assert samples_of("caller", PROMPTS) != samples_of("agent", PROMPTS)


def test_files_are_made_once(tmp_path: Path) -> None:
    """One raw file for each sound and law, of twenty seconds; what is there is not made again."""
    write_g711(tmp_path, PROMPTS)
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert len(sizes) == 8
    assert set(sizes.values()) == {20 * 8000}
    (tmp_path / "caller.al").write_bytes(b"mine")
    write_g711(tmp_path, PROMPTS)
    assert (tmp_path / "caller.al").read_bytes() == b"mine"


def test_without_prompts(tmp_path: Path) -> None:
    """A checkout without prompts is told how to make them."""
    with wave.open(str(tmp_path / "greet.wav"), "wb") as short:
        short.setnchannels(1)
        short.setsampwidth(2)
        short.setframerate(8000)
        short.writeframes(bytes(160))
    with pytest.raises(LabError, match="make prompts"):
        speech(tmp_path, 5.0, seed=1)
