"""Each room knows what it may know: checked on what it imports."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import siaga112

ROOT = Path(siaga112.__file__).parent

SOCKETS = {"asyncio", "aiohttp", "asyncpg", "socket", "selectors", "threading", "signal", "subprocess"}
DECISIONS = {
    "siaga112.routing",
    "siaga112.dispatcher",
    "siaga112.service",
    "siaga112.answers",
    "siaga112.daemon",
    "siaga112.scribe",
}

FORBIDDEN = {
    "ari": DECISIONS
    | {"asyncpg", "sqlite3", "siaga112.store", "siaga112.config", "siaga112.web", "siaga112.lab"},
    "routing": SOCKETS
    | {
        "time",
        "datetime",
        "random",
        "secrets",
        "logging",
        "structlog",
        "pydantic",
        "sqlite3",
        "os",
        "pathlib",
    }
    | {
        "siaga112.ari",
        "siaga112.store",
        "siaga112.config",
        "siaga112.web",
        "siaga112.lab",
        "siaga112.metrics",
    },
    "audio": DECISIONS | {"asyncpg", "sqlite3", "aiohttp", "siaga112.ari", "siaga112.store", "siaga112.web"},
    "store": DECISIONS | {"aiohttp", "siaga112.ari", "siaga112.web", "siaga112.lab", "siaga112.config"},
    "web": DECISIONS | {"asyncpg", "sqlite3", "siaga112.ari", "siaga112.store.spool", "siaga112.lab"},
    "lab": {"siaga112.routing"},
    "config.py": SOCKETS
    | DECISIONS - {"siaga112.routing"}
    | {"siaga112.ari", "siaga112.store", "siaga112.web"},
    "dispatcher.py": {
        "asyncpg",
        "sqlite3",
        "aiohttp",
        "time",
        "siaga112.store",
        "siaga112.web",
        "siaga112.lab",
    },
    "outbox.py": {"asyncpg", "sqlite3", "aiohttp", "time", "siaga112.store", "siaga112.web", "siaga112.lab"},
    "scribe.py": SOCKETS | {"siaga112.ari", "siaga112.web", "siaga112.lab", "time"},
    "answers.py": SOCKETS | {"siaga112.ari", "siaga112.config", "siaga112.lab", "time"},
    "observe.py": SOCKETS | {"siaga112.store", "siaga112.web", "siaga112.lab", "time"},
}
"""What must not be imported in a room: the name itself, and whatever lies below it."""

EXCEPTED = {("routing/translate.py", "siaga112.ari"), ("config.py", "siaga112.routing")}
"""translate.py is the one place that knows both vocabularies; the plan's values are the core's own."""


def files(room: str) -> Iterator[Path]:
    """List the files of a room."""
    place = ROOT / room
    yield from [place] if place.suffix else sorted(place.rglob("*.py"))


def imported(file: Path) -> Iterator[str]:
    """List what a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{one.name}" for one in node.names)


def trespasses(room: str) -> Iterator[str]:
    """List what a room imports although it must not."""
    for file in files(room):
        name = str(file.relative_to(ROOT))
        for module in imported(file):
            for wall in FORBIDDEN[room]:
                inside = module == wall or module.startswith(f"{wall}.")
                if inside and (name, wall) not in EXCEPTED:
                    yield f"{name} imports {module}"


@pytest.mark.parametrize("room", FORBIDDEN)
def test_a_room_imports_nothing_that_it_must_not_know(room: str) -> None:
    """The table of the architecture, held for every file."""
    assert list(files(room)), f"there is no room {room}"
    assert sorted(set(trespasses(room))) == []


def test_the_core_brings_no_machinery_with_it() -> None:
    """Importing the whole core except for its translator loads no loop, no network, no chance and no log."""
    names = sorted(one.stem for one in files("routing") if one.stem not in {"__init__", "translate"})
    program = "import sys\n" + "".join(f"import siaga112.routing.{name}\n" for name in names)
    program += f"print(*sorted({MACHINERY!r} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert len(names) > 10
    assert told.stdout.split() == []


MACHINERY = {
    "asyncio",
    "aiohttp",
    "asyncpg",
    "structlog",
    "random",
    "logging",
    "pydantic",
    "sqlite3",
    "prometheus_client",
}


def test_tasks_are_only_made_in_a_group() -> None:
    """A task that nobody owns dies unseen: asyncio's own `create_task` and `ensure_future` are not called."""
    loose = {
        str(file.relative_to(ROOT))
        for file in sorted(ROOT.rglob("*.py"))
        if ROOT / "lab" not in file.parents
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"asyncio.create_task", "asyncio.ensure_future", "loop.create_task"}
    }
    assert loose == {"ari/client.py"}, "the client for tests and the doctor owns its one task by `async with`"


def test_no_word_that_says_nothing() -> None:
    """Classes and modules are named for what they are, not as managers, handlers and the like."""
    empty = ("manager", "handler", "helper", "util", "engine", "processor", "session")
    named = [
        f"{file.relative_to(ROOT)}: {node.name}"
        for file in sorted(ROOT.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and any(word in node.name.lower() for word in empty)
    ]
    named += [str(one) for one in ROOT.rglob("*.py") if any(word in one.stem for word in empty)]
    assert named == []
