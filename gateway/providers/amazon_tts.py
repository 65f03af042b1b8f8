"""Amazon Polly's voices over its REST service (docs.aws.amazon.com, SynthesizeSpeech).

The audio comes as the telephone has it, mu-law at 8 kHz without a header, while it is made.
"""

import json
from collections.abc import AsyncIterator, Mapping
from xml.sax.saxutils import escape

import aiohttp

from gateway.kinds import Kind
from gateway.providers.amazon import NAME, Signer, refusal
from gateway.providers.base import AudioFormat, Encoding, SpeechChunk, Voice
from gateway.providers.coverage import vendor_code
from gateway.providers.web import REFUSED, Web, translated

FORMAT = AudioFormat(Encoding.MULAW, 8000)
SERVICE = "polly"
TOTAL_SECONDS = 30.0
SILENT_SECONDS = 10.0
"""Without a byte for so long, nothing more is coming."""
SLOWEST, FASTEST = 0.2, 2.0
DEFAULT_VOICES: Mapping[str, str] = {
    "ar-AE": "Hala",
    "arb": "Zeina",
    "ca-ES": "Arlet",
    "cmn-CN": "Zhiyu",
    "cs-CZ": "Jitka",
    "cy-GB": "Gwyneth",
    "da-DK": "Sofie",
    "de-AT": "Hannah",
    "de-CH": "Sabrina",
    "de-DE": "Vicki",
    "en-AU": "Olivia",
    "en-GB": "Amy",
    "en-IE": "Niamh",
    "en-IN": "Kajal",
    "en-NZ": "Aria",
    "en-US": "Joanna",
    "en-ZA": "Ayanda",
    "es-ES": "Lucia",
    "es-MX": "Mia",
    "es-US": "Lupe",
    "fi-FI": "Suvi",
    "fr-BE": "Isabelle",
    "fr-CA": "Gabrielle",
    "fr-FR": "Lea",
    "hi-IN": "Kajal",
    "is-IS": "Dora",
    "it-IT": "Bianca",
    "ja-JP": "Takumi",
    "ko-KR": "Seoyeon",
    "nb-NO": "Ida",
    "nl-BE": "Lisa",
    "nl-NL": "Laura",
    "pl-PL": "Ola",
    "pt-BR": "Camila",
    "pt-PT": "Ines",
    "ro-RO": "Carmen",
    "ru-RU": "Tatyana",
    "sv-SE": "Elin",
    "tr-TR": "Burcu",
    "yue-CN": "Hiujin",
}
"""Who speaks a language where nobody is named (docs.aws.amazon.com/polly, Available voices)."""
STANDARD_ONLY = frozenset({"Zeina", "Gwyneth", "Dora", "Carmen", "Tatyana"})
"""Those of them that are not neural."""
BILINGUAL = frozenset({"Aditi", "Kajal", "Hala", "Zayd"})
"""They must be told which of their languages it is."""
ENGLISH = "en-US"


class AmazonVoice:
    """TextToSpeech over connections that all calls share, at `url` (https), the region's.

    `engine` is Polly's (neural, standard, generative, long-form): prices depend on it.
    """

    name = NAME

    def __init__(self, signer: Signer, *, url: str, engine: str) -> None:
        self._signer = signer
        self._url = url.rstrip("/")
        self.model = engine
        self._web = Web()
        self.settings_key = f"{NAME}:{engine}:{FORMAT.encoding}:{FORMAT.rate}"

    async def warm(self) -> None:
        """Connect; see that the credentials are accepted. Costs nothing."""
        url = f"{self._url}/v1/voices?Engine={self.model}&LanguageCode={ENGLISH}"
        headers = await self._signer.headers(SERVICE, "GET", url, b"")
        with translated(NAME):
            async with self._web.session.get(url, headers=headers, timeout=_patience()) as response:
                _check(response)
                await response.read()

    async def synthesize(self, text: str, voice: Voice, /) -> AsyncIterator[SpeechChunk]:
        """Audio as it is made. Closing the iterator closes the connection."""
        if not text.strip():
            return
        url = f"{self._url}/v1/speech"
        body = json.dumps(request(text, voice, self.model)).encode()
        headers = await self._signer.headers(SERVICE, "POST", url, body)
        with translated(NAME):
            async with self._web.session.post(
                url, data=body, headers=headers, timeout=_patience()
            ) as response:
                _check(response)
                async for audio in response.content.iter_any():
                    yield SpeechChunk(audio, FORMAT)

    async def close(self) -> None:
        """Close the idle connections."""
        await self._web.close()


def request(text: str, voice: Voice, engine: str) -> dict[str, str]:
    """What Polly is asked for. Only another speed than usual needs SSML."""
    code = vendor_code(Kind.TTS, NAME, voice.language) or voice.language
    speaker = voice.name or DEFAULT_VOICES.get(code, DEFAULT_VOICES[ENGLISH])
    asked = {
        "Engine": "standard" if speaker in STANDARD_ONLY else engine,
        "OutputFormat": "mulaw",
        "SampleRate": str(FORMAT.rate),
        "VoiceId": speaker,
    }
    if speaker in BILINGUAL:
        asked["LanguageCode"] = code
    if voice.speed == 1.0:
        return {**asked, "Text": text, "TextType": "text"}
    rate = f"{min(max(voice.speed, SLOWEST), FASTEST):.0%}"
    slow = f'<speak><prosody rate="{rate}">{escape(text)}</prosody></speak>'
    return {**asked, "Text": slow, "TextType": "ssml"}


def _check(response: aiohttp.ClientResponse) -> None:
    if response.status >= REFUSED:
        raise refusal(response.status, response.headers)


def _patience() -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=TOTAL_SECONDS, sock_read=SILENT_SECONDS)
