"""How far a long step is: a bar on a terminal, a line a step elsewhere.

Knows the terminal. Does not know what is being done.
"""

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar


class Progress:
    """A bar from 0 to 1 with the name of the present step."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._console = Console(file=sys.stderr)
        self._bar: Bar | None = None
        self._task = TaskID(0)
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
            self._bar = Bar(*columns, TextColumn("{task.fields[step]}"), console=self._console)
            self._bar.start()
            self._task = self._bar.add_task(self._title, total=1.0, step="")
        else:
            self._line("started")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            if error is None:
                self._bar.update(self._task, completed=1.0, step="done")
            self._bar.stop()
        elif error is None:
            self._line("done")

    def step(self, name: str, share: float) -> None:
        """Say what is being done now, and which share of the whole lies behind."""
        if self._bar is not None:
            self._bar.update(self._task, completed=share, step=name)
        else:
            self._line(f"{share:4.0%} {name}")

    def _line(self, text: str) -> None:
        elapsed = time.monotonic() - self._began
        print(f"{self._title}: {text} ({elapsed:.0f} s)", file=sys.stderr, flush=True)
