"""Which provider serves which language, under which code."""

import pytest

from gateway.kinds import Kind
from gateway.languages import DEFAULT_TAGS, bcp47, english_name, spoken_language
from gateway.providers import coverage
from gateway.providers.coverage import serves, vendor_code

SIX = ("en-US", "es-ES", "fr-FR", "de-DE", "pt-PT", "zh-CN")


def test_fifty_languages_and_more_are_heard_and_spoken_by_somebody() -> None:
    assert len(coverage.served_everywhere()) >= 50


def test_every_declared_code_is_a_language_that_has_a_name() -> None:
    codes = {
        code
        for table in (coverage.HEARD, coverage.SPOKEN, coverage.UNDERSTOOD)
        for row in table.values()
        if row is not coverage.ANY
        for code in row
    }
    known = {spoken_language(tag) for tag in DEFAULT_TAGS}
    assert {code for code in codes if spoken_language(code) not in known} == set()


def test_every_language_with_a_name_has_somebody_who_hears_or_speaks_it() -> None:
    for tag in DEFAULT_TAGS:
        assert any(serves(Kind.STT, name, tag) for name in coverage.HEARD), tag


@pytest.mark.parametrize("language", SIX)
@pytest.mark.parametrize("ear", ["deepgram", "google", "azure", "amazon", "openai"])
@pytest.mark.parametrize("voice", ["google", "azure", "amazon", "openai", "elevenlabs"])
def test_the_six_languages_are_served_by_all_large_clouds(
    language: str, ear: str, voice: str
) -> None:
    assert serves(Kind.STT, ear, language)
    assert serves(Kind.TTS, voice, language)


@pytest.mark.parametrize(
    ("kind", "provider", "language", "code"),
    [
        (Kind.STT, "deepgram", "en-US", "en-US"),
        (Kind.STT, "deepgram", "en-CA", "en"),
        (Kind.STT, "deepgram", "es-MX", "es"),
        (Kind.STT, "deepgram", "nb-NO", "no"),
        (Kind.STT, "deepgram", "zh-CN", "zh-CN"),
        (Kind.STT, "deepgram", "yue-HK", "zh-HK"),
        (Kind.STT, "google", "zh-CN", "cmn-Hans-CN"),
        (Kind.STT, "google", "zh-TW", "cmn-Hant-TW"),
        (Kind.STT, "google", "he-IL", "iw-IL"),
        (Kind.STT, "google", "es-MX", "es-ES"),
        (Kind.STT, "openai", "pt-BR", "pt"),
        (Kind.STT, "amazon", "fil-PH", "tl-PH"),
        (Kind.TTS, "google", "zh-CN", "cmn-CN"),
        (Kind.TTS, "google", "ar-SA", "ar-XA"),
        (Kind.TTS, "google", "pt-PT", "pt-BR"),
        (Kind.TTS, "google", "de-AT", "de-DE"),
        (Kind.TTS, "amazon", "ar-SA", "arb"),
        (Kind.TTS, "elevenlabs", "zh-TW", "zh"),
        (Kind.TTS, "piper", "de-AT", "de-AT"),
        (Kind.LLM, "anthropic", "zh-CN", "zh-CN"),
    ],
)
def test_a_vendor_is_asked_in_its_own_code(
    kind: Kind, provider: str, language: str, code: str
) -> None:
    assert vendor_code(kind, provider, language) == code


@pytest.mark.parametrize(
    ("kind", "provider", "language"),
    [
        (Kind.STT, "moonshine", "es-ES"),
        (Kind.LLM, "local", "de-DE"),
        (Kind.TTS, "hibari", "zh-CN"),
        (Kind.TTS, "deepgram", "zh-CN"),
        (Kind.STT, "deepgram", "zu-ZA"),
    ],
)
def test_a_language_that_is_not_declared_has_no_code(
    kind: Kind, provider: str, language: str
) -> None:
    assert vendor_code(kind, provider, language) is None


def test_languages_are_named_for_models_and_for_people() -> None:
    assert english_name("es-MX") == "Spanish"
    assert english_name("cmn-CN") == "Chinese"
    assert english_name("xx-YY") == "xx-YY"
    assert bcp47("中文") == "zh-CN"
    assert bcp47("cantonese") == "yue-HK"
