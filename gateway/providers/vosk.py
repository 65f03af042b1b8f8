"""Vosk's models on this machine, streamed: words come while they are spoken.

A recogniser for each stretch of speech; it computes on a thread of a small pool that all calls
share, and while it is behind, audio waits.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from concurrent.futures import Executor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import vosk

from gateway.errors import ProviderRefused
from gateway.providers import inference
from gateway.providers.loading import Loading
from gateway.providers.stretch import Form, Heard, joint_of
from gateway.providers.stretches import StretchTranscriber, transcribing

NAME = "vosk"
RATE = 16_000
"""Vosk's small models hear nothing else."""
NO_LOG = -1


class Vosk:
    """SpeechToText by the model in the folder `model`, on `workers` threads."""

    name = NAME
    rate = RATE
    stream_limit = None

    def __init__(self, *, model: Path, workers: int) -> None:
        self._pool = inference.workers(NAME, workers)
        self._loading = Loading(self._pool, lambda: _load(model))

    async def warm(self) -> None:
        """Load the model; raises ProviderRefused if there is none."""
        await self._loading.model()

    async def close(self) -> None:
        """End the threads; what they compute just now is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    @asynccontextmanager
    async def open(
        self, *, language: str, keyterms: Sequence[str] = ()
    ) -> AsyncIterator[StretchTranscriber]:
        """One call's ear. The model decides which language is understood."""
        model = await self._loading.model()
        form = Form(RATE, joint_of(language), pcm=True)

        def stretch() -> AbstractAsyncContextManager["VoskExchange"]:
            return self._stretch(model, form.joint)

        async with transcribing(NAME, stretch, form) as transcriber:
            yield transcriber

    @asynccontextmanager
    async def _stretch(self, model: vosk.Model, joint: str) -> AsyncIterator["VoskExchange"]:
        loop = asyncio.get_running_loop()
        recognizer = await loop.run_in_executor(self._pool, vosk.KaldiRecognizer, model, RATE)
        yield VoskExchange(recognizer, self._pool, joint)


class VoskExchange:
    """One stretch; see `Exchange`."""

    def __init__(self, recognizer: vosk.KaldiRecognizer, pool: Executor, joint: str) -> None:
        self._recognizer = recognizer
        self._pool = pool
        self._joint = joint
        self._settled: list[str] = []
        self._seconds = 0.0
        self._known: asyncio.Queue[Heard | None] = asyncio.Queue()

    async def send(self, audio: bytes, /) -> None:
        loop = asyncio.get_running_loop()
        text = await loop.run_in_executor(self._pool, self._hear, audio)
        self._seconds += len(audio) / (2 * RATE)
        await self._tell(text)

    async def finish(self) -> None:
        loop = asyncio.get_running_loop()
        await self._tell(await loop.run_in_executor(self._pool, self._finish))
        await self._known.put(None)

    async def heard(self) -> AsyncGenerator[Heard, None]:
        while (known := await self._known.get()) is not None:
            yield known

    async def _tell(self, text: str) -> None:
        pieces = [*self._settled, text] if text else self._settled
        await self._known.put(Heard(self._joint.join(pieces), self._seconds))

    def _hear(self, audio: bytes) -> str:
        """In a thread: what is not settled yet. Where Vosk has just settled, there is nothing, and
        it has no partial result."""
        if self._recognizer.AcceptWaveform(audio):
            self._settle(self._recognizer.Result())
            return ""
        return str(json.loads(self._recognizer.PartialResult())["partial"])

    def _finish(self) -> str:
        self._settle(self._recognizer.FinalResult())
        return ""

    def _settle(self, result: str) -> None:
        if text := str(json.loads(result)["text"]):
            self._settled.append(text)


def _load(path: Path) -> vosk.Model:
    vosk.SetLogLevel(NO_LOG)
    if not path.is_dir():
        raise ProviderRefused(NAME, f"there is no folder {path}")
    try:
        return vosk.Model(model_path=str(path))
    except Exception as error:
        raise ProviderRefused(NAME, f"the model in {path} cannot be loaded") from error
