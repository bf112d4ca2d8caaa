"""`siaga112 check`: looks at everything, prints a line each, says whether a call would be served."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from siaga112.check import ari, around
from siaga112.check.finding import Finding, Level, line, ok
from siaga112.config import Settings, load_settings
from siaga112.planfile import PlanFile, load_plan


def run(config: Path) -> int:
    """Print what was found; 1 if a call that arrived now would not be served.

    Raises:
        ConfigError: the configuration or the plan has faults; they are listed.
    """
    settings = load_settings(config)
    plan = load_plan(settings.plan)
    findings = asyncio.run(examine(settings, plan))
    sys.stdout.write("\n".join([*map(line, findings), "", summary(findings)]) + "\n")
    return int(any(one.level is Level.FAIL for one in findings))


async def examine(settings: Settings, plan: PlanFile) -> list[Finding]:
    """Look at everything."""
    read = ok("config", f"{plan.centre.name} ({plan.centre.code}), {len(plan.agents)} agents")
    asterisk, database, daemon = await asyncio.gather(
        ari.look(settings.asterisk, plan),
        around.database(settings),
        asyncio.to_thread(around.daemon, settings.http),
    )
    return [
        read,
        *around.passwords(settings),
        *asterisk,
        *database,
        around.spool(settings.spool.path),
        daemon,
    ]


def summary(findings: Sequence[Finding]) -> str:
    """The last line."""
    count = {level: sum(one.level is level for one in findings) for level in Level}
    if count[Level.FAIL]:
        return f"A call would not be served: {count[Level.FAIL]} to mend, {count[Level.WARN]} to look at."
    worse = f", {count[Level.WARN]} to look at" if count[Level.WARN] else ""
    return f"A call would be served{worse}."
