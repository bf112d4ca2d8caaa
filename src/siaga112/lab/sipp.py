"""SIPp: a scenario of ours made ready, run in the lab's root, and read back.

Knows SIPp's switches and files. Does not know what the calls mean: callers.py and phones.py do.

The scenarios in scenarios/*.xml hold @words@ that SIPp itself cannot take from outside (timeouts,
the port and file of the audio); `prepare` writes them in. SIPp is number one of a process
namespace, so its [pid] is the same in every run: each run gets a token of its own, from which
Call-IDs, branches and tags are made.
"""

from __future__ import annotations

import csv
import re
import secrets
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from siaga112.lab.errors import LabError
from siaga112.lab.ground import Ground
from siaga112.lab.ports import pick
from siaga112.lab.rtp import PAYLOAD
from siaga112.lab.sandbox import why_not
from siaga112.lab.sounds import SUFFIX, Law, Sound

SCENARIOS = Path(__file__).parent / "scenarios"
HOST = "127.0.0.1"
# Above the kernel's range for outgoing sockets, and far from Asterisk's audio ports.
LOWEST_RTP, HIGHEST_RTP = 61_000, 65_500
OWN_PORT = "[rtpstream_audio_port]"
"""As @port@: SIPp's own audio, a socket for each call."""
NO_SOUND = "pause"
"""As @pcma@ or @pcmu@: SIPp plays nothing."""


def loop(ground: Ground, sound: Sound, law: Law) -> str:
    """A sound without end, as SIPp's rtp_stream wants it; the file is found beside the scenario."""
    folder = ground.sounds
    return f"../{folder.name}/{sound}.{SUFFIX[law]},-1,{PAYLOAD[law]}"


@dataclass(frozen=True)
class Prepared:
    """One run of SIPp, ready to be started."""

    folder: Path
    ground: Ground
    command: list[str]

    @property
    def argv(self) -> list[str]:
        """The whole line, the sandbox included."""
        return self.ground.sandbox.argv(self.command, same_path=[self.ground.folder])

    def run(self, patience: float) -> Report:
        """Runs it to its end and reads what it left."""
        with self.output.open("wb") as output:
            done = subprocess.run(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=patience,
                check=False,
            )
        return self.report(done.returncode)

    @property
    def output(self) -> Path:
        """What SIPp prints."""
        return self.folder / "output.log"

    @property
    def words(self) -> Path:
        """What the scenario logs, a word and a number a line."""
        return self.folder / "words.log"

    def report(self, returncode: int) -> Report:
        """What became of a run that has ended with this code."""
        if returncode not in {0, 1}:
            raise LabError(f"SIPp ended with code {returncode}: {why_not(_end_of(self.output))}")
        totals = _last_row(self.folder / "totals.csv")
        return Report(
            succeeded=int(totals["SuccessfulCall(C)"]),
            failed=int(totals["FailedCall(C)"]),
            log=read_words(self.words),
            answer_ms=_response_times(self.folder),
            errors=_errors(self.folder / "errors.log"),
        )


@dataclass(frozen=True)
class Report:
    """What SIPp says of a run."""

    succeeded: int
    failed: int
    log: list[tuple[str, str]]
    """The scenario's own words, each with the number of the call it is about."""
    answer_ms: list[float] = field(default_factory=list)
    """From INVITE to 200, of each answered call; SIPp's clock ticks in milliseconds."""
    errors: list[str] = field(default_factory=list)

    def count(self, word: str) -> int:
        """How many calls said this word."""
        return Counter(word for word, _ in self.log)[word]


def prepare(  # noqa: PLR0913 - the parts of one command line
    ground: Ground,
    scenario: str,
    words: Mapping[str, object],
    rows: Sequence[Sequence[str]] = (),
    options: Sequence[object] = (),
    *,
    port: int = 0,
) -> Prepared:
    """Writes the files of a run and says how to start it; a port for SIP is found for it."""
    token = secrets.token_hex(6)
    folder = ground.folder / f"{scenario}-{token}"
    folder.mkdir(parents=True)
    write_scenario(folder, scenario, words)
    if rows:
        lines = ["SEQUENTIAL", *(";".join(row) for row in rows)]
        (folder / "rows.csv").write_text("\n".join(lines) + "\n")
    # No @ in the Call-ID: branches are made from it, and a branch is a token.
    named = ["env", f"--chdir={folder}", "sipp", ground.sip, "-sf", f"{scenario}.xml"]
    command = [*named, "-p", str(port or pick()), "-cid_str", f"{token}-%u", *_COMMON]
    command += [str(option) for option in options]
    if rows:
        command += ["-inf", "rows.csv"]
    return Prepared(folder, ground, command)


def write_scenario(folder: Path, scenario: str, words: Mapping[str, object]) -> None:
    """Writes a scenario with its @words@ filled in."""
    text = fill((SCENARIOS / f"{scenario}.xml").read_text(), words)
    (folder / f"{scenario}.xml").write_text(text)


_COMMON = (
    *("-i", HOST, "-mi", HOST, "-bind_local", "-nostdin"),
    *("-min_rtp_port", str(LOWEST_RTP), "-max_rtp_port", str(HIGHEST_RTP)),
    *("-trace_err", "-error_file", "errors.log", "-trace_logs", "-log_file", "words.log"),
    *("-trace_stat", "-stf", "totals.csv", "-trace_rtt", "-rtt_freq", "1"),
    # A machine that stalls is not a failed call.
    *("-watchdog_minor_maxtriggers", "1000000", "-watchdog_major_maxtriggers", "1000000"),
)


def fill(text: str, words: Mapping[str, object]) -> str:
    """The scenario with each @word@ replaced; a word without a value is a mistake of ours."""
    comment = re.compile(r"<!--.*?-->", re.DOTALL)
    return re.sub(r"@([a-z_]+)@", lambda found: str(words[found[1]]), comment.sub("", text))


def digest(agent: str, password: str) -> str:
    """SIPp's keyword for an Authorization header."""
    return f"[authentication username={agent} password={password}]"


def read_words(path: Path) -> list[tuple[str, str]]:
    """The scenario's log so far."""
    if not path.exists():
        return []
    lines = path.read_text(errors="replace").splitlines()
    return [(word, number) for word, _, number in (line.partition(" ") for line in lines)]


def _end_of(path: Path) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-8:])


def _last_row(path: Path) -> dict[str, str]:
    with path.open(newline="") as lines:
        rows = list(csv.reader(lines, delimiter=";"))
    return dict(zip(rows[0], rows[-1], strict=False))


def _response_times(folder: Path) -> list[float]:
    times: list[float] = []
    for path in folder.glob("*_rtt.csv"):
        with path.open(newline="") as lines:
            times += [float(row[1]) for row in list(csv.reader(lines, delimiter=";"))[1:]]
    return sorted(times)


def _errors(path: Path) -> list[str]:
    """The first line of each complaint; a timeout that leads to a label is no complaint."""
    if not path.exists():
        return []
    found = re.findall(r"^\S+\t\S+\t\S+: (.*)$", path.read_text(errors="replace"), re.MULTILINE)
    harmless = ("jumping to label", "Cannot record route set")
    return [line for line in found if not any(words in line for words in harmless)]
