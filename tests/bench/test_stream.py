"""The recorded stream: the same each time, and calls as people make them."""

from collections import Counter

from bench.stream import opened, plan, recorded, replay

from siaga112.routing.events import LegAnswered


def test_repeatable() -> None:
    """The same seed gives the same stream, so that two runs measure the same."""
    assert recorded(agents=5, waiting=3, calls=20, rate=1.0) == recorded(
        agents=5, waiting=3, calls=20, rate=1.0
    )


def test_fits_another_router() -> None:
    """Replayed to a fresh router, the stream ends where the recording did: with the same calls waiting."""
    filling, stream = recorded(agents=4, waiting=30, calls=10, rate=1.0)
    router = opened(plan(4))
    replay(router, filling)
    assert len(router.waiting) >= 25
    replay(router, stream)
    again = opened(plan(4))
    replay(again, [*filling, *stream])
    assert router.calls == again.calls


def test_realistic() -> None:
    """Nearly every call is answered when there are agents enough, and every one ends."""
    _, stream = recorded(agents=100, waiting=0, calls=300, rate=4.0)
    kinds = Counter(type(event) for event, _ in stream)
    assert kinds[LegAnswered] > 200
    router = opened(plan(100))
    replay(router, stream)
    assert len(router.calls) < 100
