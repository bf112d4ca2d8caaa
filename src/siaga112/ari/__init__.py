"""Our own typed client for the Asterisk REST Interface (ARI).

Knows HTTP, JSON, the websocket, Asterisk's names and its status codes. Does not know calls, agents,
queues or PostgreSQL.

Why not ari-py: PyPI's `ari` 0.1.3 is Python 2 only (`import urlparse`) and blocking, and what has
been made of it since loses events, re-orders them or hangs on a dropped socket. Its words are kept,
because that is what Asterisk's own documentation speaks: `client.channels.originate(...)`,
`channel.answer()`, `bridge.add_channel(...)`, `client.on_event("StasisStart", callback)`.

* `request`, `operations`: a request is a value; one pure function for each operation (generated).
* `models`: what Asterisk sends, typed (generated), and `parse_event`.
* `connection`: one websocket for events and requests, HTTP where that cannot be, for ever.
* `client`: ari-py's vocabulary on top, for tests, the doctor and the lab.
* `errors`: what may go wrong, by type.
* `generate`: writes the generated files from the descriptions that Asterisk ships.
"""
