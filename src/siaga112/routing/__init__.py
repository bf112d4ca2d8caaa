"""The pure core: who answers which call, and what every caller hears meanwhile.

Knows calls, agents, queues and the plan; time comes in as an argument. Knows nothing of asyncio, clocks,
chance, logs, HTTP, Asterisk's names or SQL (only `translate`, which nothing here imports, knows Asterisk's).
"""
