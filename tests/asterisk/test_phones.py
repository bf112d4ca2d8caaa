"""The simulated phones are phones: they register, ring, answer, refuse, and vanish."""

import time
from dataclasses import replace

import pytest

from siaga112.lab.callers import place
from siaga112.lab.errors import LabError
from siaga112.lab.ground import Ground
from siaga112.lab.lab import Lab
from siaga112.lab.phones import Phone, Phones
from siaga112.lab.ports import is_free


def _until_contact(lab: Lab, agent: str, words: str) -> str:
    """What Asterisk says of the agent's contact once it says these words; it asks every 5 s."""
    deadline = time.monotonic() + 12
    while True:
        lines = lab.asterisk_cli("pjsip show contacts").splitlines()
        line = next((line for line in lines if f"{agent}/sip:" in line), "")
        if words in line:
            return line
        assert time.monotonic() < deadline, f"{agent} never was {words!r}: {line!r}"
        time.sleep(0.1)


def test_registers_and_answers_options(ground: Ground, plain_lab: Lab) -> None:
    """A phone registers with digest where it can be called, and Asterisk finds it there."""
    with Phone(ground, "103") as phone:
        assert f":{phone.port} " in _until_contact(plain_lab, "103", " Avail ")


def test_wrong_password(ground: Ground) -> None:
    """A phone with a wrong password is refused, and says so instead of trying for ever."""
    wrong = replace(ground, passwords={"104": "guess"})
    with pytest.raises(LabError, match="104"):
        Phone(wrong, "104").start()


def test_agents_dial_ready(ground: Ground) -> None:
    """The lab's call-takers register, dial *11 and hear an answer until Asterisk hangs up."""
    with Phones(ground, 2) as phones:
        assert phones.agents == ["101", "102"]
        assert sorted(phones.heard("registered")) == ["101", "102"]


def test_no_agents(ground: Ground) -> None:
    """A lab without simulated call-takers starts nothing."""
    with Phones(ground, 0) as phones:
        phones.check()
        assert phones.port == 0


@pytest.mark.parametrize("behaviour", ["busy", "rejects"])
async def test_refusal(ground: Ground, behaviour: str) -> None:
    """A phone that refuses was asked, and the caller ends up with another one."""
    refusing = Phone(ground, "101", behaviour=behaviour, answer_after=0.05)  # type: ignore[arg-type]
    with refusing, Phone(ground, "102", answer_after=0.5) as willing:
        summary = await place(ground, "talk", talk_s=0.3)
        assert refusing.heard("refused") == willing.heard("answered") == summary.numbers


def test_registers_again(ground: Ground, plain_lab: Lab) -> None:
    """A phone that Asterisk has forgotten is back by itself."""
    with Phone(ground, "105", again_s=0.3):
        _until_contact(plain_lab, "105", "sip:")
        plain_lab.asterisk_cli("database deltree registrar/contact")
        plain_lab.stop_asterisk()
        plain_lab.start_asterisk()
        _until_contact(plain_lab, "105", " Avail ")


def test_crash(ground: Ground, plain_lab: Lab) -> None:
    """A phone that is gone stops being one within ten seconds, and none of it goes on running."""
    phone = Phone(ground, "106")
    phone.start()
    _until_contact(plain_lab, "106", " Avail ")
    phone.stop()
    assert is_free(phone.port)
    start = time.monotonic()
    _until_contact(plain_lab, "106", " Unavail ")
    assert time.monotonic() - start < 10
