"""Callers who do what they are told, when they are told: call, hang up.

All of them are one SIPp, so that thousands cost little, with the scenario of the lab's own callers. A word to
one of them is a SIP MESSAGE with the Call-ID of its call: the first one makes it call 112, the second one
hang up. What happens to them is read from SIPp's log, and from that of the phones.

Knows SIPp. Does not know when anybody calls, nor why.
"""

import re
import socket
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from siaga112.lab.ground import Ground
from siaga112.lab.ports import pick
from siaga112.lab.processes import Process
from siaga112.lab.sipp import HOST, NO_SOUND, OWN_PORT, SCENARIOS, fill, loop, prepare
from siaga112.lab.sounds import Sound

_FOR_EVER_MS = 24 * 3600 * 1000
_BEGIN = """<scenario name="caller of 112, on cue">
  <recv request="MESSAGE">
    <action>
      <ereg regexp="sip:([^@>;]*)@" search_in="hdr" header="From:" assign_to="whole,number" />
    </action>
  </recv>
"""
_CUE = """<label id="talk" />
  <recv request="MESSAGE" optional="true" next="hang_up" timeout="@talk_ms@" ontimeout="hang_up" />
"""
_LATE = 'timeout="@answer_ms@" ontimeout="cancel"'
_BEFORE = f"""  <recv request="MESSAGE" optional="true" next="cancel" {_LATE} />
  <recv response="100" """
_CHANGES = (
    (r"<scenario [^>]*>\n", _BEGIN),
    (r'<label id="talk" />\n', _CUE),
    (r'  <recv response="100" ', _BEFORE),
    (r"\[field0\]", "[$number]"),
    (r"\[field1\]", f"<sip:[$number]@{HOST}>"),
    (r"\[field2\]\n\[field3\]\n", "Priority: emergency\n"),
)
"""What the lab's caller becomes: told who it is, when to call and when to hang up."""


def on_cue(scenario: str) -> str:
    """Make the lab's caller one who waits for cues.

    Raises:
        ValueError: the scenario is not the one that this was made for.
    """
    for pattern, words in _CHANGES:
        scenario, found = re.subn(pattern, words, scenario)
        if not found:
            raise ValueError(f"the lab's caller has changed: nothing in it looks like {pattern}")
    return scenario


@dataclass
class Log:
    """A log of words and numbers that grows: what is new in it."""

    path: Path
    _read: int = 0
    _rest: str = ""

    def news(self) -> list[tuple[str, str]]:
        """Read what was written since."""
        if not self.path.exists():
            return []
        with self.path.open("rb") as file:
            file.seek(self._read)
            fresh = file.read()
        self._read += len(fresh)
        *lines, self._rest = (self._rest + fresh.decode(errors="replace")).split("\n")
        return [(word, number) for word, _, number in (line.partition(" ") for line in lines)]


@dataclass
class Puppets:
    """A crowd of callers, each known by its number and the number of its call.

    Args:
        ground: The lab to call.
        sound: What they say, in a loop; None sends no audio at all.
    """

    ground: Ground
    sound: Sound | None
    port: int = field(default=0, init=False)
    _process: Process | None = field(default=None, init=False)
    _mouth: socket.socket | None = field(default=None, init=False)
    _log: Log | None = field(default=None, init=False)

    def __enter__(self) -> Self:
        self.port = pick()
        options = ["-rsa", self.ground.sip, "-timeout", 3600]
        words = {"answer_ms": 60_000, "talk_ms": _FOR_EVER_MS, "offer": "8 0", "port": OWN_PORT}
        sounds = {
            "pcma": NO_SOUND if self.sound is None else loop(self.ground, self.sound, "PCMA"),
            "pcmu": NO_SOUND if self.sound is None else loop(self.ground, self.sound, "PCMU"),
        }
        run = prepare(self.ground, "caller", words | sounds, (), options, port=self.port)
        scenario = fill(on_cue((SCENARIOS / "caller.xml").read_text()), words | sounds)
        (run.folder / "caller.xml").write_text(scenario)
        self._log = Log(run.words)
        self._mouth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._mouth.bind((HOST, 0))
        self._process = Process.inside(
            "callers", self.ground.sandbox, run.command, run.output, same_path=[self.ground.folder]
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
        if self._mouth is not None:
            self._mouth.close()

    def call(self, number: str, attempt: int) -> None:
        """Let this caller call 112."""
        self._tell(number, attempt, 1)

    def hang_up(self, number: str, attempt: int) -> None:
        """Let this caller hang up."""
        self._tell(number, attempt, 2)

    def news(self) -> list[tuple[str, str]]:
        """What happened to them since: a word (answered, far_end_hung_up, cancelled) and a number."""
        if self._process is not None:
            self._process.check()
        return [] if self._log is None else [one for one in self._log.news() if one[0] != "media"]

    def _tell(self, number: str, attempt: int, word: int) -> None:
        if self._mouth is None:
            return
        host, port = self._mouth.getsockname()
        lines = (
            f"MESSAGE sip:{number}@{HOST}:{self.port} SIP/2.0",
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK-{number}-{attempt}-{word}",
            f"From: <sip:{number}@{HOST}>;tag=bench",
            f"To: <sip:112@{self.ground.sip}>",
            f"Call-ID: {number}-{attempt}",
            f"CSeq: {word} MESSAGE",
            "Max-Forwards: 70",
            "Content-Length: 0",
        )
        self._mouth.sendto("\r\n".join([*lines, "", ""]).encode(), (HOST, self.port))
