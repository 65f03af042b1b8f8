"""OpenAI's and Groq's speech to text, a file at a time (platform.openai.com, Speech to text)."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import openai

from gateway.errors import ProviderProtocol
from gateway.kinds import Kind
from gateway.providers.coverage import vendor_code
from gateway.providers.openai_client import client_of, translated
from gateway.providers.uploads import UploadTranscriber, uploading

GROQ_LEAST_BILLED = 10.0
"""Seconds that Groq charges for every request at least (console.groq.com, Speech to Text)."""
MOST_PROMPT = 200
"""Characters of words to expect; the models read 224 tokens."""


class UploadEar:
    """SpeechToText by one of their models; `name` is openai or groq.

    `least_billed` is how many seconds every request costs at least.
    """

    stream_limit = None

    def __init__(
        self,
        name: str,
        *,
        api_key: str,
        model: str,
        base_url: str,
        rate: int,
        least_billed: float = 0.0,
    ) -> None:
        self.name = name
        self.rate = rate
        self.model = model
        self._least_billed = least_billed
        self._client = client_of(api_key, base_url)

    async def warm(self) -> None:
        """Connect; see that the key is accepted and the model is there. Nothing is charged."""
        with translated(self.name):
            await self._client.models.retrieve(self.model)

    async def close(self) -> None:
        """Close the idle connections."""
        await self._client.close()

    @asynccontextmanager
    async def open(
        self, *, language: str, keyterms: Sequence[str] = ()
    ) -> AsyncIterator[UploadTranscriber]:
        """One call's ear; `keyterms` are words to expect. Nothing is sent before a pause."""
        code = vendor_code(Kind.STT, self.name, language) or language
        prompt = ", ".join(keyterms)[:MOST_PROMPT]

        async def recognise(wav: bytes) -> str:
            return await self._recognise(wav, code, prompt)

        async with uploading(self.name, recognise, self.rate, self._least_billed) as transcriber:
            yield transcriber

    async def _recognise(self, wav: bytes, language: str, prompt: str) -> str:
        with translated(self.name):
            answer = await self._client.audio.transcriptions.create(
                file=("speech.wav", wav, "audio/wav"),
                model=self.model,
                language=language,
                prompt=prompt or openai.omit,
                response_format="json",
            )
        # the SDK does not check what it reads
        text: object = getattr(answer, "text", None)
        if not isinstance(text, str):
            raise ProviderProtocol(self.name, "an answer without a text")
        return text.strip()
