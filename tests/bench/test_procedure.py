"""The whole procedure on clips: who is asked, and where callers stand whom nobody picks up."""

from bench.procedure import BEHIND, FIRST, ends

from siaga112.audio.manifest import Clip
from tests.audio import clips


def end(sound: clips.Sound) -> tuple[str, bool]:
    """Where a caller with such a line stands in the end, and whether a flag is up."""
    [(_, place, flagged)] = ends([Clip(clips.take(sound), "own", "silent")])
    return place, flagged


def test_a_line_that_carries_nothing_is_asked_and_stands_behind() -> None:
    """Nobody answered the question: behind, with a flag; whoever is not asked would keep the place."""
    assert end(clips.silence(10)) == (BEHIND, True)


def test_a_knock_on_a_line_that_carries_nothing_is_an_answer() -> None:
    """Without any comfort noise the knock of somebody who cannot speak is heard as on any other line."""
    assert end(clips.place(clips.silence(10), (6, clips.tap()))) == (FIRST, False)
