"""ElevenLabs' multi-context WebSocket (elevenlabs.io/docs, Multi-Context WebSocket)."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from tests.vendors.sound import spoken
from tests.vendors.websocket import SocketServer, running

CHARACTER_MS = 80
PIECE = 2
"""Characters in one message."""


class ElevenLabsServer(SocketServer):
    """A running one: every character sounds for 80 ms."""

    async def listen(self, request: web.Request) -> web.StreamResponse:
        if (refused := await self.refused(request)) is not None:
            return refused
        async with self.accepted(request) as socket:
            texts: dict[str, str] = {}
            async for message in socket:
                told = message.json()
                self.told.append(told)
                context = told["context_id"]
                texts[context] = texts.get(context, "") + told.get("text", "")
                if told.get("close_context"):
                    await self._say(socket, request, context, texts.pop(context).strip())
        return socket

    async def models(self, request: web.Request) -> web.StreamResponse:
        return await self.refused(request) or web.json_response([{"model_id": "m"}])

    async def _say(
        self, socket: web.WebSocketResponse, request: web.Request, context: str, text: str
    ) -> None:
        self.texts.append(text)
        async with self.busy():
            for sent in range(0, len(text), PIECE):
                await asyncio.sleep(self.conduct.drip)
                if self.conduct.cuts(sent):
                    self.cut(request)
                    return
                if self.conduct.instead is not None and sent:
                    await socket.send_str(self.conduct.instead)
                    continue
                await socket.send_json({**_piece(text[sent : sent + PIECE]), "contextId": context})
            await socket.send_json({"isFinal": True, "contextId": context})


def _piece(text: str) -> Mapping[str, object]:
    """Times count from the begin of the piece."""
    audio = b"".join(spoken(text))
    alignment = {
        "chars": list(text),
        "charStartTimesMs": [CHARACTER_MS * index for index in range(len(text))],
        "charDurationsMs": [CHARACTER_MS] * len(text),
    }
    return {
        "audio": b64encode(audio).decode(),
        "alignment": alignment,
        "normalizedAlignment": alignment,
    }


@asynccontextmanager
async def serving() -> AsyncIterator[ElevenLabsServer]:
    """A server on a port of its own."""
    server = ElevenLabsServer("xi-api-key")
    routes = {
        "GET /v1/text-to-speech/{voice}/multi-stream-input": server.listen,
        "GET /v1/models": server.models,
    }
    async with running(server, **routes):
        yield server
