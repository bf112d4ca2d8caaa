"""Looks whether a call that was talked in has its recording: a full disk shows at once, not at a trial.

Knows records and Asterisk's folder of recordings. The dialplan makes them; nothing here touches them.
"""

import asyncio
import os
from collections import deque
from pathlib import Path

import structlog

from siaga112.metrics import Metrics
from siaga112.routing.record import Record
from siaga112.routing.words import ServedBy

_log = structlog.get_logger("siaga112")
_SETTLES = 3.0
"""Seconds that Asterisk gets to close a file after the call."""
_TALKED = 2.0
"""Seconds of talk that certainly leave sound; of a call without any sound Asterisk makes no file."""
_EMPTY = 44
"""Bytes of a WAV file without sound."""
_MOST = 10_000


class Tapes:
    """Remembers calls that have ended, and looks for their files a moment later."""

    def __init__(self, folder: Path, metrics: Metrics) -> None:
        self._folder = folder
        self._metrics = metrics
        self._due: deque[tuple[float, Record]] = deque(maxlen=_MOST)
        self._told = False

    def recorded(self, record: Record, now: float) -> None:
        """A record has changed; only one that has ended, with a talk in it, is looked at."""
        talked = (record.talk_s or 0.0) >= _TALKED
        ours = record.served_by == ServedBy.DAEMON.value
        if record.ended_at is not None and record.recording is not None and talked and ours:
            self._due.append((now + _SETTLES, record))

    async def run(self) -> None:
        """Look for ever; only being cancelled ends it."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(1.0)
            await self.look(loop.time())

    async def look(self, now: float) -> None:
        """Look for every recording that should be there by now."""
        while self._due and self._due[0][0] <= now:
            _, record = self._due.popleft()
            if not await asyncio.to_thread(self._is_there, record):
                self._metrics.recording_failures.inc()
                _log.error("recording_missing", call_id=record.call_id, recording=record.recording)

    def _is_there(self, record: Record) -> bool:
        """Whether the file is there; a folder that we may not look into says nothing against it."""
        try:
            with os.scandir(self._folder) as files:  # reads a few names, where listing reads a year of them
                next(files, None)
            return (self._folder / (record.recording or "")).stat().st_size > _EMPTY
        except (FileNotFoundError, NotADirectoryError):
            return not self._folder.is_dir() and self._cannot_tell()
        except OSError:
            return self._cannot_tell()

    def _cannot_tell(self) -> bool:
        if not self._told:
            _log.warning("recordings_unseen", folder=str(self._folder))
        self._told = True
        return True
