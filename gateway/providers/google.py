"""Google's Chirp 3 HD voices over bidirectional streaming (cloud.google.com/text-to-speech).

The audio comes as the telephone has it, mu-law at 8 kHz without a header.
"""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import cast

import grpc
from google.cloud import texttospeech_v1 as texttospeech

from gateway.kinds import Kind
from gateway.providers.base import AudioFormat, Encoding, SpeechChunk, Voice
from gateway.providers.coverage import vendor_code
from gateway.providers.google_rpc import NAME, explained, translated, unusable

MODEL = "Chirp3-HD"
"""The only family of voices that Google streams."""
DEFAULT_VOICE = "Kore"
FORMAT = AudioFormat(Encoding.MULAW, 8000)
TOTAL_SECONDS = 30.0
SLOWEST, FASTEST = 0.25, 2.0


class Google:
    """TextToSpeech over one HTTP/2 connection that all calls share; `connect` makes its client."""

    name = NAME
    model = MODEL
    settings_key = f"{NAME}:{MODEL}:{FORMAT.encoding}:{FORMAT.rate}"

    def __init__(self, connect: Callable[[], texttospeech.TextToSpeechAsyncClient]) -> None:
        self._connect = connect
        self._made: texttospeech.TextToSpeechAsyncClient | None = None

    async def warm(self) -> None:
        """Connect; see that the credentials are accepted. Costs nothing."""
        with translated():
            await self._ask()

    async def synthesize(self, text: str, voice: Voice, /) -> AsyncIterator[SpeechChunk]:
        """Audio as it is made. Closing the iterator cancels the request at Google."""
        if not text.strip():
            return
        async with explained(self._ask):
            stream = await self._client().streaming_synthesize(
                _requests(text, voice), timeout=TOTAL_SECONDS
            )
            try:
                async for response in stream:
                    if response.audio_content:
                        yield SpeechChunk(response.audio_content, FORMAT)
            finally:
                cast(grpc.aio.Call, stream).cancel()

    async def _ask(self) -> object:
        return await self._client().list_voices(language_code="en-US", timeout=TOTAL_SECONDS)

    async def close(self) -> None:
        """Close the connection."""
        if self._made is not None:
            await self._made.transport.close()

    def _client(self) -> texttospeech.TextToSpeechAsyncClient:
        """Made in the loop that uses it."""
        if self._made is None:
            self._made = self._connect()
        return self._made


def service_account(
    file: Path, endpoint: str
) -> Callable[[], texttospeech.TextToSpeechAsyncClient]:
    """Clients with the key in `file` at `endpoint` (a host name)."""

    def connect() -> texttospeech.TextToSpeechAsyncClient:
        try:
            client: texttospeech.TextToSpeechAsyncClient = (
                texttospeech.TextToSpeechAsyncClient.from_service_account_file(
                    str(file), client_options={"api_endpoint": endpoint}
                )
            )
        except (OSError, ValueError) as error:
            raise unusable(error) from None
        return client

    return connect


async def _requests(
    text: str, voice: Voice
) -> AsyncIterator[texttospeech.StreamingSynthesizeRequest]:
    """First the configuration, then the text."""
    yield texttospeech.StreamingSynthesizeRequest(
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
    yield texttospeech.StreamingSynthesizeRequest(
        input=texttospeech.StreamingSynthesisInput(text=text)
    )


def _full_name(voice: Voice) -> str:
    """`Kore` speaks every language; a full name like en-US-Chirp3-HD-Kore stays what it is."""
    name = voice.name or DEFAULT_VOICE
    return name if "-" in name else f"{_language(voice)}-{MODEL}-{name}"


def _language(voice: Voice) -> str:
    """In Google's code."""
    return vendor_code(Kind.TTS, NAME, voice.language) or voice.language
