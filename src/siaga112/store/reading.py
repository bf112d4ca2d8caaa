"""What somebody asks of the spool's thread. Knows futures, and which errors are the file's."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from siaga112.store.errors import StoreError

_T = TypeVar("_T")


class Reading(Generic[_T]):
    """A question to the thread, and where its answer is awaited."""

    def __init__(self, reader: Callable[[], _T], answer: "Future[_T]") -> None:
        self._reader = reader
        self.answer = answer

    def do(self) -> None:
        """Read, and tell whoever asked; to be called by the thread."""
        if not self.answer.set_running_or_notify_cancel():
            return  # who asked has gone
        try:
            self.answer.set_result(self._reader())
        except (sqlite3.Error, OSError) as error:
            self.answer.set_exception(StoreError(f"the spool cannot be read now: {error}"))
