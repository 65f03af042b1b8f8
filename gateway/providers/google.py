"""Google's Chirp 3 HD voices over bidirectional streaming (cloud.google.com/text-to-speech).

The audio comes as the telephone has it, mu-law at 8 kHz without a header.
"""

from collections.abc import AsyncIterator, Callable
from functools import lru_cache
from pathlib import Path
from typing import Protocol, TypeAlias, cast

from google.cloud import texttospeech_v1 as texttospeech
from google.cloud.texttospeech_v1.services.text_to_speech.transports import (
    TextToSpeechGrpcAsyncIOTransport,
)

from gateway.kinds import Kind
from gateway.providers.base import AudioFormat, Encoding, SpeechChunk, Voice
from gateway.providers.coverage import vendor_code
from gateway.providers.google_rpc import (
    NAME,
    Access,
    Account,
    channel,
    explained,
    translated,
    writing,
)

HOST = "texttospeech.googleapis.com"
MODEL = "Chirp3-HD"
"""The only family of voices that Google streams."""
DEFAULT_VOICE = "Kore"
FORMAT = AudioFormat(Encoding.MULAW, 8000)
TOTAL_SECONDS = 30.0
SLOWEST, FASTEST = 0.25, 2.0
MOST_VOICES = 64
"""Whose configuration is kept."""

Open: TypeAlias = Access[texttospeech.TextToSpeechAsyncClient]


class Stream(Protocol):
    """A gRPC stream in both directions."""

    async def write(self, request: texttospeech.StreamingSynthesizeRequest) -> None: ...
    async def done_writing(self) -> None: ...
    def cancel(self) -> bool: ...
    def __aiter__(self) -> AsyncIterator[texttospeech.StreamingSynthesizeResponse]: ...


class Google:
    """TextToSpeech over HTTP/2 connections that all calls share; `connect` makes its client."""

    name = NAME
    model = MODEL
    settings_key = f"{NAME}:{MODEL}:{FORMAT.encoding}:{FORMAT.rate}"

    def __init__(self, connect: Callable[[], Open]) -> None:
        self._connect = connect
        self._made: Open | None = None

    async def warm(self) -> None:
        """Connect; see that the credentials are accepted. Costs nothing."""
        with translated():
            await self._ask()

    async def synthesize(self, text: str, voice: Voice, /) -> AsyncIterator[SpeechChunk]:
        """Audio as it is made. Closing the iterator cancels the request at Google."""
        if not text.strip():
            return
        async with explained(self._ask):
            access = self._open()
            stream = cast(
                Stream,
                await access.client.streaming_synthesize(
                    timeout=TOTAL_SECONDS, metadata=access.headers()
                ),
            )
            try:
                with writing():
                    await stream.write(_configuration(voice))
                    await stream.write(_text(text))
                    await stream.done_writing()
                async for response in stream:
                    if audio := _plain(response).audio_content:
                        yield SpeechChunk(audio, FORMAT)
            finally:
                stream.cancel()

    async def _ask(self) -> object:
        access = self._open()
        return await access.client.list_voices(
            language_code="en-US", timeout=TOTAL_SECONDS, metadata=access.headers()
        )

    async def close(self) -> None:
        """Close the connections."""
        if self._made is not None:
            await self._made.client.transport.close()

    def _open(self) -> Open:
        """Made in the loop that uses it."""
        if self._made is None:
            self._made = self._connect()
        return self._made


def service_account(file: Path, endpoint: str) -> Callable[[], Open]:
    """Clients with the key in `file` at `endpoint` (a host name)."""

    def connect() -> Open:
        account = Account(file, HOST)
        transport = TextToSpeechGrpcAsyncIOTransport(channel=channel(endpoint))
        client = texttospeech.TextToSpeechAsyncClient(transport=transport)
        return Access(client, account.project, account.headers)

    return connect


_plain = texttospeech.StreamingSynthesizeResponse.pb
"""The message within: to ask the wrapper for a field costs ten times as much."""


@lru_cache(MOST_VOICES)
def _configuration(voice: Voice) -> texttospeech.StreamingSynthesizeRequest:
    """What comes before the text."""
    return texttospeech.StreamingSynthesizeRequest(
        streaming_config=texttospeech.StreamingSynthesizeConfig(
            voice=texttospeech.VoiceSelectionParams(
                language_code=_language(voice), name=_full_name(voice)
            ),
            streaming_audio_config=texttospeech.StreamingAudioConfig(
                audio_encoding=texttospeech.AudioEncoding.MULAW,
                sample_rate_hertz=FORMAT.rate,
                speaking_rate=min(max(voice.speed, SLOWEST), FASTEST),
            ),
        )
    )


def _text(text: str) -> texttospeech.StreamingSynthesizeRequest:
    return texttospeech.StreamingSynthesizeRequest(
        input=texttospeech.StreamingSynthesisInput(text=text)
    )


def _full_name(voice: Voice) -> str:
    """`Kore` speaks every language; a full name like en-US-Chirp3-HD-Kore stays what it is."""
    name = voice.name or DEFAULT_VOICE
    return name if "-" in name else f"{_language(voice)}-{MODEL}-{name}"


def _language(voice: Voice) -> str:
    """In Google's code."""
    return vendor_code(Kind.TTS, NAME, voice.language) or voice.language
