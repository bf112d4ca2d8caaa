"""Tests of the ARI client."""
