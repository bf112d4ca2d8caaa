"""Calls that were talked in and have no recording are counted; whoever may not look is told so once."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from siaga112.metrics import Metrics
from siaga112.routing.entries import Arrived, Journaled
from siaga112.routing.record import Record, apply
from siaga112.routing.words import CallId, ChannelId, NumberSource
from siaga112.tapes import Tapes

NAME = "2026/01/01/a.wav"
NOT_HIDDEN = False


def record(**changed: object) -> Record:
    """A call that was talked in."""
    arrived = Arrived("35.79", ChannelId("1.1"), None, NumberSource.NONE, NOT_HIDDEN, "112", "id", NAME, 1)
    begun = apply(None, Journaled(CallId("c"), 1, 0.0, arrived))
    assert begun is not None
    return replace(begun, ended_at=60.0, talk_s=30.0, **changed)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Asterisk's folder of recordings, with one of a talk in it."""
    path = tmp_path / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(bytes(1000))
    return tmp_path


async def missing(folder: Path, one: Record) -> float:
    """How many recordings are found missing, once Asterisk has had its time."""
    metrics = Metrics()
    tapes = Tapes(folder, metrics)
    tapes.recorded(one, 100.0)
    await tapes.look(100.1)
    assert metrics.registry.get_sample_value("siaga112_recording_failures_total") == 0, "too early to tell"
    await tapes.look(110.0)
    return metrics.registry.get_sample_value("siaga112_recording_failures_total") or 0.0


async def test_a_recording_that_is_there(folder: Path) -> None:
    """Nothing to say."""
    assert await missing(folder, record()) == 0


@pytest.mark.parametrize("content", [None, b"", bytes(44)])
async def test_a_recording_that_is_missing_or_empty(folder: Path, content: bytes | None) -> None:
    """A full disk leaves no file, or one without sound."""
    (folder / NAME).unlink()
    if content is not None:
        (folder / NAME).write_bytes(content)
    assert await missing(folder, record()) == 1


NOT_EXPECTED: list[dict[str, object]] = [
    {"talk_s": None},
    {"talk_s": 0.5},
    {"ended_at": None},
    {"recording": None},
    {"served_by": "fallback"},
]


@pytest.mark.parametrize("other", NOT_EXPECTED)
async def test_calls_of_which_none_is_expected(folder: Path, other: dict[str, object]) -> None:
    """No talk, no file; a call in progress has time; what the fallback records is its own."""
    (folder / NAME).unlink()
    assert await missing(folder, replace(record(), **other)) == 0  # type: ignore[arg-type]


async def test_a_folder_that_cannot_be_seen(folder: Path) -> None:
    """On another machine, or without the right to look: that is no failure of a recording."""
    shutil.rmtree(folder)
    assert await missing(folder, record()) == 0
