"""What one provider's results say about asking it again."""

import pytest

from gateway.errors import (
    ProviderError,
    ProviderProtocol,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from gateway.kinds import Kind
from gateway.metrics import Metrics
from gateway.providers.resilience.breaker import State
from gateway.providers.resilience.health import Health, WhyNot
from tests.fakes.providers import DEADLINES


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


CLOCK = Clock()


@pytest.fixture
def health() -> Health:
    CLOCK.now = 0.0
    return Health(Kind.LLM, "cloud", DEADLINES, CLOCK, metrics=Metrics())


def fails(health: Health, error: ProviderError, times: int, language: str = "en-US") -> None:
    for _ in range(times):
        health.enter()
        health.failed(language, error)


@pytest.mark.parametrize("kind", [ProviderUnavailable, ProviderTimeout, ProviderProtocol])
def test_failures_count_against_it_in_every_language(
    health: Health, kind: type[ProviderError]
) -> None:
    fails(health, kind("cloud", ""), 3)
    assert health.state is State.OPEN
    assert health.why_not("de") is WhyNot.RESTS


def test_refusals_count_against_the_language_for_a_while(health: Health) -> None:
    fails(health, ProviderRefused("cloud", "no"), 1, "es-MX")
    assert health.refused("es-ES")
    assert health.why_not("es-ES") is None
    fails(health, ProviderRefused("cloud", "no"), 1, "es-MX")
    assert (health.why_not("es"), health.why_not("en")) == (WhyNot.REFUSES, None)
    assert health.state is State.CLOSED
    CLOCK.now = 61.0
    assert health.why_not("es") is None


def test_one_that_does_well_in_between_does_not_refuse(health: Health) -> None:
    for _ in range(5):
        fails(health, ProviderRefused("cloud", "this text"), 1)
        health.enter()
        health.succeeded("en")
    assert health.why_not("en") is None


def test_a_limit_is_neither_failure_nor_refusal(health: Health) -> None:
    fails(health, ProviderRateLimited("cloud", "429", 7.0), 1)
    assert (health.state, health.why_not("en")) == (State.CLOSED, WhyNot.LIMITED)
    CLOCK.now = 7.0
    assert health.why_not("en") is None
    assert health.metrics is not None
    labels = {"kind": "llm", "provider": "cloud"}
    name = "voice_gateway_provider_rate_limited_total"
    assert health.metrics.registry.get_sample_value(name, labels) == 1


def test_how_quick_it_is_is_the_average_of_the_latest(health: Health) -> None:
    for seconds in (1.0, 1.0, 2.0):
        health.first_result(seconds)
    assert health.seconds == pytest.approx(1.2)
