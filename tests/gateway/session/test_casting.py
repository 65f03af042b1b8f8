"""Who hears and speaks which language, and what is said of one that nobody does."""

from pathlib import Path

import pytest

from gateway.config import Settings
from gateway.errors import ConfigError
from gateway.profile import LanguageChoice, Profile
from gateway.providers.resilience.board import Board
from gateway.session.casting import Casting, casting

CLINIC = Profile(
    name="clinic",
    greeting="Hello.",
    languages={
        "es-ES": LanguageChoice(tts=("openai",)),
        "pl-PL": LanguageChoice(greeting="Cześć."),
    },
    also=("en-US", "es-ES", "pl-PL"),
)


def cast(stt: str, llm: str, tts: str, *profiles: Profile) -> Casting:
    settings = Settings.model_validate(
        {
            "ari": {"password": "p"},
            "stt": {"provider": stt},
            "llm": {"provider": llm},
            "tts": {"provider": tts},
            "openai": {"api_key": "k"},
            "profiles": {"folder": Path("profiles")},
        }
    )
    return casting(settings, profiles, Board())


def test_embedded_providers_speak_english_only() -> None:
    embedded = cast("moonshine", "local", "hibari")
    assert embedded.spoken(CLINIC) == ("en-US",)
    assert embedded.missing(CLINIC, "en-GB") == []
    assert embedded.missing(CLINIC, "es-ES") == [
        "no stt provider declares it",
        "no llm provider declares it",
    ]


def test_clouds_speak_what_the_profile_lists() -> None:
    clouds = cast("deepgram", "local, anthropic", "google")
    assert clouds.spoken(CLINIC) == ("en-US", "es-ES", "pl-PL")
    assert clouds.missing(CLINIC, "zu-ZA") == [
        "no stt provider declares it",
        "no tts provider declares it",
        "the profile has no words in it",
    ]
    assert clouds.missing(CLINIC, "ja-JP") == ["the profile has no words in it"]
    assert clouds.missing(CLINIC, "zh-CN") == []


def test_a_profile_chooses_providers_for_a_language() -> None:
    chosen = cast("moonshine", "local", "hibari", CLINIC)
    usual = next(iter(chosen.voices.values()))
    assert chosen.voice(CLINIC, "es-MX", usual) is chosen.voices[("openai",)]
    other = cast("moonshine", "local", "hibari", CLINIC).voices[("openai",)]
    assert chosen.voice(CLINIC, "en-US", other) is other
    assert chosen.voices[("openai",)].name == "openai"
    assert len(chosen.extra) == 1
    assert chosen.ears == {}


@pytest.mark.parametrize(
    ("wanted", "language", "because"),
    [
        (None, "en-US", ""),
        ("", "en-US", ""),
        ("spanish", "es-ES", ""),
        ("es-MX", "es-MX", ""),
        ("中文", "zh-CN", ""),
        ("klingon", "en-US", "that is no language"),
        ("japanese", "en-US", "the profile has no words in it"),
    ],
)
def test_a_call_begins_in_the_language_that_is_wanted_where_it_can_be_had(
    wanted: str | None, language: str, because: str
) -> None:
    clouds = cast("deepgram", "anthropic", "google")
    assert clouds.beginning(CLINIC, wanted) == (language, because)


def test_what_nobody_speaks_is_the_profiles_language_with_the_reason() -> None:
    language, because = cast("moonshine", "local", "hibari").beginning(CLINIC, "spanish")
    assert language == "en-US"
    assert "no stt provider declares it" in because


def test_a_provider_that_is_not_there_stops_the_start() -> None:
    wrong = CLINIC.model_copy(update={"languages": {"es-ES": LanguageChoice(stt=("deepgramm",))}})
    with pytest.raises(ConfigError, match="deepgramm"):
        cast("moonshine", "local", "hibari", wrong)
