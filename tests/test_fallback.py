"""The fallback's journal: what a line means, and that each is taken once, whatever becomes of the file."""

from pathlib import Path

import pytest

from siaga112.fallback import Tail, read_line
from siaga112.planfile import PlanFile
from siaga112.plansections.centre import CentreFile
from siaga112.plansections.people import AgentFile
from siaga112.routing.entries import FALLBACK, FallbackEnded, FallbackEntered
from siaga112.routing.ids import call_id
from siaga112.routing.words import EndedBy, NumberSource

PLAN = PlanFile(
    centre=CentreFile(code="35.79", name="K"),
    agents=(AgentFile(id="budi", endpoint="PJSIP/101"),),
)
CALL = (
    "channel_id=1767243600.12|at=1767243602|dialled=112|number=0812|cli=pai|clir=1|recording=2026/01/01/a.wav"
)
ENTERED = f"event=entered|{CALL}|reason=timeout|agent=|answered_at=|rounds=0|cause=0|by="
ENDED = (
    f"event=ended|{CALL}|reason=lease|agent=101|answered_at=1767243605|rounds=2|cause=16"
    "|by=PJSIP/101-00000003"
)


def line(text: str) -> str:
    """As Asterisk writes it since 22.8."""
    return f'"{{""extra"": ""{text}""}}"'


@pytest.mark.parametrize("written", [line(ENTERED), f'{{"extra": "{ENTERED}"}}'], ids=["22.8", "before"])
def test_entered(written: str) -> None:
    """Who called when, by the call's one id; the call arrived in the second in which its channel was made."""
    told = read_line(written, PLAN)
    assert told.call_id == call_id("35.79", "1767243600.12")
    assert (told.seq, told.at) == (FALLBACK, 1_767_243_602.0)
    entry = told.entry
    assert isinstance(entry, FallbackEntered)
    assert (entry.number, entry.number_source, entry.restricted) == ("0812", NumberSource.PAI, True)
    assert (entry.arrived_at, entry.reason, entry.recording) == (
        1_767_243_600.0,
        "timeout",
        "2026/01/01/a.wav",
    )


def test_ended() -> None:
    """Who took the call, by the plan's name of the phone; when, and how it ended."""
    told = read_line(line(ENDED), PLAN)
    assert told.seq == FALLBACK + 1
    assert told.entry == FallbackEnded(
        agent_id="budi",  # type: ignore[arg-type]
        answered_at=1_767_243_605.0,
        rounds=2,
        by=EndedBy.AGENT,
        cause=16,
    )


def test_a_caller_without_a_number_and_a_phone_without_a_name() -> None:
    """No number is none; a phone that the plan does not name goes by its own name; the caller hung up."""
    entered = read_line(line(ENTERED.replace("0812", "").replace("cli=pai", "cli=from")), PLAN).entry
    assert isinstance(entered, FallbackEntered)
    assert (entered.number, entered.number_source) == (None, NumberSource.NONE)
    other = ENDED.replace("agent=101", "agent=117").replace("PJSIP/101-", "PJSIP/trunk-")
    ended = read_line(line(other), PLAN).entry
    assert isinstance(ended, FallbackEnded)
    assert (ended.agent_id, ended.by) == ("117", EndedBy.CALLER)


def test_a_line_without_who_hung_up() -> None:
    """An older dialplan does not say who hung up: taken for the caller."""
    ended = read_line(line(ENDED.partition("|by=")[0]), PLAN).entry
    assert isinstance(ended, FallbackEnded)
    assert ended.by is EndedBy.CALLER


NONSENSE = {
    "nothing": "",
    "text": "hello",
    "no object": "[1]",
    "no extra": '{"other": "x"}',
    "another event": line(ENTERED.replace("entered", "sneezed")),
    "no time": line(ENTERED.replace("at=1767243602", "at=")),
    "no channel": line(ENTERED.replace("1767243600.12", "")),
    "a field is missing": line(ENTERED.replace("|clir=1", "")),
    "no source": line(ENTERED.replace("cli=pai", "cli=guess")),
    "an odd quote": '"{""extra',
}


@pytest.mark.parametrize("what", NONSENSE)
def test_a_line_that_means_nothing(what: str) -> None:
    """One kind of error, so that it costs one line and not the rest."""
    with pytest.raises(ValueError, match=r"\w"):
        read_line(NONSENSE[what], PLAN)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """The fallback's journal, with two lines."""
    path = tmp_path / "fallback.log"
    path.write_text("1\n2\n")
    return path


def tail_of(journal: Path) -> Tail:
    """Somebody who reads it, remembering beside it."""
    return Tail(journal, journal.with_name("memory"))


def append(journal: Path, text: str) -> None:
    """Asterisk writes."""
    with journal.open("a") as file:
        file.write(text)


def test_every_line_once(journal: Path) -> None:
    """What was kept does not come again, not for the next process either; half a line waits for its end."""
    tail = tail_of(journal)
    assert tail.take() == ["1", "2"]
    tail.keep()
    assert tail.take() == []
    append(journal, "3\n4")
    assert tail.take() == ["3"]
    tail.keep()
    append(journal, "4\n")
    assert tail_of(journal).take() == ["44"]


def test_what_was_not_kept_comes_again(journal: Path) -> None:
    """A crash between taking and keeping loses nothing."""
    tail_of(journal).take()
    assert tail_of(journal).take() == ["1", "2"]


def test_rotated(journal: Path) -> None:
    """The rest of the file that was rotated away comes first, then the new one."""
    tail = tail_of(journal)
    tail.take()
    tail.keep()
    append(journal, "3\n")
    journal.rename(journal.with_name("fallback.log.1"))
    assert tail.take() == ["3"]
    tail.keep()
    assert tail.take() == []
    journal.write_text("4\n")
    assert tail.take() == ["4"]
    tail.keep()
    assert tail_of(journal).take() == []


def test_begun_anew_in_place(journal: Path) -> None:
    """A file that was cut to nothing and is shorter now is read from its beginning."""
    tail = tail_of(journal)
    tail.take()
    tail.keep()
    journal.write_text("3\n")
    assert tail.take() == ["3"]


def test_no_journal(tmp_path: Path) -> None:
    """No file: nothing to read, and nothing wrong; Asterisk makes it with the first line, in its folder."""
    folder = tmp_path / "cel-custom"
    tail = tail_of(folder / "fallback.log")
    assert (tail.take(), tail.there) == ([], False)
    folder.mkdir()
    assert (tail.take(), tail.there) == ([], True)
    (folder / "fallback.log").write_text("1\n")
    assert (tail.take(), tail.there) == (["1"], True)


def test_a_memory_that_was_spoilt(journal: Path) -> None:
    """Reading everything again is better than reading nothing: the ids are the same."""
    journal.with_name("memory").write_text("{")
    assert tail_of(journal).take() == ["1", "2"]
