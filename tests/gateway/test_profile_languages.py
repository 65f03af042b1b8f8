"""Agents of several languages: what profiles say, and what comes along."""

from pathlib import Path

import pytest

from gateway.errors import ConfigError
from gateway.phrasebook import languages, shipped
from gateway.profile import Phrases, Profile, choice_of, has_words, in_language, load_profile

PROFILE = """
greeting = "Hello, this is Riverside."
instructions = "Be brief."

[people.anna]
endpoint = "PJSIP/1001"
description = "the front desk"

[languages.spanish]
greeting = "Hola, aquí Riverside."
voice = { name = "Elvira" }
stt = ["google"]
called = { anna = "recepción" }

[languages.spanish.phrases]
apology = "Vaya."

[languages.fr-CA]
instructions = "Use vous."
"""


def load(tmp_path: Path, text: str = PROFILE) -> Profile:
    file = tmp_path / "clinic.toml"
    file.write_text(text, "utf-8")
    return load_profile(file)


def test_six_languages_come_along_whole() -> None:
    assert languages() == {"en", "es", "fr", "de", "pt", "zh"}
    for language in languages() - {"en"}:
        words = shipped(language)
        assert set(words) == {"greeting", "goodbye", "phrases"}
        phrases = words["phrases"]
        assert isinstance(phrases, dict)
        assert set(phrases) == set(Phrases.model_fields), language
        assert Phrases.model_validate(phrases).connecting.format(person="Ana") != ""


def test_an_agent_in_another_language_says_what_the_profile_says_and_what_comes_along(
    tmp_path: Path,
) -> None:
    profile = load(tmp_path)
    assert profile.also == ("en-US", "es-ES", "fr-CA")
    spanish = in_language(profile, "es-ES")
    assert spanish.greeting == "Hola, aquí Riverside."
    assert spanish.goodbye == "Gracias por llamar. Adiós."
    assert spanish.phrases.apology == "Vaya."
    assert spanish.phrases.welcome == "De nada."
    assert spanish.people["anna"].description == "recepción"
    assert (spanish.voice.name, spanish.language) == ("Elvira", "es-ES")
    french = in_language(profile, "fr-CA")
    assert french.greeting.startswith("Bonjour")
    assert french.people["anna"].description == "un collègue"
    assert french.instructions == "Be brief.\nUse vous."
    assert french.voice.name is None


def test_in_its_own_language_an_agent_stays_what_it_is(tmp_path: Path) -> None:
    profile = load(tmp_path)
    british = in_language(profile, "en-GB")
    assert british == profile.model_copy(update={"language": "en-GB"})


def test_another_region_of_a_language_is_that_language(tmp_path: Path) -> None:
    profile = load(tmp_path)
    assert choice_of(profile, "es-MX").stt == ("google",)
    assert in_language(profile, "es-MX").greeting == "Hola, aquí Riverside."


def test_back_from_another_language_all_is_as_before(tmp_path: Path) -> None:
    profile = load(tmp_path)
    assert in_language(profile, "en-US") == profile


def test_an_agent_whose_own_language_is_not_english_speaks_it_throughout(tmp_path: Path) -> None:
    german = load(tmp_path, 'language = "german"\ngreeting = "Praxis Weiß."')
    assert german.phrases.welcome == "Gern geschehen."
    assert german.goodbye == "Vielen Dank für Ihren Anruf. Auf Wiederhören."
    own = load(tmp_path, 'language = "german"\ngreeting = "Hallo."\ngoodbye = "Tschüss."')
    assert own.goodbye == "Tschüss."
    english = in_language(german, "en-US")
    assert english.phrases.welcome == "You're welcome."
    assert english.greeting == "Hello, thank you for calling. How can I help you?"


@pytest.mark.parametrize(
    ("language", "has"),
    [("es-ES", True), ("zh-TW", True), ("pl-PL", False), ("en-IN", True), ("fr-FR", True)],
)
def test_a_language_without_words_is_not_spoken(
    tmp_path: Path, language: str, *, has: bool
) -> None:
    assert has_words(load(tmp_path), language) is has


def test_a_language_that_does_not_come_along_is_spoken_with_words_of_its_own(
    tmp_path: Path,
) -> None:
    profile = load(tmp_path, f'{PROFILE}\n[languages.polish]\ngreeting = "Dzień dobry."')
    assert has_words(profile, "pl-PL")
    assert in_language(profile, "pl-PL").greeting == "Dzień dobry."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[languages.klingon]", "is no language"),
        ("[languages.german]\ngreetings = 'x'", "did you mean greeting?"),
        ("[languages.german]\ncalled = { bob = 'Bob' }", "is not in [people] or [extensions]"),
        ("[languages.german.phrases]\nbusy = '{who}'", "{who} is unknown here"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        load(tmp_path, f"{PROFILE}\n{text}")
    assert said in str(refusal.value)
