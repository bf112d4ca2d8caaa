"""Takes callers out of the fallback's journal without moving a byte, as Asterisk writes on in it.

Knows the file and its rotated companions. Who is meant, others say. Blanks stand where a number or a
recording's name was; `fallback` reads them as nothing.
"""

import gzip
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from siaga112.fallback import fields_of

_PERSONAL = re.compile(rb"(?<=\|)(number|recording)=([^|\"]*[^|\" ][^|\"]*)")
Meant: TypeAlias = Callable[[Mapping[str, str]], frozenset[str]]
"""Says which of `number` and `recording` are to go from a line with these fields."""


def blank(journal: Path, meant: Meant) -> int:
    """Blank what is meant in the file and in those that it was rotated to.

    Returns:
        How many lines were changed.

    Raises:
        OSError: a file cannot be read or written.
    """
    changed = 0
    for path in sorted(journal.parent.glob(f"{journal.name}*")):
        if path.suffix == ".gz":
            changed += _packed(path, meant)
        elif path.is_file():
            changed += _plain(path, meant)
    return changed


def named(journal: Path, meant: Meant) -> Iterator[Mapping[str, str]]:
    """List the fields of the lines of which something is meant; nothing is changed."""
    for path in sorted(journal.parent.glob(f"{journal.name}*")):
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            for line in file:
                fields = _fields(line)
                if meant(fields):
                    yield fields


def _plain(path: Path, meant: Meant) -> int:
    lines, places, place = path.read_bytes().splitlines(keepends=True), dict[int, bytes](), 0
    for line in lines:
        fresh = _blanked(line, meant)
        if fresh != line:
            places[place] = fresh
        place += len(line)
    if places:
        with path.open("r+b") as file:
            for place, fresh in places.items():
                os.pwrite(file.fileno(), fresh, place)
            os.fsync(file.fileno())
    return len(places)


def _packed(path: Path, meant: Meant) -> int:
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    fresh = [_blanked(line, meant) for line in lines]
    if fresh == lines:
        return 0
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(gzip.compress(b"".join(fresh)))
    new.chmod(path.stat().st_mode & 0o777)
    new.replace(path)
    return sum(a != b for a, b in zip(fresh, lines, strict=True))


def _blanked(line: bytes, meant: Meant) -> bytes:
    parts = meant(_fields(line))
    if not parts:
        return line

    def put(found: re.Match[bytes]) -> bytes:
        name, value = found.groups()
        return name + b"=" + (b" " * len(value) if name.decode() in parts else value)

    return _PERSONAL.sub(put, line)


def _fields(line: bytes) -> Mapping[str, str]:
    try:
        return fields_of(line.decode("utf-8", "replace"))
    except ValueError:
        return {}
