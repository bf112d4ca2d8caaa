"""siaga112: answers 112 beside Asterisk.

Importing this package imports nothing else: the pure core in `siaga112.routing` must be usable without
asyncio, HTTP or a database.
"""

__version__ = "0.1.0"
