"""A whole centre for tests: a lab with the daemon, its call-takers' phones, and its records as read back.

Everything is real. Waiting is for conditions, each with a generous patience, never for a time to pass.
"""

from __future__ import annotations

import asyncio
import json
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from os import kill
from typing import Any, TypeVar

import asyncpg

from siaga112.lab.ground import Ground
from siaga112.lab.lab import Lab
from siaga112.lab.phones import Behaviour, Phone
from siaga112.lab.rtp import RtpPeer

T = TypeVar("T")
PATIENCE = 30.0


class Centre:
    """A lab and what is asked of it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.ground = Ground.of(lab)

    # The call-takers.

    @contextmanager
    def phone(
        self,
        agents: str | list[str],
        *,
        behaviour: Behaviour = "answers",
        answer_after: float = 0.2,
        talk_s: float | None = None,
        ear: RtpPeer | None = None,
    ) -> Iterator[Phone]:
        """Phones of call-takers who are ready, and log out in the end."""
        phone = Phone(
            self.ground, agents, behaviour=behaviour, answer_after=answer_after, talk_s=talk_s, ear=ear
        )
        with phone:
            phone.dial("*11", listen=False)
            try:
                yield phone
            finally:
                phone.dial("*13", listen=False)

    def agent(self, agent_id: str) -> dict[str, Any]:
        """One call-taker as the API tells."""
        return next(one for one in self.get("/api/v1/agents") if one["id"] == agent_id)

    # The daemon.

    def get(self, path: str) -> Any:
        """Ask the daemon; also for the body of an answer that is not 200."""
        try:
            with urllib.request.urlopen(self.lab.http + path, timeout=5) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def metric(self, name: str) -> float:
        """The sum of a metric over all its labels."""
        with urllib.request.urlopen(self.lab.http + "/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(one.split()[-1]) for one in lines if one.startswith((f"{name} ", f"{name}{{")))

    def count(self, name: str, **labels: str) -> float:
        """One series of a metric."""
        told = ",".join(f'{label}="{value}"' for label, value in labels.items())
        with urllib.request.urlopen(self.lab.http + "/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(one.split()[-1]) for one in lines if one.startswith(f"{name}{{{told}}}"))

    def log(self) -> list[dict[str, Any]]:
        """What the daemon has logged."""
        text = (self.lab.layout.log / "siaga112.log").read_text()
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def reload(self, plan: str) -> None:
        """Write the plan's file and have the daemon read it."""
        self.lab.layout.plan.write_text(plan)
        told = {"plan_loaded", "plan_refused"}
        before = sum(one["event"] in told for one in self.log())
        kill(self.lab.json["pids"]["daemon"], signal.SIGHUP)
        until("the plan is read", lambda: sum(x["event"] in told for x in self.log()) > before)

    # The records.

    async def query(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Ask PostgreSQL; a daemon that has only just started may still have to make its tables."""
        connection = await asyncpg.connect(self.lab.dsn, timeout=10)
        try:
            return [dict(row) for row in await connection.fetch(sql, *values)]
        except asyncpg.UndefinedTableError:
            return []
        finally:
            await connection.close()

    async def records(self, numbers: list[str], patience: float = PATIENCE) -> list[dict[str, Any]]:
        """The records of these callers, once every one of them has ended."""
        sql = "SELECT * FROM siaga112.call_record WHERE caller_number = ANY($1) ORDER BY started_at"

        async def ended() -> list[dict[str, Any]]:
            rows = await self.query(sql, numbers)
            done = {row["caller_number"] for row in rows if row["ended_at"] is not None}
            return rows if done >= set(numbers) else []

        return await soon("every call has its record", ended, patience)

    async def record(self, number: str) -> dict[str, Any]:
        """The one record of a caller."""
        found = await self.records([number])
        assert len(found) == 1, found
        return found[0]

    async def journal(self, record: dict[str, Any]) -> list[dict[str, Any]]:
        """The journal of a call, its data decoded."""
        sql = "SELECT seq, at, kind, data FROM siaga112.call_event WHERE call_id = $1 ORDER BY seq"
        rows = await self.query(sql, record["call_id"])
        return [row | {"data": json.loads(row["data"])} for row in rows]

    async def wrote(self, kind: str, calls: int = 1) -> None:
        """Wait until a transition of so many calls that go on is written down, before the daemon is killed.

        What a crash takes is what happened milliseconds before it.
        """
        sql = """SELECT 1 FROM siaga112.call_event AS e WHERE e.kind = $1 AND NOT EXISTS (
            SELECT FROM siaga112.call_record AS r WHERE r.call_id = e.call_id AND r.ended_at IS NOT NULL
        ) HAVING count(DISTINCT e.call_id) >= $2"""
        await soon(f"{kind} is written", lambda: self.query(sql, kind, calls))

    async def offers(self, record: dict[str, Any]) -> list[tuple[str, str]]:
        """Who was rung for a call, and what came of it."""
        sql = "SELECT agent_id, result FROM siaga112.call_offer WHERE call_id = $1 ORDER BY seq"
        return [(row["agent_id"], row["result"]) for row in await self.query(sql, record["call_id"])]

    async def at_rest(self) -> None:
        """Wait until no call, channel or bridge is left; every test ends with this."""

        async def rest() -> bool:
            channels = self.lab.asterisk_cli("core show channels count")
            bridges = self.lab.asterisk_cli("bridge show all")
            return "0 active channels" in channels and "s112." not in bridges

        await soon("nothing is left in Asterisk", rest)


async def soon(what: str, ask: Callable[[], Awaitable[T]], patience: float = PATIENCE) -> T:
    """Ask until the answer is true."""
    deadline = time.monotonic() + patience
    while not (answer := await ask()):
        assert time.monotonic() < deadline, f"not in {patience:g} s: {what}"
        await asyncio.sleep(0.05)
    return answer


def until(what: str, ask: Callable[[], object], patience: float = PATIENCE) -> None:
    """Ask until the answer is true, from code that is not a coroutine."""
    deadline = time.monotonic() + patience
    while not ask():
        assert time.monotonic() < deadline, f"not in {patience:g} s: {what}"
        time.sleep(0.05)
