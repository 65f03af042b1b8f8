"""Alibaba's Paraformer over its WebSocket (Model Studio: Paraformer client and server events)."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import WSMsgType, web

from tests.vendors.websocket import SocketServer, running
from tests.vendors.words import WordsInSound


class AlibabaServer(SocketServer):
    """A running one: an interim result for every word, a sentence when the task is finished."""

    words: tuple[str, ...] = ()
    heard_seconds: float = 0.0
    failure: str | None = None
    """The code with which every task fails to start."""

    async def listen(self, request: web.Request) -> web.StreamResponse:
        if (refused := await self.refused(request)) is not None:
            return refused
        async with self.accepted(request) as socket:
            while (message := await socket.receive()).type is WSMsgType.TEXT:
                told = message.json()
                self.told.append(told)
                assert told["header"]["action"] == "run-task"
                async with self.busy():
                    await Task(self, request, socket, told).run()
        return socket


class Task:
    """One task on a connection."""

    def __init__(
        self,
        server: AlibabaServer,
        request: web.Request,
        socket: web.WebSocketResponse,
        asked: Mapping[str, Mapping[str, object]],
    ) -> None:
        self._server = server
        self._request = request
        self._socket = socket
        self._id = asked["header"]["task_id"]
        parameters = asked["payload"]["parameters"]
        assert isinstance(parameters, dict)
        assert parameters["format"] == "pcm"
        self._rate = int(parameters["sample_rate"])
        self._hearing = WordsInSound(server.words, self._rate, 2)
        self._sent = 0

    async def run(self) -> None:
        if self._server.failure is not None:
            codes = {"error_code": self._server.failure, "error_message": "private words"}
            await self._say("task-failed", {}, codes)
            return
        await self._say("task-started", {})
        async for message in self._socket:
            if message.type is WSMsgType.BINARY:
                self._server.heard_seconds += len(message.data) / 2 / self._rate
                if self._hearing.hear(message.data):
                    await self._result(ended=False)
            else:
                assert message.json()["header"]["action"] == "finish-task"
                if self._hearing.heard:
                    await self._result(ended=True)
                await self._say("task-finished", {})
                return

    async def _result(self, *, ended: bool) -> None:
        conduct = self._server.conduct
        await asyncio.sleep(conduct.drip)
        if conduct.cuts(self._sent):
            self._server.cut(self._request)
            return
        self._sent += 1
        milliseconds = round(1000 * self._hearing.seconds)
        word = {"text": "", "begin_time": 0, "end_time": milliseconds}
        sentence = {
            "begin_time": 0,
            "end_time": milliseconds if ended else None,
            "text": self._hearing.text,
            "heartbeat": False,
            "sentence_end": ended,
            "words": [word],
        }
        if conduct.instead is not None:
            await self._socket.send_str(conduct.instead.replace("TASK", str(self._id)))
            return
        usage = {"duration": 1} if ended else None
        await self._say("result-generated", {"output": {"sentence": sentence}, "usage": usage})

    async def _say(
        self, event: str, payload: Mapping[str, object], more: Mapping[str, object] | None = None
    ) -> None:
        header = {"task_id": self._id, "event": event, "attributes": {}, **(more or {})}
        await self._socket.send_str(json.dumps({"header": header, "payload": payload}))


@asynccontextmanager
async def serving(*words: str) -> AsyncIterator[AlibabaServer]:
    """A server on a port of its own that hears `words` in every task."""
    server = AlibabaServer("authorization")
    server.words = words
    async with running(server, **{"GET /api-ws/v1/inference": server.listen}):
        yield server
