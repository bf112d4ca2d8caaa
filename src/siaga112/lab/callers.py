"""People who call 112: one kind for each thing that really happens.

    summary = await place(Ground.of(lab), "talk", count=20, rate=5, talk_s=3)
    assert summary.failed == 0

Knows what each kind says, presses and shows of its number. Does not know what the centre makes
of it. A call failed if SIP says so (an unexpected message, no answer in time, no end); a caller
whom nobody answered in `answer_s` has failed too, unless giving up is what the kind is for.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from siaga112.lab.errors import LabError
from siaga112.lab.ground import Ground
from siaga112.lab.rtp import PAYLOAD, Key, RtpPeer, Script
from siaga112.lab.sipp import HOST, NO_SOUND, OWN_PORT, Prepared, Report, loop, prepare, read_words
from siaga112.lab.sounds import SUFFIX, Law, Sound

Identity = Literal["shown", "hidden", "missing"]


@dataclass(frozen=True)
class Kind:
    """What a kind of caller does. Times in seconds from the answer."""

    sound: Sound | None
    talk_s: float
    """Hangs up then, unless the far end has before."""
    keys: tuple[Key, ...] = ()
    identity: Identity = "shown"
    gives_up_s: float | None = None
    """Does not wait longer than this for an answer, and that is no failure."""


KINDS: dict[str, Kind] = {
    "talk": Kind("caller", 6.0),
    "info": Kind("silence", 12.0, (Key("2", 2.0),)),
    "silent": Kind("silence", 20.0),
    "silent5": Kind("silence", 24.0, (Key("5", 12.0),)),
    "ghost": Kind("street", 20.0),
    "noaudio": Kind(None, 12.0),
    # A free call-taker of the lab answers 1 s after the phone rings: these two are gone before.
    "abandon": Kind("caller", 0.4, gives_up_s=0.4),
    "hangup-ringing": Kind("caller", 0.7, gives_up_s=0.7),
    "anon": Kind("caller", 6.0, identity="hidden"),
    "nosim": Kind("caller", 6.0, identity="missing"),
}

ANSWER_S = 90.0
"""How long a caller waits for the 200 OK before it counts as a failure."""
GREET_EVERY_S = 0.05


@dataclass(frozen=True)
class CallSummary:
    """What became of some calls, as `siaga112 lab call` prints it."""

    kind: str
    count: int
    """Calls placed."""
    answered: int
    """Calls that got a 200 OK (by an announcement, a queue or a person: SIP cannot tell)."""
    completed: int
    """Calls that went as their kind must: count is completed plus failed."""
    failed: int
    """Calls that did not: an error response, an unexpected message, no answer, no proper end."""
    cancelled: int
    """Calls given up before the answer."""
    ended_by_far_end: int
    """Answered calls that 112 hung up."""
    numbers: list[str]
    """The callers' numbers, in the order of the calls; what a `nosim` caller would have."""
    seconds: float
    """How long it all took."""
    answer_ms: dict[str, float] = field(default_factory=dict)
    """INVITE to 200 OK: p50, p99, max."""
    errors: list[str] = field(default_factory=list)
    """What SIPp complained of, at most ten lines."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


async def place(  # noqa: PLR0913 - a call has that many sides, and all but one have a default
    ground: Ground,
    kind: str,
    *,
    count: int = 1,
    rate: float = 1.0,
    talk_s: float | None = None,
    number: str | None = None,
    dialled: str = "112",
    offer: tuple[Law, ...] = ("PCMA", "PCMU"),
    answer_s: float = ANSWER_S,
    ear: RtpPeer | None = None,
) -> CallSummary:
    """Places calls of a kind and returns when the last of them has ended.

    Args:
        ground: The lab to call.
        kind: One of KINDS.
        count: How many calls.
        rate: How many of them start in a second.
        talk_s: How long each stays after the answer (for those who give up: also before it).
        number: The number of all callers; without it each has a number of its own.
        dialled: What is called.
        offer: The codecs offered, best first.
        answer_s: How long an unanswered caller waits before it is a failure.
        ear: An open peer that speaks and listens for all callers, in place of the kind's audio.
    """
    who = _kind(kind)
    if rate <= 0:
        raise LabError("the rate must be above 0 calls a second")
    if number is not None and not re.fullmatch(r"[0-9A-Za-z+*#._-]+", number):
        raise LabError(f"{number!r} cannot stand in a SIP address: digits, letters and + * # . _ - can")
    talk_s = who.talk_s if talk_s is None else talk_s
    gives_up = None if who.gives_up_s is None else talk_s
    numbers = [number] * count if number else _numbers(count)
    async with AsyncExitStack() as stack:
        peer = ear or await _peer(ground, who, offer[0], talk_s, stack)
        words = {
            "answer_ms": _ms(answer_s if gives_up is None else gives_up),
            "talk_ms": _ms(talk_s),
            "offer": " ".join(str(PAYLOAD[law]) for law in offer),
            **(_by_sipp(ground, who.sound) if peer is None else _by_peer(peer)),
        }
        rows = [_row(one, who.identity, kind) for one in numbers]
        patience = count / rate + answer_s + talk_s + 40
        options = ["-s", dialled, "-m", count, "-l", count, *_pace(count, rate), "-timeout", int(patience)]
        start = time.monotonic()
        report = await _run(prepare(ground, "caller", words, rows, options), peer)
        return _summary(kind, numbers, report, time.monotonic() - start, may_give_up=gives_up is not None)


def _kind(name: str) -> Kind:
    try:
        return KINDS[name]
    except KeyError:
        raise LabError(f"no kind of call is named {name}; there are {', '.join(KINDS)}") from None


async def _peer(ground: Ground, who: Kind, law: Law, talk_s: float, stack: AsyncExitStack) -> RtpPeer | None:
    """A peer of ours for who presses keys or keeps still; SIPp itself plays plain sounds."""
    if who.sound is not None and not who.keys:
        return None
    path = ground.sounds / f"{who.sound}.{SUFFIX[law]}"
    sound = None if who.sound is None else path.read_bytes()
    return await stack.enter_async_context(RtpPeer(Script(sound, who.keys, law), talk_s))


def _by_peer(peer: RtpPeer) -> dict[str, str]:
    return {"port": str(peer.port), "pcma": NO_SOUND, "pcmu": NO_SOUND}


def _by_sipp(ground: Ground, sound: Sound | None) -> dict[str, str]:
    laws: tuple[tuple[str, Law], ...] = (("pcma", "PCMA"), ("pcmu", "PCMU"))
    return {"port": OWN_PORT} | {
        word: NO_SOUND if sound is None else loop(ground, sound, law) for word, law in laws
    }


async def _run(prepared: Prepared, peer: RtpPeer | None) -> Report:
    with prepared.output.open("wb") as output:
        sipp = await asyncio.create_subprocess_exec(
            *prepared.argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    ended = asyncio.ensure_future(sipp.wait())
    greeted = 0
    try:
        while not ended.done():
            await asyncio.wait({ended}, timeout=None if peer is None else GREET_EVERY_S)
            if peer is not None:
                greeted = _greet(peer, prepared, greeted)
    finally:
        if sipp.returncode is None:
            sipp.kill()
            await ended
    return prepared.report(sipp.returncode or 0)


def _greet(peer: RtpPeer, prepared: Prepared, greeted: int) -> int:
    """Tells the peer where Asterisk listens for each call that has been answered since."""
    addresses = [address for word, address in read_words(prepared.words) if word == "media"]
    for address in addresses[greeted:]:
        host, _, port = address.rpartition(":")
        peer.greet((host, int(port)))
    return len(addresses)


def _numbers(count: int) -> list[str]:
    """Mobile numbers that no other run has, one after another."""
    first = random.SystemRandom().randrange(10_000_000, 99_000_000)
    return [f"0812{first + n:08d}" for n in range(count)]


def _row(number: str, identity: Identity, kind: str) -> tuple[str, str, str, str]:
    """A line of the scenario's CSV: the number, From, and two headers about who calls."""
    plain = (f"Subject: siaga112 lab {kind}", "Priority: emergency")
    match identity:
        case "shown":
            return (number, f"<sip:{number}@{HOST}>", *plain)
        case "hidden":
            sender = '"Anonymous" <sip:anonymous@anonymous.invalid>'
            return (number, sender, f"P-Asserted-Identity: <sip:{number}@{HOST}>", "Privacy: id")
        case "missing":
            return (number, f'"Unavailable" <sip:unavailable@{HOST}>', *plain)


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _pace(count: int, rate: float) -> list[object]:
    """SIPp's rate: so many calls in so many milliseconds, at least one."""
    if count == 1:
        return ["-r", 100]  # SIPp waits one interval before the first call as well
    return ["-r", round(rate), "-rp", 1000] if rate == round(rate) else ["-r", 1, "-rp", _ms(1 / rate)]


def _summary(
    kind: str, numbers: list[str], report: Report, seconds: float, *, may_give_up: bool
) -> CallSummary:
    cancelled = report.count("cancelled")
    completed = report.succeeded - (0 if may_give_up else cancelled)
    return CallSummary(
        kind=kind,
        count=len(numbers),
        answered=report.count("answered"),
        completed=completed,
        failed=len(numbers) - completed,
        cancelled=cancelled,
        ended_by_far_end=report.count("far_end_hung_up"),
        numbers=numbers,
        seconds=round(seconds, 3),
        answer_ms=_percentiles(report.answer_ms),
        errors=report.errors[:10],
    )


def _percentiles(sorted_ms: list[float]) -> dict[str, float]:
    if not sorted_ms:
        return {}
    last = len(sorted_ms) - 1
    shares = {"p50": 0.5, "p99": 0.99, "max": 1.0}
    return {name: round(sorted_ms[round(share * last)], 3) for name, share in shares.items()}
