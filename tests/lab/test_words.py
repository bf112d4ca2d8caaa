"""What a command line says to a number that is none: one clear sentence, not the name of a function."""

import pytest

from siaga112.cli import main

WRONG = [
    (["lab", "call", "talk", "--count", "x"], "argument --count: 'x' is no whole number of 1 or more"),
    (["lab", "call", "talk", "--count", "0"], "argument --count: '0' is no whole number of 1 or more"),
    (["lab", "call", "talk", "--rate", "fast"], "argument --rate: 'fast' is no number above 0"),
    (["lab", "call", "talk", "--rate", "inf"], "argument --rate: 'inf' is no number above 0"),
    (["lab", "up", "--agents", "many"], "argument --agents: there are twenty seats: 0 to 20"),
    (["lab", "up", "--http-port", "-1"], "argument --http-port: a port is 1 to 65535, or 0 for any free one"),
]


@pytest.mark.parametrize(("words", "told"), WRONG, ids=[" ".join(one[0]) for one in WRONG])
def test_a_number_that_is_none(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The option, what was wrong with it, what would be right."""
    with pytest.raises(SystemExit, match="2"):
        main(words)
    assert told in capsys.readouterr().err
