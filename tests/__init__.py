"""Tests, by the room that they are about; each folder says at its top what is real in it."""
