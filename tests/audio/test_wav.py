"""Reading recordings, good and bad."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siaga112.audio import wav
from siaga112.audio.g711 import Law
from siaga112.audio.wav import RecordingError
from tests.audio import clips

PAYLOAD = bytes(range(256)) * 2


@pytest.mark.parametrize(("tag", "bits", "law"), [(1, 16, Law.LINEAR), (6, 8, Law.ALAW), (7, 8, Law.ULAW)])
def test_the_three_codings_are_read(tmp_path: Path, tag: int, bits: int, law: Law) -> None:
    """PCM, A-law and µ-law, each with its payload as it is."""
    path = tmp_path / "call.wav"
    path.write_bytes(clips.wav(PAYLOAD, tag, bits))
    recording = wav.read(path)
    assert (recording.law, recording.payload) == (law, PAYLOAD)
    assert recording.seconds == pytest.approx(len(PAYLOAD) / law.width / 8000)


@pytest.mark.parametrize(
    ("suffix", "law"), [("ulaw", Law.ULAW), ("al", Law.ALAW), ("sln", Law.LINEAR), ("ALAW", Law.ALAW)]
)
def test_raw_files_of_asterisk_are_read(tmp_path: Path, suffix: str, law: Law) -> None:
    """MixMonitor writes them without any header."""
    path = tmp_path / f"call.{suffix}"
    path.write_bytes(PAYLOAD)
    assert wav.read(path) == wav.Recording(path, law, PAYLOAD)


def test_other_chunks_are_passed_over(tmp_path: Path) -> None:
    """Titles and dates stand between format and data, padded to even length."""
    whole = clips.wav(PAYLOAD, 7, 8)
    cut = whole.index(b"data")
    path = tmp_path / "call.wav"
    path.write_bytes(whole[:cut] + b"LIST\3\0\0\0abc\0" + whole[cut:])
    assert wav.read(path).payload == PAYLOAD


def test_an_unfinished_recording_is_read_to_its_end(tmp_path: Path) -> None:
    """The recorder was killed before it wrote the length."""
    whole = clips.wav(PAYLOAD, 7, 8)
    at = whole.index(b"data") + 4
    path = tmp_path / "call.wav"
    for length in (0, 0xFFFFFFFF):
        path.write_bytes(whole[:at] + length.to_bytes(4, "little") + whole[at + 4 :])
        assert wav.read(path).payload == PAYLOAD


BAD = {
    "rate": (clips.wav(PAYLOAD, 1, 16, rate=16000), "is at 16000 Hz", "sox"),
    "stereo": (clips.wav(PAYLOAD, 1, 16, channels=2), "has 2 channels", "sox"),
    "float": (clips.wav(PAYLOAD, 3, 32), "coded in a way not known", "sox"),
    "mp3": (b"ID3\3" + PAYLOAD, "is not a WAV file", "give 8 kHz mono WAV"),
    "empty": (b"", "is not a WAV file", "give 8 kHz mono WAV"),
    "no audio": (clips.wav(b"", 7, 8), "holds no audio", "check that the recording"),
    "no data": (clips.wav(PAYLOAD, 7, 8)[:36], "is damaged", "record it again"),
    "torn header": (clips.wav(PAYLOAD, 7, 8)[:30], "is damaged", "sox"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_gets_one_sentence_with_the_remedy(tmp_path: Path, kind: str) -> None:
    """Which file, what is wrong, what to do."""
    content, reason, remedy = BAD[kind]
    path = tmp_path / "call.wav"
    path.write_bytes(content)
    with pytest.raises(RecordingError) as caught:
        wav.read(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert reason in message
    assert remedy in message
    assert "\n" not in message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The system's reason, and where to look."""
    with pytest.raises(RecordingError, match=r"No such file or directory.*check the path"):
        wav.read(tmp_path / "none.wav")


def test_a_folder_is_no_recording(tmp_path: Path) -> None:
    """A sentence, not a trace."""
    with pytest.raises(RecordingError, match="Is a directory"):
        wav.read(tmp_path)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=80), st.sampled_from([b"", b"RIFF\0\0\0\0WAVE", clips.wav(b"", 6, 8)[:36]]))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes, start: bytes) -> None:
    """Nothing but a recording or our own error ever comes out of a file."""
    path = tmp_path / "any.wav"
    path.write_bytes(start + content)
    try:
        samples = wav.read(path).samples
    except RecordingError:
        return
    assert samples > 0
