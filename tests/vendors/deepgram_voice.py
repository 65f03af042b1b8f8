"""Deepgram's Aura over its WebSocket (developers.deepgram.com, Streaming Text to Speech)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from tests.vendors.sound import spoken
from tests.vendors.websocket import SocketServer, running


class DeepgramVoiceServer(SocketServer):
    """A running one. It speaks while it listens, so that it can be cleared."""

    async def listen(self, request: web.Request) -> web.StreamResponse:
        if (refused := await self.refused(request)) is not None:
            return refused
        async with self.accepted(request) as socket, asyncio.TaskGroup() as tasks:
            await socket.send_json({"type": "Metadata", "request_id": "r", "model_name": "m"})
            text = ""
            speaking: asyncio.Task[None] | None = None
            async for message in socket:
                told = message.json()
                self.told.append(told)
                match told["type"]:
                    case "Speak":
                        text += told["text"]
                    case "Flush":
                        speaking = tasks.create_task(self._say(socket, request, text))
                        text = ""
                    case "Clear" if speaking is not None:
                        speaking.cancel()
                        await socket.send_json({"type": "Cleared", "sequence_id": 0})
            if speaking is not None:
                speaking.cancel()
        return socket

    async def _say(self, socket: web.WebSocketResponse, request: web.Request, text: str) -> None:
        self.texts.append(text)
        async with self.busy():
            for sent, chunk in enumerate(spoken(text)):
                await asyncio.sleep(self.conduct.drip)
                if self.conduct.cuts(sent):
                    self.cut(request)
                    return
                if self.conduct.instead is not None and sent:
                    await socket.send_str(self.conduct.instead)
                    continue
                await socket.send_bytes(chunk)
            await socket.send_json({"type": "Flushed", "sequence_id": 0})


@asynccontextmanager
async def serving() -> AsyncIterator[DeepgramVoiceServer]:
    """A server on a port of its own."""
    server = DeepgramVoiceServer("authorization")
    async with running(server, **{"GET /v1/speak": server.listen}):
        yield server
