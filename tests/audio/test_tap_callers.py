"""Many callers on taps: what is told of each, whatever the network, strangers and other callers do."""

import pytest

from siaga112.audio.detector import Detector
from siaga112.audio.events import AudioClass, ClassChanged, FirstVoice, Key
from siaga112.audio.g711 import Law
from siaga112.audio.settings import DEFAULT
from tests.audio import clips
from tests.audio.packets import CALLER, Line, nothing, packets

SPEAKING, SILENT, NO_AUDIO = AudioClass.SPEAKING, AudioClass.SILENT, AudioClass.NO_AUDIO


@pytest.fixture
def line(detector: Detector) -> Line:
    """Taps with the real detector."""
    return Line(detector)


def test_who_speaks_is_heard(line: Line, sentence: clips.Sound) -> None:
    """First the voice, then the class, on the clock of the taps, within a second of the first word."""
    line.tap()
    line.play(packets(clips.place(clips.silence(4), (1.0, sentence))))
    first = next(event for _, event in line.told if isinstance(event, FirstVoice))
    assert line.classes()[-1] is SPEAKING
    assert 100.9 < first.onset <= first.at < 102.0
    found = line.taps.summary("call", line.now)
    assert found is not None
    assert found.voice_seconds > 0.5
    assert found.evidence.packets >= 198


@pytest.mark.parametrize("law", [Law.ALAW, Law.ULAW])
def test_who_says_nothing_is_silent(line: Line, law: Law) -> None:
    """Digital silence of either law, decided when the time is up and not before."""
    line.tap(law=law)
    line.play(packets(clips.silence(9), law))
    (_, event), *more = line.told
    assert not more
    assert isinstance(event, ClassChanged)
    assert event.verdict.audio_class is SILENT
    assert DEFAULT.provisional_s <= event.at - 100 < DEFAULT.provisional_s + 0.1


def test_no_audio_at_three_seconds(line: Line) -> None:
    """Nothing comes, and the caller's own channel says so too."""
    line.tap()
    line.play(nothing(2.9), counted=0)
    assert line.told == []
    line.play(nothing(1), counted=0)
    assert line.classes() == [NO_AUDIO]


def test_a_tap_that_brings_nothing_is_not_believed_alone(line: Line) -> None:
    """As long as nobody has asked the caller's channel, the tap may be what is broken: no verdict."""
    line.tap()
    line.play(nothing(10))
    assert (line.told, line.taps.summary("call", line.now)) == ([], None)
    assert line.taps.dry(line.now) == ["call"]


def test_a_broken_tap_makes_nobody_a_ghost(line: Line) -> None:
    """The caller's channel counts packets, the tap brings none: no flag, whatever the time."""
    line.tap()
    for count in range(50, 1000, 50):
        line.wait(1)
        line.taps.rtp_seen("call", count, line.now)
    assert (line.told, line.taps.summary("call", line.now)) == ([], None)
    assert line.taps.untap("call", line.now) is None


def test_sound_that_stops(line: Line) -> None:
    """Who was silent and then sends nothing at all has no audio; who comes back is heard."""
    line.tap()
    line.play(packets(clips.silence(9)), counted=0)
    assert line.taps.dry(line.now) == []
    line.play(nothing(5), counted=450)
    assert line.classes() == [SILENT, NO_AUDIO]
    line.play(packets(clips.spoken("Tolong, saya di rumah sakit"), first=450))
    assert line.classes()[-1] is SPEAKING


def test_who_has_spoken_stays_a_speaker(line: Line, sentence: clips.Sound) -> None:
    """Sound that stops after a word takes nothing back."""
    line.tap()
    line.play(packets(sentence), counted=0)
    line.play(nothing(10), counted=100)
    assert line.classes()[-1] is SPEAKING


def test_comfort_noise_packets_are_silence(line: Line) -> None:
    """A sender that describes its silence instead of sending it is silent, not gone."""
    line.tap()
    line.play(packets(clips.silence(0.5)))
    for second in range(1, 10):
        line.wait(1)
        line.taps.rtp_seen("call", 25 + 5 * second, line.now)
    assert line.classes() == [SILENT]


def test_a_fifth_of_the_packets_is_lost(line: Line, sentence: clips.Sound) -> None:
    """Who speaks is heard all the same."""
    line.tap()
    sent = packets(clips.place(clips.noise(4, -60), (0.5, sentence)))
    line.play([data if (n * 7) % 5 else None for n, data in enumerate(sent)])
    assert line.classes()[-1] is SPEAKING
    account = line.taps.account("call")
    assert account is not None
    assert 36 <= account.lost <= 40, "of the last ones it is not known yet"


def test_strangers_are_counted_and_not_heard(line: Line, sentence: clips.Sound) -> None:
    """A voice from another port, or another host, does not speak for a caller."""
    line.tap()
    voice = packets(sentence)
    for number, data in enumerate(packets(clips.silence(9))):
        line.taps.receive(voice[number % len(voice)], ("127.0.0.1", 20001), line.now)
        line.taps.receive(voice[number % len(voice)], ("192.0.2.1", 20000), line.now)
        line.play([data])
    assert line.classes() == [SILENT]
    assert line.taps.strangers == 900


def test_garbage_on_the_right_port_harms_nobody(line: Line, sentence: clips.Sound) -> None:
    """Datagrams that are no RTP are counted, and the caller is heard."""
    line.tap()
    for data in packets(sentence):
        line.taps.receive(b"\0" + data[1:], CALLER, line.now)
        line.play([data])
    assert line.taps.malformed == len(packets(sentence))
    assert line.classes()[-1] is SPEAKING


def test_callers_do_not_mix(line: Line, sentence: clips.Sound) -> None:
    """Each caller's events carry its own key, side by side in one batch."""
    line.tap("speaks", 20000)
    line.tap("is silent", 20002)
    voice, quiet = packets(clips.place(clips.silence(9), (1, sentence))), packets(clips.silence(9))
    for one, other in zip(voice, quiet, strict=True):
        line.taps.receive(one, ("127.0.0.1", 20000), line.now)
        line.taps.receive(other, ("127.0.0.1", 20002), line.now)
        line.wait(0.02)
    assert line.classes("speaks")[-1] is SPEAKING
    assert line.classes("is silent") == [SILENT]


def test_a_key_of_the_network(line: Line) -> None:
    """A key that Asterisk reports is told, and is an answer."""
    line.tap()
    line.play(packets(clips.silence(2)))
    line.taps.press("call", "5", line.now)
    assert [event for _, event in line.told if isinstance(event, Key)] == [Key(line.now, "5")]
    assert line.classes() == [AudioClass.DTMF_RESPONSE]


def test_the_echo_of_a_prompt_is_not_the_caller(line: Line) -> None:
    """While a prompt plays, its faint echo is no voice; afterwards the same sound is one."""
    echo = clips.spoken("Kami mendengarkan. Jika tidak bisa bicara, tekan lima", dbfs=-48)
    line.tap()
    line.taps.prompt("call", line.now, playing=True)
    line.play(packets(echo))
    assert line.told == []
    line.taps.prompt("call", line.now, playing=False)
    line.play(packets(echo, first=1000))
    assert line.classes() != []


def test_after_the_last_word_nothing_is_told(line: Line, sentence: clips.Sound) -> None:
    """A tap that was closed gives its verdict, and its packets are a stranger's."""
    line.tap()
    line.play(packets(sentence))
    last = line.taps.untap("call", line.now)
    assert last is not None
    assert last.audio_class is SPEAKING
    told = len(line.told)
    line.play(packets(sentence, first=200))
    assert (len(line.told), len(line.taps)) == (told, 0)
    assert line.taps.strangers == len(packets(sentence))
    assert line.taps.total().received == len(packets(sentence))
    assert line.taps.untap("call", line.now) is None


def test_a_port_is_used_again(line: Line, sentence: clips.Sound) -> None:
    """Who comes after on the same port is another caller; the one before is gone."""
    line.tap("before")
    line.play(packets(sentence))
    line.tap("after")
    line.play(packets(clips.silence(9), first=9000))
    assert line.taps.keys() == ["after"]
    assert line.classes("after") == [SILENT]


def test_on_padded_taps_only_the_channel_says_whether_anything_comes(detector: Detector) -> None:
    """A snoop channel sends silence for a caller who sends nothing: told apart by the channel's count."""
    for counts, expected in ((False, NO_AUDIO), (True, SILENT)):
        line = Line(detector, padded=True)
        line.tap()
        for second in range(9):
            line.play(packets(clips.silence(1), first=50 * second))
            line.taps.rtp_seen("call", 50 * (second + 1) if counts else 0, line.now)
        assert line.classes() == [expected]
        assert line.taps.dry(line.now) == ["call"]


def test_on_padded_taps_nobody_asked_is_no_reason(detector: Detector) -> None:
    """While the channel's count cannot be had, nobody is said to send nothing."""
    line = Line(detector, padded=True)
    line.tap()
    line.play(packets(clips.silence(9)))
    assert line.classes() == [SILENT]


def test_who_was_not_heard_out_is_not_suspected(detector: Detector, sentence: clips.Sound) -> None:
    """Blocks were dropped as the listener did not keep up: no flag, but a voice still counts."""
    line = Line(detector)
    line.tap()
    for data in packets(clips.silence(3)):
        line.taps.receive(data, CALLER, line.now)
    line.play(packets(clips.silence(9), first=150))
    assert (line.told, line.taps.summary("call", line.now)) == ([], None)
    line.play(packets(sentence, first=600))
    assert line.classes() == [AudioClass.POSSIBLE_SPEECH, SPEAKING]


def test_a_backlog_is_caught_up(line: Line, sentence: clips.Sound) -> None:
    """What came in one bunch is heard four blocks a tick, each once."""
    line.tap()
    for data in packets(clips.place(clips.silence(0.9), (0.1, sentence))):
        line.taps.receive(data, CALLER, line.now)
    line.wait(0.033 * 8)
    found = line.taps.summary("call", line.now)
    assert found is not None
    assert found.evidence.heard_s == pytest.approx(0.896)


def test_unknown_keys_are_nobody(line: Line) -> None:
    """Orders for a call that is not listened to do nothing."""
    line.taps.press("nobody", "5", line.now)
    line.taps.prompt("nobody", line.now, playing=True)
    line.taps.rtp_seen("nobody", 5, line.now)
    assert line.taps.summary("nobody", line.now) is None
    assert line.taps.account("nobody") is None
    assert line.told == []
