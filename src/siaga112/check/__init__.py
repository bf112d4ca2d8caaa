"""The doctor: would a call that arrives now be served, and if not, what mends it.

Knows what the other rooms need of their surroundings. Only asks and changes nothing; above all it never opens
the Stasis application, which would take it away from a daemon that runs.
"""
