"""Writes `models.py`, `operations/` and `objects.py` from the JSON that Asterisk ships.

`description` reads that JSON down to names and types; the `render_…` modules turn it into Python
text that is already in ruff's format. None of it is imported when the daemon runs.
"""
