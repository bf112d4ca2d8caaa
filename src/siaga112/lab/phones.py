"""The call-takers' simulated phones.

    with Phones(Ground.of(lab), 3, answer_after=1.0) as phones:   # 101, 102, 103, each ready
        with Phone(ground, "104", behaviour="noanswer") as slow:
            slow.dial("*11")

Phones that behave alike share one SIPp and one port, which registers each of them with digest,
again and again, also with an Asterisk that was restarted. Start them from a thread that lives as
long as they do (see processes.py). Knows SIP phones. Does not know what the daemon makes of *11.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Literal, Self

from siaga112.lab.errors import LabError
from siaga112.lab.ground import Ground
from siaga112.lab.ports import pick
from siaga112.lab.processes import Process
from siaga112.lab.rtp import RtpPeer
from siaga112.lab.sipp import NO_SOUND, OWN_PORT, digest, loop, prepare, read_words, write_scenario
from siaga112.lab.waiting import until

Behaviour = Literal["answers", "noanswer", "busy", "rejects"]

# What the scenario does after ringing, and what a refusal says.
_THEN: dict[Behaviour, tuple[str, str]] = {
    "answers": ("answer", "486 Busy Here"),
    "noanswer": ("ring_on", "486 Busy Here"),
    "busy": ("refuse", "486 Busy Here"),
    "rejects": ("refuse", "603 Decline"),
}

# Registers again long before it runs out; tries again soon where nobody answers.
EXPIRES_S, AGAIN_S, RETRY_S = 120, 30.0, 2.0
_IMPATIENT_S = 0.1
_LINE_FAILED = "Reason: Q.850;cause=41\n"
_FOR_EVER_MS = 24 * 3600 * 1000


class Phone:
    """One phone, or several that behave alike.

    Args:
        ground: The lab.
        agents: Whose phones: one agent or several.
        behaviour: answers, noanswer (rings until cancelled), busy (486) or rejects (603).
        answer_after: Seconds of ringing before the phone does so.
        talk_s: The call-taker hangs up after so long; without it, the caller does.
        breaks: After `talk_s` its line fails in place of a goodbye.
        again_s: Registers again after so long.
        ear: An open peer that speaks, listens and presses keys for it, in place of a plain voice.
    """

    def __init__(  # noqa: PLR0913 - what a phone can be told, all but whose it is with a default
        self,
        ground: Ground,
        agents: str | Sequence[str],
        *,
        behaviour: Behaviour = "answers",
        answer_after: float = 1.0,
        talk_s: float | None = None,
        breaks: bool = False,
        again_s: float = AGAIN_S,
        ear: RtpPeer | None = None,
    ) -> None:
        self.agents = [agents] if isinstance(agents, str) else list(agents)
        self.behaviour = behaviour
        self.port = 0
        self._ground = ground
        then, status = _THEN[behaviour]
        self._words = {
            "ring_ms": max(1, round(answer_after * 1000)),
            "talk_ms": _FOR_EVER_MS if talk_s is None else max(1, round(talk_s * 1000)),
            "then": then,
            "status": status,
            "reason": _LINE_FAILED if breaks else "",
            "port": OWN_PORT if ear is None else str(ear.port),
        }
        self._ear = ear
        self._registration = {
            "expires": EXPIRES_S,
            "again_ms": round(again_s * 1000),
            "retry_ms": round(min(again_s, RETRY_S) * 1000),
        }
        self._process: Process | None = None
        self._log = ground.folder

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Switches the phone on; returns when it is registered."""
        self.port = pick()
        ground = self._ground
        rows = [(agent, self._digest(agent)) for agent in self.agents]
        # `-users`: one call of the registering scenario for each agent, and these never end.
        options = ["-rxsf", "phone.xml", "-users", len(rows), "-dynamicMax", 2_000_000_000]
        run = prepare(ground, "register", self._registration, rows, options, port=self.port)
        voice = loop(ground, "agent", "PCMA") if self._ear is None else NO_SOUND
        write_scenario(run.folder, "phone", self._words | {"pcma": voice})
        self._log = run.words
        name = f"phone {' '.join(self.agents)}"
        self._process = Process.inside(
            name, ground.sandbox, run.command, run.output, same_path=[ground.folder]
        )
        try:
            until(name, self._all_registered, self._process, patience=10)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Switches it off without a word, as a crash or a pulled plug would."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def check(self) -> None:
        """Raises if the phone's process has ended by itself."""
        if self._process is not None:
            self._process.check()

    def _all_registered(self) -> bool:
        if refused := self.heard("registration_refused"):
            raise LabError(f"Asterisk refuses the password of {', '.join(refused)}")
        return len(self.heard("registered")) >= len(self.agents)

    def dial(
        self, number: str, *, stay_s: float = 15.0, listen: bool = True, ear: RtpPeer | None = None
    ) -> None:
        """Each of the agents dials (`*11` …) and listens until the far end hangs up, or not at all.

        With `ear`, an open peer speaks and listens.

        Raises:
            LabError: The call was not answered, or the far end had not hung up after `stay_s`.
        """
        stay_s = stay_s if listen else _IMPATIENT_S
        rows = [(agent, self._digest(agent)) for agent in self.agents]
        words = {"port": OWN_PORT if ear is None else str(ear.port), "stay_ms": round(stay_s * 1000)}
        options = ["-s", number, "-m", len(rows), "-r", 10, "-l", len(rows)]
        run = prepare(self._ground, "dial", words, rows, [*options, "-timeout", int(stay_s) + 40])
        report = run.run(patience=stay_s + 60)
        if report.failed or (listen and report.count("far_end_hung_up") < len(rows)):
            raise LabError(f"{self.agents} dialled {number} in vain: {'; '.join(report.errors)}")

    def heard(self, word: str) -> list[str]:
        """The callers' numbers of the calls that were `ringing`, `answered` or `cancelled`.

        Also `refused` and `far_end_hung_up`; in the order in which it happened.
        """
        return [number for said, number in read_words(self._log) if said == word]

    def _digest(self, agent: str) -> str:
        return digest(agent, self._ground.password(agent))


class Phones(Phone):
    """The lab's own call-takers: the first `count` seats, ready to take calls."""

    def __init__(self, ground: Ground, count: int, *, answer_after: float = 1.0) -> None:
        super().__init__(ground, list(ground.passwords)[:count], answer_after=answer_after)

    def start(self) -> None:
        """Switches them on and dials *11 on each."""
        if self.agents:
            super().start()
            self.dial("*11")
