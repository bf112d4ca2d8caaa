"""The ear: tells a speaking caller from a ghost, frame by frame.

This package knows samples, levels and voice activity. It does not know calls, agents, Asterisk's
interfaces or databases: whoever feeds it decides what a verdict is good for. A verdict is advice.
"""
