"""OpenAI's speech API over HTTP (platform.openai.com: Create transcription, Create speech)."""

import asyncio
import io
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice

import numpy as np
from aiohttp import BodyPartReader, web
from aiohttp.typedefs import Handler

from tests.vendors.conduct import Conduct
from tests.vendors.openai import refusal
from tests.vendors.sound import spoken, words_in

FULL_SCALE = 32768.0


@dataclass(slots=True)
class OpenAiAudioServer:
    """A running one: it hears its words, over and over, in what is not silent."""

    words: tuple[str, ...] = ()
    conduct: Conduct = field(default_factory=Conduct)
    address: str = ""
    texts: list[str] = field(default_factory=list)
    heard_seconds: float = 0.0
    rates: list[int] = field(default_factory=list)
    open: int = 0
    runner: web.AppRunner | None = None

    async def stop(self) -> None:
        assert self.runner is not None
        await self.runner.cleanup()

    async def transcribe(self, request: web.Request) -> web.StreamResponse:
        fields, recording = await _form(request)
        if (refused := await self._greet(request, fields)) is not None:
            return refused
        with wave.open(io.BytesIO(recording)) as file:
            assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
            rate = file.getframerate()
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / FULL_SCALE
        self.rates.append(rate)
        self.heard_seconds += len(samples) / rate
        if self.conduct.cuts(1):
            return self._cut(request)
        said = islice(cycle(self.words), words_in(samples.astype(np.float32), rate))
        answer = {"text": " ".join(said), "usage": {"type": "duration", "seconds": 1}}
        if self.conduct.instead is not None:
            return web.Response(text=self.conduct.instead, content_type="application/json")
        return web.json_response(answer)

    async def speak(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        if (refused := await self._greet(request, asked)) is not None:
            return refused
        self.texts.append(asked["input"])
        response = web.StreamResponse(headers={"content-type": "audio/pcm"})
        await response.prepare(request)
        for sent, chunk in enumerate(spoken(asked["input"])):
            if self.conduct.cuts(sent):
                return self._cut(request)
            await response.write(chunk)
            await asyncio.sleep(self.conduct.drip)
        return response

    async def model(self, request: web.Request) -> web.StreamResponse:
        refused = await self._greet(request, {})
        return refused or web.json_response({"id": "m", "object": "model", "owned_by": "x"})

    async def _greet(
        self, request: web.Request, asked: dict[str, object]
    ) -> web.StreamResponse | None:
        self.conduct.requests.append(asked)
        self.conduct.keys.append(request.headers["authorization"])
        await asyncio.sleep(self.conduct.delay)
        if self.conduct.status == web.HTTPOk.status_code:
            return None
        after = self.conduct.retry_after
        headers = {} if after is None else {"retry-after": str(after)}
        body = refusal(self.conduct.status)
        return web.json_response(body, status=self.conduct.status, headers=headers)

    def _cut(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.StreamResponse()

    @asynccontextmanager
    async def counted(self) -> AsyncIterator[None]:
        self.open += 1
        try:
            yield
        except (ConnectionError, asyncio.CancelledError):
            self.conduct.abandoned.set()
            raise
        finally:
            self.open -= 1


async def _form(request: web.Request) -> tuple[dict[str, object], bytes]:
    """Fields and file of a multipart form."""
    fields: dict[str, object] = {}
    recording = b""
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        if part.name == "file":
            recording = bytes(await part.read())
        else:
            fields[str(part.name)] = await part.text()
    return fields, recording


@asynccontextmanager
async def serving(*words: str) -> AsyncIterator[OpenAiAudioServer]:
    """A server on a port of its own that hears `words`, and says what it is given."""
    server = OpenAiAudioServer(words)

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        async with server.counted():
            return await handler(request)

    application = web.Application(middlewares=[count], client_max_size=2**24)
    application.router.add_post("/v1/audio/transcriptions", server.transcribe)
    application.router.add_post("/v1/audio/speech", server.speak)
    application.router.add_get("/v1/models/{model}", server.model)
    server.runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
    await server.runner.setup()
    try:
        await web.TCPSite(server.runner, "127.0.0.1", 0).start()
        server.address = "http://{}:{}".format(*server.runner.addresses[0])
        yield server
    finally:
        await server.runner.cleanup()
