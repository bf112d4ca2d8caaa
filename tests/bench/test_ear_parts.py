"""The bench's parts about the ear: what they say of what is not there, and of how late frames came."""

from pathlib import Path

import pytest
from bench.taps_part import Found

from bench import set_part


def test_without_a_labelled_set_the_other_parts_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said what is missing and how to name it, and that alone makes the run no failure."""
    monkeypatch.setenv("SIAGA112_AUDIO_SET", str(tmp_path))
    result = set_part.measure(lambda _: None, quick=False)
    (check,) = result.checks
    assert (check.ok, result.sound) == (False, True)
    assert str(tmp_path) in check.measured
    assert "SIAGA112_AUDIO_SET" in check.wanted


@pytest.mark.parametrize(("share", "bound"), [(0.5, 5), (0.9, 10), (0.99, 60), (1.0, float("inf"))])
def test_how_late_a_share_of_the_frames_came_at_most(share: float, bound: float) -> None:
    """Counted by bounds: the first one that so many keep."""
    found = Found(behind={5: 60, 10: 30, 20: 0, 60: 9, float("inf"): 1})
    assert found.share(share) == bound
    assert Found().share(share) == 0
