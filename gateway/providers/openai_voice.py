"""OpenAI's text to speech, streamed (platform.openai.com, Text to speech).

It has no format of the telephone: raw samples at 24 kHz are the quickest, and are resampled here.
"""

from collections.abc import AsyncIterator

import openai

from gateway.providers.base import AudioFormat, Encoding, SpeechChunk, Voice
from gateway.providers.openai_client import client_of, translated

NAME = "openai"
FORMAT = AudioFormat(Encoding.PCM_S16, 24_000)
SAMPLE_BYTES = 2
DEFAULT_VOICE = "alloy"
IDLE_SECONDS = 5.0
"""To the connection, to the first sound, and between two pieces of it."""
SLOWEST, FASTEST = 0.25, 4.0


class OpenAiVoice:
    """TextToSpeech by one of OpenAI's models; every voice speaks every language."""

    name = NAME

    def __init__(
        self, *, api_key: str, model: str, base_url: str, instructions: str | None = None
    ) -> None:
        self.model = model
        self.settings_key = f"{NAME}:{model}:{FORMAT.rate}:{instructions or ''}"
        self._instructions = instructions
        self._client = client_of(api_key, base_url)

    async def warm(self) -> None:
        """Connect; see that the key is accepted and the model is there. Costs nothing."""
        with translated(NAME):
            await self._client.models.retrieve(self.model)

    async def close(self) -> None:
        """Close the idle connections."""
        await self._client.close()

    async def synthesize(self, text: str, voice: Voice, /) -> AsyncIterator[SpeechChunk]:
        """Audio as it is made. Closing the iterator closes the connection."""
        if not text.strip():
            return
        with translated(NAME):
            request = self._client.audio.speech.with_streaming_response.create(
                input=text,
                model=self.model,
                voice=voice.name or DEFAULT_VOICE,
                response_format="pcm",
                speed=openai.omit if voice.speed == 1.0 else _within(voice.speed),
                instructions=self._instructions or openai.omit,
                timeout=IDLE_SECONDS,
            )
            async with request as response:
                rest = b""
                async for piece in response.iter_bytes():
                    audio = rest + piece
                    whole = len(audio) - len(audio) % SAMPLE_BYTES
                    rest = audio[whole:]
                    if whole:
                        yield SpeechChunk(audio[:whole], FORMAT)


def _within(speed: float) -> float:
    return min(max(speed, SLOWEST), FASTEST)
