"""Deepgram's Aura voices over its WebSocket (developers.deepgram.com, Streaming Text to Speech).

The audio comes as the telephone has it, mu-law at 8 kHz. A connection is used for one text after
the other; a text that is left is cleared at Deepgram and its connection closed.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, suppress
from typing import NamedTuple

import aiohttp
from pydantic import SecretStr

from gateway.errors import (
    ProviderProtocol,
    ProviderRefused,
    ProviderUnavailable,
)
from gateway.languages import spoken_language
from gateway.providers.base import AudioFormat, Encoding, SpeechChunk, Voice
from gateway.providers.lines import Line, Lines, dial

NAME = "deepgram"
FORMAT = AudioFormat(Encoding.MULAW, 8_000)
VOICES: Mapping[str, str] = {
    "en": "aura-2-thalia-en",
    "es": "aura-2-celeste-es",
    "de": "aura-2-aurelia-de",
    "fr": "aura-2-agathe-fr",
    "it": "aura-2-cinzia-it",
    "nl": "aura-2-beatrix-nl",
    "ja": "aura-2-ama-ja",
}
"""A voice for each language: every voice speaks one."""
IDLE_SECONDS = 5.0
"""To the first sound, and between two pieces of it."""
KEPT_SECONDS = 50.0
MOST_REQUESTS = 15
"""Deepgram counts the flushes of a connection: no more than twenty in a minute."""
SLOWEST, FASTEST = 0.7, 1.5


class Purpose(NamedTuple):
    """What a connection is for."""

    model: str
    speed: float


class DeepgramVoice:
    """TextToSpeech by Deepgram's Aura voices."""

    name = NAME
    model = "aura-2"

    def __init__(self, *, api_key: str, base_url: str) -> None:
        self.settings_key = f"{NAME}:{FORMAT.encoding}:{FORMAT.rate}"
        self._url = f"{base_url.rstrip('/')}/v1/speak"
        self._key = SecretStr(api_key)
        self._lines = Lines(self._connect, kept_seconds=KEPT_SECONDS, most_requests=MOST_REQUESTS)
        self._usual = Purpose(VOICES["en"], 1.0)

    async def warm(self) -> None:
        """Have a line ready for the voice that spoke last: the key is accepted."""
        await self._lines.open(self._usual)

    async def close(self) -> None:
        """Close the idle connections."""
        await self._lines.close()

    async def synthesize(self, text: str, voice: Voice, /) -> AsyncIterator[SpeechChunk]:
        """Audio as it is made. Closing the iterator clears the text and closes the connection.

        Raises ProviderRefused for a language without a voice.
        """
        if not text.strip():
            return
        purpose = self._usual = Purpose(_model(voice), min(max(voice.speed, SLOWEST), FASTEST))
        speaking = self._lines.stream(purpose, lambda line: _spoken(line, text))
        async with aclosing(speaking) as chunks:
            async for chunk in chunks:
                yield chunk

    async def _connect(self, session: aiohttp.ClientSession, purpose: Purpose) -> Line:
        query = [
            ("model", purpose.model),
            ("encoding", "mulaw"),
            ("sample_rate", str(FORMAT.rate)),
        ]
        if purpose.speed != 1.0:
            query.append(("speed", str(purpose.speed)))
        headers = {"Authorization": f"Token {self._key.get_secret_value()}"}
        return await dial(NAME, session, self._url, query=query, headers=headers)


async def _spoken(line: Line, text: str) -> AsyncGenerator[SpeechChunk]:
    """One text to its end."""
    await line.send({"type": "Speak", "text": text})
    await line.send({"type": "Flush"})
    try:
        while not line.done:
            match await line.receive(IDLE_SECONDS):
                case bytes() as audio:
                    yield SpeechChunk(audio, FORMAT)
                case {"type": "Flushed"}:
                    line.done = True
                case {"type": "Metadata" | "Warning" | "Cleared"}:
                    pass
                case {"type": "Error"}:
                    raise ProviderUnavailable(NAME, "Deepgram reported an error")
                case _:
                    raise ProviderProtocol(NAME, "a message of no known type")
    finally:
        if not line.done:
            with suppress(ProviderUnavailable):
                await line.send({"type": "Clear"})


def _model(voice: Voice) -> str:
    if voice.name is not None:
        return voice.name
    language = spoken_language(voice.language)
    if language not in VOICES:
        raise ProviderRefused(NAME, f"no voice for {voice.language}")
    return VOICES[language]
