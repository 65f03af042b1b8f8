"""Azure's voices over its REST service (learn.microsoft.com, Text to speech REST API).

The audio comes as the telephone has it, mu-law at 8 kHz without a header, while it is made. REST
and not the Speech SDK, which gave its audio in chunks to nobody here, only whole at the end.
"""

import re
from collections.abc import AsyncIterator
from xml.sax.saxutils import escape, quoteattr

import aiohttp
from pydantic import SecretStr

from gateway.kinds import Kind
from gateway.providers.base import AudioFormat, Encoding, SpeechChunk, Voice
from gateway.providers.coverage import vendor_code
from gateway.providers.web import Web, check, translated

NAME = "azure"
FORMAT = AudioFormat(Encoding.MULAW, 8000)
WIRE_FORMAT = "raw-8khz-8bit-mono-mulaw"
TOTAL_SECONDS = 30.0
SILENT_SECONDS = 10.0
"""Without a byte for so long, nothing more is coming."""
SLOWEST, FASTEST = 0.5, 2.0
NOT_XML = re.compile(r"[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
"""Characters that no XML may have, not even escaped (XML 1.0 §2.2)."""


class Azure:
    """TextToSpeech over connections that all calls share. `url` is the region's or your own.

    `voice` speaks where a call names none: a multilingual one, in the language of the call.
    """

    name = NAME

    def __init__(self, *, api_key: str, url: str, voice: str) -> None:
        self._key = SecretStr(api_key)
        self._url = url.rstrip("/")
        self._voice = voice
        self._web = Web()
        self.settings_key = f"{NAME}:{voice}:{WIRE_FORMAT}"

    async def warm(self) -> None:
        """Connect; see that the key is accepted. Costs nothing."""
        with translated(NAME):
            async with self._web.session.get(
                f"{self._url}/cognitiveservices/voices/list",
                headers=self._headers(),
                timeout=_patience(),
            ) as response:
                check(NAME, response)
                await response.read()

    async def synthesize(self, text: str, voice: Voice, /) -> AsyncIterator[SpeechChunk]:
        """Audio as it is made. Closing the iterator closes the connection."""
        if not text.strip():
            return
        headers = {
            **self._headers(),
            "Content-Type": "application/ssml+xml",
            "X-Microsoft-OutputFormat": WIRE_FORMAT,
            "User-Agent": "voice-gateway",
        }
        with translated(NAME):
            async with self._web.session.post(
                f"{self._url}/cognitiveservices/v1",
                data=ssml(text, voice, self._voice).encode(),
                headers=headers,
                timeout=_patience(),
            ) as response:
                check(NAME, response)
                async for audio in response.content.iter_any():
                    yield SpeechChunk(audio, FORMAT)

    def _headers(self) -> dict[str, str]:
        return {"Ocp-Apim-Subscription-Key": self._key.get_secret_value()}

    async def close(self) -> None:
        """Close the idle connections."""
        await self._web.close()


def ssml(text: str, voice: Voice, default_voice: str) -> str:
    """`text` as Azure takes it (Speech Synthesis Markup Language), whatever is in it."""
    language = quoteattr(vendor_code(Kind.TTS, NAME, voice.language) or voice.language)
    rate = quoteattr(f"{min(max(voice.speed, SLOWEST), FASTEST) - 1:+.0%}")
    words = escape(NOT_XML.sub(" ", text))
    return (
        f'<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang={language}>'
        f"<voice name={quoteattr(voice.name or default_voice)}>"
        f"<lang xml:lang={language}><prosody rate={rate}>{words}</prosody></lang>"
        "</voice></speak>"
    )


def _patience() -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=TOTAL_SECONDS, sock_read=SILENT_SECONDS)
