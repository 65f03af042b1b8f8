"""What the configuration names, made: the ears, the models and the voices of all calls.

`registry_stt`, `registry_llm` and `registry_tts` list what there is of each kind.
"""

from collections.abc import Mapping

from gateway.config import Settings
from gateway.metrics import Metrics
from gateway.profile import Profile
from gateway.providers.base import LanguageModel, SpeechToText, TextToSpeech
from gateway.providers.failover import FirstEar, FirstModel, FirstVoice
from gateway.providers.making import made
from gateway.providers.measured import MeasuredEar, MeasuredModel, MeasuredVoice, Meter
from gateway.providers.registry_llm import models as models_there_are
from gateway.providers.registry_stt import EARS
from gateway.providers.registry_tts import VOICES


def speech_to_text(settings: Settings, metrics: Metrics | None = None) -> SpeechToText:
    """The ears that `stt.provider` names. Raises ConfigError for one that is not there.

    With `metrics`, each provider's first results and failures are told to them, as of the others.
    """
    ears = tuple(
        ear if metrics is None else MeasuredEar(ear, Meter(metrics, "stt", ear.name))
        for ear in made("stt.provider", settings.stt.provider, EARS, settings)
    )
    return ears[0] if len(ears) == 1 else FirstEar(ears)


def language_model(
    settings: Settings, profiles: Mapping[str, Profile], metrics: Metrics | None = None
) -> LanguageModel:
    """The models that `llm.provider` names; the local agent answers from `profiles`."""
    makers = models_there_are(profiles)
    models = tuple(
        model if metrics is None else MeasuredModel(model, Meter(metrics, "llm", model.name))
        for model in made("llm.provider", settings.llm.provider, makers, settings)
    )
    return models[0] if len(models) == 1 else FirstModel(models)


def text_to_speech(settings: Settings, metrics: Metrics | None = None) -> TextToSpeech:
    """The voices that `tts.provider` names; hibari always has the classic voice behind it."""
    voices = tuple(
        voice if metrics is None else MeasuredVoice(voice, Meter(metrics, "tts", voice.name))
        for voice in made("tts.provider", settings.tts.provider, VOICES, settings)
    )
    return voices[0] if len(voices) == 1 else FirstVoice(voices)
