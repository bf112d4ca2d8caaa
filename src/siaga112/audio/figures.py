"""Pictures: the ROC, and for each class a clip with its waveform, level, probability and verdict.

Knows how to draw. matplotlib is needed here and nowhere else, so it is an extra.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from siaga112.audio import g711, table
from siaga112.audio.evaluate import Judged
from siaga112.audio.events import AudioClass, Burst, Key
from siaga112.audio.settings import BLOCK_S, RATE, EarSettings
from siaga112.errors import Siaga112Error

_PIECE: Final = 160
"""Samples of which only the lowest and the highest are drawn: ten seconds stay a small file."""
_COLOURS: Final = {
    AudioClass.SPEAKING: "#1b7837",
    AudioClass.POSSIBLE_SPEECH: "#7fbf7b",
    AudioClass.DTMF_RESPONSE: "#2166ac",
    AudioClass.TONE_MACHINE: "#762a83",
    AudioClass.NOISE_ONLY: "#b35806",
    AudioClass.SILENT: "#878787",
    AudioClass.NO_AUDIO: "#4d4d4d",
}


class FiguresError(Siaga112Error):
    """Pictures cannot be drawn, and what to do about it."""


def _pyplot() -> Any:
    try:
        import matplotlib as mpl  # noqa: PLC0415  # an extra: only who wants pictures needs it
    except ImportError as error:
        raise FiguresError("figures need matplotlib; install it with: pip install matplotlib") from error
    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "siaga112"
    from matplotlib import pyplot as plt  # noqa: PLC0415  # after the backend is chosen

    return plt


def draw(judged: Sequence[Judged], folder: Path, settings: EarSettings) -> list[Path]:
    """Draws the ROC and one picture for each expected class, and returns their paths."""
    pyplot = _pyplot()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FiguresError(
            f"{folder}: cannot be made ({error.strerror}); give a folder that can be written"
        ) from error
    paths = [_roc(pyplot, judged, folder / "roc.svg")]
    for expected in dict.fromkeys(one.clip.expected for one in judged):
        one = _typical([one for one in judged if one.clip.expected == expected])
        paths.append(_clip(pyplot, one, folder / f"class_{expected}.svg", settings))
    return paths


def _typical(of: Sequence[Judged]) -> Judged:
    """A clip that got the verdict most of its kind get."""
    classes = [one.outcome.verdict.audio_class for one in of]
    usual = max(dict.fromkeys(classes), key=classes.count)
    return next(one for one in of if one.outcome.verdict.audio_class is usual)


def _roc(pyplot: Any, judged: Sequence[Judged], path: Path) -> Path:
    figure, axes = pyplot.subplots(figsize=(6, 5), layout="constrained")
    found = table.areas(judged)
    for name, (alarms, hits) in table.curves(judged).items():
        axes.plot(
            [100 * value for value in alarms],
            [100 * value for value in hits],
            label=f"{name}: area {found[name]:.3f}",
            drawstyle="steps-post",
        )
    axes.set_xlabel("clips without a speaker taken for speech, %")
    axes.set_ylabel("speakers heard, %")
    axes.set_title("Who hears speakers, at what price")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="lower right")
    return _save(pyplot, figure, path)


def _clip(pyplot: Any, one: Judged, path: Path, settings: EarSettings) -> Path:
    recording, outcome = one.clip.take.recording, one.outcome
    samples = g711.decode(recording.payload, recording.law)
    times = np.arange(1, len(outcome.activities) + 1) * BLOCK_S
    figure, (wave, level, voice) = pyplot.subplots(3, 1, figsize=(9, 6), sharex=True, layout="constrained")
    pieces = samples[: len(samples) // _PIECE * _PIECE].reshape(-1, _PIECE)
    at = np.arange(len(pieces)) * _PIECE / RATE
    wave.fill_between(at, pieces.min(axis=1), pieces.max(axis=1), color="#333333", linewidth=0.3)
    wave.set_ylabel("waveform")
    for start, end in one.clip.speech:
        wave.axvspan(start, end, color="#1b7837", alpha=0.15)
    level.plot(times, [activity.level for activity in outcome.activities], label="level")
    level.plot(times, [activity.floor for activity in outcome.activities], label="floor")
    level.axhline(settings.speech_gate_dbfs, linestyle=":", color="#888888", label="speech gate")
    level.set_ylim(-90, 0)
    level.set_ylabel("dBFS")
    level.legend(loc="upper right", fontsize="small")
    voice.plot(times, [activity.probability for activity in outcome.activities], color="#1b7837")
    voice.axhline(settings.spoken_probability, linestyle=":", color="#888888")
    voice.set_ylim(0, 1)
    voice.set_ylabel("probability of voice")
    voice.set_xlabel("seconds; below: the verdict so far")
    _marks(level, voice, one, times)
    verdict = outcome.verdict
    figure.suptitle(
        f"labelled {one.clip.expected} ({one.clip.condition}), heard as {verdict.audio_class.value}, "
        f"suspicion {verdict.suspicion.value}"
    )
    return _save(pyplot, figure, path)


def _marks(level: Any, voice: Any, one: Judged, times: Any) -> None:
    """Bursts and keys as marks, and the class after each block as a coloured strip."""
    for event in one.outcome.events:
        if isinstance(event, Burst):
            level.plot(event.at, -5, marker="v", color="#b35806")
        elif isinstance(event, Key):
            level.text(event.at, -15, event.digit, color="#2166ac", fontweight="bold")
    for audio_class, colour in _COLOURS.items():
        here = [decided is audio_class for decided in one.outcome.classes]
        if any(here):
            voice.fill_between(times, 0, 0.06, where=here, color=colour, label=audio_class.value)
    voice.legend(loc="upper right", fontsize="small")


def _save(pyplot: Any, figure: Any, path: Path) -> Path:
    # The same clips give the same file: a changed picture in a diff is a changed ear.
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    pyplot.close(figure)
    return path
