"""What becomes of callers who sound like the clips of a labelled set, when nobody picks up for a while.

Each clip is played over and over, as a caller's line would go on; what the ear hears of it goes into the core
that decides in live calls, with the same questions at the same times. Knows clips and the core, no Asterisk.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from operator import itemgetter

from siaga112.audio.detector import Detector
from siaga112.audio.events import Burst, ClassChanged, EarEvent, FirstVoice, Key
from siaga112.audio.manifest import Clip
from siaga112.audio.network import VoiceNetwork
from siaga112.audio.replay import Take, replay
from siaga112.audio.settings import DEFAULT
from siaga112.audio.wav import Recording
from siaga112.earpiece import line_of
from siaga112.routing.arrival import arrive
from siaga112.routing.call import Call, Hearing
from siaga112.routing.events import (
    CallArrived,
    CallerEntered,
    CallEvent,
    DeadlinePassed,
    PromptEnded,
    TapAllowed,
)
from siaga112.routing.heard import ClassHeard, Heard, KeyToned, SoundHeard, VoiceHeard
from siaga112.routing.plan import IvrMode, Listening, Plan, Timings
from siaga112.routing.steps import step
from siaga112.routing.words import Band, CallId, ChannelId, NumberSource, Suspicion

TIMES = 4
"""A clip of 10 s this many times over is longer than the whole procedure."""
PROMPT_S = 5.4
"""How long each prompt takes."""
CALL = CallId("0199c82c-c001-8794-b852-d8363fa6ba08")
PLAN = Plan("35.79", ivr=IvrMode.OFF, listening=Listening(), timings=Timings(wait_prompt=600))
_ARRIVAL = CallArrived(
    CALL,
    ChannelId("1760000000.1"),
    None,
    NumberSource.NONE,
    restricted=False,
    dialled="112",
    recording=None,
    must_claim=False,
)
FIRST, PLACE, BEHIND = "first (band 0)", "keeps the place", "behind (band 3)"


def ends(clips: Sequence[Clip]) -> Iterator[tuple[str, str, bool]]:
    """Of each clip: its group, where the caller stands in the end, and whether a flag is up."""
    takes = []
    for clip in clips:
        recording, size = clip.take.recording, len(clip.take.recording.payload) // 160
        lost = tuple((a + n * size, b + n * size) for n in range(TIMES) for a, b in clip.take.lost)
        sound = Recording(recording.path, recording.law, recording.payload * TIMES)
        takes.append(Take(sound, lost))
    for clip, outcome in zip(clips, replay(takes, Detector(VoiceNetwork(), DEFAULT), DEFAULT), strict=True):
        call = waited(outcome.events, TIMES * 10.0)
        place = {Band.NEED: FIRST, Band.SUSPECT: BEHIND}.get(Band(call.band), PLACE)
        yield clip.expected, place, call.suspicion is not Suspicion.NONE


def waited(events: Sequence[EarEvent], seconds: float) -> Call:
    """A caller whose line brings these events, after so long in the queue."""
    entered = step(arrive(_ARRIVAL, PLAN, 0.0).call, CallerEntered(CALL), 0.0).call
    call = step(entered, TapAllowed(CALL), 0.0).call
    heard = [(event.at, told) for event in events if (told := _told(event)) is not None]
    now, prompt = 0.0, (0, 0.0)
    while True:
        coming: list[tuple[float, CallEvent]] = [*heard[:1]]
        if isinstance(call.sound, Hearing):
            if call.sound.n != prompt[0]:
                prompt = call.sound.n, now + PROMPT_S
            coming.append((prompt[1], PromptEnded(CALL, prompt[0])))
        if call.deadline is not None:
            coming.append((call.deadline, DeadlinePassed()))
        at, event = min(coming, key=itemgetter(0), default=(seconds, DeadlinePassed()))
        if at >= seconds:
            return call
        if heard and event is heard[0][1]:
            del heard[0]
        now = max(now, at)
        call = step(call, event, now).call


def _told(event: EarEvent) -> Heard | None:
    match event:
        case ClassChanged(verdict=verdict):
            return ClassHeard(CALL, 1, line_of(verdict))
        case FirstVoice(onset=onset):
            return VoiceHeard(CALL, 1, onset)
        case Burst(at, rise_db):
            return SoundHeard(CALL, 1, at, rise_db)
        case Key(digit=digit):
            return KeyToned(CALL, 1, digit)
        case _:
            return None


def table(found: Sequence[tuple[str, str, bool]]) -> list[tuple[str, ...]]:
    """A row for each group: clips, where the callers stand, how many are flagged."""
    rows = []
    for group in dict.fromkeys(group for group, _, _ in found):
        of = [(place, flagged) for name, place, flagged in found if name == group]
        places = Counter(place for place, _ in of)
        counts = [str(places[place]) for place in (FIRST, PLACE, BEHIND)]
        rows.append((group, str(len(of)), *counts, str(sum(flagged for _, flagged in of))))
    return rows
