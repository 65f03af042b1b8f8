"""Amazon Transcribe as it is over WebSocket: an event stream in each direction."""

import asyncio
import json
import struct
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from tests.vendors.aws_signature import access_key, is_signed
from tests.vendors.conduct import Conduct
from tests.vendors.words import WordsInSound

PATH = "/stream-transcription-websocket"


@dataclass(slots=True)
class AmazonEarServer:
    """A running one: a partial result for every word, a settled one when the audio ends."""

    words: tuple[str, ...]
    conduct: Conduct = field(default_factory=Conduct)
    address: str = ""
    heard_seconds: float = 0.0
    exception: str | None = None
    """Refuses by this, after the WebSocket is open."""
    queries: list[dict[str, str]] = field(default_factory=list)
    open: int = 0
    runner: web.AppRunner | None = None

    async def stop(self) -> None:
        assert self.runner is not None
        await self.runner.cleanup()

    async def listen(self, request: web.Request) -> web.StreamResponse:
        self.conduct.keys.append(access_key(request))
        self.queries.append(dict(request.query))
        self.open += 1
        try:
            return await self._answer(request)
        except ConnectionError:
            self.conduct.abandoned.set()
            raise
        finally:
            self.open -= 1

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        await self._wait(request)
        if self.conduct.status != web.HTTPOk.status_code:
            after = self.conduct.retry_after
            headers = {} if after is None else {"retry-after": str(after)}
            return web.Response(status=self.conduct.status, headers=headers, text="private words")
        if not is_signed(request):
            return web.Response(status=403, text="private words")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if self.exception is not None:
            about = {":message-type": "exception", ":exception-type": self.exception}
            await socket.send_bytes(framed(about, b'{"Message": "private words"}'))
            await socket.close()
        else:
            await Stream(self, request, socket).run()
        return socket

    async def _wait(self, request: web.Request) -> None:
        """For `delay` seconds, unless the client goes away."""
        clock = asyncio.get_running_loop()
        until = clock.time() + self.conduct.delay
        while clock.time() < until:
            if request.transport is None or request.transport.is_closing():
                raise ConnectionError
            await asyncio.sleep(0.01)


class Stream:
    """One connection, which is one stream."""

    def __init__(
        self, server: AmazonEarServer, request: web.Request, socket: web.WebSocketResponse
    ) -> None:
        self._server = server
        self._request = request
        self._socket = socket
        self._hearing = WordsInSound(server.words, int(request.query["sample-rate"]), 2)
        self._sent = 0

    async def run(self) -> None:
        async for received in self._socket:
            assert received.type is WSMsgType.BINARY
            headers, audio = unframed(received.data)
            assert headers[":event-type"] == "AudioEvent"
            if not audio:
                await self._finish()
                return
            before = self._hearing.seconds
            said = self._hearing.hear(audio)
            self._server.heard_seconds += self._hearing.seconds - before
            if said:
                await self._tell(is_partial=True)

    async def _finish(self) -> None:
        await asyncio.sleep(self._server.conduct.drip)
        if self._hearing.text:
            await self._tell(is_partial=False)
        await self._socket.close()

    async def _tell(self, *, is_partial: bool) -> None:
        conduct = self._server.conduct
        if conduct.cuts(self._sent):
            assert self._request.transport is not None
            self._request.transport.abort()
            return
        self._sent += 1
        items = [
            {"Content": word, "Type": "pronunciation", "Confidence": 0.9}
            for word in self._hearing.heard
        ]
        result = {
            "ResultId": "r",
            "StartTime": 0.0,
            "EndTime": self._hearing.seconds,
            "IsPartial": is_partial,
            "Alternatives": [{"Transcript": self._hearing.text, "Items": items}],
        }
        event = {"Transcript": {"Results": [result]}}
        about = {
            ":content-type": "application/json",
            ":event-type": "TranscriptEvent",
            ":message-type": "event",
        }
        await self._socket.send_bytes(
            framed(about, (conduct.instead or json.dumps(event)).encode())
        )


def framed(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One message of an event stream (smithy.io, Amazon Event Stream)."""
    about = bytearray()
    for name, value in headers.items():
        about += struct.pack(">B", len(name)) + name.encode()
        about += struct.pack(">BH", 7, len(value)) + value.encode()
    prelude = struct.pack(">II", 16 + len(about) + len(payload), len(about))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + about + payload
    return message + struct.pack(">I", zlib.crc32(message))


def unframed(message: bytes) -> tuple[Mapping[str, str], bytes]:
    """Headers and payload of one message, whose sums must be right."""
    size, about, check = struct.unpack(">III", message[:12])
    assert (size, check) == (len(message), zlib.crc32(message[:8]))
    assert struct.unpack(">I", message[-4:])[0] == zlib.crc32(message[:-4])
    headers, at = {}, 12
    while at < 12 + about:
        name = message[at + 1 : at + 1 + message[at]].decode()
        at += 1 + len(name)
        kind, length = struct.unpack(">BH", message[at : at + 3])
        assert kind == 7
        headers[name] = message[at + 3 : at + 3 + length].decode()
        at += 3 + length
    return headers, message[at:-4]


@asynccontextmanager
async def serving(*words: str) -> AsyncIterator[AmazonEarServer]:
    """A server on a port of its own that hears `words` in every stream."""
    server = AmazonEarServer(words)
    application = web.Application()
    application.router.add_get(PATH, server.listen)
    server.runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
    await server.runner.setup()
    try:
        await web.TCPSite(server.runner, "127.0.0.1", 0).start()
        server.address = "http://{}:{}".format(*server.runner.addresses[0])
        yield server
    finally:
        await server.runner.cleanup()
