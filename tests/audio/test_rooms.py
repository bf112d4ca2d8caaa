"""What the ear must not know."""

import subprocess
import sys


def test_the_ear_knows_no_calls_no_asterisk_no_database() -> None:
    """Importing all of it brings in no other room of ours, no event loop and no network."""
    code = (
        "import sys, siaga112.audio.cli, siaga112.audio.commands, siaga112.audio.figures\n"
        "print(*sorted(name for name in sys.modules if name.startswith('siaga112.')"
        " or name in ('asyncio', 'aiohttp', 'asyncpg', 'structlog', 'pydantic', 'matplotlib')))"
    )
    loaded = subprocess.run(  # noqa: S603  # our own interpreter and code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {name for name in loaded if not name.startswith("siaga112.audio")} == {"siaga112.errors"}
