"""Where records are kept: a spool on the local disk first, PostgreSQL as soon as it is there.

Knows SQL, SQLite and asyncpg. Does not know Asterisk, nor what a call or an agent may do next: it is
given rows. The way of a row is `rows.Row` → `spool.Spool` (fsync'd) → `shipper.Shipper` → PostgreSQL.

Importing this package imports none of them, so that a reader of `rows` does not pay for asyncpg.
"""
