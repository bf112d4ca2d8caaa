"""The generated files are what the generator writes from the descriptions beside it."""

import json
from pathlib import Path

import pytest

from siaga112.ari import generate
from siaga112.ari.generator.naming import snake


def test_generated_files_are_up_to_date() -> None:
    """Nobody has edited them by hand, nor changed the generator without running it."""
    assert generate.main(["--check"]) == 0


def test_a_changed_file_is_found_and_written_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--check` names what differs and fails; without it the file is made good."""
    assert generate.main(["--into", str(tmp_path)]) == 0
    (tmp_path / "models.py").write_text("edited\n")
    assert generate.main(["--into", str(tmp_path), "--check"]) == 1
    assert "differs: models.py" in capsys.readouterr().err
    assert generate.main(["--into", str(tmp_path)]) == 0
    assert generate.main(["--into", str(tmp_path), "--check"]) == 0


def test_the_reduced_copy_holds_names_and_types_only() -> None:
    """Asterisk's prose is Asterisk's: no description, note or summary is in our tree."""
    keys: set[str] = set()

    def collect(value: object) -> None:
        if isinstance(value, dict):
            keys.update(k for k in value if isinstance(k, str))
            for inner in value.values():
                collect(inner)
        if isinstance(value, list):
            for inner in value:
                collect(inner)

    for path in generate.REDUCED.glob("*.json"):
        collect(json.loads(path.read_text()))
    assert "nickname" in keys
    assert not keys & {"summary", "notes", "errorResponses", "_copyright"}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("originate", "originate"),
        ("continueInDialplan", "continue_in_dialplan"),
        ("sendDTMF", "send_dtmf"),
        ("absorbDTMF", "absorb_dtmf"),
        ("deviceStates", "device_states"),
        ("transfer_progress", "transfer_progress"),
        ("from", "from_"),
    ],
)
def test_names_keep_their_words(theirs: str, ours: str) -> None:
    """Whoever knows Asterisk's documentation finds the operation."""
    assert snake(theirs) == ours
