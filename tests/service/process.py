"""The daemon as a process of its own, and the configuration that an operator writes for it."""

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.fakes.server import PATIENCE

PLAN = """
[centre]
code = "35.79"
name = "Kota Contoh"
[[agents]]
id = "101"
endpoint = "PJSIP/101"
"""


class Process:
    """A running `siaga112 run`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said: list[dict[str, Any]] = []

    async def until(self, event: str) -> dict[str, Any]:
        """Read the log until something is told."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while line := await self.process.stdout.readline():
                self.said.append(json.loads(line))
                if self.said[-1]["event"] == event:
                    return self.said[-1]
        assert self.process.stderr is not None
        raise AssertionError((await self.process.stderr.read()).decode())

    async def ended(self) -> tuple[int, str]:
        """Wait for the end: the exit status, and what stands on standard error."""
        async with asyncio.timeout(PATIENCE):
            out, complaint = await self.process.communicate()
            self.said += [json.loads(one) for one in out.splitlines()]
            return await self.process.wait(), complaint.decode()


def change(config: Path, before: str, after: str) -> None:
    """Change the operator's file."""
    config.write_text(config.read_text().replace(before, after))
