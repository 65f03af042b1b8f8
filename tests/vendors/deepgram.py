"""Deepgram's live transcription as it streams (developers.deepgram.com, Live Audio).

It hears words in the level of the audio: it turns every `SECONDS_PER_WORD` of sound (not of
silence) into the next of its words, with interim results as they come.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from ssl import SSLContext

from aiohttp import WSMsgType, web

from tests.vendors.conduct import Conduct
from tests.vendors.sound import SECONDS_PER_WORD

SILENCE = 0xFF


@dataclass(slots=True)
class DeepgramServer:
    """A running one. `told` is what clients said besides audio."""

    words: tuple[str, ...]
    conduct: Conduct = field(default_factory=Conduct)
    address: str = ""
    told: list[str] = field(default_factory=list)
    heard_seconds: float = 0.0
    queries: list[tuple[tuple[str, str], ...]] = field(default_factory=list)
    open: int = 0
    runner: web.AppRunner | None = None

    async def stop(self) -> None:
        assert self.runner is not None
        await self.runner.cleanup()

    async def listen(self, request: web.Request) -> web.StreamResponse:
        self.queries.append(tuple(request.query.items()))
        self.conduct.keys.append(request.headers["authorization"])
        await asyncio.sleep(self.conduct.delay)
        if self.conduct.status != web.HTTPOk.status_code:
            after = self.conduct.retry_after
            headers = {} if after is None else {"retry-after": str(after)}
            return web.Response(status=self.conduct.status, headers=headers, text="private words")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.open += 1
        try:
            await Stream(self, request, socket).run()
        finally:
            self.open -= 1
        return socket


class Stream:
    """One connection."""

    def __init__(
        self, server: DeepgramServer, request: web.Request, socket: web.WebSocketResponse
    ) -> None:
        self._server = server
        self._request = request
        self._rate = int(request.query["sample_rate"])
        self._socket = socket
        self._audio = bytearray()
        self._settled = 0
        self._words = cycle(server.words)
        self._now: list[str] = []
        self._sent = 0

    async def run(self) -> None:
        async for message in self._socket:
            if message.type is WSMsgType.BINARY:
                await self._hear(message.data)
            elif message.type is WSMsgType.TEXT:
                await self._obey(json.loads(message.data)["type"])

    async def _hear(self, audio: bytes) -> None:
        self._server.heard_seconds += len(audio) / self._rate
        self._audio += audio
        fresh = self._audio[self._settled :]
        sound = len(fresh) - fresh.count(SILENCE)
        if sound >= (len(self._now) + 1) * SECONDS_PER_WORD * self._rate:
            self._now.append(next(self._words))
            await self._say(is_final=False, from_finalize=False)

    async def _obey(self, what: str) -> None:
        self._server.told.append(what)
        if what == "Finalize":
            await self._say(is_final=True, from_finalize=True)
            self._settled = len(self._audio)
            self._now.clear()
        elif what == "CloseStream":
            await self._socket.close()

    def _words_said(self) -> list[dict[str, object]]:
        began = self._settled / self._rate
        return [
            {
                "word": word,
                "start": began + index * SECONDS_PER_WORD,
                "end": began + (index + 1) * SECONDS_PER_WORD,
                "confidence": 0.9,
                "punctuated_word": word,
            }
            for index, word in enumerate(self._now)
        ]

    async def _say(self, *, is_final: bool, from_finalize: bool) -> None:
        conduct = self._server.conduct
        await asyncio.sleep(conduct.drip)
        if conduct.cuts(self._sent):
            assert self._request.transport is not None
            self._request.transport.abort()
            return
        self._sent += 1
        text = " ".join(self._now)
        best = {"transcript": text, "confidence": 0.9 if text else 0.0, "words": self._words_said()}
        results = {
            "type": "Results",
            "channel_index": [0, 1],
            "start": self._settled / self._rate,
            "duration": (len(self._audio) - self._settled) / self._rate,
            "is_final": is_final,
            "speech_final": is_final,
            "from_finalize": from_finalize,
            "channel": {"alternatives": [best]},
            "metadata": {
                "request_id": "r",
                "model_info": {"name": "nova", "version": "1", "arch": "nova"},
                "model_uuid": "u",
            },
        }
        await self._socket.send_str(conduct.instead or json.dumps(results))


@asynccontextmanager
async def serving(*words: str, tls: SSLContext | None = None) -> AsyncIterator[DeepgramServer]:
    """A server on a port of its own that hears `words`, over and over."""
    server = DeepgramServer(words)
    application = web.Application()
    application.router.add_get("/v1/listen", server.listen)
    server.runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
    await server.runner.setup()
    try:
        await web.TCPSite(server.runner, "127.0.0.1", 0, ssl_context=tls).start()
        scheme = "http" if tls is None else "https"
        server.address = "{}://{}:{}".format(scheme, *server.runner.addresses[0])
        yield server
    finally:
        await server.runner.cleanup()
