"""Recordings through the very same detector and verdict as live calls, many side by side.

Knows how a recording stands in for a caller: packets of 20 ms, some of them lost, the audio's own
clock. Does not know files, labels or output.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from siaga112.audio import verdict
from siaga112.audio.detector import Activity, Block, Detector, Memory, blank
from siaga112.audio.events import AudioClass, EarEvent, Verdict
from siaga112.audio.framing import Framer
from siaga112.audio.settings import BLOCK, BLOCK_S, FRAME, EarSettings
from siaga112.audio.wav import Recording

SIDE_BY_SIDE: Final = 64
"""Recordings heard in one batch."""


@dataclass(frozen=True, slots=True)
class Take:
    """A recording, and which of its 20 ms packets never arrived."""

    recording: Recording
    lost: tuple[tuple[int, int], ...] = ()
    """First and last packet of each loss, counted from 0."""


@dataclass(slots=True)
class Outcome:
    """All that the ear made of one recording."""

    verdict: Verdict
    events: list[EarEvent]
    activities: list[Activity]
    classes: list[AudioClass | None]
    """After each block."""
    memory: Memory


@dataclass(slots=True)
class _Line:
    framer: Framer
    packets: list[bytes | None]
    """20 ms each; None: lost."""
    state: verdict.Listening
    memory: Memory = field(default_factory=blank)
    sent: int = 0
    arrived: int = 0
    block: int = 0
    events: list[EarEvent] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    classes: list[AudioClass | None] = field(default_factory=list)


def replay(takes: Sequence[Take], detector: Detector, settings: EarSettings) -> Iterator[Outcome]:
    """Listens to every take; outcomes come in the order given."""
    for first in range(0, len(takes), SIDE_BY_SIDE):
        lines = [_line(take, settings) for take in takes[first : first + SIDE_BY_SIDE]]
        while _advance(lines, detector, settings):
            pass
        for line in lines:
            now = line.block * BLOCK_S
            concluded = verdict.conclude(line.state, now, line.memory, settings)
            yield Outcome(concluded, line.events, line.activities, line.classes, line.memory)


def _line(take: Take, settings: EarSettings) -> _Line:
    size = FRAME * take.recording.law.width
    payload = take.recording.payload
    packets: list[bytes | None] = [payload[at : at + size] for at in range(0, len(payload), size)]
    for first, last in take.lost:
        for number in range(first, min(last + 1, len(packets))):
            packets[number] = None
    return _Line(Framer(take.recording.law), packets, verdict.begin(0.0, settings))


def _advance(lines: list[_Line], detector: Detector, settings: EarSettings) -> bool:
    """One block of every recording that goes on; False when all have ended."""
    blocks = [(line, block) for line in lines if (block := _next_block(line)) is not None]
    if not blocks:
        return False
    memories, activities = detector.listen(
        [line.memory for line, _ in blocks], [block for _, block in blocks]
    )
    for (line, _), memory, activity in zip(blocks, memories, activities, strict=True):
        line.block += 1
        now = line.block * BLOCK_S
        line.memory = memory
        counted = verdict.packets(line.state, now, line.arrived)
        line.state, events = verdict.hear(counted, now, activity, memory, settings)
        line.events.extend(events)
        line.activities.append(activity)
        line.classes.append(line.state.audio_class)
    return True


def _next_block(line: _Line) -> Block | None:
    while (block := line.framer.pop()) is None and line.sent < len(line.packets):
        packet = line.packets[line.sent]
        line.sent += 1
        if packet is None:
            line.framer.lose(FRAME)
        else:
            line.arrived += 1
            line.framer.push(packet)
    if block is None and line.framer.held:
        # The recording's last word may be in what is left over.
        line.framer.lose(BLOCK - line.framer.held)
        block = line.framer.pop()
    return block
