# ruff: noqa: INP001  # a script
"""Builds the lab's root folder if it is not in the cache; a failure is one sentence, not a traceback."""

import sys

from siaga112.lab.errors import LabError
from siaga112.lab.root import ensure_root

try:
    ensure_root(lambda text: sys.stderr.write(f"setup: {text}\n"))
except LabError as error:
    sys.exit(f"setup: {error}")
