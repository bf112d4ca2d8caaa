"""Faults under load: parts of a centre are stopped, frozen, filled up and lied to while calls come in."""
