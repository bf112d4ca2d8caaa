"""Waits between attempts: a pure series."""

import pytest

from siaga112.ari.backoff import Backoff


def test_waits_double_from_50_ms_to_1_s() -> None:
    """The first retry comes at once, a long outage is asked about once a second."""
    backoff = Backoff(lambda: 1.0)
    waits = [backoff.after_drop(0.0) for _ in range(7)]
    assert waits == pytest.approx([0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0])


def test_jitter_takes_away_up_to_half() -> None:
    """Two daemons that lost one Asterisk come back apart."""
    assert Backoff(lambda: 0.0).after_drop(0.0) == pytest.approx(0.025)


def test_only_a_connection_that_lasted_starts_the_series_anew() -> None:
    """An Asterisk that accepts and drops at once is not asked twenty times a second."""
    backoff = Backoff(lambda: 1.0)
    waits = [backoff.after_drop(lived) for lived in (0.0, 0.9, 0.9, 1.1)]
    assert waits == pytest.approx([0.05, 0.1, 0.2, 0.05])


def test_wrong_credentials_are_repeated_slowly() -> None:
    """A wrong password mends itself only by a human: 5 s growing to 30 s."""
    backoff = Backoff(lambda: 1.0)
    assert [backoff.after_refusal() for _ in range(5)] == [5.0, 10.0, 20.0, 30.0, 30.0]
