"""How many callers one core can listen to: G.711 bytes in, verdicts out, all callers in one batch a tick.

Beside it in the same run, as limits: the bare network on the same blocks, and webrtcvad, which is fast
and hears noise as voice. Prints callers a core in real time and the ratios; CPU time, not wall time, so
that a busy machine matters little.

    python -m bench.ear [--callers N] [--seconds S] [--json FILE]
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from siaga112.audio import g711, verdict
from siaga112.audio.detector import Block, Detector, blank
from siaga112.audio.g711 import Law
from siaga112.audio.network import CONTEXT, STATE, VoiceNetwork
from siaga112.audio.settings import BLOCK, BLOCK_S, DEFAULT, FRAME, RATE

OWN = "the ear, bytes to verdicts"


def callers_audio(callers: int, seconds: float) -> list[bytes]:
    """Noise and a hum that swells like syllables: never silent, which would flatter the figure."""
    noise = np.random.default_rng(112)
    times = np.arange(round(seconds * RATE)) / RATE
    lines = []
    for caller in range(callers):
        swell = 0.5 + 0.5 * np.sin(2 * np.pi * (2 + caller % 3) * times + caller)
        voice = np.sin(2 * np.pi * (110 + caller % 90) * times) * np.sin(2 * np.pi * 700 * times)
        sound = 0.02 * noise.standard_normal(len(times)) + 0.1 * swell * voice
        lines.append(g711.encode(sound, Law(caller % 2)))
    return lines


def ear(lines: list[bytes]) -> Callable[[], None]:
    """The whole detector and the verdicts."""
    detector = Detector(VoiceNetwork(), DEFAULT)
    memories = [blank() for _ in lines]
    states = [verdict.begin(0.0, DEFAULT) for _ in lines]
    ticks = len(lines[0]) // BLOCK

    def run() -> None:
        nonlocal memories
        for tick in range(ticks):
            now = (tick + 1) * BLOCK_S
            cut = slice(tick * BLOCK, (tick + 1) * BLOCK)
            blocks = [Block(line[cut], Law(n % 2), BLOCK) for n, line in enumerate(lines)]
            memories, activities = detector.listen(memories, blocks)
            for number, (memory, activity) in enumerate(zip(memories, activities, strict=True)):
                counted = verdict.packets(states[number], now, tick + 1)
                states[number], _ = verdict.hear(counted, now, activity, memory, DEFAULT)

    return run


def network(lines: list[bytes]) -> Callable[[], None]:
    """The bare network on the same blocks, nothing decided."""
    voice = VoiceNetwork()
    samples = np.stack([g711.decode(line, Law(n % 2)) for n, line in enumerate(lines)])
    ticks = samples.shape[1] // BLOCK

    def run() -> None:
        state = np.zeros((len(lines), STATE), dtype=np.float32)
        padded = np.pad(samples, ((0, 0), (CONTEXT, 0)))
        for tick in range(ticks):
            _, state = voice.listen(padded[:, tick * BLOCK : (tick + 1) * BLOCK + CONTEXT], state)

    return run


def webrtcvad(lines: list[bytes]) -> Callable[[], None]:
    """The reference: 20 ms frames, decoding included."""
    module = import_module("webrtcvad")
    vads = [module.Vad(3) for _ in lines]

    def run() -> None:
        for number, (vad, line) in enumerate(zip(vads, lines, strict=True)):
            table = g711.LINEAR[number % 2]
            for at in range(0, len(line) - FRAME + 1, FRAME):
                codes = np.frombuffer(line[at : at + FRAME], dtype=np.uint8)
                vad.is_speech(table[codes].tobytes(), RATE)

    return run


def callers_a_core(
    make: Callable[[list[bytes]], Callable[[], None]], lines: list[bytes], seconds: float
) -> float:
    """The best of three runs, each from scratch: what else the machine does only slows one down."""
    costs = []
    for _ in range(3):
        run = make(lines)
        start = time.process_time()
        run()
        costs.append(time.process_time() - start)
    return len(lines) * seconds / min(costs)


def rates(callers: int, seconds: float) -> dict[str, float]:
    """Callers a core in real time: the ear first, then the limits it is measured beside."""
    lines = callers_audio(callers, seconds)
    makers = {OWN: ear, "bare network": network}
    if find_spec("webrtcvad"):
        makers["webrtcvad"] = webrtcvad
    return {name: callers_a_core(make, lines, seconds) for name, make in makers.items()}


def main() -> int:
    """Run all, print the table, write the JSON if it is wanted."""
    parser = argparse.ArgumentParser(description="Callers a core, in real time.")
    parser.add_argument("--callers", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    found = rates(args.callers, args.seconds)
    sys.stdout.write(f"{args.callers} callers side by side, {args.seconds:g} s each\n")
    for name, rate in found.items():
        ratio = rate / found[OWN]
        sys.stdout.write(f"{name:28} {rate:8.0f} callers a core   {ratio:6.2f} x the ear\n")
    if args.json:
        content = json.dumps({"callers_a_core": found}, indent=1)
        args.json.write_text(content + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
