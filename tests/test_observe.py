"""The metrics that count calls are counted from the calls' records, so that the two never differ."""

from collections.abc import Sequence

import pytest
from prometheus_client import CollectorRegistry

from siaga112.metrics import Metrics
from siaga112.observe import Observer
from siaga112.routing import entries
from siaga112.routing.decision import Decision
from siaga112.routing.entries import Entry, Journaled
from siaga112.routing.plan import Plan
from siaga112.routing.router import Router
from siaga112.routing.words import (
    CALLER,
    AgentId,
    CallId,
    ChannelId,
    Disposition,
    EndedBy,
    LegId,
    NumberSource,
    OfferResult,
    Outcome,
    ServedBy,
    Suspicion,
    Why,
)
from siaga112.scribe import Scribe
from siaga112.store.rows import Row

CALL = CallId("00000000-0000-8000-8000-000000000001")
AGENT, LEG = AgentId("101"), LegId(1)
NOT_HIDDEN = False
ARRIVED = entries.Arrived(
    "35.79",
    ChannelId("1760000000.1"),
    "0811",
    NumberSource.PAI,
    NOT_HIDDEN,
    "112",
    "id",
    None,
    1,
    suspicion=Suspicion.REPEAT_SUSPECT,
)
TALK: list[Entry] = [
    entries.OfferMade(LEG, AGENT),
    entries.OfferEnded(LEG, AGENT, OfferResult.ANSWERED),
    entries.Connected(LEG, AGENT),
]
GONE = entries.LegEnded(CALLER, Why.HUNG_UP, 16, None)


def ended(outcome: Outcome = Outcome.ANSWERED, served_by: ServedBy = ServedBy.DAEMON) -> Entry:
    """The last entry of a call."""
    return entries.Ended(EndedBy.CALLER, outcome, served_by, 16)


class Nowhere:
    """A spool that keeps nothing."""

    def append(self, rows: Sequence[Row]) -> None:
        """Take rows."""


class Watched:
    """A scribe, and the metrics that listen to it."""

    def __init__(self) -> None:
        self.observer = Observer(Metrics())
        self.scribe = Scribe(Nowhere(), self.observer.recorded)
        self._seq = 0

    def lines(self, *some: Entry) -> list[Journaled]:
        """Number entries, one after another."""
        first = self._seq + 1
        self._seq += len(some)
        return [Journaled(CALL, first + n, float(first + n), one) for n, one in enumerate(some)]

    def happen(self, *some: Entry) -> None:
        """Decide these, one decision each."""
        for one in some:
            decision = Decision(journal=self.lines(one))
            self.scribe.keep(decision)
            self.observer.decided(decision)

    @property
    def registry(self) -> CollectorRegistry:
        """Where the numbers are."""
        return self.observer.metrics.registry

    def shown(self, name: str, **labels: str) -> float:
        """One number; a series that is not there is an error."""
        value = self.registry.get_sample_value(name, labels)
        assert value is not None, (name, labels)
        return value

    def total(self, name: str) -> float:
        """The sum over a counter's labels."""
        samples = [one for family in self.registry.collect() for one in family.samples]
        return sum(one.value for one in samples if one.name == name)


@pytest.fixture
def watched() -> Watched:
    """Nothing has happened yet."""
    return Watched()


def test_an_answered_call_counts_once_by_every_label(watched: Watched) -> None:
    """By outcome, by what the call-taker said last, by what was suspected, and how long the answer took."""
    watched.happen(ARRIVED, *TALK)
    assert watched.shown("siaga112_answer_seconds_count") == 1
    assert watched.shown("siaga112_answer_seconds_sum") == 3
    assert watched.total("siaga112_calls_total") == 0, "it has not ended"
    watched.happen(entries.Classified(Disposition.PRANK, AGENT), entries.Classified(Disposition.GHOST, AGENT))
    watched.happen(GONE, ended())
    assert watched.shown("siaga112_calls_total", outcome="answered") == 1
    assert watched.shown("siaga112_dispositions_total", disposition="ghost") == 1
    assert watched.shown("siaga112_suspicions_total", suspicion="repeat_suspect") == 1
    assert watched.shown("siaga112_offers_total", result="answered") == 1
    for counter in ("calls", "dispositions", "suspicions"):
        assert watched.total(f"siaga112_{counter}_total") == 1, counter
    assert watched.shown("siaga112_answer_seconds_count") == 1


def test_a_call_that_nobody_answered(watched: Watched) -> None:
    """Counts as what it was, unclassified, and has no answer time."""
    watched.happen(ARRIVED, GONE, ended(Outcome.ABANDONED_QUEUE))
    assert watched.shown("siaga112_calls_total", outcome="abandoned_queue") == 1
    assert watched.shown("siaga112_dispositions_total", disposition="unclassified") == 1
    assert watched.shown("siaga112_answer_seconds_count") == 0


def test_an_adopted_call_counts_once(watched: Watched) -> None:
    """What an earlier run has counted is not counted again; what happens from now on is."""
    watched.scribe.remember(watched.lines(ARRIVED, *TALK))
    watched.happen(entries.Adopted(), GONE, ended())
    assert watched.shown("siaga112_answer_seconds_count") == 0
    assert watched.shown("siaga112_calls_total", outcome="answered") == 1


def test_an_adopted_call_that_is_answered_now(watched: Watched) -> None:
    """A restart between arrival and answer loses no answer time."""
    watched.scribe.remember(watched.lines(ARRIVED))
    watched.happen(entries.Adopted(), *TALK)
    assert watched.shown("siaga112_answer_seconds_sum") == 4


def test_the_fallback_has_the_last_word(watched: Watched) -> None:
    """Where its journal is read, who reads it counts the call; elsewhere we count what we know."""
    lost = ended(Outcome.OVERFLOWED, ServedBy.FALLBACK)
    watched.observer.fallback_is_told = lambda: True
    watched.happen(ARRIVED, GONE, lost)
    assert watched.total("siaga112_calls_total") == watched.shown("siaga112_fallback_calls_total") == 0
    watched.observer.fallback_is_told = lambda: False
    watched.happen(ARRIVED, GONE, lost)
    assert watched.shown("siaga112_calls_total", outcome="overflowed") == 1
    assert watched.shown("siaga112_fallback_calls_total") == 1


def test_a_caller_who_hung_up_on_the_way_to_the_fallback(watched: Watched) -> None:
    """Its journal will never tell of that call: after a while it counts as what it was."""
    watched.observer.fallback_is_told = lambda: True
    watched.happen(ARRIVED, GONE, ended(Outcome.REFUSED, ServedBy.FALLBACK))
    router = Router(Plan("35.79"))
    watched.observer.gauges(router, 30.0)
    assert watched.total("siaga112_calls_total") == 0, "the fallback may have it"
    watched.observer.gauges(router, 90.0)
    watched.observer.gauges(router, 90.0)
    assert watched.shown("siaga112_calls_total", outcome="refused") == 1
    assert watched.total("siaga112_calls_total") == 1
    watched.happen(ARRIVED, GONE, ended(Outcome.REFUSED, ServedBy.FALLBACK))
    watched.observer.fallback_has(CALL)
    watched.observer.gauges(router, 900.0)
    assert watched.total("siaga112_calls_total") == 1, "who reads its journal counts it"


def test_every_word_has_its_series_from_the_start(watched: Watched) -> None:
    """A series that appears with its first count shows no increase, so its first alert would be lost."""
    for outcome in Outcome:
        assert watched.shown("siaga112_calls_total", outcome=outcome) == 0
    for result in OfferResult:
        assert watched.shown("siaga112_offers_total", result=result) == 0
    for suspicion in Suspicion:
        assert watched.shown("siaga112_suspicions_total", suspicion=suspicion) == 0
    for disposition in (*Disposition, "unclassified"):
        assert watched.shown("siaga112_dispositions_total", disposition=disposition) == 0
