# ruff: noqa: INP001  # a script
"""Builds root folders that are not in the cache, by name: `lab`, `instruments`. A failure is one sentence."""

import sys

from siaga112.lab.errors import LabError
from siaga112.lab.recipes import INSTRUMENTS, LAB
from siaga112.lab.root import ensure_root

RECIPES = {"lab": LAB, "instruments": INSTRUMENTS}

try:
    for name in sys.argv[1:]:
        ensure_root(lambda text: sys.stderr.write(f"setup: {text}\n"), RECIPES[name])
except LabError as error:
    sys.exit(f"setup: {error}")
