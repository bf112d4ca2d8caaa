"""The day's figures for the wall: asked of PostgreSQL every few seconds, and unknown while it is away.

Knows when to ask. Does not know SQL (`store.today`), nor who looks.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from siaga112.planfile import PlanFile
from siaga112.store.archive import connected
from siaga112.store.errors import StoreError
from siaga112.store.today import Today, today
from siaga112.web.window import TodayView

_EVERY = 5.0
_PATIENCE = 10.0


class Tally:
    """Keeps the figures of the day fresh.

    Attributes:
        today: The figures; None as long as nobody knows them.
    """

    def __init__(self, dsn: Callable[[], str], plan: Callable[[], PlanFile]) -> None:
        self._dsn = dsn
        self._plan = plan
        self.today: TodayView | None = None

    async def run(self) -> None:
        """Ask for ever; only being cancelled ends it."""
        while True:
            try:
                async with asyncio.timeout(_PATIENCE):
                    self.today = await self._ask()
            except (StoreError, TimeoutError):
                self.today = None  # a figure that may be old is worse on a wall than none
            await asyncio.sleep(_EVERY)

    async def _ask(self) -> TodayView:
        centre = self._plan().centre
        begins = datetime.now(ZoneInfo(centre.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
        async with connected(self._dsn()) as connection:
            return _view(await today(connection, centre.code, begins))


def _view(found: Today) -> TodayView:
    waited = found.answered + found.abandoned

    def share(count: int) -> float | None:
        return count / waited if waited else None

    return TodayView(
        calls=found.calls,
        answered=found.answered,
        abandoned=found.abandoned,
        sl_10=share(found.answered_10),
        sl_15=share(found.answered_15),
        sl_20=share(found.answered_20),
        fallback=found.fallback,
        fallback_at=found.fallback_at,
    )
