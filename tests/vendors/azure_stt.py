"""Azure's recogniser as it is over WebSocket: turns of text and binary messages with headers.

What clients of the Speech SDK send it was recorded from the SDK itself, which also understands
what this one answers (tests/gateway/providers/test_azure.py).
"""

import asyncio
import json
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from tests.vendors.conduct import Conduct
from tests.vendors.words import WordsInSound

PATH = "/speech/recognition/conversation/cognitiveservices/v1"
MULAW = 7
TICKS = 10_000_000
Headers = Mapping[str, str]


@dataclass(slots=True)
class AzureEarServer:
    """A running one: a hypothesis for every word, a phrase when the audio ends."""

    words: tuple[str, ...]
    conduct: Conduct = field(default_factory=Conduct)
    address: str = ""
    heard_seconds: float = 0.0
    contexts: list[dict[str, object]] = field(default_factory=list)
    connections: int = 0
    queries: list[dict[str, str]] = field(default_factory=list)
    open: int = 0
    sockets: set[web.WebSocketResponse] = field(default_factory=set)
    runner: web.AppRunner | None = None

    async def stop(self) -> None:
        assert self.runner is not None
        await self.runner.cleanup()

    async def hang_up(self) -> None:
        """Close every connection, as Azure does with one that was idle for long."""
        for socket in tuple(self.sockets):
            await socket.close()

    async def listen(self, request: web.Request) -> web.StreamResponse:
        self.conduct.keys.append(request.headers["ocp-apim-subscription-key"])
        self.queries.append(dict(request.query))
        await asyncio.sleep(self.conduct.delay)
        if self.conduct.status != web.HTTPOk.status_code:
            after = self.conduct.retry_after
            headers = {} if after is None else {"retry-after": str(after)}
            return web.Response(status=self.conduct.status, headers=headers, text="private words")
        socket = web.WebSocketResponse(protocols=("USP",))
        await socket.prepare(request)
        self.open += 1
        self.connections += 1
        self.sockets.add(socket)
        try:
            await Connection(self, request, socket).run()
        except ConnectionError:
            self.conduct.abandoned.set()
        finally:
            self.open -= 1
            self.sockets.discard(socket)
        return socket


class Connection:
    """One WebSocket, with one turn at a time."""

    def __init__(
        self, server: AzureEarServer, request: web.Request, socket: web.WebSocketResponse
    ) -> None:
        self._server = server
        self._request = request
        self._socket = socket
        self._turn = ""
        self._configured = False
        self._hearing: WordsInSound | None = None
        self._header = b""
        self._sent = 0

    async def run(self) -> None:
        async for received in self._socket:
            if received.type is WSMsgType.TEXT:
                headers, _, body = received.data.partition("\r\n\r\n")
                self._obey(fields(headers), json.loads(body))
            elif received.type is WSMsgType.BINARY:
                size = 2 + struct.unpack(">H", received.data[:2])[0]
                await self._hear(fields(received.data[2:size].decode()), received.data[size:])

    def _obey(self, headers: Headers, body: dict[str, object]) -> None:
        match headers["path"]:
            case "speech.config":
                self._configured = True
            case "speech.context":
                assert self._configured
                self._turn = headers["x-requestid"]
                self._server.contexts.append(body)
            case _:
                assert headers["path"] == "telemetry"

    async def _hear(self, headers: Headers, audio: bytes) -> None:
        assert (headers["path"], headers["x-requestid"]) == ("audio", self._turn)
        if headers.get("content-type") == "audio/x-wav":
            assert audio[:4] == b"RIFF"
            self._begin(audio)
            await self._say("turn.start", {"context": {"serviceTag": "s"}})
            await self._say("speech.startDetected", {"Offset": 0})
            return
        assert self._hearing is not None
        if not audio:
            await self._finish(self._hearing)
            return
        before = self._hearing.seconds
        said = self._hearing.hear(audio)
        self._server.heard_seconds += self._hearing.seconds - before
        if said:
            body = {"Id": "1", "Text": self._hearing.text, "Offset": 0, "Channel": 0}
            await self._result("speech.hypothesis", {**body, "Duration": self._ticks})

    def _begin(self, wav: bytes) -> None:
        kind, _, rate = struct.unpack("<HHI", wav[20:28])
        self._hearing = WordsInSound(self._server.words, rate, 1 if kind == MULAW else 2)

    async def _finish(self, hearing: WordsInSound) -> None:
        await asyncio.sleep(self._server.conduct.drip)
        await self._say("speech.endDetected", {"Offset": self._ticks})
        text = hearing.text
        times = {"Offset": 0, "Duration": self._ticks}
        if text:
            best = {"Confidence": 0.9, "Lexical": text, "ITN": text, "Display": text}
            phrase = {"RecognitionStatus": "Success", "DisplayText": text, "NBest": [best]}
            await self._result("speech.phrase", {**phrase, **times, "Channel": 0})
        else:
            await self._say("speech.phrase", {"RecognitionStatus": "NoMatch", **times})
        over = {"RecognitionStatus": "EndOfDictation", "Offset": self._ticks, "Duration": 0}
        await self._say("speech.phrase", over)
        await self._say("turn.end", {})

    @property
    def _ticks(self) -> int:
        return round(self._hearing.seconds * TICKS) if self._hearing else 0

    async def _result(self, path: str, body: dict[str, object]) -> None:
        conduct = self._server.conduct
        if conduct.cuts(self._sent):
            assert self._request.transport is not None
            self._request.transport.abort()
            return
        self._sent += 1
        if conduct.instead:
            await self._say("speech.phrase", conduct.instead)
        else:
            await self._say(path, body)

    async def _say(self, path: str, body: dict[str, object] | str) -> None:
        text = body if isinstance(body, str) else json.dumps(body)
        about = "Content-Type:application/json; charset=utf-8"
        await self._socket.send_str(
            f"X-RequestId:{self._turn}\r\n{about}\r\nPath:{path}\r\n\r\n{text}"
        )


def fields(headers: str) -> Headers:
    """Header lines by their names in lower case."""
    pairs = (line.split(":", 1) for line in headers.split("\r\n") if line)
    return {name.lower(): value for name, value in pairs}


@asynccontextmanager
async def serving(*words: str) -> AsyncIterator[AzureEarServer]:
    """A server on a port of its own that hears `words` in every turn."""
    server = AzureEarServer(words)
    application = web.Application()
    application.router.add_get(PATH, server.listen)
    server.runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
    await server.runner.setup()
    try:
        await web.TCPSite(server.runner, "127.0.0.1", 0).start()
        server.address = "ws://{}:{}".format(*server.runner.addresses[0])
        yield server
    finally:
        await server.runner.cleanup()
