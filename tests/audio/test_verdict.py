"""The verdict: which class, when, and how it is taken back. Time is an argument."""

import pytest

from siaga112.audio import verdict
from siaga112.audio.detector import _DIGITAL as DIGITAL
from siaga112.audio.detector import _LEVELS as LEVELS
from siaga112.audio.detector import HISTOGRAM_DB, Activity, Memory, blank
from siaga112.audio.events import (
    SUSPICION,
    AudioClass,
    Burst,
    ClassChanged,
    EarEvent,
    FirstVoice,
    Key,
    Suspicion,
    ToneHeard,
)
from siaga112.audio.settings import BLOCK_S, DEFAULT

QUIET = Activity(-66.0, -66.0, 0.01, 0.0, (-1, -1), -1, received=True)
RAIN = Activity(-30.0, -31.0, 0.05, 0.0, (-1, -1), -1, received=True)
VOICE = Activity(-25.0, -60.0, 0.95, 0.0, (-1, -1), -1, received=True)
MAYBE = VOICE._replace(probability=0.3)
CRY = VOICE._replace(probability=0.02)
KNOCK = QUIET._replace(burst=30.0, level=-40.0)
FIVE = Activity(-20.0, -60.0, 0.0, 0.0, (5, 5), -1, received=True)
DIAL = Activity(-20.0, -60.0, 0.6, 0.0, (-1, -1), 0, received=True)
GONE = Activity(-120.0, -66.0, 0.0, 0.0, (-1, -1), -1, received=False)


class Line:
    """A caller in a test: blocks go in, events come out, the clock is ours."""

    def __init__(self) -> None:
        self.now = 0.0
        self.state = verdict.begin(0.0, DEFAULT)
        self.memory: Memory = blank()
        self.events: list[EarEvent] = []

    def hear(self, seconds: float, activity: Activity) -> "Line":
        """So many seconds of the same."""
        for _ in range(round(seconds / BLOCK_S)):
            self.now += BLOCK_S
            self.memory = self.memory.copy()
            if activity.received:
                bin_ = int(max(0, min(activity.level + HISTOGRAM_DB, HISTOGRAM_DB - 1)))
                self.memory[LEVELS][bin_] += 1
                self.state = verdict.packets(self.state, self.now, self.state.packets + 2)
            self._take(verdict.hear(self.state, self.now, activity, self.memory, DEFAULT))
        return self

    def press(self, digit: str) -> "Line":
        """A key as an event of the network."""
        self._take(verdict.press(self.state, self.now, digit, self.memory, DEFAULT))
        return self

    def wait(self, seconds: float) -> "Line":
        """No blocks at all: the tap is gone, only the clock goes on."""
        for _ in range(round(seconds / BLOCK_S)):
            self.now += BLOCK_S
            self._take(verdict.tick(self.state, self.now, self.memory, DEFAULT))
        return self

    def prompt(self, *, playing: bool) -> "Line":
        """A prompt of ours begins or ends."""
        self.state = verdict.prompt(self.state, self.now, DEFAULT, playing=playing)
        return self

    def _take(self, step: verdict.Step) -> None:
        self.state, events = step
        self.events += events

    @property
    def classes(self) -> list[tuple[AudioClass, float]]:
        """Each class the line was in, and when it got it."""
        changes = [event for event in self.events if isinstance(event, ClassChanged)]
        return [(change.verdict.audio_class, round(change.at, 1)) for change in changes]


@pytest.mark.parametrize(("activity", "expected"), [(QUIET, "silent"), (RAIN, "noise_only")])
def test_nobody_is_decided_at_eight_seconds(activity: Activity, expected: str) -> None:
    """Earlier it is too early to say; then the challenge may begin."""
    assert Line().hear(7.9, activity).classes == []
    assert Line().hear(8.1, activity).classes == [(AudioClass(expected), 8.0)]


def test_no_audio_is_decided_at_three_seconds() -> None:
    """No packet ever: known at once, not only after the challenge's time."""
    assert Line().hear(12, GONE).classes == [(AudioClass.NO_AUDIO, 3.0)]


def test_no_audio_needs_no_blocks() -> None:
    """Nothing arrives from the tap either: the clock alone decides."""
    assert Line().wait(4).classes == [(AudioClass.NO_AUDIO, 3.0)]


def test_audio_that_stops_is_no_audio_three_seconds_later() -> None:
    """RTP stops at 2 s."""
    assert Line().hear(2, QUIET).hear(4, GONE).classes == [(AudioClass.NO_AUDIO, 5.0)]


def test_audio_that_comes_back_is_judged_again() -> None:
    """Three seconds of it, and not before eight, make it silent."""
    line = Line().hear(6, GONE).hear(5, QUIET)
    assert [kind for kind, _ in line.classes] == [AudioClass.NO_AUDIO, AudioClass.SILENT]
    assert 9 <= line.classes[-1][1] <= 10


def test_speech_is_decided_at_once() -> None:
    """Possible after five blocks, sure after eight, and the first word is dated back to its start."""
    line = Line().hear(1, QUIET).hear(1, VOICE)
    assert [kind for kind, _ in line.classes] == [AudioClass.POSSIBLE_SPEECH, AudioClass.SPEAKING]
    first = [event for event in line.events if isinstance(event, FirstVoice)]
    assert len(first) == 1
    assert first[0].onset == pytest.approx(1, abs=BLOCK_S)
    assert line.state.voice.spoken_at == pytest.approx(1 + 8 * BLOCK_S, abs=BLOCK_S)


def test_a_flag_is_lifted_by_the_first_word() -> None:
    """Silent for nine seconds, then somebody speaks: whatever was said before is taken back."""
    line = Line().hear(9, QUIET).hear(1, VOICE)
    assert [kind for kind, _ in line.classes] == [
        AudioClass.SILENT,
        AudioClass.POSSIBLE_SPEECH,
        AudioClass.SPEAKING,
    ]


def test_who_has_spoken_stays_a_speaker() -> None:
    """Silence, no packets, tones and keys afterwards change nothing."""
    line = Line().hear(1, VOICE)
    heard = line.classes
    line.hear(12, QUIET).hear(5, GONE).hear(2, DIAL).press("5")
    assert line.classes == heard


def test_hesitant_voice_stays_possible() -> None:
    """Possible speech is no flag, and silence after it is none either."""
    assert Line().hear(1, MAYBE).hear(12, QUIET).classes == [(AudioClass.POSSIBLE_SPEECH, 0.2)]


def test_quiet_blocks_are_never_voice() -> None:
    """Comfort noise scores high now and then, but below -58 dBFS nobody speaks."""
    line = Line().hear(9, VOICE._replace(level=-59.0))
    assert line.classes[-1][0] is AudioClass.SILENT
    assert line.state.voice.blocks == 0


@pytest.mark.parametrize("how", ["heard", "reported"])
def test_a_key_is_an_answer(how: str) -> None:
    """In the audio or as an event: the caller is there."""
    line = Line().hear(9, QUIET)
    line = line.hear(0.1, FIVE) if how == "heard" else line.press("5")
    assert [event.digit for event in line.events if isinstance(event, Key)] == ["5"]
    assert line.classes[-1][0] is AudioClass.DTMF_RESPONSE


def test_keys_are_not_voice() -> None:
    """The network may take a tone for a voice; a key or a machine is neither voice nor word."""
    line = Line().hear(3, FIVE._replace(probability=0.9)).hear(3, DIAL)
    assert line.state.voice.blocks == 0
    assert line.state.utterance.count == 0


def test_what_noise_leaves_of_a_key_is_no_voice() -> None:
    """A key that is hidden in part is still the same key for 0.3 s; who speaks later speaks."""
    line = Line().hear(3, QUIET)
    for _ in range(5):
        line = line.hear(0.07, FIVE).hear(0.2, VOICE).hear(0.2, QUIET)
    assert line.state.voice.blocks == 0
    assert line.classes[-1][0] is AudioClass.DTMF_RESPONSE
    assert line.hear(0.5, VOICE).classes[-1][0] is AudioClass.SPEAKING


def test_a_machine_is_told_by_its_tone() -> None:
    """Told once, decided at once."""
    line = Line().hear(3, DIAL).hear(6, QUIET)
    assert [event.hertz for event in line.events if isinstance(event, ToneHeard)] == [425.0]
    assert line.classes == [(AudioClass.TONE_MACHINE, 0.3)]


def test_a_person_after_the_tone_is_a_person() -> None:
    """A machine's tone does not make a caller deaf."""
    assert Line().hear(3, DIAL).hear(1, VOICE).classes[-1][0] is AudioClass.SPEAKING


def test_a_lone_cry_on_a_quiet_line_is_possible_speech() -> None:
    """The network misses cries and whispers; on a quiet line one of them is not nothing."""
    line = Line().hear(2, QUIET).hear(0.5, CRY).hear(6, QUIET)
    assert line.classes == [(AudioClass.POSSIBLE_SPEECH, 8.0)]
    assert line.state.voice.onset is None


def test_a_cry_after_the_verdict_lifts_it() -> None:
    """Silent at eight seconds, a cry at ten."""
    line = Line().hear(10, QUIET).hear(0.5, CRY)
    assert [kind for kind, _ in line.classes] == [AudioClass.SILENT, AudioClass.POSSIBLE_SPEECH]


def test_rustling_is_not_a_word() -> None:
    """Four and more of them before the verdict: a telephone in a pocket."""
    line = Line()
    for _ in range(5):
        line.hear(0.5, CRY).hear(1, QUIET)
    assert line.hear(2, QUIET).classes[-1][0] is AudioClass.NOISE_ONLY


def test_bursts_are_told_but_decide_nothing() -> None:
    """A knock may mean everything or nothing; the challenge finds out."""
    line = Line().hear(2, QUIET).hear(BLOCK_S, KNOCK).hear(7, QUIET)
    assert [event.rise_db for event in line.events if isinstance(event, Burst)] == [30.0]
    assert line.classes == [(AudioClass.SILENT, 8.0)]


def test_while_a_prompt_plays_only_what_is_above_its_echo_counts() -> None:
    """The prompt's own voice comes back at -45 dBFS; a caller who talks over it is louder."""
    echo = VOICE._replace(level=-45.0, burst=20.0)
    line = Line().prompt(playing=True).hear(2, echo)
    assert line.events == []
    assert line.prompt(playing=True).hear(1, VOICE).classes[-1][0] is AudioClass.SPEAKING


def test_after_the_prompt_quiet_speakers_count_again() -> None:
    """The gate is there while the prompt is, and 0.3 s more: so long its echo may be on its way."""
    line, quiet = (
        Line().prompt(playing=True).hear(2, QUIET).prompt(playing=False),
        VOICE._replace(level=-50.0),
    )
    assert line.hear(0.28, quiet).state.voice.blocks == 0
    assert line.hear(0.5, quiet).classes[-1][0] is AudioClass.SPEAKING


def test_silence_that_becomes_noise_is_noise() -> None:
    """Looked at again every second as long as the call lasts."""
    line = Line().hear(9, QUIET).hear(6, RAIN)
    assert [kind for kind, _ in line.classes] == [AudioClass.SILENT, AudioClass.NOISE_ONLY]


def test_every_class_has_its_advice() -> None:
    """Persons are under no suspicion; a line that may hide one is silent, not a ghost."""
    assert SUSPICION.keys() == set(AudioClass)
    assert {kind.value: SUSPICION[kind].value for kind in AudioClass} == {
        "speaking": "none",
        "possible_speech": "none",
        "dtmf_response": "none",
        "silent": "silent_suspect",
        "no_audio": "silent_suspect",
        "noise_only": "ghost_suspect",
        "tone_machine": "ghost_suspect",
    }


def test_the_evidence_is_complete() -> None:
    """What was heard, for the record: seconds, keys, bursts, levels, packets."""
    line = Line().hear(1, QUIET).hear(1, VOICE).hear(0.1, KNOCK).press("5").hear(1, QUIET)
    line.memory[DIGITAL] = 31
    said = verdict.conclude(line.state, line.now, line.memory, DEFAULT)
    assert said.audio_class is AudioClass.SPEAKING
    assert said.suspicion is Suspicion.NONE
    assert said.voice_seconds == pytest.approx(1, abs=0.05)
    assert said.first_voice_s == pytest.approx(1, abs=0.05)
    assert said.decided_s == pytest.approx(1 + 8 * BLOCK_S, abs=0.05)
    evidence = said.evidence
    assert evidence.heard_s == pytest.approx(line.now)
    assert evidence.packets == 2 * round(line.now / BLOCK_S)
    assert (evidence.keys, evidence.bursts, evidence.level_dbfs) == ("5", 3, -65.5)
    assert evidence.digital_silence_share == pytest.approx(31 * BLOCK_S / line.now, abs=0.01)


@pytest.mark.parametrize(
    ("activity", "expected"), [(QUIET, "silent"), (RAIN, "noise_only"), (GONE, "no_audio")]
)
def test_a_short_recording_gets_the_best_guess(activity: Activity, expected: str) -> None:
    """Two seconds and then the end: the verdict is what it would have become."""
    line = Line().hear(2, activity)
    said = verdict.conclude(line.state, line.now, line.memory, DEFAULT)
    assert said.audio_class == expected
    assert said.decided_s == pytest.approx(2, abs=0.05)


def test_blocks_in_which_nothing_happens_cost_nothing() -> None:
    """The very same state comes back, so that hundreds of quiet callers are cheap."""
    line = Line().hear(1, QUIET)
    after, events = verdict.hear(line.state, line.now, QUIET, line.memory, DEFAULT)
    assert after is line.state
    assert events == ()
