"""What the dialplan's fallback did while we were away: read from its own journal, written into ours.

Knows the fallback's journal file (extensions.conf writes it, by cel_custom.conf) and how far it has been
read. Knows nothing of Asterisk's interfaces. Reading twice does no harm: ids and numbers follow from the
lines alone.
"""

import csv
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from siaga112.planfile import PlanFile
from siaga112.routing.entries import FALLBACK, Entry, FallbackEnded, FallbackEntered, Journaled
from siaga112.routing.ids import call_id
from siaga112.routing.words import AgentId, ChannelId, EndedBy, NumberSource

_MOST = 1 << 20
_BEGAN = re.compile(r"(?:.*-)?(\d{9,11})\.\d+")


class Place(NamedTuple):
    """How far a journal has been read: which file by its inode, and to which byte."""

    inode: int
    offset: int


class Tail:
    """Reads whole lines that are new, across rotations, and remembers where it was."""

    def __init__(self, path: Path, memory: Path) -> None:
        self._path = path
        self._memory = memory
        self._place = self._remembered()
        self._next = self._place

    @property
    def there(self) -> bool:
        """Whether the journal can be read, or could be: it begins with the fallback's first call."""
        if self._path.exists():
            return os.access(self._path, os.R_OK)
        return os.access(self._path.parent, os.R_OK | os.X_OK)

    def take(self) -> list[str]:
        """Read what is new, up to a megabyte; `keep` says that it is safe.

        Raises:
            OSError: the file is there and cannot be read.
        """
        self._next = self._place
        for path in self._files():
            with path.open("rb") as file:
                inode = os.fstat(file.fileno()).st_ino
                offset = self._next.offset if inode == self._next.inode else 0
                if os.fstat(file.fileno()).st_size < offset:
                    offset = 0  # it was cut off in place and begun anew
                file.seek(offset)
                read = file.read(_MOST)
                whole = read.rpartition(b"\n")[0] or (read[:-1] if len(read) == _MOST else b"")
            if whole:
                self._next = Place(inode, offset + len(whole) + 1)
                return whole.decode("utf-8", "replace").split("\n")
        return []

    def keep(self) -> None:
        """Remember that everything taken so far is safe; survives a crash."""
        if self._next == self._place:
            return
        fresh = self._memory.with_name(self._memory.name + ".new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(self._next._asdict(), file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._memory)
        self._place = self._next

    def _files(self) -> Iterator[Path]:
        """The file that was read last if it has been rotated away meanwhile, then the present one."""
        here = self._path.exists()
        if self._place.inode and (not here or self._path.stat().st_ino != self._place.inode):
            for path in sorted(self._path.parent.glob(f"{self._path.name}?*")):
                if path.stat().st_ino == self._place.inode:
                    yield path
        if here:
            yield self._path

    def _remembered(self) -> Place:
        try:
            return Place(**json.loads(self._memory.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return Place(0, 0)  # everything is read again, which does no harm


def read_line(text: str, plan: PlanFile) -> Journaled:
    """Read one line of the fallback's journal as one of ours.

    Raises:
        ValueError: it is none of the fallback's lines.
    """
    fields = fields_of(text)
    try:
        channel, at = ChannelId(fields["channel_id"]), float(fields["at"])
        match fields["event"]:
            case "entered":
                seq, entry = FALLBACK, _entered(fields, channel, at, plan)
            case "ended":
                seq, entry = FALLBACK + 1, _ended(fields, plan)
            case other:
                raise ValueError(f"no event of the fallback is called {other!r}")
    except KeyError as error:
        raise ValueError(f"it has no {error}") from None
    if not channel:
        raise ValueError("it names no channel")
    return Journaled(call_id(plan.centre.code, channel), seq, at, entry)


def fields_of(text: str) -> dict[str, str]:
    """Read a line's fields: {"extra": "name=value|…"}; from Asterisk 22.8 on in quotes, as a field of CSV.

    Raises:
        ValueError: it is no such line.
    """
    try:
        fields = [text] if text.startswith("{") else next(csv.reader([text]), [])
    except csv.Error as error:
        raise ValueError(str(error)) from error
    value = json.loads(fields[0] if fields else "")
    extra = value.get("extra") if isinstance(value, dict) else None
    if not isinstance(extra, str):
        raise ValueError("it has no extra")  # noqa: TRY004 - as documented
    return dict(part.partition("=")[::2] for part in extra.split("|"))


def _entered(fields: Mapping[str, str], channel: ChannelId, at: float, plan: PlanFile) -> Entry:
    number = fields["number"].strip() or None  # blanks: it was taken out
    began = _BEGAN.fullmatch(channel)
    return FallbackEntered(
        centre=plan.centre.code,
        channel_id=channel,
        number=number,
        number_source=NumberSource.NONE if number is None else NumberSource(fields["cli"] or "none"),
        restricted=fields["clir"] == "1",
        dialled=fields["dialled"],
        language=plan.centre.language,
        recording=fields["recording"].strip() or None,
        reason=fields["reason"],
        arrived_at=at if began is None else min(at, float(began[1])),
    )


def _ended(fields: Mapping[str, str], plan: PlanFile) -> Entry:
    endpoint, answered, cause = fields["agent"], fields["answered_at"], fields.get("cause", "")
    by_agent = bool(endpoint) and fields.get("by", "").startswith(f"PJSIP/{endpoint}-")
    return FallbackEnded(
        agent_id=_agent(endpoint, plan) if endpoint else None,
        answered_at=float(answered) if answered else None,
        rounds=int(fields.get("rounds") or 0),
        by=EndedBy.AGENT if by_agent else EndedBy.CALLER,
        cause=int(cause) if cause and cause != "0" else None,
    )


def _agent(endpoint: str, plan: PlanFile) -> AgentId:
    found = (one.id for one in plan.agents if one.endpoint == f"PJSIP/{endpoint}")
    return AgentId(next(found, endpoint))
