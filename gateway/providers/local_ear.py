"""An ear with a model of the operator's own on this machine, which reads a segment at a time.

It computes nothing before a pause; then it reads the segment so far, on a thread of a small pool
that all calls share.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeAlias

import numpy as np

from gateway.errors import ProviderRefused, ProviderUnavailable
from gateway.kinds import Kind
from gateway.providers import inference
from gateway.providers.base import Samples
from gateway.providers.coverage import vendor_code
from gateway.providers.loading import Loading
from gateway.providers.uploads import WAV_HEADER, UploadTranscriber, uploading

RATE = 16_000
FULL_SCALE = 32768.0
FAILURES = (RuntimeError, ValueError, OSError)
"""What engines raise for a file or a sound that they cannot take."""

Read: TypeAlias = Callable[[Samples, str, Sequence[str]], str]
"""The text of samples at RATE, in a language (the engine's code), with words to expect. Blocks."""


class LocalEar:
    """SpeechToText by what `load` gives, on `workers` threads. `load` blocks, and raises
    ProviderRefused where the model cannot be used."""

    rate = RATE
    stream_limit = None

    def __init__(self, name: str, load: Callable[[], Read], workers: int) -> None:
        self.name = name
        self._pool = inference.workers(name, workers)
        self._loading = Loading(self._pool, load)

    async def warm(self) -> None:
        """Load the model and read a second of silence with it."""
        await self._text(np.zeros(RATE, np.float32), "en", ())

    async def close(self) -> None:
        """End the threads; what they read just now is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    @asynccontextmanager
    async def open(
        self, *, language: str, keyterms: Sequence[str] = ()
    ) -> AsyncIterator[UploadTranscriber]:
        """One call's ear. Raises ProviderRefused for a language that the model does not know."""
        code = vendor_code(Kind.STT, self.name, language)
        if code is None:
            raise ProviderRefused(self.name, f"does not understand {language}")
        await self._loading.model()

        async def recognise(wav: bytes) -> str:
            linear = np.frombuffer(wav, "<i2", offset=WAV_HEADER.size)
            samples = (linear / FULL_SCALE).astype(np.float32)
            return await self._text(samples, code, keyterms)

        async with uploading(self.name, recognise, RATE) as transcriber:
            yield transcriber

    async def _text(self, samples: Samples, code: str, keyterms: Sequence[str]) -> str:
        read = await self._loading.model()
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._pool, read, samples, code, keyterms)
        except FAILURES as error:
            reason = f"recognition failed ({type(error).__name__})"
            raise ProviderUnavailable(self.name, reason) from error
