"""The tables of languages and prices know every provider that can be configured."""

import pytest

from gateway.kinds import Kind
from gateway.money.prices import load_prices
from gateway.money.usage import Source
from gateway.providers.coverage import HEARD, SPOKEN
from gateway.providers.registry_llm import models
from gateway.providers.registry_stt import EARS
from gateway.providers.registry_tts import VOICES

ANOTHER_NAME = {"embedded"}
UNKNOWN_VENDOR = {"openai-compatible"}
"""Who stands behind it, and what that charges, only the operator knows."""


def test_languages_are_declared_for_every_ear_and_voice() -> None:
    assert set(EARS) - set(HEARD) == set()
    assert set(VOICES) - set(SPOKEN) == set()


def test_there_is_nobody_in_the_tables_who_cannot_be_configured() -> None:
    assert set(HEARD) - set(EARS) == set()
    assert set(SPOKEN) - set(VOICES) == set()


@pytest.mark.parametrize(
    ("kind", "names"), [(Kind.STT, EARS), (Kind.LLM, models({})), (Kind.TTS, VOICES)]
)
def test_every_provider_has_a_price(kind: Kind, names: dict[str, object]) -> None:
    table = load_prices()
    priced = {price.provider for price in table.prices if price.kind is kind}
    assert set(names) - priced - ANOTHER_NAME - UNKNOWN_VENDOR == set()


@pytest.mark.parametrize(
    "source",
    [
        Source(Kind.LLM, "anthropic", "claude-haiku-4-5"),
        Source(Kind.LLM, "openai", "gpt-4.1-mini"),
        Source(Kind.LLM, "gemini", "gemini-2.5-flash"),
        Source(Kind.STT, "deepgram", "nova-3"),
        Source(Kind.STT, "deepgram", "flux-general-en"),
        Source(Kind.TTS, "deepgram", "aura-2"),
        Source(Kind.TTS, "elevenlabs", "eleven_flash_v2_5"),
        Source(Kind.TTS, "google", "Chirp3-HD"),
    ],
)
def test_the_models_that_are_the_defaults_have_a_price(source: Source) -> None:
    assert load_prices().relative_cost(source)
