"""Providers by their names in the configuration."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from gateway.config import (
    Ari,
    Cache,
    LanguageModel,
    Settings,
    SpeechToText,
    TextToSpeech,
)
from gateway.config.vendors import Anthropic
from gateway.errors import ConfigError
from gateway.kinds import Rule
from gateway.providers import registry
from gateway.providers.resilience.board import Board


def settings(**sections: object) -> Settings:
    values = {"ari": Ari(password=SecretStr("x")), "cache": Cache(folder=Path("cache")), **sections}
    return Settings.model_validate(values)


def test_without_any_setting_everything_is_on_this_machine() -> None:
    assert registry.speech_to_text(settings()).name == "moonshine"
    assert registry.language_model(settings(), {}).name == "local"
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
    board = Board()
    voice = registry.text_to_speech(
        settings(tts=TextToSpeech(provider=("classic", "hibari"))), board
    )
    assert voice.name == "classic"
    assert [shown["provider"] for shown in board.status()] == ["classic", "hibari"]


def test_behind_the_embedded_voice_the_classic_one_always_stands() -> None:
    board = Board()
    registry.text_to_speech(settings(), board)
    assert [shown["provider"] for shown in board.status()] == ["hibari", "classic"]


def test_the_limits_of_keys_are_read() -> None:
    board = Board()
    limits = ("moonshine=7/70",)
    registry.speech_to_text(settings(stt=SpeechToText(limits=limits)), board)
    (shown,) = board.status()
    assert shown["limit"] == 7


@pytest.mark.parametrize(
    ("section", "build", "line"),
    [
        (
            {"stt": SpeechToText(limits=("deepgram=7",))},
            registry.speech_to_text,
            "stt.limits = deepgram: is not in stt.provider",
        ),
        (
            {"stt": SpeechToText(limits=("moonshine=7", "moonshine=/9"))},
            registry.speech_to_text,
            "stt.limits = moonshine=/9: moonshine has a limit already",
        ),
        (
            {
                "llm": LanguageModel(provider=("anthropic",), routing=(Rule.EASY_LOCAL,)),
                "anthropic": Anthropic(api_key=SecretStr("k")),
            },
            lambda chosen: registry.language_model(chosen, {}),
            "llm.routing = easy-local: needs `local` in llm.provider",
        ),
    ],
)
def test_what_does_not_fit_together_is_one_line(
    section: dict[str, object], build: Callable[[Settings], object], line: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        build(settings(**section))
    assert str(caught.value) == line


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
