"""Vendors by name: what they need, and the one line for what is missing."""

import sys
from collections.abc import Callable, Mapping

import pytest

from gateway.config import Settings, load
from gateway.errors import ConfigError
from gateway.providers import registry
from gateway.providers.base import LanguageModel, SpeechToText, TextToSpeech

Made = SpeechToText | LanguageModel | TextToSpeech
KINDS: Mapping[str, Callable[[Settings], Made]] = {
    "stt": registry.speech_to_text,
    "llm": lambda settings: registry.language_model(settings, {}),
    "tts": registry.text_to_speech,
}
KEYED = [
    ("llm", "anthropic", "ANTHROPIC_API_KEY"),
    ("stt", "deepgram", "DEEPGRAM_API_KEY"),
    ("tts", "google", "GOOGLE_APPLICATION_CREDENTIALS"),
]
SDKS = [
    ("llm", "anthropic", "anthropic"),
    ("stt", "deepgram", "deepgram"),
    ("tts", "google", "grpc"),
]


def made(kind: str, name: str, **variables: str) -> Made:
    chosen = {"ARI_PASSWORD": "none", f"{kind.upper()}_PROVIDER": name, **variables}
    return KINDS[kind](load(None, chosen))


def refused(kind: str, name: str, **variables: str) -> str:
    with pytest.raises(ConfigError) as caught:
        made(kind, name, **variables)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(("kind", "name", "variable"), KEYED)
def test_a_key_is_all_that_a_vendor_needs(kind: str, name: str, variable: str) -> None:
    assert made(kind, name, **{variable: "s3cret"}).name == name


@pytest.mark.parametrize(("kind", "name", "variable"), KEYED)
def test_a_missing_key_is_named(kind: str, name: str, variable: str) -> None:
    assert f"set {variable}" in refused(kind, name)


@pytest.mark.parametrize(("kind", "name", "package"), SDKS)
def test_a_missing_extra_is_named(
    kind: str, name: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    for module in [each for each in sys.modules if each.startswith("gateway.providers.")]:
        if module.rpartition(".")[2] == name:
            monkeypatch.delitem(sys.modules, module)
    assert f"pip install 'voice-gateway[{name}]'" in refused(kind, name)


def test_ears_in_one_list_are_fed_at_one_rate() -> None:
    chosen = {"ARI_PASSWORD": "none", "DEEPGRAM_API_KEY": "k"}
    for names, rate in (("deepgram", 8000), ("deepgram, moonshine", 16_000)):
        ear = registry.speech_to_text(load(None, {**chosen, "STT_PROVIDER": names}))
        assert ear.rate == rate
