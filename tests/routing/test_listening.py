"""What is made of a caller's silence: flags, the question and its answers, the beep to a call-taker."""

from dataclasses import replace

import pytest

from siaga112.audio import events as audio
from siaga112.routing import evidence
from siaga112.routing.arrival import Circumstances
from siaga112.routing.call import Connected, Ended, Hearing, Queued, Silence
from siaga112.routing.commands import (
    Answer,
    Beep,
    Connect,
    Hangup,
    Lease,
    Originate,
    Play,
    StartHold,
    StopPlay,
    Tap,
    Untap,
)
from siaga112.routing.events import (
    CallerEntered,
    CommandFailed,
    DeadlinePassed,
    KeyPressed,
    LegAnswered,
    LegGone,
    PromptEnded,
    Resumed,
    TapAllowed,
)
from siaga112.routing.heard import (
    ClassHeard,
    EarLost,
    Heard,
    KeyToned,
    Line,
    LineSummed,
    SoundHeard,
    VoiceHeard,
)
from siaga112.routing.plan import IvrMode, Listening, Plan, Timings
from siaga112.routing.record import fold
from siaga112.routing.revive import revive
from siaga112.routing.tap import AFTER_ANSWER
from siaga112.routing.words import CALLER, AudioClass, Band, Failure, LegId, Prompt, Sign, Suspicion, Why
from tests.routing.conversation import CALL, CHANNEL, START, Conversation, chosen, play

ONE = LegId(1)
PLAN = Plan("35.79", ivr=IvrMode.SHORT, listening=Listening(), timings=Timings(ring_all=600, starve=600))
ABSENT = {
    AudioClass.SILENT: Suspicion.SILENT_SUSPECT,
    AudioClass.NO_AUDIO: Suspicion.SILENT_SUSPECT,
    AudioClass.NOISE_ONLY: Suspicion.GHOST_SUSPECT,
    AudioClass.TONE_MACHINE: Suspicion.GHOST_SUSPECT,
}


def taken(heard: AudioClass, voice_seconds: float = 0.0) -> ClassHeard:
    """The line is taken for this."""
    return ClassHeard(CALL, 1, Line(heard, voice_seconds))


def tapped(about: Circumstances | None = None) -> Conversation:
    """A caller who is listened to, has heard the greeting, and hears the hold sound."""
    talk = play(plan=PLAN, about=about) >> CallerEntered(CALL) << Answer << Play
    talk = talk.after(AFTER_ANSWER) >> TapAllowed(CALL) << Tap(CALL, CHANNEL, 1, talk.now + 8)
    return talk >> PromptEnded(CALL, 1) << Play >> PromptEnded(CALL, 2) << StartHold


def asked(heard: AudioClass = AudioClass.SILENT, about: Circumstances | None = None) -> Conversation:
    """One who was silent for eight seconds and has just been asked to press five or to knock."""
    talk = tapped(about).after(8) >> taken(heard)
    talk = talk >> DeadlinePassed() << Play
    assert talk.call.sound == Hearing(3)
    return talk.after(5) >> PromptEnded(CALL, 3) << StartHold


def given_up() -> Conversation:
    """One who was asked twice and gave no sign."""
    talk = asked().after(7) >> DeadlinePassed() << Lease
    talk = talk.after(3) >> DeadlinePassed() << Play
    talk = talk.after(3) >> PromptEnded(CALL, 4) << StartHold
    return talk.after(7) >> DeadlinePassed()


def talking() -> Conversation:
    """One who talks with a call-taker, three seconds after the answer."""
    talk = tapped().after(2) >> chosen(101) << Originate
    return talk.after(1) >> LegAnswered(CALL, ONE) << Connect << Lease


def played(talk: Conversation) -> list[str]:
    """The prompts so far."""
    entries = [line.entry for line in talk.journal]
    return [one.prompt for one in entries if one.kind == "prompt_started"]  # type: ignore[union-attr]


def test_the_ear_s_words_are_the_core_s() -> None:
    """Both name the classes alike, as tables and scripts do."""
    assert [one.value for one in AudioClass] == [one.value for one in audio.AudioClass]
    assert {
        AudioClass(one.value): Suspicion(advice.value)
        for one, advice in audio.SUSPICION.items()
        if advice is not audio.Suspicion.NONE
    } == ABSENT


def test_nobody_is_listened_to_where_the_plan_does_not_want_it() -> None:
    """No tap, whoever's turn it is."""
    (play() >> CallerEntered(CALL) << Answer << Play >> TapAllowed(CALL)).ends_in(Queued)


def test_who_has_pressed_a_key_needs_no_tap() -> None:
    """Somebody is there: the turn comes too late."""
    talk = play(plan=PLAN) >> CallerEntered(CALL) << Answer << Play >> KeyPressed(CALL, CALLER, "7")
    talk.open.clear()
    (talk >> TapAllowed(CALL)).ends_in(Queued)


def test_a_turn_that_comes_after_the_pick_up_still_brings_the_beep() -> None:
    """In a rush the call-taker may be there before the ear, and is told of silence all the same."""
    talk = play(plan=PLAN) >> CallerEntered(CALL) << Answer << Play >> chosen(101) << Originate
    talk = talk.after(1) >> LegAnswered(CALL, ONE) << StopPlay << Connect << Lease
    talk = talk.after(4) >> TapAllowed(CALL) << Tap(CALL, CHANNEL, 1, START + 11)
    talk = talk.after(8) >> taken(AudioClass.SILENT)
    talk = talk.after(12) >> DeadlinePassed() << Beep
    assert talk.call.suspicion is Suspicion.GHOST_SUSPECT


@pytest.mark.parametrize("heard", ABSENT)
def test_nobody_heard_raises_a_flag_and_the_question(heard: AudioClass) -> None:
    """The flag at once, the place kept; and the caller is asked for a sign of life."""
    talk = asked(heard)
    assert talk.call.suspicion is ABSENT[heard]
    assert talk.call.band == Band.NORMAL
    assert played(talk)[-1] == Prompt.SILENT_FIRST
    assert talk.call.whisper is Prompt.WHISPER_SUSPECT


def test_no_audio_is_flagged_at_three_seconds_and_asked_at_eight() -> None:
    """A dead line is known sooner than a silent one; the question waits for the usual time."""
    talk = tapped().after(3) >> taken(AudioClass.NO_AUDIO)
    assert talk.call.suspicion is Suspicion.SILENT_SUSPECT
    assert talk.call.deadline == START + 8.25
    (talk.after(5) >> DeadlinePassed() << Play).ends_in(Queued)


def test_the_question_waits_for_what_is_being_said() -> None:
    """A prompt is not cut short by another."""
    talk = play(plan=PLAN) >> CallerEntered(CALL) << Answer << Play
    talk = talk.after(AFTER_ANSWER) >> TapAllowed(CALL) << Tap
    talk = talk.after(8) >> taken(AudioClass.SILENT) >> DeadlinePassed()
    assert talk.call.deadline is not None
    assert talk.call.deadline > talk.now, "nothing spins while the prompt plays"
    talk = talk >> PromptEnded(CALL, 1) << Play
    assert played(talk)[-1] == Prompt.SILENT_FIRST


@pytest.mark.parametrize(
    ("event", "sign"),
    [
        (KeyPressed(CALL, CALLER, "5"), Sign.KEY),
        (KeyPressed(CALL, CALLER, "2"), Sign.KEY),
        (KeyToned(CALL, 1, "5"), Sign.KEY),
        (VoiceHeard(CALL, 1, START + 14), Sign.WORD),
        (SoundHeard(CALL, 1, START + 14, 12.0), Sign.SOUND),
    ],
)
def test_any_sign_of_life_is_somebody_who_cannot_speak(event: Heard | KeyPressed, sign: Sign) -> None:
    """Band 0, no flag, a word to the caller, and the call-taker is told before the talk."""
    talk = asked().after(1) >> event << Play
    assert (talk.call.band, talk.call.suspicion, talk.call.silent) == (Band.NEED, Suspicion.NONE, True)
    assert played(talk)[-1] == Prompt.SILENT_OK
    assert talk.call.whisper is Prompt.WHISPER_SILENT
    ends = [one.entry for one in talk.journal if isinstance(one.entry, evidence.ChallengeEnded)]
    assert [one.sign for one in ends] == [sign]


@pytest.mark.parametrize("after", [-1.0, 0.1, 8.5])
def test_a_sound_that_is_no_answer_changes_nothing(after: float) -> None:
    """Streets make sounds, too: only what follows the question counts."""
    talk = asked()
    talk = talk.after(9) >> SoundHeard(CALL, 1, START + 13 + after, 20.0)
    assert (talk.call.band, talk.call.suspicion) == (Band.NORMAL, Suspicion.SILENT_SUSPECT)


def knocks(talk: Conversation, *times: float) -> Conversation:
    """Something stands out from the rest at these seconds after the arrival."""
    for at in times:
        talk = talk >> SoundHeard(CALL, 1, START + at, 12.0)
    return talk


def answered(before: int, after: int, heard: AudioClass = AudioClass.NOISE_ONLY) -> Conversation:
    """One whose line had sounds before the question, and has some after it."""
    talk = knocks(tapped().after(8), *(0.5 + n / 4 for n in range(before))) >> taken(heard)
    talk = talk >> DeadlinePassed() << Play
    talk = talk.after(5) >> PromptEnded(CALL, 3) << StartHold
    talk = knocks(talk.after(8), *(14 + n / 5 for n in range(after)))
    talk.open.clear()
    return talk


@pytest.mark.parametrize("before", [0, 1, 6, 16])
def test_who_knocks_after_the_question_answers_it_whatever_was_heard_before(before: int) -> None:
    """A person who taps, coughs or cries all the time: the first sound after the question is the answer."""
    talk = answered(before, 1)
    assert (talk.call.band, talk.call.suspicion, talk.call.silent) == (Band.NEED, Suspicion.NONE, True)


@pytest.mark.parametrize(
    ("before", "after", "heard", "band"),
    [
        (20, 30, AudioClass.NOISE_ONLY, Band.NORMAL),
        (20, 31, AudioClass.NOISE_ONLY, Band.NEED),
        (4, 6, AudioClass.TONE_MACHINE, Band.NORMAL),
        (4, 7, AudioClass.TONE_MACHINE, Band.NEED),
    ],
)
def test_a_line_that_is_never_quiet_must_become_livelier(
    before: int, after: int, heard: AudioClass, band: Band
) -> None:
    """Rain, clocks and machines make two sounds a second: no more than before put nobody anywhere."""
    talk = answered(before, after, heard)
    assert talk.call.band == band
    if band == Band.NORMAL:
        talk = talk.after(12) >> DeadlinePassed()
        assert talk.call.band == Band.NORMAL
        assert talk.call.suspicion is Suspicion.GHOST_SUSPECT


def asked_again(*sounds: float) -> Conversation:
    """One who gave no sign after the first question, and has just been asked once more."""
    talk = asked().after(7) >> DeadlinePassed() << Lease
    talk = knocks(talk, *sounds).after(3) >> DeadlinePassed() << Play
    return talk.after(3) >> PromptEnded(CALL, 4) << StartHold


def test_the_second_question_is_answered_as_the_first_is() -> None:
    """A knock after it is an answer, and the time is over when it would have been."""
    talk = asked_again()
    assert talk.call.ear is not None
    assert talk.call.ear.challenge is not None
    assert talk.call.ear.challenge.until == START + 13.25 + 20
    talk = knocks(talk.after(2), 28) << Play
    assert (talk.call.band, talk.call.silent) == (Band.NEED, True)


@pytest.mark.parametrize("times", [([22.0], []), ([], [26.35])])
def test_who_stirs_too_late_or_too_early_is_not_put_behind(times: tuple[list[float], list[float]]) -> None:
    """Outside the times of an answer it may have been a person, too: the place is kept, the flag stays."""
    before, after = times
    talk = knocks(asked_again(*before).after(0.2), *after).after(6.8) >> DeadlinePassed()
    assert (talk.call.band, talk.call.suspicion) == (Band.NORMAL, Suspicion.SILENT_SUSPECT)
    assert talk.call.ear is not None
    assert talk.call.ear.challenge is None


def test_no_sign_of_life_goes_behind_the_others_and_grows_old_there() -> None:
    """Asked twice within twenty seconds; then band 3, from which waiting leads upwards again."""
    talk = given_up()
    talk.ends_in(Queued)
    assert played(talk)[-2:] == [Prompt.SILENT_FIRST, Prompt.SILENT_AGAIN]
    assert (talk.call.band, talk.call.suspicion) == (Band.SUSPECT, Suspicion.SILENT_SUSPECT)
    assert talk.call.ages_at == START + 600


@pytest.mark.parametrize(
    ("event", "band"),
    [
        (taken(AudioClass.SPEAKING, 0.3), Band.NORMAL),
        (taken(AudioClass.POSSIBLE_SPEECH), Band.NORMAL),
        (VoiceHeard(CALL, 1, START + 40), Band.NORMAL),
        (KeyPressed(CALL, CALLER, "5"), Band.NEED),
        (KeyPressed(CALL, CALLER, "1"), Band.NORMAL),
    ],
)
def test_a_later_sign_of_life_lifts_the_flag_at_once(event: Heard | KeyPressed, band: Band) -> None:
    """Whoever comes back to life stands where they would have stood."""
    talk = given_up() >> event
    assert (talk.call.band, talk.call.suspicion) == (band, Suspicion.NONE)


def test_a_later_noise_is_no_sign_of_life() -> None:
    """After the question's time a sound is a sound."""
    talk = given_up() >> SoundHeard(CALL, 1, START + 40, 20.0)
    assert talk.call.band == Band.SUSPECT


def test_who_answers_with_a_word_and_goes_on_speaking_can_speak() -> None:
    """They keep their place in front; the call-taker is not told that they cannot speak."""
    talk = asked().after(1) >> VoiceHeard(CALL, 1, START + 14) << Play
    talk = talk >> taken(AudioClass.SPEAKING, 0.3)
    assert (talk.call.band, talk.call.silent, talk.call.whisper) == (Band.NEED, False, None)


def test_who_knocked_stays_silent_whatever_speaks_in_the_room() -> None:
    """A television is no reason to think that the caller can talk."""
    talk = asked().after(1) >> SoundHeard(CALL, 1, START + 14, 12.0) << Play
    talk = talk >> taken(AudioClass.SPEAKING, 0.3)
    assert (talk.call.band, talk.call.silent) == (Band.NEED, True)


def test_who_speaks_is_never_asked_and_not_listened_to_for_long() -> None:
    """Some seconds for the record's figures, then the tap is taken away."""
    talk = tapped().after(1) >> VoiceHeard(CALL, 1, START + 0.5) >> taken(AudioClass.SPEAKING, 0.3)
    talk = talk.after(5) >> LineSummed(CALL, 1, Line(AudioClass.SPEAKING, 3.2)) >> DeadlinePassed()
    talk = talk << Untap(CALL, 1)
    record = fold(talk.journal)
    assert record is not None
    assert (record.audio_class, record.voice_seconds, record.first_voice_at) == ("speaking", 3.2, START + 0.5)
    assert (record.suspicion, talk.call.band) == ("none", Band.NORMAL)


def test_a_verdict_on_a_number_is_not_the_machine_s_to_change() -> None:
    """A flagged number's band and suspicion stay: neither worse for silence nor better for a word."""
    talk = play(plan=PLAN, about=Circumstances(flagged=True)) >> CallerEntered(CALL) << Answer << Play
    talk = talk >> TapAllowed(CALL) << Tap
    talk = talk >> PromptEnded(CALL, 1) << Play >> PromptEnded(CALL, 2) << StartHold
    talk = talk.after(8) >> taken(AudioClass.SILENT)
    assert (talk.call.band, talk.call.suspicion) == (Band.FLAGGED, Suspicion.ABUSE_FLAGGED)
    talk = talk >> taken(AudioClass.SPEAKING)
    assert (talk.call.band, talk.call.suspicion) == (Band.FLAGGED, Suspicion.ABUSE_FLAGGED)


def test_a_blocked_number_is_not_asked_for_a_sign_of_life() -> None:
    """It hears again and again which keys lead to a person; they do."""
    talk = play(plan=PLAN, about=Circumstances(blocked=True)) >> CallerEntered(CALL) << Answer << Play
    talk = talk >> TapAllowed(CALL) << Tap
    talk.call = replace(talk.call, sound=Silence())
    talk = talk.after(8) >> taken(AudioClass.SILENT)
    talk = talk >> DeadlinePassed()
    assert Prompt.SILENT_FIRST not in played(talk)
    talk.open.clear()
    talk = talk >> KeyPressed(CALL, CALLER, "5")
    assert (talk.call.band, talk.call.barred_until) == (Band.NEED, None)


def test_whoever_was_cut_off_is_not_put_behind_for_silence() -> None:
    """Band 0 stays band 0."""
    talk = asked(about=Circumstances(broke=True)).after(20) >> DeadlinePassed()
    assert talk.call.band == Band.NEED


def test_a_pick_up_ends_the_question() -> None:
    """A person listens now: the prompt is cut, and nobody asks any more."""
    talk = tapped().after(8) >> taken(AudioClass.SILENT)
    talk = talk >> DeadlinePassed() << Play >> chosen(101) << Originate >> LegAnswered(CALL, ONE)
    talk = talk << Play >> PromptEnded(CALL, 4) << StopPlay << Connect << Lease
    assert played(talk)[-1] == Prompt.WHISPER_SUSPECT
    assert talk.call.ear is not None
    assert talk.call.ear.challenge is None


def test_picked_up_and_no_answer_is_a_beep_and_a_flag() -> None:
    """Twenty seconds after the pick-up; the call goes on, and what it was the call-taker says."""
    talk = talking().after(5) >> taken(AudioClass.SILENT)
    assert talk.call.suspicion is Suspicion.SILENT_SUSPECT
    talk = talk.after(15) >> DeadlinePassed() << Beep
    talk.ends_in(Connected)
    assert talk.call.suspicion is Suspicion.GHOST_SUSPECT
    (talk.after(100) >> DeadlinePassed()).ends_in(Connected)
    assert (talk >> taken(AudioClass.POSSIBLE_SPEECH)).call.suspicion is Suspicion.NONE


@pytest.mark.parametrize(
    "event", [taken(AudioClass.SPEAKING), KeyPressed(CALL, CALLER, "1"), EarLost(CALL, 1), None]
)
def test_no_beep_without_evidence(event: Heard | KeyPressed | None) -> None:
    """Whoever was heard, pressed a key, is not listened to, or has no verdict yet, is not called a ghost."""
    talk = talking()
    if event is not None:
        talk = talk.after(10) >> event
        talk.open.clear()
    talk = talk.after(20) >> DeadlinePassed()
    assert not [one for one in talk.open if isinstance(one, Beep)]
    assert talk.call.suspicion is Suspicion.NONE


def test_who_said_that_they_cannot_speak_is_no_ghost() -> None:
    """Silence is what the call-taker expects of them."""
    talk = tapped() >> KeyPressed(CALL, CALLER, "5") << Play
    talk = talk >> chosen(101) << Originate >> LegAnswered(CALL, ONE) << Play
    talk = talk >> PromptEnded(CALL, 4) << StopPlay << Connect << Lease
    talk = talk.after(8) >> taken(AudioClass.SILENT)
    talk = talk.after(20) >> DeadlinePassed()
    assert talk.call.suspicion is Suspicion.NONE


def test_an_ear_that_dies_takes_its_flags_with_it() -> None:
    """Nobody stays suspected whose sign of life would not be heard; nothing else changes."""
    talk = given_up() >> EarLost(CALL, 1) << Untap(CALL, 1)
    talk.ends_in(Queued)
    assert (talk.call.band, talk.call.suspicion) == (Band.NORMAL, Suspicion.NONE)
    assert talk.call.ear is not None
    assert not talk.call.ear.open


@pytest.mark.parametrize("failure", list(Failure))
def test_a_tap_that_cannot_be_laid_costs_nothing_but_the_flag(failure: Failure) -> None:
    """The call goes on as one without an ear."""
    talk = tapped() >> CommandFailed(Tap(CALL, CHANNEL, 1, START + 8.25), failure) << Untap(CALL, 1)
    talk.ends_in(Queued)
    assert (talk >> taken(AudioClass.SILENT)).call.suspicion is Suspicion.NONE


def test_news_of_an_earlier_tap_means_nothing() -> None:
    """Only the tap that is open now is believed."""
    talk = tapped() >> ClassHeard(CALL, 7, Line(AudioClass.SILENT))
    assert talk.call.suspicion is Suspicion.NONE


def test_one_press_that_comes_both_ways_is_one() -> None:
    """As tones in the sound and as the network's event, in either order; two presses are two."""
    talk = tapped() >> KeyPressed(CALL, CALLER, "1") << StartHold
    talk = talk.after(0.1) >> KeyToned(CALL, 1, "1")
    talk = talk.after(0.4) >> KeyPressed(CALL, CALLER, "1") << StartHold
    talk = talk.after(2) >> KeyToned(CALL, 1, "3") << StartHold
    talk = talk.after(0.1) >> KeyPressed(CALL, CALLER, "3")
    talk = talk.after(0.3) >> KeyPressed(CALL, CALLER, "3") << StartHold
    record = fold(talk.journal)
    assert record is not None
    assert record.dtmf == "1133"


def test_english_stays_a_choice_in_the_question() -> None:
    """Key 9 answers, and speaks English from then on."""
    talk = asked() >> KeyPressed(CALL, CALLER, "9") << Play
    assert (talk.call.language, talk.call.band) == ("en", Band.NEED)


def test_the_end_of_a_call_writes_down_what_was_heard() -> None:
    """The last sum is in the record, also of a call that ends with no verdict yet."""
    talk = tapped().after(5) >> LineSummed(CALL, 1, Line(AudioClass.SILENT, 0.1, 5.0, 250))
    talk = talk >> LegGone(CALL, CALLER, Why.HUNG_UP, 16) << Untap(CALL, 1, hang_up=False)
    talk.ends_in(Ended)
    record = fold(talk.journal)
    assert record is not None
    assert (record.audio_class, record.voice_seconds, record.suspicion) == ("silent", 0.1, "none")


def test_a_second_of_silence_is_not_called_silence() -> None:
    """Who hangs up at once was not heard for long enough to say anything."""
    talk = tapped().after(1) >> LineSummed(CALL, 1, Line(AudioClass.NO_AUDIO))
    talk = talk >> LegGone(CALL, CALLER, Why.HUNG_UP, 16) << Untap
    record = fold(talk.journal)
    assert record is not None
    assert record.audio_class is None


def test_after_an_interruption_the_question_is_put_again() -> None:
    """What was said meanwhile may not have been heard."""
    talk = asked().after(1) >> Resumed(CALL, answered=True, bridged=frozenset())
    talk = talk << Lease << Play
    n = talk.call.prompts
    talk = talk >> PromptEnded(CALL, n) << Play
    assert played(talk)[-1] == Prompt.SILENT_FIRST


def test_a_restarted_daemon_listens_again_and_keeps_the_flags() -> None:
    """A new tap with a name of its own; what was found stands, and who was asked is not asked again."""
    before = given_up()
    call = revive(before.journal, PLAN, before.now)
    assert call is not None
    assert (call.band, call.suspicion) == (Band.SUSPECT, Suspicion.SILENT_SUSPECT)
    talk = Conversation(call, [], before.journal)
    talk.now = before.now
    talk = talk >> Resumed(CALL, answered=True, bridged=frozenset({CALLER}))
    talk.open.clear()
    talk = talk >> TapAllowed(CALL) << Tap(CALL, CHANNEL, 2, talk.now + 8)
    talk = talk.after(8) >> ClassHeard(CALL, 2, Line(AudioClass.SILENT))
    assert talk.call.ear is not None
    assert talk.call.ear.asked
    assert (talk >> VoiceHeard(CALL, 2, talk.now)).call.suspicion is Suspicion.NONE


def test_a_restarted_daemon_does_not_listen_to_who_has_spoken() -> None:
    """Heard once is enough."""
    before = tapped().after(1) >> VoiceHeard(CALL, 1, START + 0.5)
    call = revive(before.journal, PLAN, before.now)
    assert call is not None
    talk = Conversation(call, [], before.journal)
    talk = talk >> Resumed(CALL, answered=True, bridged=frozenset({CALLER}))
    talk.open.clear()
    (talk >> TapAllowed(CALL)).ends_in(Queued)


def test_hanging_up_after_a_beep_is_the_call_taker_s_doing() -> None:
    """The machine ends no call: only the call-taker's goodbye does."""
    talk = talking().after(8) >> taken(AudioClass.NOISE_ONLY)
    talk = talk.after(12) >> DeadlinePassed() << Beep
    talk = talk >> LegGone(CALL, ONE, Why.HUNG_UP, 16) << Untap(CALL, 1) << Hangup(CALL, CALLER, CHANNEL)
    assert talk.call.deadline is not None
