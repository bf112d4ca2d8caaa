"""The verdict: from activity, packets and keys to a class of audio. Pure, time as an argument.

Knows the classes and when each is decided. Does not know where blocks come from or what a verdict is
used for; nothing here ends a call. Speech, once heard, stays heard; every verdict that nobody speaks
can be taken back as long as the call lasts.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from siaga112.audio.detector import Activity, LevelSummary, Memory, levels, summary
from siaga112.audio.events import (
    SUSPICION,
    AudioClass,
    Burst,
    ClassChanged,
    EarEvent,
    Evidence,
    FirstVoice,
    Key,
    ToneHeard,
    Verdict,
)
from siaga112.audio.settings import BLOCK_S, EarSettings
from siaga112.audio.watch import KeyWatch, ToneWatch, UtteranceWatch, VoiceWatch

_AGAIN_S: Final = 1.0
"""How often a line on which nobody speaks is looked at again."""
_KEY_S: Final = 0.3
"""As long as this a key may be held down, and what its noise hides of it is no voice."""
_PERSON: Final = (AudioClass.SPEAKING, AudioClass.POSSIBLE_SPEECH, AudioClass.DTMF_RESPONSE)
"""Somebody was there; time alone changes that no more."""


@dataclass(frozen=True, slots=True)
class Listening:
    """All that is known of one caller's audio, apart from the detector's memory."""

    started_at: float
    decides_at: float
    """When silence is news."""
    due: float
    """When to look again even if nothing happens."""
    grew_at: float
    """When packets last came."""
    packets: int = 0
    echo_until: float = float("-inf")
    """A prompt of ours is playing, or has just ended: its echo may come back until then."""
    voice: VoiceWatch = field(default_factory=VoiceWatch)
    keys: KeyWatch = field(default_factory=KeyWatch)
    tone: ToneWatch = field(default_factory=ToneWatch)
    utterance: UtteranceWatch = field(default_factory=UtteranceWatch)
    utterance_at: float | None = None
    """When a lone utterance made speech possible."""
    bursts: int = 0
    first_burst_at: float | None = None
    floor: float | None = None
    audio_class: AudioClass | None = None
    """None: too early to say."""
    decided_at: float | None = None


Step = tuple[Listening, tuple[EarEvent, ...]]


def begin(now: float, settings: EarSettings, decides_at: float | None = None) -> Listening:
    """Listening starts; who was not heard until `decides_at`, or else the settings' time, is silent."""
    decides_at = now + settings.provisional_s if decides_at is None else decides_at
    return Listening(started_at=now, decides_at=decides_at, due=now + settings.no_audio_s, grew_at=now)


def hear(state: Listening, now: float, activity: Activity, memory: Memory, settings: EarSettings) -> Step:
    """One block of the caller; now is when it ended."""
    if now < state.due and not _notable(state, activity, settings):
        return state, ()
    events: list[EarEvent] = []
    # A key or a tone is neither a voice nor a word, whatever the network makes of it, or noise leaves of it.
    pressed = now - state.keys.pressed_at < _KEY_S
    pure = activity.tone == -1 and activity.keys == (-1, -1) and not pressed
    echo = now < state.echo_until
    gate = settings.echo_gate_dbfs if echo else settings.speech_gate_dbfs
    loud = activity.level > gate
    voice, keys = state.voice, state.keys.hear(now, activity.keys)
    utterance = state.utterance
    if pure and (loud or not echo):
        voice = voice.hear(now, activity, gate, settings)
        utterance = utterance.hear(activity, settings)
    tone = state.tone.hear(activity.tone, settings)
    heard = replace(
        state,
        voice=voice,
        keys=keys,
        tone=tone,
        utterance=utterance,
        floor=activity.floor if activity.received else state.floor,
    )
    if voice.possible_at is not None and state.voice.possible_at is None:
        events.append(FirstVoice(now, voice.onset if voice.onset is not None else now))
    if tone.hertz is not None and state.tone.hertz is None:
        events.append(ToneHeard(now, tone.hertz))
    if activity.burst > 0 and loud:
        first = now if state.first_burst_at is None else state.first_burst_at
        heard = replace(heard, bursts=state.bursts + 1, first_burst_at=first)
        events.append(Burst(now, activity.burst))
    events.extend(Key(now, digit) for digit in keys.digits[len(state.keys.digits) :])
    return _judge(heard, now, memory, settings, events)


def packets(state: Listening, now: float, total: int) -> Listening:
    """What the network says of the caller's RTP: so many packets so far."""
    if total <= state.packets:
        return state
    return replace(state, packets=total, grew_at=now)


def press(state: Listening, now: float, digit: str, memory: Memory, settings: EarSettings) -> Step:
    """A key that the network reported (RFC 4733)."""
    keys = state.keys.press(now, digit, in_band=False)
    if keys is state.keys:
        return state, ()
    return _judge(replace(state, keys=keys), now, memory, settings, [Key(now, digit)])


def prompt(state: Listening, now: float, settings: EarSettings, *, playing: bool) -> Listening:
    """A prompt of ours began or ended."""
    return replace(state, echo_until=float("inf") if playing else now + settings.echo_s)


def tick(state: Listening, now: float, memory: Memory, settings: EarSettings) -> Step:
    """Time went by without a block: no frames come, or none are asked for any more."""
    if now < state.due:
        return state, ()
    return _judge(state, now, memory, settings, [])


def conclude(state: Listening, now: float, memory: Memory, settings: EarSettings) -> Verdict:
    """The verdict as it stands, or the best one if it is still too early for any."""
    decided = state.audio_class or _nobody(state, summary(memory), settings)
    return _verdict(replace(state, audio_class=decided), now, memory)


def _notable(state: Listening, activity: Activity, settings: EarSettings) -> bool:
    """Most blocks of most callers change nothing; this is what makes hundreds of them cheap."""
    return (
        activity.probability >= settings.possible_probability
        or activity.burst > 0
        or activity.tone != -1
        or activity.keys != (-1, -1)
        or not state.keys.idle
        or state.tone.group != 0
        or state.utterance.run > 0
        or state.utterance.stands_out(activity, settings)
    )


def _judge(
    state: Listening, now: float, memory: Memory, settings: EarSettings, events: list[EarEvent]
) -> Step:
    state = _with_utterance(state, now, settings)
    decided = _classify(state, now, memory, settings)
    due = float("inf") if decided in _PERSON else _next_look(state, now, settings)
    state = replace(state, due=due)
    if decided is None or decided is state.audio_class:
        return state, tuple(events)
    changed = replace(state, audio_class=decided, decided_at=now)
    events.append(ClassChanged(now, state.audio_class, _verdict(changed, now, memory)))
    return changed, tuple(events)


def _next_look(state: Listening, now: float, settings: EarSettings) -> float:
    again = state.decides_at if now < state.decides_at else now + _AGAIN_S
    gone = state.grew_at + settings.no_audio_s
    return min(again, gone) if gone > now else again


def _with_utterance(state: Listening, now: float, settings: EarSettings) -> Listening:
    """Lone utterances are judged when the time is up, so that rustling has time to show itself."""
    if now < state.decides_at or state.utterance_at is not None:
        return state
    if 1 <= state.utterance.count <= settings.utterance_most:
        return replace(state, utterance_at=now)
    return state


def _classify(state: Listening, now: float, memory: Memory, settings: EarSettings) -> AudioClass | None:
    if state.voice.spoken_at is not None:
        return AudioClass.SPEAKING
    if state.keys.digits:
        return AudioClass.DTMF_RESPONSE
    if state.voice.possible_at is not None or state.utterance_at is not None:
        return AudioClass.POSSIBLE_SPEECH
    if state.tone.hertz is not None:
        return AudioClass.TONE_MACHINE
    if now >= state.grew_at + settings.no_audio_s:
        return AudioClass.NO_AUDIO
    heard = summary(memory)
    enough = heard is not None and heard.blocks * BLOCK_S >= settings.no_audio_s
    if enough and now >= state.decides_at:
        return _nobody(state, heard, settings)
    return state.audio_class


def _nobody(state: Listening, heard: LevelSummary | None, settings: EarSettings) -> AudioClass:
    """Nobody speaks: what is it that is heard instead?"""
    if heard is None or state.packets == 0:
        return AudioClass.NO_AUDIO
    steady = heard.p95 - heard.median <= settings.silent_spread_db
    low = heard.p95 < settings.silent_level_dbfs
    quiet = heard.p95 < settings.silent_quiet_dbfs
    return AudioClass.SILENT if quiet or (low and steady) else AudioClass.NOISE_ONLY


def _verdict(state: Listening, now: float, memory: Memory) -> Verdict:
    decided = state.audio_class
    if decided is None:
        raise ValueError("a verdict needs a class")
    return Verdict(
        audio_class=decided,
        suspicion=SUSPICION[decided],
        voice_seconds=round(state.voice.blocks * BLOCK_S, 3),
        first_voice_s=_since(state, state.voice.onset),
        decided_s=round((now if state.decided_at is None else state.decided_at) - state.started_at, 3),
        evidence=_evidence(state, summary(memory), levels(memory)),
    )


def _evidence(state: Listening, heard: LevelSummary | None, counted: tuple[int, ...]) -> Evidence:
    return Evidence(
        heard_s=round(heard.blocks * BLOCK_S, 3) if heard else 0.0,
        packets=state.packets,
        spoken_s=_since(state, state.voice.spoken_at),
        possible_s=_since(state, state.voice.possible_at),
        utterances=state.utterance.count,
        keys=state.keys.digits,
        bursts=state.bursts,
        first_burst_s=_since(state, state.first_burst_at),
        tone_hz=state.tone.hertz,
        tone_seconds=round(state.tone.seconds, 3),
        level_dbfs=heard.median if heard else None,
        level_p95_dbfs=heard.p95 if heard else None,
        floor_dbfs=None if state.floor is None else round(state.floor, 1),
        digital_silence_share=round(heard.digital_share, 3) if heard else 0.0,
        levels=counted,
    )


def _since(state: Listening, at: float | None) -> float | None:
    return None if at is None else round(at - state.started_at, 3)
