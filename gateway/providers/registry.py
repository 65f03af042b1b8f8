"""The names of providers in the configuration, and what makes each; imported when it is used."""

import os
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias, TypeVar

from pydantic import SecretStr

from gateway.config import MISSING, Settings, vendors
from gateway.errors import ConfigError
from gateway.metrics import Metrics
from gateway.profile import Profile
from gateway.providers.base import LanguageModel, SpeechToText, TextToSpeech
from gateway.providers.failover import FirstEar, FirstModel, FirstVoice
from gateway.providers.measured import MeasuredEar, MeasuredModel, MeasuredVoice, Meter

Made = TypeVar("Made")
Makers: TypeAlias = Mapping[str, Callable[[], Made]]

EMBEDDED_RATE = 16_000
"""What the embedded ear needs, and so all that stand in one list with it."""
CLASSIC_BUNDLE = "debian/flite"
"""Where flite is in the cache if it was brought without root (see gateway.lab.archive)."""


def speech_to_text(settings: Settings, metrics: Metrics | None = None) -> SpeechToText:
    """The ears that `stt.provider` names. Raises ConfigError for one that is not there.

    With `metrics`, each provider's first results and failures are told to them, as of the others.
    """
    makers: Makers[SpeechToText] = {
        "moonshine": lambda: _moonshine(settings),
        "embedded": lambda: _moonshine(settings),
        "deepgram": lambda: _deepgram(settings),
    }
    ears = tuple(
        ear if metrics is None else MeasuredEar(ear, Meter(metrics, "stt", ear.name))
        for ear in _made("stt.provider", settings.stt.provider, makers)
    )
    return ears[0] if len(ears) == 1 else FirstEar(ears)


def language_model(
    settings: Settings, profiles: Mapping[str, Profile], metrics: Metrics | None = None
) -> LanguageModel:
    """The models that `llm.provider` names; the local agent answers from `profiles`."""
    makers: Makers[LanguageModel] = {
        "local": lambda: _local_agent(profiles),
        "embedded": lambda: _local_agent(profiles),
        "anthropic": lambda: _anthropic(settings.anthropic),
    }
    models = tuple(
        model if metrics is None else MeasuredModel(model, Meter(metrics, "llm", model.name))
        for model in _made("llm.provider", settings.llm.provider, makers)
    )
    return models[0] if len(models) == 1 else FirstModel(models)


def text_to_speech(settings: Settings, metrics: Metrics | None = None) -> TextToSpeech:
    """The voices that `tts.provider` names; hibari always has the classic voice behind it."""
    makers: Makers[TextToSpeech] = {
        "hibari": lambda: FirstVoice((_hibari(), _classic(settings))),
        "embedded": lambda: FirstVoice((_hibari(), _classic(settings))),
        "classic": lambda: _classic(settings),
        "google": lambda: _google(settings.google),
    }
    voices = tuple(
        voice if metrics is None else MeasuredVoice(voice, Meter(metrics, "tts", voice.name))
        for voice in _made("tts.provider", settings.tts.provider, makers)
    )
    return voices[0] if len(voices) == 1 else FirstVoice(voices)


def _made(field: str, names: tuple[str, ...], makers: Makers[Made]) -> Iterator[Made]:
    for name in names:
        if name not in makers:
            raise ConfigError(field, name, f"there is no such provider; there are: {_list(makers)}")
        try:
            yield makers[name]()
        except ModuleNotFoundError as error:
            fix = f"needs the package {error.name}: pip install 'voice-gateway[{name}]'"
            raise ConfigError(field, name, fix) from None


def _list(names: Mapping[str, object]) -> str:
    return ", ".join(names)


def _moonshine(settings: Settings) -> SpeechToText:
    from gateway.providers.moonshine import Moonshine

    return Moonshine(cache=settings.cache.folder, workers=_cores())


def _local_agent(profiles: Mapping[str, Profile]) -> LanguageModel:
    from gateway.providers.local_agent import LocalAgent

    return LocalAgent(profiles)


def _deepgram(settings: Settings) -> SpeechToText:
    from gateway.providers.deepgram import NAME, TELEPHONE_RATE, Deepgram

    alone = set(settings.stt.provider) == {NAME}
    return Deepgram(
        api_key=_key("deepgram.api_key", "DEEPGRAM_API_KEY", settings.deepgram.api_key),
        model=settings.deepgram.model,
        base_url=settings.deepgram.base_url,
        rate=TELEPHONE_RATE if alone else EMBEDDED_RATE,
    )


def _anthropic(settings: vendors.Anthropic) -> LanguageModel:
    from gateway.providers.anthropic import Anthropic

    return Anthropic(
        api_key=_key("anthropic.api_key", "ANTHROPIC_API_KEY", settings.api_key),
        model=settings.model,
        max_tokens=settings.max_tokens,
        base_url=settings.base_url,
    )


def _google(settings: vendors.Google) -> TextToSpeech:
    from gateway.providers.google import Google, service_account

    if (file := settings.application_credentials) is None:
        field, fix = "google.application_credentials", "set GOOGLE_APPLICATION_CREDENTIALS"
        raise ConfigError(field, MISSING, fix)
    return Google(service_account(file, settings.tts_endpoint))


def _key(field: str, variable: str, key: SecretStr | None) -> str:
    if key is None or not key.get_secret_value():
        raise ConfigError(field, MISSING, f"set {variable}")
    return key.get_secret_value()


def _hibari() -> TextToSpeech:
    from gateway.providers.hibari import Hibari

    return Hibari(workers=_cores())


def _classic(settings: Settings) -> TextToSpeech:
    from gateway.providers.classic import Classic

    return Classic(bundle=settings.cache.folder / CLASSIC_BUNDLE)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
