"""The root of every error that siaga112 raises on purpose.

Knows nothing of where errors come from; each room derives its own from this one.
"""


class Siaga112Error(Exception):
    """Something went wrong that a caller of ours may want to catch and tell about."""

    exit_status = 1
    """What a command that ends with it exits with."""
