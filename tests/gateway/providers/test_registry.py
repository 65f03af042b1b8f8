"""Providers by their names in the configuration."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from gateway.config import Ari, Cache, LanguageModel, Settings, SpeechToText, TextToSpeech
from gateway.errors import ConfigError
from gateway.providers import registry
from gateway.providers.failover import FirstVoice
from gateway.providers.local_agent import LocalAgent
from gateway.providers.moonshine import Moonshine


def settings(**sections: object) -> Settings:
    values = {"ari": Ari(password=SecretStr("x")), "cache": Cache(folder=Path("cache")), **sections}
    return Settings.model_validate(values)


def test_without_any_setting_everything_is_on_this_machine() -> None:
    assert isinstance(registry.speech_to_text(settings()), Moonshine)
    assert isinstance(registry.language_model(settings(), {}), LocalAgent)
    assert registry.text_to_speech(settings()).name == "hibari"


def test_embedded_is_another_name_for_it() -> None:
    named = ("embedded",)
    chosen = settings(
        stt=SpeechToText(provider=named),
        llm=LanguageModel(provider=named),
        tts=TextToSpeech(provider=named),
    )
    assert registry.speech_to_text(chosen).name == "moonshine"
    assert registry.language_model(chosen, {}).name == "local"
    assert registry.text_to_speech(chosen).name == "hibari"


def test_several_names_are_tried_in_their_order() -> None:
    voice = registry.text_to_speech(settings(tts=TextToSpeech(provider=("classic", "hibari"))))
    assert isinstance(voice, FirstVoice)
    assert voice.name == "classic"


@pytest.mark.parametrize(
    ("section", "build"),
    [
        ({"stt": SpeechToText(provider=("nobody",))}, registry.speech_to_text),
        ({"tts": TextToSpeech(provider=("hibari", "nobody"))}, registry.text_to_speech),
        (
            {"llm": LanguageModel(provider=("nobody",))},
            lambda chosen: registry.language_model(chosen, {}),
        ),
    ],
)
def test_an_unknown_name_is_one_line_with_those_there_are(
    section: dict[str, object], build: Callable[[Settings], object]
) -> None:
    with pytest.raises(ConfigError) as caught:
        build(settings(**section))
    (kind,) = section
    assert str(caught.value).startswith(
        f"{kind}.provider = nobody: there is no such provider; there are: "
    )
    assert "embedded" in str(caught.value)


def test_a_package_that_is_ours_and_missing_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gateway.providers.classic", None)
    with pytest.raises(ModuleNotFoundError):
        registry.text_to_speech(settings(tts=TextToSpeech(provider=("classic",))))
