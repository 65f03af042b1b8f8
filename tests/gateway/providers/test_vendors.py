"""Vendors by name: what they need, and the one line for what is missing."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from gateway.config import Settings, every_setting, load
from gateway.errors import ConfigError
from gateway.kinds import Kind
from gateway.money.prices import load_prices
from gateway.money.usage import Source
from gateway.providers import registry
from gateway.providers.base import LanguageModel, SpeechToText, TextToSpeech
from gateway.providers.registry_llm import models
from gateway.providers.registry_stt import EARS
from gateway.providers.registry_tts import VOICES

Made = SpeechToText | LanguageModel | TextToSpeech
KINDS: Mapping[str, Callable[[Settings], Made]] = {
    "stt": registry.speech_to_text,
    "llm": lambda settings: registry.language_model(settings, {}),
    "tts": registry.text_to_speech,
}
THERE_ARE = {"stt": set(EARS), "llm": set(models({})), "tts": set(VOICES)}
EMBEDDED = {"embedded", "moonshine", "local", "hibari", "classic"}


class Vendor(NamedTuple):
    """A provider that needs `variables` (the first is the key), the package `package` and with it
    the extra `extra`."""

    kind: str
    name: str
    variables: tuple[str, ...]
    package: str | None
    extra: str | None

    def __str__(self) -> str:
        return f"{self.kind}-{self.name}"


VENDORS = [
    Vendor("llm", "anthropic", ("ANTHROPIC_API_KEY",), "anthropic", "anthropic"),
    Vendor("llm", "openai", ("OPENAI_API_KEY",), "openai", "openai"),
    Vendor("llm", "gemini", ("GEMINI_API_KEY",), "google.genai", "gemini"),
    Vendor("llm", "groq", ("GROQ_API_KEY",), "openai", "openai"),
    Vendor("llm", "openai-compatible", ("OPENAI_COMPATIBLE_BASE_URL",), "openai", "openai"),
    Vendor("llm", "ollama", (), "openai", "openai"),
    Vendor("llm", "vllm", (), "openai", "openai"),
    Vendor("llm", "llamacpp", (), "openai", "openai"),
    Vendor("stt", "alibaba", ("ALIBABA_API_KEY",), None, None),
    Vendor("stt", "openai", ("OPENAI_API_KEY",), "openai", "openai"),
    Vendor("stt", "groq", ("GROQ_API_KEY",), "openai", "openai"),
    Vendor("tts", "deepgram", ("DEEPGRAM_API_KEY",), None, None),
    Vendor("tts", "elevenlabs", ("ELEVENLABS_API_KEY",), None, None),
    Vendor("tts", "openai", ("OPENAI_API_KEY",), "openai", "openai"),
    Vendor("stt", "deepgram", ("DEEPGRAM_API_KEY",), None, None),
    Vendor("stt", "whisper", ("WHISPER_MODEL",), "faster_whisper", "whisper"),
    Vendor("stt", "vosk", ("VOSK_MODEL",), "vosk", "vosk"),
    Vendor("stt", "sherpa", ("SHERPA_MODEL",), "sherpa_onnx", "sherpa"),
    Vendor("tts", "piper", ("PIPER_VOICE",), "piper", "piper"),
    Vendor("tts", "espeak", (), None, None),
    Vendor("stt", "amazon", ("AWS_REGION",), "botocore", "amazon"),
    Vendor("tts", "amazon", ("AWS_REGION",), "botocore", "amazon"),
    Vendor("stt", "azure", ("AZURE_API_KEY", "AZURE_REGION"), None, None),
    Vendor("tts", "azure", ("AZURE_API_KEY", "AZURE_REGION"), None, None),
    Vendor("stt", "google", ("GOOGLE_APPLICATION_CREDENTIALS",), "grpc", "google"),
    Vendor("tts", "google", ("GOOGLE_APPLICATION_CREDENTIALS",), "grpc", "google"),
]
EVERY_VENDOR = pytest.mark.parametrize("vendor", VENDORS, ids=str)


def example(variable: str) -> str:
    return "http://s3cret" if variable.endswith("_URL") else "s3cret"


def made(kind: str, name: str, **variables: str) -> Made:
    chosen = {"ARI_PASSWORD": "none", f"{kind.upper()}_PROVIDER": name, **variables}
    return KINDS[kind](load(None, chosen))


def refused(vendor: Vendor, **variables: str) -> str:
    with pytest.raises(ConfigError) as caught:
        made(vendor.kind, vendor.name, **variables)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@EVERY_VENDOR
def test_its_variables_are_all_that_a_vendor_needs(vendor: Vendor) -> None:
    needs = {name: example(name) for name in vendor.variables}
    assert made(vendor.kind, vendor.name, **needs).name == vendor.name


@EVERY_VENDOR
def test_what_is_missing_is_named(vendor: Vendor) -> None:
    for missing in vendor.variables:
        others = {name: example(name) for name in vendor.variables if name != missing}
        assert f"set {missing}" in refused(vendor, **others)


@pytest.mark.parametrize("vendor", [each for each in VENDORS if each.package], ids=str)
def test_a_missing_extra_is_named(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    assert vendor.package is not None
    monkeypatch.setitem(sys.modules, vendor.package, None)
    for part in [each for each in sys.modules if each.startswith(f"{vendor.package}.")]:
        monkeypatch.setitem(sys.modules, part, None)
    for module in [each for each in sys.modules if each.startswith("gateway.providers.")]:
        if vars(sys.modules[module]).keys() & {vendor.package, "NAME"}:
            monkeypatch.delitem(sys.modules, module)
    needs = {name: example(name) for name in vendor.variables}
    assert f"pip install 'voice-gateway[{vendor.extra}]'" in refused(vendor, **needs)


@pytest.mark.parametrize("kind", KINDS)
def test_every_provider_stands_here_and_in_the_settings(kind: str) -> None:
    clouds = {vendor.name for vendor in VENDORS if vendor.kind == kind}
    assert THERE_ARE[kind] == clouds | (THERE_ARE[kind] & EMBEDDED)
    (meaning,) = (
        each.field.description for each in every_setting() if each.name == f"{kind}.provider"
    )
    assert [
        name for name in THERE_ARE[kind] - {"embedded"} if f"`{name}`" not in str(meaning)
    ] == []


def test_a_list_of_ears_is_fed_as_the_first_of_them_wants_it() -> None:
    chosen = {"ARI_PASSWORD": "none", "DEEPGRAM_API_KEY": "k"}
    for names, rate in (("deepgram, moonshine", 8000), ("moonshine, deepgram", 16_000)):
        ear = registry.speech_to_text(load(None, {**chosen, "STT_PROVIDER": names}))
        assert ear.rate == rate


@pytest.mark.parametrize("kind", KINDS)
def test_every_provider_stands_in_the_table_of_the_docs(kind: str) -> None:
    section = _section(kind)
    assert [name for name in THERE_ARE[kind] - {"embedded"} if f"`{name}`" not in section] == []


def _section(kind: str) -> str:
    """That of the docs' page of providers."""
    page = (Path(__file__).parents[3] / "docs/providers.md").read_text("utf-8")
    titles = {"stt": "Speech to text", "llm": "Language models", "tts": "Text to speech"}
    return page.partition(f"## {titles[kind]}")[2].partition("\n## ")[0]


PRICED = {
    ("stt", "deepgram"): "nova-3",
    ("stt", "google"): "telephony",
    ("stt", "azure"): "",
    ("stt", "amazon"): "",
    ("stt", "alibaba"): "paraformer-realtime-v2",
    ("stt", "openai"): "gpt-4o-mini-transcribe",
    ("stt", "groq"): "whisper-large-v3-turbo",
    ("llm", "anthropic"): "claude-haiku-4-5",
    ("llm", "openai"): "gpt-4.1-mini",
    ("llm", "gemini"): "gemini-2.5-flash",
    ("llm", "groq"): "llama-3.3-70b-versatile",
    ("tts", "google"): "Chirp3-HD",
    ("tts", "azure"): "",
    ("tts", "amazon"): "neural",
    ("tts", "elevenlabs"): "eleven_flash_v2_5",
    ("tts", "deepgram"): "aura-2",
    ("tts", "openai"): "gpt-4o-mini-tts",
}
"""The default models of those in the cloud."""


@pytest.mark.parametrize(("kind", "name"), PRICED)
def test_the_docs_say_what_a_typical_minute_costs(kind: str, name: str) -> None:
    cost = load_prices().relative_cost(Source(Kind(kind), name, PRICED[kind, name]))
    assert cost is not None
    rows = _section(kind).splitlines()
    (row,) = (row for row in rows if f"`{name}`](" in row and " ¢](" in row)
    assert f"[{100 * cost:.2f} ¢](" in row
