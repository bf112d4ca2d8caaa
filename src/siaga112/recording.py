"""What the store tells about rows, counted."""

from siaga112.metrics import Metrics
from siaga112.store.observer import Observer


class StoreObserver(Observer):
    """Counts what the store's own observer logs."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def shipped(self, rows: int, seconds: float) -> None:
        """A batch was committed."""
        super().shipped(rows, seconds)
        self._metrics.written.inc(rows)

    def rejected(self, table: str, key: str, error: str) -> None:
        """PostgreSQL refuses this row."""
        super().rejected(table, key, error)
        self._metrics.rejected.inc()

    def spool_failed(self, error: str, unsaved: int) -> None:
        """The local disk refused."""
        super().spool_failed(error, unsaved)
        self._metrics.spool_failures.inc()
