"""The voices by their names in the configuration, each imported when it is used."""

from collections.abc import Mapping
from pathlib import Path

from gateway.config import Settings
from gateway.providers.base import TextToSpeech
from gateway.providers.making import Maker, Makers, cores, given, named, needed

BUNDLES = {"flite": "debian/flite", "espeak-ng": "debian/espeak-ng"}
"""Where programs are in the cache if they were brought without root (see gateway.lab.archive)."""


def _hibari(_settings: Settings) -> TextToSpeech:
    from gateway.providers.hibari import Hibari

    return Hibari(workers=cores())


def _classic(settings: Settings) -> TextToSpeech:
    from gateway.providers.classic import Classic

    return Classic(bundles=_bundles(settings))


def _piper(settings: Settings) -> TextToSpeech:
    from gateway.providers.piper import Piper

    voice = given("piper.voice", "PIPER_VOICE", settings.piper.voice)
    return Piper(voice=voice, processes=cores())


def _espeak(settings: Settings) -> TextToSpeech:
    from gateway.providers.classic import ESPEAK, Classic

    return Classic("espeak", programs=(ESPEAK,), bundles=_bundles(settings))


def _bundles(settings: Settings) -> Mapping[str, Path]:
    return {name: settings.cache.folder / folder for name, folder in BUNDLES.items()}


def _google(settings: Settings) -> TextToSpeech:
    from gateway.providers.google import Google, service_account

    field, variable = "google.application_credentials", "GOOGLE_APPLICATION_CREDENTIALS"
    file = given(field, variable, settings.google.application_credentials)
    return Google(service_account(file, settings.google.tts_endpoint))


def _elevenlabs(settings: Settings) -> TextToSpeech:
    from gateway.providers.elevenlabs import ElevenLabs

    chosen = settings.elevenlabs
    return ElevenLabs(
        api_key=needed("elevenlabs.api_key", "ELEVENLABS_API_KEY", chosen.api_key),
        model=chosen.model,
        base_url=chosen.base_url,
    )


def _deepgram(settings: Settings) -> TextToSpeech:
    from gateway.providers.deepgram_voice import DeepgramVoice

    chosen = settings.deepgram
    return DeepgramVoice(
        api_key=needed("deepgram.api_key", "DEEPGRAM_API_KEY", chosen.api_key),
        base_url=chosen.base_url,
    )


def _openai(settings: Settings) -> TextToSpeech:
    from gateway.providers.openai_voice import OpenAiVoice

    chosen = settings.openai
    return OpenAiVoice(
        api_key=needed("openai.api_key", "OPENAI_API_KEY", chosen.api_key),
        model=chosen.tts_model,
        base_url=chosen.base_url,
        instructions=chosen.tts_instructions,
    )


def _azure(settings: Settings) -> TextToSpeech:
    from gateway.providers.azure import Azure

    chosen = settings.azure
    key = needed("azure.api_key", "AZURE_API_KEY", chosen.api_key)
    region = named("azure.region", "AZURE_REGION", chosen.region or chosen.tts_url)
    url = chosen.tts_url or f"https://{region}.tts.speech.microsoft.com"
    return Azure(api_key=key, url=url, voice=chosen.voice)


def _amazon(settings: Settings) -> TextToSpeech:
    from gateway.providers.amazon import Signer, usual_credentials
    from gateway.providers.amazon_tts import AmazonVoice

    region = named("amazon.region", "AWS_REGION", settings.amazon.region)
    url = f"https://polly.{region}.amazonaws.com"
    return AmazonVoice(Signer(region, usual_credentials()), url=url, engine=settings.amazon.engine)


VOICES: Makers[TextToSpeech] = {
    "hibari": Maker(_hibari),
    "embedded": Maker(_hibari),
    "classic": Maker(_classic),
    "piper": Maker(_piper, "piper"),
    "espeak": Maker(_espeak),
    "google": Maker(_google, "google"),
    "azure": Maker(_azure),
    "deepgram": Maker(_deepgram),
    "elevenlabs": Maker(_elevenlabs),
    "amazon": Maker(_amazon, "amazon"),
    "openai": Maker(_openai, "openai"),
}
