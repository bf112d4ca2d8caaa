"""How good is the ear? Every clip of a labelled set through it, counted by condition.

Knows clips, verdicts and what counts as a mistake. Does not know files' formats or how to draw.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from siaga112.audio import references, score
from siaga112.audio.challenge import is_sign_of_life
from siaga112.audio.detector import Detector
from siaga112.audio.events import AudioClass
from siaga112.audio.manifest import Clip
from siaga112.audio.network import VoiceNetwork
from siaga112.audio.replay import Outcome, replay
from siaga112.audio.settings import DEFAULT, EarSettings

HEARD = (AudioClass.SPEAKING, AudioClass.POSSIBLE_SPEECH)
NOBODY = ("silent", "noise_only", "no_audio")
"""Labels on which `speaking` is a false alarm."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A clip, what the ear made of it, and what the references did."""

    clip: Clip
    outcome: Outcome
    score: float
    """The clip's place on the ROC: the probability that enough blocks reached."""
    opinions: dict[str, references.Opinion]

    @property
    def missed(self) -> bool:
        """A speaker who was not heard at all."""
        heard = self.outcome.verdict.audio_class in HEARD
        return self.clip.expected == "speaking" and not heard

    @property
    def false_alarm(self) -> bool:
        """Nobody, taken for a speaker."""
        speaking = self.outcome.verdict.audio_class is AudioClass.SPEAKING
        return self.clip.expected in NOBODY and speaking

    def alive(self, settings: EarSettings) -> bool:
        """The clip's sounds would have answered a prompt that ended where the clip begins."""
        return any(is_sign_of_life(event, 0.0, settings) for event in self.outcome.events)

    def latency(self, *, sure: bool) -> float | None:
        """From the first word's beginning until speech was possible, or sure."""
        evidence, first = self.outcome.verdict.evidence, self.clip.first_word_s
        at = evidence.spoken_s if sure else evidence.possible_s
        if self.clip.expected != "speaking" or first is None or at is None:
            return None
        return at - first


def judge(clips: Sequence[Clip], settings: EarSettings = DEFAULT) -> list[Judged]:
    """Listens to every clip, with the ear and with each reference that is there."""
    peers: dict[str, references.WebRtc | None] = {"webrtcvad": references.webrtc()}
    outcomes = replay([clip.take for clip in clips], Detector(VoiceNetwork(), settings), settings)
    judged = []
    for clip, outcome in zip(clips, outcomes, strict=True):
        opinions = {"TALK_DETECT": references.talk_detect(clip.take)}
        opinions |= {name: peer(clip.take) for name, peer in peers.items() if peer}
        judged.append(Judged(clip, outcome, _score(outcome, settings), opinions))
    return judged


def _score(outcome: Outcome, settings: EarSettings) -> float:
    gate, wanted = settings.speech_gate_dbfs, settings.spoken_blocks
    voiced = sorted((a.probability for a in outcome.activities if a.level > gate), reverse=True)
    return voiced[wanted - 1] if len(voiced) >= wanted else 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a condition, or all clips of an expected class."""

    name: str
    expected: str
    clips: int
    classes: dict[str, int]
    missed: int
    false_alarms: int
    alive: int
    latencies: list[float]
    """Until speech was possible."""
    latencies_sure: list[float]
    references: dict[str, int]
    """Clips that each reference takes for speech."""


def rows(judged: Iterable[Judged], settings: EarSettings, *, by_class: bool) -> list[Row]:
    """Counts by condition, or by expected class."""
    groups: dict[tuple[str, str], list[Judged]] = {}
    for one in judged:
        name = f"all {one.clip.expected}" if by_class else one.clip.condition
        groups.setdefault((name, one.clip.expected), []).append(one)
    return [_row(name, expected, of, settings) for (name, expected), of in groups.items()]


def _row(name: str, expected: str, of: list[Judged], settings: EarSettings) -> Row:
    classes = Counter(one.outcome.verdict.audio_class.value for one in of)
    peers = Counter(name for one in of for name, said in one.opinions.items() if said.speaking)
    return Row(
        name=name,
        expected=expected,
        clips=len(of),
        classes=dict(classes),
        missed=sum(one.missed for one in of),
        false_alarms=sum(one.false_alarm for one in of),
        alive=sum(one.alive(settings) for one in of),
        latencies=[at for one in of if (at := one.latency(sure=False)) is not None],
        latencies_sure=[at for one in of if (at := one.latency(sure=True)) is not None],
        references={peer: peers[peer] for peer in of[0].opinions},
    )


@dataclass(frozen=True, slots=True)
class Target:
    """A promise, and whether this set bears it out."""

    name: str
    hits: int
    of: int
    limit: str
    met: bool


def targets(judged: Sequence[Judged], settings: EarSettings) -> list[Target]:
    """What the ear promises, each counted over the whole set."""
    speakers = [one for one in judged if one.clip.expected == "speaking"]
    nobody = [one for one in judged if one.clip.expected in NOBODY]
    gone = [one for one in judged if one.clip.expected == "no_audio"]
    keys = [one for one in judged if one.clip.expected in ("dtmf", "dtmf_response")]
    human = [one for one in judged if one.clip.expected == "nonverbal_human"]
    alive = sum(one.alive(settings) for one in human)
    missed, alarms = sum(one.missed for one in speakers), sum(one.false_alarm for one in nobody)
    seen = sum(one.outcome.verdict.audio_class is AudioClass.NO_AUDIO for one in gone)
    pressed = sum(one.outcome.verdict.audio_class is AudioClass.DTMF_RESPONSE for one in keys)
    late = [at for one in speakers if (at := one.latency(sure=True)) is not None]
    p95 = score.percentile(late, 0.95) or 0.0
    in_time = sum(at <= 1.0 for at in late)
    return [
        Target("speakers not heard", missed, len(speakers), "≤ 1 %", missed <= len(speakers) / 100),
        Target("nobody called speaking", alarms, len(nobody), "≤ 2 %", alarms <= len(nobody) / 50),
        Target("keys recognised", pressed, len(keys), "all", pressed == len(keys)),
        Target("no audio recognised", seen, len(gone), "all", seen == len(gone)),
        Target("a person's sounds answer a challenge", alive, len(human), "all", alive == len(human)),
        Target("speaking within 1 s of the first word", in_time, len(late), "95 %", p95 <= 1.0),
    ]
