"""The lab: real Asterisk, PostgreSQL, SIPp and softphones on one machine, in one folder.

Knows processes and files. Knows nothing of how calls are routed: to the lab the daemon is one more process.
"""
