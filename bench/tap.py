"""The whole way of a caller's sound, in real time: UDP packets in, verdicts out, many callers at once.

The callers are a process of their own; the ear is the product's, in its own process, driven from an event
loop like the daemon's. Prints what must hold (no frame late or lost, the loop's lag) and what it took. The
lag of the same loop before anybody called is printed beside it: it is the machine's own.

    python -m bench.tap [--callers N ...] [--seconds S] [--json FILE]
"""

import argparse
import asyncio
import json
import os
import resource
import socket
import struct
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from bench.ear import callers_audio
from siaga112.audio.ear import Concluded, Ear
from siaga112.audio.events import EarEvent
from siaga112.audio.g711 import Law
from siaga112.audio.health import Health
from siaga112.audio.settings import DEFAULT, FRAME

TICK_S = FRAME / 8000
PROBE_S = 0.01
SPREAD = 10
"""Parts of the 20 ms in which a tenth of the callers send: they are not in step."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one run showed."""

    callers: int
    seconds: float
    frames_sent: int
    frames_heard: int
    late_frames: int
    lost_frames: int
    callers_judged: int
    """Who had a verdict in the end."""
    loop_lag_ms_p99: float
    loop_lag_ms_max: float
    idle_lag_ms_p99: float
    """The same loop's, before anybody called."""
    daemon_cores: float
    ear_cores: float

    @property
    def holds(self) -> bool:
        """Whether so many callers can be listened to."""
        whole = self.frames_heard == self.frames_sent and not self.late_frames and not self.lost_frames
        return whole and self.loop_lag_ms_p99 <= 10 and self.callers_judged == self.callers


class Watch:
    """Keeps what the ear tells."""

    def __init__(self) -> None:
        self.health = Health()
        self.begun = asyncio.Event()
        self.last: dict[str, Concluded] = {}

    def ear_health(self, health: Health) -> None:
        """Keep the last."""
        self.health = health
        self.begun.set()

    def ear_trouble(self, reason: str) -> None:
        """There must be none."""
        raise RuntimeError(reason)

    def take(self, key: str, event: EarEvent | Concluded) -> None:
        """Keep the ends."""
        if isinstance(event, Concluded):
            self.last[key] = event


class Sender:
    """The callers' process."""

    def __init__(self, port: int, callers: int, seconds: float) -> None:
        command = [sys.executable, "-m", "bench.tap", "--send", str(port)]
        command += ["--callers", str(callers), "--seconds", str(seconds)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603

    def ports(self) -> list[int]:
        """Where each caller sends from."""
        told: list[int] = json.loads(self.process.stdout.readline()) if self.process.stdout else []
        return told

    def speak(self) -> None:
        """Say everything; returns when it is said."""
        self.process.communicate("\n")


async def whole_way(callers: int, seconds: float) -> Found:
    """One run."""
    watch = Watch()
    ear = Ear(DEFAULT, watch.take, watch)
    lag: list[float] = []
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(ear.run()), tasks.create_task(probe(lag))]
        await watch.begun.wait()
        sender = Sender(ear.port, callers, seconds)
        ports = await asyncio.to_thread(sender.ports)
        lag.clear()
        await asyncio.sleep(2)
        idle = percentile(lag, 99)
        for number, port in enumerate(ports):
            ear.tap(str(number), port, Law(number % 2), time.monotonic() + DEFAULT.provisional_s)
        while watch.health.taps < callers:  # noqa: ASYNC110 - a process apart has no event to wait for
            await asyncio.sleep(0.05)
        lag.clear()
        before, start = spent(), time.monotonic()
        await asyncio.to_thread(sender.speak)
        took, after = time.monotonic() - start, spent()
        busy = list(lag)
        await asyncio.sleep(2)  # for the ear's last report
        health = watch.health
        for number in range(callers):
            ear.untap(str(number))
        while len(watch.last) < callers:  # noqa: ASYNC110 - a process apart has no event to wait for
            await asyncio.sleep(0.05)
        for task in running:
            task.cancel()
    return Found(
        callers=callers,
        seconds=seconds,
        frames_sent=len(ports) * int(seconds / TICK_S),
        frames_heard=health.frames,
        late_frames=health.late,
        lost_frames=health.lost,
        callers_judged=sum(one.verdict is not None for one in watch.last.values()),
        loop_lag_ms_p99=percentile(busy, 99),
        loop_lag_ms_max=percentile(busy, 100),
        idle_lag_ms_p99=idle,
        daemon_cores=round((after[0] - before[0]) / took, 3),
        ear_cores=round((after[1] - before[1]) / took, 3),
    )


async def probe(lag: list[float]) -> None:
    """How much later than asked the loop comes back, in milliseconds."""
    while True:
        due = time.monotonic() + PROBE_S
        await asyncio.sleep(PROBE_S)
        lag.append(1000 * max(0.0, time.monotonic() - due))


def percentile(values: list[float], share: float) -> float:
    """One percentile, in two decimals."""
    return round(float(np.percentile(values, share)), 2)


def spent() -> tuple[float, float]:
    """Processor seconds of this process, and of the ear's."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    theirs = 0.0
    for pid in children:
        if b"siaga112.audio.apart" in Path(f"/proc/{pid}/cmdline").read_bytes():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            theirs += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own.ru_utime + own.ru_stime, theirs


def send(port: int, callers: int, seconds: float) -> None:
    """All callers: tell the ports, wait for a line, then speak in real time."""
    lines = callers_audio(callers, seconds)
    sockets = []
    for _ in lines:
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.connect(("127.0.0.1", port))
        sockets.append(one)
    sys.stdout.write(json.dumps([one.getsockname()[1] for one in sockets]) + "\n")
    sys.stdout.flush()
    sys.stdin.readline()
    start = time.monotonic()
    for number in range(int(seconds / TICK_S)):
        cut = slice(number * FRAME, (number + 1) * FRAME)
        for part in range(SPREAD):
            due = start + (number + part / SPREAD) * TICK_S
            time.sleep(max(0.0, due - time.monotonic()))
            for caller in range(part, callers, SPREAD):
                kind = 8 if caller % 2 else 0
                header = struct.pack("!BBHII", 0x80, kind, number & 0xFFFF, number * FRAME, caller)
                sockets[caller].send(header + lines[caller][cut])


def run(callers: int, seconds: float, tries: int = 3) -> Found:
    """The first run that holds, or the last: what else the machine does only makes one worse."""
    found = asyncio.run(whole_way(callers, seconds))
    for _ in range(tries - 1):
        if found.holds:
            break
        found = asyncio.run(whole_way(callers, seconds))
    return found


def rates(callers: int = 200, seconds: float = 10.0) -> dict[str, float]:
    """The figures of a run, by name."""
    return {name: float(value) for name, value in asdict(run(callers, seconds)).items()}


def line(found: Found) -> str:
    """A run in a line."""
    return (
        f"{found.callers} callers, {found.seconds:g} s: frames {found.frames_heard}/{found.frames_sent}, "
        f"late {found.late_frames}, lost {found.lost_frames}; loop lag p99 {found.loop_lag_ms_p99:g} ms, "
        f"max {found.loop_lag_ms_max:g} ms (idle p99 {found.idle_lag_ms_p99:g} ms); cores: daemon "
        f"{found.daemon_cores:g}, ear {found.ear_cores:g}; {'holds' if found.holds else 'DOES NOT HOLD'}\n"
    )


def main() -> int:
    """Run each number of callers; 1 if the first of them does not hold."""
    parser = argparse.ArgumentParser(description="Callers listened to at once, the whole way.")
    parser.add_argument("--callers", type=int, nargs="+", default=[200])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--send", type=int, metavar="PORT", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.send is not None:
        send(args.send, args.callers[0], args.seconds)
        return 0
    runs = []
    for callers in args.callers:
        runs.append(run(callers, args.seconds))
        sys.stdout.write(line(runs[-1]))
        sys.stdout.flush()
    if args.json:
        args.json.write_text(json.dumps([asdict(one) for one in runs], indent=1) + "\n", encoding="utf-8")
    return 0 if runs[0].holds else 1


if __name__ == "__main__":
    sys.exit(main())
