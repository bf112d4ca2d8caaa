"""`siaga112 audio …`: output and exit codes."""

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from siaga112.audio import cli, g711, references
from siaga112.audio.g711 import Law
from siaga112.audio.references import Opinion
from tests.audio import clips


def run(argv: Sequence[str]) -> int:
    """The command as the command line mounts it."""
    parser = argparse.ArgumentParser()
    cli.add_commands(parser.add_subparsers())
    args = parser.parse_args(["audio", *argv])
    return int(args.run(args))


def saved(path: Path, sound: clips.Sound, law: Law = Law.ALAW) -> Path:
    """The sound as a WAV file."""
    tag, bits = {Law.LINEAR: (1, 16), Law.ALAW: (6, 8), Law.ULAW: (7, 8)}[law]
    path.write_bytes(clips.wav(g711.encode(sound, law), tag, bits))
    return path


def test_classify_prints_one_line_a_file(
    tmp_path: Path, sentence: clips.Sound, capsys: pytest.CaptureFixture[str]
) -> None:
    """The fields that scripts rely on, in order of the arguments."""
    line = clips.noise(9, -65)
    talk = saved(tmp_path / "talk.wav", clips.place(line, (2, sentence)), Law.LINEAR)
    quiet = saved(tmp_path / "quiet.wav", line, Law.ULAW)
    assert run(["classify", str(talk), str(quiet)]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert list(first) == [
        "path",
        "audio_class",
        "suspicion",
        "voice_seconds",
        "first_voice_s",
        "decided_s",
        "evidence",
    ]
    assert (first["path"], first["audio_class"], first["suspicion"]) == (
        str(talk),
        "speaking",
        "none",
    )
    assert (second["path"], second["audio_class"], second["suspicion"]) == (
        str(quiet),
        "silent",
        "silent_suspect",
    )
    assert second["voice_seconds"] == 0
    assert second["first_voice_s"] is None


def test_a_bad_file_does_not_spoil_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence on standard error, exit code 2, and the rest is classified."""
    good = saved(tmp_path / "good.wav", clips.noise(9, -65))
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"not audio")
    assert run(["classify", str(bad), str(good)]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["path"] == str(good)
    assert err == (
        f"siaga112: {bad}: is not a WAV file; give 8 kHz mono WAV (16-bit PCM, A-law or µ-law), "
        "or raw G.711 named .alaw or .ulaw\n"
    )


@pytest.fixture
def manifest(tmp_path: Path, sentence: clips.Sound) -> Path:
    """A labelled set of five clips."""
    line = clips.noise(9, -65)
    saved(tmp_path / "talk.wav", clips.place(line, (2, sentence)))
    saved(tmp_path / "quiet.wav", line)
    saved(tmp_path / "rain.wav", clips.street(9, -25))
    saved(tmp_path / "key.wav", clips.place(line, (2, clips.key("5"))))
    path = tmp_path / "manifest.csv"
    path.write_text(
        "path,condition,expected_class,speech_segments,lost_frames_20ms\n"
        "talk.wav,clean,speaking,2.05-4.0,\n"
        "quiet.wav,comfort,silent,,\n"
        "rain.wav,street,noise_only,,3-4;9-9\n"
        "key.wav,five,dtmf,,\n"
        "quiet.wav,none,no_audio,,0-449\n",
        encoding="utf-8",
    )
    return path


def test_evaluate_prints_the_table_and_the_targets(
    manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line a condition and a class, each target with its interval, all of it as JSON too."""
    written = tmp_path / "out.json"
    assert run(["evaluate", str(manifest), "--json", str(written)]) == 0
    out = capsys.readouterr().out
    lines = {line.split()[0]: line.split() for line in out.splitlines() if line.strip()}
    assert lines["clean"][1:3] == ["1", "1"]
    assert {"comfort", "street", "five", "none"} <= lines.keys()
    assert "ok   speakers not heard: 0 of 1" in out
    assert "no such clips in this set" in out
    found = json.loads(written.read_text())
    assert {row["name"]: row["classes"] for row in found["conditions"]} == {
        "clean": {"speaking": 1},
        "comfort": {"silent": 1},
        "street": {"noise_only": 1},
        "five": {"dtmf_response": 1},
        "none": {"no_audio": 1},
    }
    assert all(goal["met"] for goal in found["targets"])
    assert found["areas"]["the ear"] == 1
    assert found["verdicts"][2]["evidence"]["packets"] == 447


def test_evaluate_counts_its_own_mistakes(manifest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong label is a miss or a false alarm, and the target says so."""
    text = manifest.read_text()
    swapped = text.replace("quiet.wav,comfort,silent,,", "talk.wav,comfort,silent,,")
    manifest.write_text(swapped.replace("street,noise_only", "street,speaking"))
    assert run(["evaluate", str(manifest)]) == 0
    out = capsys.readouterr().out
    assert "MISS speakers not heard: 1 of 2 = 50.0 %" in out
    assert "MISS nobody called speaking: 1 of 2 = 50.0 %" in out


def test_evaluate_draws(manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The ROC, and a picture of each expected class."""
    folder = tmp_path / "deep" / "figures"
    assert run(["evaluate", str(manifest), "--figures", str(folder)]) == 0
    drawn = {path.name for path in folder.iterdir()}
    assert drawn == {"roc.svg"} | {
        f"class_{kind}.svg" for kind in ("speaking", "silent", "noise_only", "dtmf", "no_audio")
    }
    assert all("<svg" in path.read_text() for path in folder.iterdir())
    assert "drawn: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read as a manifest"),
        ("", "has no rows"),
        ("path,label\na.wav,silent\n", "not the columns path and expected_class"),
        ("path,expected_class\nnone.wav,silent\n", "No such file"),
        ("path,expected_class,speech_segments\nquiet.wav,silent,soon\n", "line 2: .*range"),
        ("path,expected_class,lost_frames_20ms\nquiet.wav,silent,a-b\n", "line 2: .*start-end"),
    ],
)
def test_a_bad_manifest_gets_one_sentence(
    manifest: Path, capsys: pytest.CaptureFixture[str], content: str | None, reason: str
) -> None:
    """Which file and line, what is wrong, what to do; exit code 2."""
    path = manifest.with_name("bad.csv")
    if content is not None:
        path.write_text(content)
    assert run(["evaluate", str(path)]) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert re.search(reason, err)


@pytest.mark.parametrize(("level", "speaking"), [(200, False), (300, True)])
def test_talk_detect_is_a_mean_level_of_256(level: int, *, speaking: bool) -> None:
    """Asterisk's rule: the mean magnitude of one frame, and packets that never came do not count."""
    sound = clips.silence(1)
    sound[1600:1760] = level / 32768
    sound[3200:3360] = 0.9
    take = clips.take(sound, Law.LINEAR, lost=((20, 20),))
    assert references.talk_detect(take) == Opinion(float(level), speaking)


def test_webrtcvad_takes_noise_for_voice() -> None:
    """Why it is a reference and not the ear."""
    peer = references.webrtc()
    assert peer is not None
    assert peer(clips.take(clips.noise(5, -25))).speaking
    assert not peer(clips.take(clips.silence(5))).speaking
