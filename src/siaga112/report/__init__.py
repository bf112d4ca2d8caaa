"""The evaluation of a period: what the records say, computed, and shown as a table, CSV, JSON or a page.

`calls`, `kpi` and `takers` are the reference of every figure: pure functions over records, which the views of
the database are tested against. Knows nothing of Asterisk, of states of a running call, or of the daemon.
"""
