"""A language model with set delays, as Anthropic's Messages API puts it on the wire.

Real HTTP and server-sent events, so the gateway's own client, parser and splitter are what is
measured. A token is a word here; `whole` holds everything back until the last one is written, as
a model that does not stream does.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import cycle
from ssl import SSLContext

from aiohttp import web

from gateway.lab.ports import LOOPBACK


@dataclass(slots=True)
class ScriptedModel:
    """A running one. `first` seconds pass before the first token, then `rate` come a second."""

    answers: Iterator[str]
    first: float
    rate: float
    whole: bool = False
    address: str = ""
    requests: int = 0
    abandoned: int = 0
    """Answers nobody waited for to their end."""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        self.requests += 1
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        self.abandoned += 1
        with suppress(ConnectionResetError):
            await response.prepare(request)
            await self._write(response, next(self.answers))
            self.abandoned -= 1
        return response

    async def _write(self, response: web.StreamResponse, text: str) -> None:
        due = asyncio.get_running_loop().time() + self.first
        await response.write(_event("message_start", message=_MESSAGE))
        block = {"type": "text", "text": ""}
        await response.write(_event("content_block_start", index=0, content_block=block))
        tokens = _tokens(text)
        if self.whole:
            due += (len(tokens) - 1) / self.rate
            tokens = [text]
        for token in tokens:
            await asyncio.sleep(due - asyncio.get_running_loop().time())
            due += 1 / self.rate
            delta = {"type": "text_delta", "text": token}
            await response.write(_event("content_block_delta", index=0, delta=delta))
        await response.write(_event("content_block_stop", index=0))
        end = {"stop_reason": "end_turn", "stop_sequence": None}
        await response.write(_event("message_delta", delta=end, usage={"output_tokens": 1}))
        await response.write(_event("message_stop"))


async def _models(_request: web.Request) -> web.Response:
    return web.json_response({"type": "model", "id": "m"})


@asynccontextmanager
async def scripted_model(
    answers: Iterable[str],
    *,
    first: float,
    rate: float = 40.0,
    whole: bool = False,
    tls: SSLContext | None = None,
) -> AsyncIterator[ScriptedModel]:
    """A server on a port of its own that gives `answers` in turn, over and over."""
    model = ScriptedModel(cycle(answers), first, rate, whole)
    application = web.Application()
    application.router.add_post("/v1/messages", model.answer)
    application.router.add_get("/v1/models/{model}", _models)
    runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, 0, ssl_context=tls).start()
        scheme = "http" if tls is None else "https"
        model.address = "{}://{}:{}".format(scheme, *runner.addresses[0])
        yield model
    finally:
        await runner.cleanup()


def _tokens(text: str) -> list[str]:
    first, *others = text.split(" ")
    return [first, *(f" {other}" for other in others)]


def _event(kind: str, **fields: object) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


_MESSAGE: Mapping[str, object] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "content": [],
    "model": "scripted",
    "stop_reason": None,
    "stop_sequence": None,
    "usage": {"input_tokens": 1, "output_tokens": 1},
}
