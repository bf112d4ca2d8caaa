"""The recordings' files: removed by their name in the records, or because they are too old.

Knows Asterisk's folder of recordings, in which the dialplan makes YYYY/MM/DD/<call>.wav. Touches nothing else
that may lie there, and nothing outside.
"""

import contextlib
import os
from collections.abc import Collection, Iterator
from pathlib import Path

_ONE_OF_OURS = "[0-9][0-9][0-9][0-9]/[0-9][0-9]/[0-9][0-9]/*"


class Recordings:
    """The folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def trouble(self) -> str | None:
        """Why nothing can be removed here; a folder that is not mounted is not an empty one."""
        if not self._folder.is_dir():
            return f"there is no folder {self._folder}: see [asterisk] recordings"
        if not os.access(self._folder, os.R_OK | os.W_OK | os.X_OK):
            return f"{self._folder} may not be changed by this user: see the README, Privacy"
        return None

    def remove(self, name: str) -> bool:
        """Remove one recording, and the folders of its day that are empty then.

        Returns:
            Whether it was there.

        Raises:
            OSError: it is there and cannot be removed.
        """
        path = self._folder / name
        if not path.resolve().is_relative_to(self._folder.resolve()):
            return False  # no recording of ours has such a name
        try:
            path.unlink()
        except (FileNotFoundError, NotADirectoryError):
            return False
        with contextlib.suppress(OSError):
            for above in list(path.relative_to(self._folder).parents)[:-1]:
                (self._folder / above).rmdir()
        return True

    def older(self, before: float, kept: Collection[str]) -> Iterator[str]:
        """List recordings that were last written before a time, but for those that are to be kept."""
        for path in sorted(self._folder.glob(_ONE_OF_OURS)):
            name = path.relative_to(self._folder).as_posix()
            with contextlib.suppress(OSError):  # Asterisk may be at it
                if name not in kept and path.is_file() and path.stat().st_mtime < before:
                    yield name
