"""ElevenLabs' voices over its WebSocket (elevenlabs.io/docs, Multi-Context WebSocket).

The audio comes as the telephone has it, mu-law at 8 kHz, and with it when each character is said.
Every text is a context of its own on a connection that is used again; a text that is left closes
its connection.
"""

import binascii
from base64 import b64decode
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import NamedTuple
from uuid import uuid4

import aiohttp
from pydantic import SecretStr

from gateway.errors import (
    ProviderError,
    ProviderProtocol,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from gateway.kinds import Kind
from gateway.providers.base import AudioFormat, Encoding, SpeechChunk, Voice, WordTime
from gateway.providers.coverage import vendor_code
from gateway.providers.lines import Line, Lines, dial
from gateway.providers.status import error_of

NAME = "elevenlabs"
FORMAT = AudioFormat(Encoding.MULAW, 8_000)
DEFAULT_VOICE = "JBFqnCBsd6RMkjVDRZzb"
"""George, one of the voices that every account has."""
IDLE_SECONDS = 5.0
"""To the first sound, and between two pieces of it."""
INACTIVE_SECONDS = 180
"""ElevenLabs closes a connection on which nothing is asked for so long, its longest."""
KEPT_SECONDS = 150.0
MOST_REQUESTS = 200
BAD_REQUEST = 400
SLOWEST, FASTEST = 0.7, 1.2
TOLD_LANGUAGE = ("eleven_flash_v2_5", "eleven_turbo_v2_5", "eleven_v3")
"""Models that can be told the language; the others hear it from the text, and refuse to be told."""
IDEOGRAPHS = "\u2e80"
"""From here on a character is a word."""


class Purpose(NamedTuple):
    """What a connection is for."""

    voice: str
    language: str | None


class ElevenLabs:
    """TextToSpeech by one of ElevenLabs' models."""

    name = NAME

    def __init__(self, *, api_key: str, model: str, base_url: str) -> None:
        self.model = model
        self.settings_key = f"{NAME}:{model}:{FORMAT.encoding}:{FORMAT.rate}"
        self._base_url = base_url.rstrip("/")
        self._key = SecretStr(api_key)
        self._lines = Lines(self._connect, kept_seconds=KEPT_SECONDS, most_requests=MOST_REQUESTS)
        self._usual = Purpose(DEFAULT_VOICE, None)

    async def warm(self) -> None:
        """See that the key is accepted, and have a line ready for the voice that spoke last."""
        try:
            url, timeout = f"{self._base_url}/v1/models", aiohttp.ClientTimeout(total=IDLE_SECONDS)
            asking = self._lines.session.get(url, headers=self._headers(), timeout=timeout)
            async with asking as answer:
                if answer.status >= BAD_REQUEST:
                    raise error_of(NAME, answer.status, answer.headers)
        except TimeoutError:
            raise ProviderTimeout(NAME, "no answer in time") from None
        except (OSError, aiohttp.ClientError) as error:
            raise ProviderUnavailable(NAME, type(error).__name__) from None
        await self._lines.open(self._usual)

    async def close(self) -> None:
        """Close the idle connections."""
        await self._lines.close()

    async def synthesize(self, text: str, voice: Voice, /) -> AsyncIterator[SpeechChunk]:
        """Audio as it is made, with its words. Closing the iterator closes the connection."""
        if not text.strip():
            return
        purpose = self._usual = Purpose(voice.name or DEFAULT_VOICE, self._language(voice))
        speaking = self._lines.stream(purpose, lambda line: _spoken(line, text, voice.speed))
        async with aclosing(speaking) as chunks:
            async for chunk in chunks:
                yield chunk

    async def _connect(self, session: aiohttp.ClientSession, purpose: Purpose) -> Line:
        query = [
            ("model_id", self.model),
            ("output_format", "ulaw_8000"),
            ("auto_mode", "true"),
            ("sync_alignment", "true"),
            ("inactivity_timeout", str(INACTIVE_SECONDS)),
        ]
        if purpose.language is not None:
            query.append(("language_code", purpose.language))
        url = f"{self._base_url}/v1/text-to-speech/{purpose.voice}/multi-stream-input"
        return await dial(NAME, session, url, query=query, headers=self._headers())

    def _language(self, voice: Voice) -> str | None:
        if not self.model.startswith(TOLD_LANGUAGE):
            return None
        return vendor_code(Kind.TTS, NAME, voice.language)

    def _headers(self) -> Mapping[str, str]:
        return {"xi-api-key": self._key.get_secret_value()}


async def _spoken(line: Line, text: str, speed: float) -> AsyncGenerator[SpeechChunk]:
    """One text as a context of its own, to its end."""
    context = uuid4().hex
    pace = min(max(speed, SLOWEST), FASTEST)
    settings = {} if pace == 1.0 else {"voice_settings": {"speed": pace}}
    await line.send({"text": " ", "context_id": context, **settings})
    await line.send({"text": f"{text.strip()} ", "context_id": context, "flush": True})
    await line.send({"context_id": context, "close_context": True})
    timing = Timing()
    while True:
        match await line.receive(IDLE_SECONDS):
            case {"error": kind}:
                raise _error_of(str(kind))
            case {"contextId": str() as other} if other != context:
                continue
            case {"isFinal": True}:
                line.done = True
                if words := tuple(timing.finish()):
                    yield SpeechChunk(b"", FORMAT, words)
                return
            case {"audio": str() as encoded, **rest}:
                audio = _decoded(encoded)
                words = tuple(timing.take(rest.get("alignment"), len(audio)))
                if audio or words:
                    yield SpeechChunk(audio, FORMAT, words)
            case {"audio": None}:
                continue
            case _:
                raise ProviderProtocol(NAME, "neither audio nor an end")


class Timing:
    """When the words of one text begin, from the times of its characters, piece by piece.

    The times of a piece count from its own begin.
    """

    def __init__(self) -> None:
        self._bytes = 0
        self._word = ""
        self._start = 0.0

    def take(self, alignment: object, audio_bytes: int) -> Iterator[WordTime]:
        """The words that are complete with this piece, which sounds for so many bytes."""
        match alignment:
            case {"chars": list() as chars, "charStartTimesMs": list() as starts}:
                yield from self._add(chars, starts, self._bytes / FORMAT.rate)
            case _:
                pass
        self._bytes += audio_bytes

    def finish(self) -> Iterator[WordTime]:
        """The last word."""
        if self._word:
            yield WordTime(self._word, self._start)
        self._word = ""

    def _add(
        self, chars: Sequence[object], starts: Sequence[object], offset: float
    ) -> Iterator[WordTime]:
        for char, start in zip(chars, starts, strict=False):
            if not isinstance(char, str) or not isinstance(start, int | float):
                raise ProviderProtocol(NAME, "times that are none")
            if char.isspace() or char >= IDEOGRAPHS:
                yield from self.finish()
            if not char.isspace():
                if not self._word:
                    self._start = offset + start / 1000
                self._word += char


def _decoded(audio: str) -> bytes:
    try:
        return b64decode(audio, validate=True)
    except binascii.Error:
        raise ProviderProtocol(NAME, "audio that is no base64") from None


def _error_of(kind: str) -> ProviderError:
    """Errors come as a message, after the handshake was accepted; their words are left out."""
    if "quota" in kind or "key" in kind or "voice" in kind or "unauthorized" in kind:
        return ProviderRefused(NAME, kind)
    if "max_active" in kind or "concurren" in kind or "too_many" in kind:
        return ProviderRateLimited(NAME, kind)
    return ProviderUnavailable(NAME, kind)
