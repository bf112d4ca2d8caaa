"""What the doctor found: one line each. Knows words, nothing else."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    """Calls are served, but worse than they could be."""
    FAIL = "fail"
    """A call that arrived now would not be served."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    what: str
    says: str
    remedy: str = ""


def ok(what: str, says: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, what, says)


def warn(what: str, says: str, remedy: str) -> Finding:
    """Not as it should be."""
    return Finding(Level.WARN, what, says, remedy)


def fail(what: str, says: str, remedy: str) -> Finding:
    """In the way of a call."""
    return Finding(Level.FAIL, what, says, remedy)


def line(finding: Finding) -> str:
    """Write a finding on one line, with how to mend it."""
    mend = f" -> {finding.remedy}" if finding.remedy else ""
    return f"{finding.level:<4}  {finding.what:<11}  {finding.says}{mend}"


def shorten(names: list[str], most: int = 6) -> str:
    """Write a list of names so that it stays on the line."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
