"""The errors that the store raises on purpose; each message says what to do about it."""

from siaga112.errors import Siaga112Error


class StoreError(Siaga112Error):
    """Something about the records that a caller may want to catch and tell."""


class RowError(StoreError):
    """A row that does not fit the tables: a mistake in the code that made it."""


class SpoolInUseError(StoreError):
    """Another process has this spool open; two writers would lose each other's rows."""


class MigrationError(StoreError):
    """The database could not be brought up to date."""


class ChecksumError(MigrationError):
    """A migration that the database has already had was changed afterwards."""


class NewerDatabaseError(MigrationError):
    """The database has had migrations that this version does not know."""
