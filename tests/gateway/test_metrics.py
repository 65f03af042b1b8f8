"""What Prometheus is told."""

from collections import Counter
from collections.abc import Mapping

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway import __version__
from gateway.metrics import Metrics
from rtp.statistics import LegStatistics, PlaneStatistics

LEG = LegStatistics(
    received=990, lost=7, duplicate=1, late=2, reordered=3, stray=0, flooded=0, stale=0,
    other_payload=4, restarts=0, frames=1010, concealed=10, silence=400, jitter=0.004, wait=0.0,
    mos=4.2, sent=500, played=450, flushed=30, skipped=5,
)  # fmt: skip
PLANE = PlaneStatistics(
    legs=3, received=1000, sent=900, dropped={"malformed": 2, "unknown_source": 5},
    recorded=100, unrecorded=1, failed_recordings=0, undelivered_ticks=1,
    late_p50=0.0002, late_p99=0.0011, late_max=0.02,
)  # fmt: skip


def samples(metrics: Metrics) -> Mapping[tuple[str, ...], float]:
    """Every sample by its name and label values, as a scraper reads it."""
    return {
        (sample.name.removeprefix("voice_gateway_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(metrics.exposition().decode())
        for sample in family.samples
    }


def test_calls_are_counted_from_begin_to_end() -> None:
    metrics = Metrics()
    metrics.calls.inc()
    metrics.calls_active.inc()
    metrics.calls_active.dec()
    metrics.calls_ended.labels("caller hung up").inc()
    found = samples(metrics)
    assert found["calls_total",] == 1
    assert found["calls_active",] == 0
    assert found["calls_ended_total", "caller hung up"] == 1


def test_answers_fall_into_buckets_about_the_budget() -> None:
    metrics = Metrics()
    metrics.answer_seconds.observe(0.65)
    found = samples(metrics)
    assert found["answer_seconds_bucket", "0.6"] == 0
    assert found["answer_seconds_bucket", "0.7"] == 1


def test_a_closed_leg_leaves_its_numbers() -> None:
    metrics = Metrics()
    metrics.leg_closed(LEG)
    metrics.leg_closed(LEG)
    found = samples(metrics)
    assert found["leg_packets_total", "in", "lost"] == 14
    assert found["leg_packets_total", "out", "sent"] == 1000
    assert found["leg_frames_total", "concealed"] == 20
    assert found["leg_frames_total", "received"] == 1200
    assert found["leg_jitter_seconds_count",] == 2
    assert found["leg_mos_sum",] == pytest.approx(8.4)


def test_the_media_plane_is_read_at_every_scrape() -> None:
    metrics = Metrics()
    reads: list[PlaneStatistics] = []

    def read() -> PlaneStatistics:
        reads.append(PLANE)
        return PLANE

    metrics.watch_media(read)
    assert reads == []
    found = samples(metrics)
    assert len(reads) == 1
    assert found["media_legs",] == 3
    assert found["media_dropped_total", "unknown_source"] == 5
    assert found["media_lateness_seconds", "0.99"] == 0.0011


def test_the_speech_cache_is_read_at_every_scrape() -> None:
    metrics = Metrics()
    counts = {"memory_hits": 9, "misses": 1}
    metrics.watch_speech_cache(lambda: counts, lambda: 4711)
    assert samples(metrics)["speech_cache_total", "memory_hits"] == 9
    assert samples(metrics)["speech_cache_bytes",] == 4711
    counts["memory_hits"] = 10
    assert samples(metrics)["speech_cache_total", "memory_hits"] == 10


def test_what_became_of_asterisks_events_is_read_at_every_scrape() -> None:
    metrics = Metrics()
    counts = Counter({"event": 12, "connected": 3})
    metrics.watch_ari(lambda: counts)
    found = samples(metrics)
    assert found["ari_events_total", "event"] == 12
    assert found["ari_events_total", "malformed"] == 0
    assert found["ari_connections_given_up_total", "deaf"] == 0
    counts["deaf"] += 1
    assert samples(metrics)["ari_connections_given_up_total", "deaf"] == 1


def test_two_gateways_in_a_process_do_not_share() -> None:
    first, second = Metrics(), Metrics()
    first.calls.inc()
    assert samples(second)["calls_total",] == 0


def test_the_version_is_told() -> None:
    assert ("build_info", __version__) in samples(Metrics())
