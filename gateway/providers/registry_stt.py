"""The ears by their names in the configuration, each imported when it is used."""

from gateway.config import Settings
from gateway.providers.base import SpeechToText
from gateway.providers.making import Maker, Makers, cores, given, named, needed

TELEPHONE_RATE = 8_000
"""What the telephone has: an ear that needs more gets it where it is asked."""


def _moonshine(settings: Settings) -> SpeechToText:
    from gateway.providers.moonshine import Moonshine

    return Moonshine(cache=settings.cache.folder, workers=cores())


def _deepgram(settings: Settings) -> SpeechToText:
    from gateway.providers.deepgram import Deepgram
    from gateway.providers.deepgram_flux import PREFIX, Flux

    chosen = settings.deepgram
    api_key = needed("deepgram.api_key", "DEEPGRAM_API_KEY", chosen.api_key)
    if chosen.model.startswith(PREFIX):
        return Flux(
            api_key=api_key,
            model=chosen.model,
            base_url=chosen.base_url,
            eager=chosen.eager_eot_threshold,
            certain=chosen.eot_threshold,
            rate=TELEPHONE_RATE,
        )
    return Deepgram(
        api_key=api_key,
        model=chosen.model,
        base_url=chosen.base_url,
        rate=TELEPHONE_RATE,
    )


def _google(settings: Settings) -> SpeechToText:
    from gateway.providers.google_stt import GoogleEar, service_account

    chosen = settings.google
    field, variable = "google.application_credentials", "GOOGLE_APPLICATION_CREDENTIALS"
    file = given(field, variable, chosen.application_credentials)
    return GoogleEar(
        service_account(file, chosen.stt_location),
        model=chosen.stt_model,
        location=chosen.stt_location,
        rate=TELEPHONE_RATE,
    )


def _alibaba(settings: Settings) -> SpeechToText:
    from gateway.providers.alibaba import Alibaba

    chosen = settings.alibaba
    return Alibaba(
        api_key=needed("alibaba.api_key", "ALIBABA_API_KEY", chosen.api_key),
        model=chosen.model,
        base_url=chosen.base_url,
        rate=TELEPHONE_RATE,
    )


def _openai(settings: Settings) -> SpeechToText:
    from gateway.providers.openai_ear import UploadEar

    chosen = settings.openai
    return UploadEar(
        "openai",
        api_key=needed("openai.api_key", "OPENAI_API_KEY", chosen.api_key),
        model=chosen.stt_model,
        base_url=chosen.base_url,
        rate=TELEPHONE_RATE,
    )


def _groq(settings: Settings) -> SpeechToText:
    from gateway.providers.openai_ear import GROQ_LEAST_BILLED, UploadEar

    chosen = settings.groq
    return UploadEar(
        "groq",
        api_key=needed("groq.api_key", "GROQ_API_KEY", chosen.api_key),
        model=chosen.stt_model,
        base_url=chosen.base_url,
        rate=TELEPHONE_RATE,
        least_billed=GROQ_LEAST_BILLED,
    )


def _azure(settings: Settings) -> SpeechToText:
    from gateway.providers.azure_stt import AzureEar

    chosen = settings.azure
    key = needed("azure.api_key", "AZURE_API_KEY", chosen.api_key)
    region = named("azure.region", "AZURE_REGION", chosen.region or chosen.stt_url)
    url = chosen.stt_url or f"wss://{region}.stt.speech.microsoft.com"
    return AzureEar(api_key=key, url=url, rate=TELEPHONE_RATE)


def _amazon(settings: Settings) -> SpeechToText:
    from gateway.providers.amazon import Signer, usual_credentials
    from gateway.providers.amazon_stt import AmazonEar

    region = named("amazon.region", "AWS_REGION", settings.amazon.region)
    url = f"https://transcribestreaming.{region}.amazonaws.com:8443"
    return AmazonEar(Signer(region, usual_credentials()), url=url, rate=TELEPHONE_RATE)


def _whisper(settings: Settings) -> SpeechToText:
    from gateway.providers.whisper import whisper

    model = given("whisper.model", "WHISPER_MODEL", settings.whisper.model)
    return whisper(model=model, workers=cores())


def _vosk(settings: Settings) -> SpeechToText:
    from gateway.providers.vosk import Vosk

    return Vosk(model=given("vosk.model", "VOSK_MODEL", settings.vosk.model), workers=cores())


def _sherpa(settings: Settings) -> SpeechToText:
    from gateway.providers.sherpa import sherpa

    model = given("sherpa.model", "SHERPA_MODEL", settings.sherpa.model)
    return sherpa(model=model, family=settings.sherpa.family, workers=cores())


EARS: Makers[SpeechToText] = {
    "moonshine": Maker(_moonshine),
    "embedded": Maker(_moonshine),
    "deepgram": Maker(_deepgram),
    "alibaba": Maker(_alibaba),
    "openai": Maker(_openai, "openai"),
    "groq": Maker(_groq, "openai"),
    "google": Maker(_google, "google"),
    "azure": Maker(_azure),
    "amazon": Maker(_amazon, "amazon"),
    "whisper": Maker(_whisper, "whisper"),
    "vosk": Maker(_vosk, "vosk"),
    "sherpa": Maker(_sherpa, "sherpa"),
}
