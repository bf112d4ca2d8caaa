"""The README says what is: every key, every file and every metric that it names, in both languages."""

import re
from pathlib import Path
from typing import get_args, get_origin

import pytest
from pydantic import BaseModel

from siaga112.config import Settings, load_settings
from siaga112.metrics import Metrics
from siaga112.planfile import PlanFile, load_plan

HERE = Path(__file__).resolve().parent.parent.parent
ROLES = {"siaga112_writer", "siaga112_reader", "siaga112_auditor"}
"""Names of the same form that are roles of PostgreSQL."""
BOTH = pytest.mark.parametrize("name", ["README.md", "README.id.md"])


def _keys(model: type[BaseModel], prefix: str = "") -> set[str]:
    """The configuration's keys as an operator writes them."""
    keys = set()
    for name, field in model.model_fields.items():
        part = field.annotation
        if isinstance(part, type) and issubclass(part, BaseModel):
            keys |= _keys(part, f"{prefix}{name}.")
        elif get_origin(part) is tuple and issubclass(get_args(part)[0], BaseModel):
            keys |= _keys(get_args(part)[0], f"{prefix}{name}[].")
        else:
            keys.add(prefix + name)
    return keys


@BOTH
def test_every_key_of_the_configuration(name: str) -> None:
    """The tables name each key that there is, and none that there is not."""
    text = (HERE / name).read_text(encoding="utf-8")
    tables = text[
        text.index("### /etc/siaga112/siaga112.toml") : text.index("### /etc/asterisk/siaga112.conf")
    ]
    cells = [line.split("|")[1] for line in tables.splitlines() if line.startswith("| `")]
    told = {key for cell in cells for key in re.findall(r"`([^`]+)`", cell)}
    assert told == _keys(Settings) | _keys(PlanFile)


@BOTH
def test_links_and_files(name: str) -> None:
    """What the text links to or installs is in the tree, and anchors lead to headings."""
    text = (HERE / name).read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)]+)\)", text):
        if link.startswith("#"):
            heading = link[1:].replace("-", " ")
            assert re.search(rf"^##+ {heading}$", text, re.MULTILINE | re.IGNORECASE), link
        elif not link.startswith("http"):
            assert (HERE / link).exists(), link
    for path in re.findall(r"\b(?:deploy|asterisk-conf)/[\w./-]+\w", text):
        assert (HERE / path).exists(), path


@BOTH
def test_metrics(name: str) -> None:
    """A metric that is to be watched is one that the daemon has."""
    there = {sample.name for family in Metrics().registry.collect() for sample in family.samples} | {
        family.name for family in Metrics().registry.collect()
    }
    text = (HERE / name).read_text(encoding="utf-8")
    named = set(re.findall(r"`(siaga112_[a-z_]+)", text)) - ROLES
    assert named
    assert named <= there


@BOTH
def test_make_targets(name: str) -> None:
    """A target that is named is in the Makefile."""
    makefile = (HERE / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`?make ([a-z-]+)", (HERE / name).read_text(encoding="utf-8")):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_both_languages_have_the_same_commands() -> None:
    """A command that is in one and not in the other has been forgotten in a translation."""
    commands = [
        [
            line.split("#")[0].strip()
            for block in re.findall(r"```sh\n(.*?)```", (HERE / name).read_text(encoding="utf-8"), re.DOTALL)
            for line in block.splitlines()
        ]
        for name in ("README.md", "README.id.md")
    ]
    assert commands[0] == commands[1]


def test_the_files_to_start_from() -> None:
    """The samples that are installed say what the defaults are, and are whole."""
    settings = load_settings(HERE / "deploy/etc/siaga112.toml")
    assert settings.http == Settings.model_fields["http"].default
    assert settings.drain == Settings.model_fields["drain"].default
    assert settings.log == Settings.model_fields["log"].default
    assert settings.spool == Settings.model_fields["spool"].default
    plan = load_plan(settings.plan)
    assert plan.timings == PlanFile.model_fields["timings"].default
    assert [one.endpoint for one in plan.agents] == ["PJSIP/101", "PJSIP/102"]
