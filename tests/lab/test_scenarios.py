"""The scenarios are well-formed and complete, which SIPp finds out only when a call gets there."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from siaga112.lab.sipp import SCENARIOS, fill

ALL = sorted(SCENARIOS.glob("*.xml"))


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_every_jump_has_a_target(path: Path) -> None:
    """Each label that is jumped to exists, and each that exists is jumped to."""
    tree = ET.fromstring(path.read_text())  # noqa: S314 - our own file
    labels = {label.attrib["id"] for label in tree.iter("label")}
    jumps = {one.attrib[word] for one in tree for word in ("next", "ontimeout") if word in one.attrib}
    written_in = {jump for jump in jumps if jump.startswith("@")}
    assert jumps - written_in <= labels
    unused = labels - jumps
    assert unused <= ({"answer", "refuse", "ring_on"} if written_in else set())


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_no_identity_of_the_process(path: Path) -> None:
    """SIPp's pid is the same in each sandbox, so no tag or branch may be made of it."""
    assert not re.search(r"\[pid\]|\[branch\]", path.read_text())


def test_fill() -> None:
    """A word without a value is an error here, not a scenario that SIPp misreads."""
    assert (
        fill("<!-- @talk_ms@ --><pause milliseconds='@talk_ms@'/>", {"talk_ms": 5})
        == "<pause milliseconds='5'/>"
    )
    with pytest.raises(KeyError):
        fill("@other@", {})
