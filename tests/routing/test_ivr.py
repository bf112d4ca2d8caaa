"""What a caller hears and may press while waiting."""

import pytest

from siaga112.routing import entries
from siaga112.routing.arrival import Circumstances
from siaga112.routing.call import Connected, Ended, Queued, Ringing
from siaga112.routing.commands import Answer, Connect, Hangup, Lease, Originate, Play, StartHold, StopPlay
from siaga112.routing.events import (
    AgentChosen,
    CallerEntered,
    DeadlinePassed,
    KeyPressed,
    LegAnswered,
    LegGone,
    PromptEnded,
)
from siaga112.routing.plan import IvrMode, Message, Plan
from siaga112.routing.words import CALLER, OVERFLOW, Band, Disposition, LegId, Outcome, Prompt, Suspicion, Why
from tests.routing.conversation import CALL, START, Conversation, chosen, play

ONE = LegId(1)
TOLD = {"1": Message("info_weather"), "2": Message("info_old", expires=START - 1)}
FULL = Plan("35.79", information=TOLD)


def waiting(plan: Plan = FULL, about: Circumstances | None = None) -> Conversation:
    """A caller who hears the first prompt."""
    return play(plan=plan, about=about) >> CallerEntered(CALL) << Answer << Play


def key(digit: str, leg: LegId = CALLER) -> KeyPressed:
    """A key is pressed."""
    return KeyPressed(CALL, leg, digit)


def prompts(talk: Conversation) -> list[str]:
    """What was played, in order."""
    return [one.entry.prompt for one in talk.journal if isinstance(one.entry, entries.PromptStarted)]


def bands(talk: Conversation) -> list[int]:
    """The bands that the call was put into."""
    return [one.entry.band for one in talk.journal if isinstance(one.entry, entries.Banded)]


def test_without_a_key_the_menu_leads_to_the_queue() -> None:
    """Greeting, menu, a word that it may take a while, the hold sound: nothing has to be pressed."""
    talk = waiting() >> PromptEnded(CALL, 1) << Play
    talk = talk >> PromptEnded(CALL, 2) << Play
    (talk >> PromptEnded(CALL, 3) << StartHold).ends_in(Queued)
    assert prompts(talk) == [Prompt.GREET, Prompt.MENU, Prompt.WAIT_FIRST]
    assert talk.call.waits
    assert talk.call.band == Band.NORMAL


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (IvrMode.SHORT, [Prompt.GREET, Prompt.WAIT_FIRST]),
        (IvrMode.FULL, [Prompt.GREET, Prompt.MENU]),
        (IvrMode.SURGE, [Prompt.SURGE, Prompt.WAIT_FIRST]),
        (IvrMode.OFF, [Prompt.WAIT_FIRST]),
    ],
)
def test_modes(mode: IvrMode, expected: list[str]) -> None:
    """How much is said before the queue is the plan's choice."""
    talk = waiting(Plan("35.79", ivr=mode))
    for n in range(1, len(expected)):
        talk = talk >> PromptEnded(CALL, n) << Play
    assert prompts(talk) == expected


@pytest.mark.parametrize("digit", ["1", "3", "#", "*", "0"])
def test_any_key_cuts_the_prompt_and_leads_to_the_queue(digit: str) -> None:
    """1 is an emergency, and what means nothing is one too."""
    talk = waiting() >> key(digit) << StopPlay << StartHold
    talk.ends_in(Queued)
    assert talk.call.waits
    assert talk.call.band == Band.NORMAL


def test_five_is_a_call_for_help_without_words() -> None:
    """The first band, a quiet word to the caller, and one to the call-taker before the talk."""
    talk = waiting() >> key("5") << StopPlay << Play
    assert talk.call.band == Band.NEED
    talk = talk >> chosen(101) << Originate >> LegAnswered(CALL, ONE)
    whisper = talk.open[0]
    assert isinstance(whisper, Play)
    assert (whisper.prompt, whisper.channel_id) == (Prompt.WHISPER_SILENT, f"s112.{CALL}.agent.1")
    talk = talk << Play
    talk.ends_in(Ringing)
    (talk >> PromptEnded(CALL, whisper.n) << StopPlay << Connect << Lease).ends_in(Connected)


def test_a_briefing_that_does_not_end_is_cut() -> None:
    """A word to the call-taker never costs the caller more than seconds."""
    talk = waiting() >> key("5") << StopPlay << Play
    talk = talk >> chosen(101) << Originate >> LegAnswered(CALL, ONE) << Play
    (talk.after(4) >> DeadlinePassed() << StopPlay << StopPlay << Connect << Lease).ends_in(Connected)


def test_a_caller_who_leaves_during_the_briefing_is_gone() -> None:
    """The call-taker's leg goes too; the phone had rung, and nobody had talked."""
    talk = waiting() >> key("5") << StopPlay << Play
    talk = talk >> chosen(101) << Originate >> LegAnswered(CALL, ONE) << Play
    talk = talk >> LegGone(CALL, CALLER, Why.HUNG_UP) << Hangup >> LegGone(CALL, ONE, Why.HUNG_UP)
    talk.ends_in(Ended)
    assert isinstance(talk.last, entries.Ended)
    assert talk.last.outcome is Outcome.ABANDONED_RINGING


def test_nine_is_english_for_the_rest_of_the_call() -> None:
    """The menu again, and every prompt after it, in English."""
    talk = waiting() >> key("9") << StopPlay
    spoken = talk.open[0]
    assert isinstance(spoken, Play)
    assert (spoken.prompt, spoken.language) == (Prompt.MENU, "en")
    assert (talk << Play).call.language == "en"


def test_two_is_recorded_information_and_nobody_is_kept_waiting_for_it() -> None:
    """The phone that rang is freed for others; the caller listens and is in no queue."""
    talk = waiting() >> chosen(101) << Originate
    talk = talk >> key("2") << Hangup << StopPlay << Play
    assert not talk.call.waits
    assert not talk.call.wants_agent
    assert prompts(talk)[-1] == Prompt.INFO_MENU
    talk = talk >> key("1") << StopPlay << Lease << Play
    assert prompts(talk)[-1] == "info_weather"
    talk = talk >> PromptEnded(CALL, 3) << Play
    assert prompts(talk)[-1] == Prompt.INFO_END
    talk = talk >> key("1") << StopPlay << Lease << Play
    assert prompts(talk)[-1] == "info_weather"


def listening() -> Conversation:
    """A caller in the information's menu."""
    return waiting() >> key("2") << StopPlay << Play


def test_a_star_is_an_emergency_at_once() -> None:
    """From anywhere in the information back to the head of the matter."""
    talk = listening() >> key("*") << StopPlay << StartHold
    assert talk.call.waits
    assert talk.call.band == Band.NORMAL


@pytest.mark.parametrize("digit", ["0", "7", "2"])
def test_an_officer_or_a_key_that_means_nothing_leads_to_a_person(digit: str) -> None:
    """Also a message that has expired is not there any more."""
    talk = listening() >> key(digit) << StopPlay << StartHold
    assert talk.call.waits
    assert talk.call.band == Band.INFORMATION


def test_silence_after_the_information_leads_to_a_person() -> None:
    """Nobody is left in a menu."""
    talk = listening() >> PromptEnded(CALL, 2) << StartHold
    assert talk.call.deadline == START + 10
    talk = talk.after(10) >> DeadlinePassed() << StartHold
    assert talk.call.waits


def test_five_in_the_information_is_a_call_for_help_too() -> None:
    """At any moment."""
    talk = listening() >> key("5") << StopPlay << Play
    assert talk.call.waits
    assert talk.call.band == Band.NEED


def test_hanging_up_in_the_information_is_self_service() -> None:
    """Whoever got the information from the machine was served."""
    talk = listening() >> LegGone(CALL, CALLER, Why.HUNG_UP)
    assert isinstance(talk.last, entries.Ended)
    assert talk.last.outcome is Outcome.INFO_SELFSERVICE


def test_without_any_information_two_asks_for_an_officer() -> None:
    """A centre that has recorded nothing answers itself."""
    talk = waiting(Plan("35.79")) >> key("2") << StopPlay << StartHold
    assert talk.call.waits
    assert talk.call.band == Band.INFORMATION


def test_a_flagged_number_is_asked_and_served() -> None:
    """Last in line and told why; key 1 makes it a call like any other."""
    talk = waiting(FULL, Circumstances(flagged=True))
    assert prompts(talk) == [Prompt.FLAGGED]
    assert (talk.call.band, talk.call.whisper) == (Band.FLAGGED, Prompt.WHISPER_FLAG)
    talk = talk >> key("1") << StopPlay << StartHold
    assert (talk.call.band, talk.call.suspicion) == (Band.NORMAL, Suspicion.NONE)


def test_a_mass_event_lifts_flags() -> None:
    """In a catastrophe everybody may need help."""
    talk = waiting(FULL, Circumstances(flagged=True, surge=True))
    assert prompts(talk) == [Prompt.SURGE]
    assert talk.call.band == Band.NORMAL


def test_a_flood_of_keys_does_no_harm() -> None:
    """Whatever is pressed how often, the caller waits for a person or listens to information."""
    talk = waiting()
    for digit in "1234567890*#" * 20:
        talk = talk >> key(digit)
        talk.open.clear()
    talk.ends_in(Queued)


def test_a_flood_of_keys_ends_in_nothing_but_a_call_for_help() -> None:
    """A stuck key fills no journal and keeps Asterisk free; 5 is heard whenever it comes."""
    talk = waiting()
    for _ in range(1000):
        talk = talk >> key("7")
        talk.open.clear()
    heard = [one for one in talk.journal if isinstance(one.entry, entries.KeyHeard)]
    assert len(heard) == 60
    talk = talk >> key("5") << Play
    assert talk.call.band == Band.NEED
    (talk >> key("5")).ends_in(Queued)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (IvrMode.FULL, [Prompt.GREET, Prompt.RECORDED, Prompt.MENU]),
        (IvrMode.SURGE, [Prompt.SURGE, Prompt.RECORDED]),
        (IvrMode.OFF, [Prompt.RECORDED]),
    ],
)
def test_callers_are_told_of_the_recording_where_the_plan_says_so(mode: IvrMode, expected: list[str]) -> None:
    """After the first prompt, so that it delays nobody who presses a key or finds a free call-taker."""
    talk = waiting(Plan("35.79", ivr=mode, tells_recording=True))
    for n in range(1, len(expected)):
        talk = talk >> PromptEnded(CALL, n) << Play
    assert prompts(talk) == expected


def test_a_caller_who_is_passed_to_another_centre_is_told() -> None:
    """While it rings there, once; whoever answers cuts it."""
    talk = waiting(Plan("35.79", overflow="PJSIP/112@neighbour")) >> PromptEnded(CALL, 1) << Play
    talk = talk >> AgentChosen(CALL, OVERFLOW, "PJSIP/112@neighbour") << Originate << StopPlay << Play
    assert prompts(talk)[-1] == Prompt.OVERFLOW
    (talk >> LegAnswered(CALL, ONE) << StopPlay << Connect << Lease).ends_in(Connected)


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("5", Disposition.SILENT_ASSIST),
        ("6", Disposition.GHOST),
        ("7", Disposition.PRANK),
        ("8", Disposition.INFORMATION),
    ],
)
def test_a_call_taker_says_what_the_call_is(code: str, verdict: Disposition) -> None:
    """Star and a digit on the call-taker's phone during the talk; the caller's own keys do not count."""
    talk = waiting() >> chosen(101) << Originate >> LegAnswered(CALL, ONE) << StopPlay << Connect << Lease
    talk = talk >> key("*") >> key(code)
    assert not [one for one in talk.journal if isinstance(one.entry, entries.Classified)]
    talk = talk >> key("1", ONE) >> key("*", ONE) >> key(code, ONE)
    assert talk.last == entries.Classified(verdict, talk.call.legs[0].agent_id)
    assert (talk >> key(code, ONE)).last == entries.Classified(verdict, talk.call.legs[0].agent_id)
