"""Every class of audio, from our own clips, through the whole ear."""

from collections.abc import Callable

import numpy as np
import pytest

from siaga112.audio.challenge import is_sign_of_life
from siaga112.audio.detector import Detector
from siaga112.audio.events import AudioClass, ClassChanged, Suspicion
from siaga112.audio.g711 import Law
from siaga112.audio.replay import Outcome, Take, replay
from siaga112.audio.settings import DEFAULT
from tests.audio import clips

Listen = Callable[[Take], Outcome]
LINE = clips.noise(10, -65)


@pytest.mark.parametrize("law", Law)
@pytest.mark.parametrize("dbfs", [-16, -26, -40])
def test_a_sentence_is_speaking(listen: Listen, sentence: clips.Sound, law: Law, dbfs: float) -> None:
    """Loud or quiet, in any coding, from the first word on."""
    said = listen(clips.take(clips.place(LINE, (3, clips.at_level(sentence, dbfs))), law)).verdict
    assert said.audio_class is AudioClass.SPEAKING
    assert said.suspicion is Suspicion.NONE
    assert said.first_voice_s == pytest.approx(3.1, abs=0.3)
    assert said.decided_s < 4
    assert 1 < said.voice_seconds < 3


@pytest.mark.parametrize("snr", [20, 10, 5])
def test_a_sentence_in_the_street_is_speaking(listen: Listen, sentence: clips.Sound, snr: float) -> None:
    """Traffic behind it, down to 5 dB below the voice."""
    line = clips.street(10, -26 - snr)
    said = listen(clips.take(clips.place(line, (3, sentence)))).verdict
    assert said.audio_class is AudioClass.SPEAKING


@pytest.mark.parametrize("voice", ["id", "id+f3", "id+m5", "id+whisper"])
@pytest.mark.parametrize("text", ["Tolong", "Kebakaran", "Rumah saya banjir"])
def test_words_are_heard(listen: Listen, voice: str, text: str) -> None:
    """One word is enough, whoever says it, whispered too: never silence, never a ghost."""
    said = listen(clips.take(clips.place(LINE, (3, clips.spoken(text, voice=voice))))).verdict
    assert said.audio_class in (AudioClass.SPEAKING, AudioClass.POSSIBLE_SPEECH)
    assert said.suspicion is Suspicion.NONE


@pytest.mark.parametrize("dbfs", [-60, -50, -45])
def test_a_whispered_word_is_heard_above_comfort_noise(listen: Listen, dbfs: float) -> None:
    """The network takes it for nothing; on a steady line something that long is somebody."""
    line = clips.place(clips.noise(10, dbfs), (3, clips.spoken("Tolong", dbfs=-28, voice="id+whisper")))
    assert listen(clips.take(line)).verdict.suspicion is Suspicion.NONE


def test_a_sentence_with_a_fifth_of_its_packets_lost_is_speaking(
    listen: Listen, sentence: clips.Sound
) -> None:
    """Lost packets are filled in, and the network keeps its thread."""
    numbers = np.random.default_rng(20).choice(500, 100, replace=False)
    lost = tuple((int(n), int(n)) for n in sorted(numbers))
    outcome = listen(clips.take(clips.place(LINE, (3, sentence)), lost=lost))
    assert outcome.verdict.audio_class is AudioClass.SPEAKING
    assert outcome.verdict.evidence.packets == 400


def test_who_speaks_after_nine_seconds_is_cleared(listen: Listen, sentence: clips.Sound) -> None:
    """Silent at eight, a speaker at nine: in this order."""
    line = clips.place(clips.noise(13, -65), (9, sentence))
    changes = [e for e in listen(clips.take(line)).events if isinstance(e, ClassChanged)]
    assert changes[0].verdict.audio_class is AudioClass.SILENT
    assert changes[0].verdict.suspicion is Suspicion.SILENT_SUSPECT
    assert changes[0].at == pytest.approx(8, abs=0.05)
    assert changes[-1].verdict.audio_class is AudioClass.SPEAKING


HUM = clips.tone(10, 50, dbfs=-38) + clips.tone(10, 150, dbfs=-50)


@pytest.mark.parametrize(
    "sound",
    [
        clips.silence(10),
        clips.noise(10, -60),
        clips.noise(10, -45),
        HUM,
        np.full(80000, 0.02),
    ],
    ids=["digital silence", "comfort noise -60", "comfort noise -45", "hum", "offset"],
)
@pytest.mark.parametrize("law", [Law.ULAW, Law.ALAW])
def test_a_line_that_carries_nothing_is_silent(listen: Listen, sound: clips.Sound, law: Law) -> None:
    """Codes for nothing, comfort noise, hum and offset: nobody, decided at eight seconds."""
    outcome = listen(clips.take(sound, law))
    assert outcome.verdict.audio_class is AudioClass.SILENT
    assert outcome.verdict.suspicion is Suspicion.SILENT_SUSPECT
    assert outcome.verdict.decided_s == pytest.approx(8, abs=0.05)
    assert outcome.verdict.evidence.bursts == 0


@pytest.mark.parametrize("law", [Law.ULAW, Law.ALAW])
def test_digital_silence_is_named_in_the_evidence(listen: Listen, law: Law) -> None:
    """The code for nothing, all the time, is not the same as a quiet room."""
    assert listen(clips.take(clips.silence(9), law)).verdict.evidence.digital_silence_share == 1
    quiet = listen(clips.take(clips.noise(9, -55), law)).verdict
    assert quiet.evidence.digital_silence_share < 0.05


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("dbfs", [-35, -20])
def test_a_street_without_a_voice_is_noise(listen: Listen, dbfs: float, seed: int) -> None:
    """Loud is not speaking, which is what rules of energy believe."""
    said = listen(clips.take(clips.street(10, dbfs, seed))).verdict
    assert said.audio_class is AudioClass.NOISE_ONLY
    assert said.suspicion is Suspicion.GHOST_SUSPECT


def test_music_is_not_speaking(listen: Listen) -> None:
    """Somebody else's music on hold is no caller."""
    said = listen(clips.take(clips.chords(10))).verdict
    assert said.audio_class not in (AudioClass.SPEAKING, AudioClass.DTMF_RESPONSE)


@pytest.mark.parametrize("digit", clips.KEY_HERTZ)
def test_one_key_is_an_answer(listen: Listen, digit: str) -> None:
    """Eighty milliseconds of any key."""
    said = listen(clips.take(clips.place(LINE, (4, clips.key(digit, 0.08))))).verdict
    assert said.audio_class is AudioClass.DTMF_RESPONSE
    assert said.suspicion is Suspicion.NONE
    assert said.evidence.keys == digit


def test_five_five_is_two_keys(listen: Listen) -> None:
    """Pressed twice, 80 ms apart."""
    pressed = clips.place(LINE, (4, clips.key("5", 0.1)), (4.18, clips.key("5", 0.1)))
    assert listen(clips.take(pressed)).verdict.evidence.keys == "55"


@pytest.mark.parametrize(
    ("on", "off", "hertz"), [(1, 4, 425), (0.5, 0.5, 425), (0.25, 0.25, 425), (0.5, 3, 1100)]
)
def test_machines_are_known_by_their_cadence(listen: Listen, on: float, off: float, hertz: float) -> None:
    """Ringing, busy, congestion, and a fax that calls."""
    period = np.concatenate([clips.tone(on, hertz), clips.silence(off)])
    sound = np.tile(period, 20)[:80000] + LINE
    said = listen(clips.take(sound)).verdict
    assert said.audio_class is AudioClass.TONE_MACHINE
    assert said.evidence.tone_hz == hertz


def test_number_unobtainable_is_a_machine(listen: Listen) -> None:
    """950, 1400 and 1800 Hz, a third of a second each."""
    sit = np.concatenate([clips.tone(0.33, hertz) for hertz in (950, 1400, 1800)])
    said = listen(clips.take(clips.place(LINE, (2, sit)))).verdict
    assert said.audio_class is AudioClass.TONE_MACHINE


def test_no_packet_at_all_is_no_audio(listen: Listen) -> None:
    """Known after three seconds."""
    said = listen(clips.take(LINE, lost=((0, 499),))).verdict
    assert said.audio_class is AudioClass.NO_AUDIO
    assert said.suspicion is Suspicion.SILENT_SUSPECT
    assert said.decided_s == pytest.approx(3, abs=0.05)
    assert said.evidence.heard_s == 0
    assert said.evidence.level_dbfs is None


def test_packets_that_stop_are_no_audio(listen: Listen) -> None:
    """Three seconds after the last one."""
    said = listen(clips.take(LINE, lost=((200, 499),))).verdict
    assert said.audio_class is AudioClass.NO_AUDIO
    assert said.decided_s == pytest.approx(7, abs=0.1)


@pytest.mark.parametrize("line", [LINE, clips.silence(10)], ids=["comfort noise", "digital silence"])
def test_taps_answer_the_challenge_and_do_not_speak(listen: Listen, line: clips.Sound) -> None:
    """Each tap is a burst; silent is the class, and the challenge finds the person."""
    outcome = listen(clips.take(clips.place(line, *((at, clips.tap()) for at in (3, 3.4, 5)))))
    assert outcome.verdict.audio_class is AudioClass.SILENT
    assert outcome.verdict.evidence.bursts == 3
    assert any(is_sign_of_life(event, 2.0, DEFAULT) for event in outcome.events)


def test_a_cough_is_a_sign_of_life(listen: Listen) -> None:
    """A burst of noise that dies away, as long as a cough: a person, not a ghost."""
    length = 3200
    cough = clips.at_level(
        np.random.default_rng(7).standard_normal(length) * np.exp(-np.arange(length) / 1600), -25
    )
    outcome = listen(clips.take(clips.place(LINE, (4, cough))))
    assert outcome.verdict.audio_class is not AudioClass.NOISE_ONLY
    assert any(is_sign_of_life(event, 2.0, DEFAULT) for event in outcome.events)


def test_many_recordings_get_the_verdicts_each_gets_alone(
    detector: Detector, listen: Listen, sentence: clips.Sound
) -> None:
    """Recordings of any length side by side, more than fit in one batch."""
    sounds = [clips.noise(1 + 0.013 * n, -40 - n % 20, seed=n) for n in range(70)]
    sounds[3] = clips.place(clips.noise(5, -60), (1, sentence))
    takes = [clips.take(sound, Law(number % 3)) for number, sound in enumerate(sounds)]
    together = [outcome.verdict for outcome in replay(takes, detector, DEFAULT)]
    assert together == [listen(take).verdict for take in takes]


def test_the_last_word_of_a_recording_is_heard(listen: Listen) -> None:
    """What is left over after the last whole block is filled up and heard."""
    outcome = listen(clips.take(clips.noise(1.0, -40)[:7937]))
    assert len(outcome.activities) == 32
