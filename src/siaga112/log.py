"""Log lines: JSON for machines, colours for people."""

import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog


class _Bearing:
    """A stream that loses a line sooner than raise: a full disk or a closed stream must end no call."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, if it can be written."""
        with suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, if it can be."""
        with suppress(OSError, ValueError):
            self._stream.flush()


def set_up(form: str, level: str) -> None:
    """Write log lines of a level and above to standard output; those that it refuses are lost."""
    readable = form == "console" or (form == "auto" and sys.stdout.isatty())
    last: list[structlog.types.Processor] = (
        [structlog.dev.ConsoleRenderer()]
        if readable
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", _Bearing(sys.stdout))),
        cache_logger_on_first_use=True,
    )
