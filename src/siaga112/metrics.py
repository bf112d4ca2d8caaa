"""Every metric in one place, by the names that dashboards rely on. No label ever holds a number or a name."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info

from siaga112 import __version__
from siaga112.audio.health import BEHIND_MS
from siaga112.routing.record import Record
from siaga112.routing.words import UNCLASSIFIED, Disposition, OfferResult, Outcome, Suspicion

_ANSWER_BUCKETS = (1, 2, 5, 8, 10, 15, 20, 30, 60, 120, 300)
_FAST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2)


class Metrics:
    """The daemon's metrics, in a registry of their own."""

    def __init__(self) -> None:
        one = self.registry = CollectorRegistry()
        self.calls = Counter("siaga112_calls", "Calls that ended.", ["outcome"], registry=one)
        self.in_progress = Gauge(
            "siaga112_calls_in_progress", "Calls that have not ended.", ["state"], registry=one
        )
        self.answer = Histogram(
            "siaga112_answer_seconds",
            "From a call's arrival to a call-taker's answer.",
            buckets=_ANSWER_BUCKETS,
            registry=one,
        )
        self.waiting = Gauge("siaga112_queue_waiting", "Calls that wait.", ["band"], registry=one)
        self.longest_wait = Gauge(
            "siaga112_queue_longest_wait_seconds", "How long the oldest waiting call waits.", registry=one
        )
        self.wait_with_free_agent = Gauge(
            "siaga112_oldest_wait_with_free_agent_seconds",
            "How long a call waits although a call-taker is free; 0 when all is well.",
            registry=one,
        )
        self.agents = Gauge("siaga112_agents", "Call-takers by state.", ["state"], registry=one)
        self.offers = Counter("siaga112_offers", "Phones that were rung.", ["result"], registry=one)
        self.invitations = Counter(
            "siaga112_invitations", "Phones that were rung into a talk.", ["result"], registry=one
        )
        self.connected = Gauge("siaga112_ari_connected", "1 while Asterisk can be heard.", registry=one)
        self.requests = Counter("siaga112_ari_requests", "Requests to Asterisk.", ["status"], registry=one)
        self.request_seconds = Histogram(
            "siaga112_ari_request_seconds", "How long Asterisk took.", buckets=_FAST_BUCKETS, registry=one
        )
        self.oddities = Counter(
            "siaga112_ari_oddities", "Frames that meant nothing to us.", ["kind"], registry=one
        )
        self.lag = Histogram(
            "siaga112_event_lag_seconds",
            "From an event's arrival to its decision.",
            buckets=_FAST_BUCKETS,
            registry=one,
        )
        self.spooled = Gauge("siaga112_records_spooled", "Rows not yet in PostgreSQL.", registry=one)
        self.spool_bytes = Gauge("siaga112_spool_bytes", "Size of the spool on the local disk.", registry=one)
        self.spool_age = Gauge(
            "siaga112_spool_oldest_seconds", "How long the oldest row waits for PostgreSQL.", registry=one
        )
        self.written = Counter("siaga112_records_written", "Rows written to PostgreSQL.", registry=one)
        self.rejected = Counter(
            "siaga112_records_rejected", "Rows that PostgreSQL would never take.", registry=one
        )
        self.spool_failures = Counter(
            "siaga112_spool_failures", "Writes that the local disk refused.", registry=one
        )
        self.fallback = Counter(
            "siaga112_fallback_calls", "Calls that the dialplan's fallback took.", registry=one
        )
        self.command_failures = Counter(
            "siaga112_command_failures", "Commands that failed.", ["failure"], registry=one
        )
        self.mended = Counter(
            "siaga112_mended", "What a routine look found and events had not told.", registry=one
        )
        self.surge = Gauge("siaga112_surge_mode", "1 while a mass event is on.", registry=one)
        self.blocks = Counter("siaga112_blocks", "Numbers that supervisors blocked.", registry=one)
        self.blocked = Gauge("siaga112_blocked_numbers", "Numbers that are blocked now.", registry=one)
        self.suspicions = Counter(
            "siaga112_suspicions", "Calls that ended, by what was suspected.", ["suspicion"], registry=one
        )
        self.dispositions = Counter(
            "siaga112_dispositions",
            "Calls that ended, by what a call-taker said they were.",
            ["disposition"],
            registry=one,
        )
        self.taps = Gauge("siaga112_audio_taps", "Callers that are being listened to.", registry=one)
        self.late_frames = Counter(
            "siaga112_audio_late_frames", "Frames of sound that came too late.", registry=one
        )
        self.frames = Counter(
            "siaga112_audio_frames",
            "Frames of sound, by how many ms behind their own clock they came at most.",
            ["behind_ms"],
            registry=one,
        )
        self.strangers = Counter(
            "siaga112_audio_strange_packets",
            "Packets to the ear from where no caller is; nobody listens to them.",
            registry=one,
        )
        self.deaf = Gauge(
            "siaga112_audio_deaf", "1 while callers cannot be listened to: none is flagged.", registry=one
        )
        self.recording_failures = Counter(
            "siaga112_recording_failures", "Recordings that could not be made.", registry=one
        )
        Info("siaga112_build", "The version that runs.", registry=one).info({"version": __version__})
        for counter, words in (
            (self.calls, Outcome),
            (self.offers, OfferResult),
            (self.invitations, OfferResult),
            (self.suspicions, Suspicion),
            (self.dispositions, Disposition),
        ):
            for word in words:  # a series that begins at its first count is one too low for `increase`
                counter.labels(word.value)
        self.dispositions.labels(UNCLASSIFIED)

    def frames_behind(self, counts: Iterable[int]) -> None:
        """So many more frames have come so far behind their clock, by `BEHIND_MS`."""
        for bound, count in zip((*BEHIND_MS, "+Inf"), counts, strict=False):
            self.frames.labels(str(bound)).inc(count)

    def answered(self, record: Record) -> None:
        """A call has been answered by a person."""
        if record.agent_answered_at is not None:
            self.answer.observe(record.agent_answered_at - record.started_at)

    def ended(self, record: Record) -> None:
        """A call has ended, and this is its record."""
        self.calls.labels(record.outcome or "").inc()
        self.dispositions.labels(record.disposition).inc()
        self.suspicions.labels(record.suspicion).inc()
