"""What the gateway counts and times, in Prometheus' words.

One `Metrics` per process; whoever sees the fact tells it. Labels are names from code or
configuration, never anything of a caller. What the media plane counts itself is read from it when
Prometheus asks.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from gateway import __version__
from gateway.money.usage import Source, Used
from rtp.statistics import LegStatistics, PlaneStatistics

PREFIX = "voice_gateway"

_TURN = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
_SETUP = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0)
_COST = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_JITTER = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2)
_MOS = (1.0, 2.0, 2.5, 3.0, 3.5, 3.8, 4.0, 4.1, 4.2, 4.3, 4.4, 4.5)

_RECEIVED = ("received", "lost", "duplicate", "late", "reordered", "other_payload", "stray")
_SENT = ("sent", "skipped", "flushed")


class Metrics:
    """All metrics, in a registry of their own. Durations are seconds."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._info = Info(f"{PREFIX}_build", "Version of the gateway", registry=self.registry)
        self._info.info({"version": __version__})

        self.calls_active = self._gauge("calls_active", "Calls with the agent now")
        self.calls = self._counter("calls", "Calls that reached the gateway")
        self.calls_found = self._counter(
            "calls_found", "Callers of whose coming Asterisk had not told us"
        )
        self.calls_refused = self._counter("calls_refused", "Calls sent on at once: max_calls")
        self.calls_ended = self._counter("calls_ended", "Calls that ended, by reason", "reason")
        self.setup_seconds = self._histogram(
            "call_setup_seconds", "StasisStart to the greeting's first packet", _SETUP
        )
        self.answer_seconds = self._histogram(
            "answer_seconds", "End of the caller's speech to the answer's first packet", _TURN
        )
        self.early_answers = self._counter(
            "early_answers", "Answers prepared before a turn was certain, by use", "use"
        )
        self.early_saved_seconds = self._histogram(
            "early_saved_seconds", "What preparing an answer early saved its caller", _TURN
        )
        self.callers_returned = self._counter(
            "callers_returned", "Callers who went on with an earlier conversation"
        )
        self.caller_turns = self._counter(
            "caller_turns", "Turns of callers; new, or the rest of one that was cut off", "kind"
        )
        self.interruptions = self._counter(
            "interruptions", "Times a caller took the word from the agent"
        )
        self.languages_not_spoken = self._counter(
            "languages_not_spoken",
            "Calls that asked for a language that could not be had, and got the profile's",
            "profile",
        )
        self.language_changes = self._counter(
            "language_changes", "Times a call went on in another language", "language"
        )
        self.transfers = self._counter("transfers", "Transfers asked for, by outcome", "outcome")
        self.tools = self._counter("tools", "Tools run, by name", "tool")
        self.provider_seconds = self._histogram(
            "provider_first_result_seconds",
            "Request to the first result of a provider",
            _TURN,
            "kind",
            "provider",
        )
        self.provider_errors = self._counter(
            "provider_errors", "Failures of providers", "kind", "provider", "error"
        )
        self._used = self._counter(
            "provider_used", "What was used of providers", "kind", "provider", "model", "unit"
        )
        self._cost = self._counter(
            "provider_cost",
            "What providers charge by the price table, in its currency",
            "kind",
            "provider",
            "model",
        )
        self.unpriced = self._counter(
            "provider_unpriced",
            "Uses of providers that have no price",
            "kind",
            "provider",
            "model",
        )
        self.call_cost = self._histogram("call_cost", "What a call cost, in the currency", _COST)
        self.limits_reached = self._counter(
            "budget_limits_reached", "Calls that reached a limit", "scope", "limit"
        )
        self.provider_failovers = self._counter(
            "provider_failovers", "Times a provider went on for another", "kind", "failed", "next"
        )
        self.provider_retries = self._counter(
            "provider_retries", "Requests made again to the same provider", "kind", "provider"
        )
        self.provider_hedges = self._counter(
            "provider_hedges",
            "Requests made because another provider was slow, by who was first",
            "kind",
            "provider",
            "outcome",
        )
        self.provider_rate_limited = self._counter(
            "provider_rate_limited", "Requests a provider refused as too many", "kind", "provider"
        )
        self.provider_reopened = self._counter(
            "provider_streams_reopened", "Recognition streams opened again in mid-call", "provider"
        )
        self.ari_connected = self._gauge("ari_connected", "1 while Asterisk's events arrive")
        self.ari_connections = self._counter(
            "ari_connections", "Times the event connection to Asterisk was made"
        )
        self._packets = self._counter(
            "leg_packets", "Packets of legs that are closed", "direction", "fate"
        )
        self._frames = self._counter(
            "leg_frames", "20 ms frames given to listeners, by origin", "origin"
        )
        self._jitter = self._histogram(
            "leg_jitter_seconds", "Interarrival jitter of a leg (RFC 3550) at its end", _JITTER
        )
        self._mos = self._histogram("leg_mos", "E-model MOS of a leg at its end", _MOS)

    def provider_used(self, source: Source, used: Used) -> None:
        """Add what a request used."""
        labels = (source.kind.value, source.provider, source.model)
        for unit, amount in (
            ("input_tokens", used.input_tokens),
            ("cached_tokens", used.cached_tokens),
            ("output_tokens", used.output_tokens),
            ("seconds", used.milliseconds / 1000),
            ("characters", used.characters),
        ):
            if amount:
                self._used.labels(*labels, unit).inc(amount)

    def provider_charged(self, source: Source, cost: Decimal | None) -> None:
        """Add what a request cost, where that is known."""
        labels = (source.kind.value, source.provider, source.model)
        if cost is None:
            self.unpriced.labels(*labels).inc()
        else:
            # money is exact in records and budgets; Prometheus knows floats only
            self._cost.labels(*labels).inc(float(cost))

    def leg_closed(self, leg: LegStatistics) -> None:
        """Add a leg's final numbers."""
        for fate in _RECEIVED:
            self._packets.labels("in", fate).inc(getattr(leg, fate))
        for fate in _SENT:
            self._packets.labels("out", fate).inc(getattr(leg, fate))
        heard = leg.frames - leg.concealed - leg.silence
        for origin, frames in (
            ("received", heard),
            ("concealed", leg.concealed),
            ("silence", leg.silence),
        ):
            self._frames.labels(origin).inc(frames)
        if leg.received:
            self._jitter.observe(leg.jitter)
            self._mos.observe(leg.mos)

    def watch_media(self, read: Callable[[], PlaneStatistics]) -> None:
        """Ask the media plane for its numbers whenever the metrics are read."""
        self.registry.register(_PlaneCollector(read))

    def watch_ari(self, read: Callable[[], Mapping[str, int]]) -> None:
        """Ask the ARI client what became of events and connections, whenever metrics are read."""
        self.registry.register(_AriCollector(read))

    def watch_speech_cache(
        self, read: Callable[[], Mapping[str, int]], held: Callable[[], int]
    ) -> None:
        """Ask the speech cache how phrases were found, and how many bytes it holds, whenever the
        metrics are read."""
        self.registry.register(_SpeechCacheCollector(read, held))

    def watch_providers(self, read: Callable[[], Iterable[tuple[str, str, str]]]) -> None:
        """Ask for kind, name and breaker state of the providers whenever the metrics are read."""
        self.registry.register(_BreakerCollector(read))

    def exposition(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(name, about, labels, namespace=PREFIX, registry=self.registry)

    def _gauge(self, name: str, about: str) -> Gauge:
        return Gauge(name, about, namespace=PREFIX, registry=self.registry)

    def _histogram(
        self, name: str, about: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(
            name, about, labels, namespace=PREFIX, buckets=buckets, registry=self.registry
        )


class _PlaneCollector(Collector):
    """The media plane's own counters, read at the moment of a scrape."""

    def __init__(self, read: Callable[[], PlaneStatistics]) -> None:
        self._read = read

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        plane = self._read()
        yield GaugeMetricFamily(f"{PREFIX}_media_legs", "Open legs", plane.legs)
        datagrams = CounterMetricFamily(
            f"{PREFIX}_media_datagrams", "Datagrams of the media socket", labels=["direction"]
        )
        datagrams.add_metric(["in"], plane.received)
        datagrams.add_metric(["out"], plane.sent)
        yield datagrams
        dropped = CounterMetricFamily(
            f"{PREFIX}_media_dropped", "Datagrams dropped, by cause", labels=["cause"]
        )
        for cause, count in plane.dropped.items():
            dropped.add_metric([cause], count)
        yield dropped
        yield CounterMetricFamily(
            f"{PREFIX}_media_undelivered_ticks",
            "Ticks the event loop was too late to take",
            plane.undelivered_ticks,
        )
        lateness = GaugeMetricFamily(
            f"{PREFIX}_media_lateness_seconds", "Lateness of outgoing packets", labels=["quantile"]
        )
        for quantile, seconds in (
            ("0.5", plane.late_p50),
            ("0.99", plane.late_p99),
            ("1", plane.late_max),
        ):
            lateness.add_metric([quantile], seconds)
        yield lateness


class _AriCollector(Collector):
    """The ARI client's own counters, read at the moment of a scrape."""

    def __init__(self, read: Callable[[], Mapping[str, int]]) -> None:
        self._read = read

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        counts = self._read()
        events = CounterMetricFamily(
            f"{PREFIX}_ari_events", "Messages of Asterisk's event connection", labels=["kind"]
        )
        for kind in ("event", "unknown", "malformed"):
            events.add_metric([kind], counts.get(kind, 0))
        yield events
        ended = CounterMetricFamily(
            f"{PREFIX}_ari_connections_given_up",
            "Event connections we ended: we were too slow, or Asterisk sent nothing more",
            labels=["because"],
        )
        for because in ("fell_behind", "deaf"):
            ended.add_metric([because], counts.get(because, 0))
        yield ended


class _SpeechCacheCollector(Collector):
    """The speech cache's own counters, read at the moment of a scrape."""

    def __init__(self, read: Callable[[], Mapping[str, int]], held: Callable[[], int]) -> None:
        self._read = read
        self._held = held

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        phrases = CounterMetricFamily(
            f"{PREFIX}_speech_cache", "Phrases asked of the speech cache", labels=["result"]
        )
        for result, count in self._read().items():
            phrases.add_metric([result], count)
        yield phrases
        about = "Wire-ready audio in this process's memory"
        yield GaugeMetricFamily(f"{PREFIX}_speech_cache_bytes", about, self._held())


class _BreakerCollector(Collector):
    """The providers' circuit breakers, read at the moment of a scrape."""

    def __init__(self, read: Callable[[], Iterable[tuple[str, str, str]]]) -> None:
        self._read = read

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        breakers = GaugeMetricFamily(
            f"{PREFIX}_provider_breaker",
            "1 for the state a provider's circuit breaker is in",
            labels=["kind", "provider", "state"],
        )
        for kind, provider, state in self._read():
            breakers.add_metric([kind, provider, state], 1)
        yield breakers
