"""What the store tells about itself: by default a log line each.

Knows structlog. The metrics are counted by who derives from `Observer`. The methods whose names begin with
`spool_` are called in the spool's thread; all of them must return at once and must not raise.
Nothing that is told here holds a caller's number or the text of a row.
"""

import structlog

_log = structlog.get_logger("siaga112.store")


class Observer:
    """Is told what happens to rows; override what you want to count, and call the parent to log."""

    def spool_failed(self, error: str, unsaved: int) -> None:
        """Rows could not be written to disk; they are kept in memory and tried again."""
        _log.error("spool_failed", error=error, unsaved=unsaved)

    def spool_recovered(self, saved: int) -> None:
        """The rows that had to wait in memory are on disk now."""
        _log.info("spool_recovered", saved=saved)

    def spool_over(self, how: str) -> None:
        """More waits, or for longer, than the bounds allow; all of it stays, and is sent oldest first."""
        _log.error("spool_over_bounds", spool=how)

    def spool_set_aside(self, path: str, error: str) -> None:
        """The spool's file was damaged; it was renamed, and a new one begun."""
        _log.error("spool_set_aside", path=path, error=error)

    def spool_conflict(self, table: str, key: str) -> None:
        """A row that never changes came again with other data; the first one stays."""
        _log.error("row_conflict", table=table, key=key)

    def spool_refused(self, table: str, error: str) -> None:
        """A row cannot even be written as JSON; it was put among the rejected."""
        _log.error("row_refused", table=table, error=error)

    def connected(self) -> None:
        """PostgreSQL is there, and its schema is as it must be."""
        _log.info("postgres_connected")

    def disconnected(self, error: str, retry_in: float) -> None:
        """PostgreSQL is away or does not take rows; nothing is lost meanwhile."""
        _log.warning("postgres_away", error=error, retry_in=round(retry_in, 2))

    def newer_database(self, error: str) -> None:
        """A newer version of siaga112 has migrated the database; rows are shipped all the same."""
        _log.warning("postgres_newer", error=error)

    def no_months(self, error: str) -> None:
        """The partitions of the next months could not be made; it is tried again, and no row waits for it."""
        _log.warning("no_months", error=error)

    def no_figures(self, error: str) -> None:
        """The figures of past days could not be kept: they are worked out for whoever looks, for now."""
        _log.warning("no_figures", error=error)

    def shipped(self, rows: int, seconds: float) -> None:
        """A batch was committed."""
        _log.debug("rows_shipped", rows=rows, seconds=round(seconds, 4))

    def conflicts(self, table: str, count: int) -> None:
        """PostgreSQL has other data under keys of rows that never change; its own stay."""
        _log.error("row_conflict", table=table, count=count)

    def rejected(self, table: str, key: str, error: str) -> None:
        """PostgreSQL refuses this row, whatever else is in the batch."""
        _log.error("row_rejected", table=table, key=key, error=error)
