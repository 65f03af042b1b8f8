"""An HTTP server of a language model that answers with server-sent events (WHATWG HTML §9.2)."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Protocol

from aiohttp import web

from tests.vendors.conduct import Conduct


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool call as a model writes it: its input in pieces of JSON text."""

    id: str
    name: str
    pieces: tuple[str, ...]


Script = tuple[str | Tool, ...]
"""What a model answers: text in pieces, and tool calls."""


class Wire(Protocol):
    """A vendor's paths and forms."""

    path: str
    models: tuple[str, ...]
    key_header: str

    def events(self, script: Script) -> Iterable[str]:
        """The answer, an entry for each server-sent event with its lines."""
        ...

    def refusal(self, status: int) -> Mapping[str, object]: ...


@dataclass(slots=True)
class Server:
    """A running one. `address` is its base URL."""

    wire: Wire
    script: Script
    conduct: Conduct = field(default_factory=Conduct)
    address: str = ""
    runner: web.AppRunner | None = None

    @property
    def connections(self) -> int:
        server = self.runner.server if self.runner else None
        return len(server.connections) if server else 0

    async def stop(self) -> None:
        assert self.runner is not None
        await self.runner.cleanup()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.conduct.requests.append(await request.json())
        self._note_key(request)
        try:
            return await self._answer(request)
        except (ConnectionError, asyncio.CancelledError):
            self.conduct.abandoned.set()
            raise

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(self.conduct.delay)
        if self.conduct.status != web.HTTPOk.status_code:
            return self._refuse()
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        await self._write(response, request)
        return response

    async def models(self, request: web.Request) -> web.Response:
        self._note_key(request)
        if self.conduct.status != web.HTTPOk.status_code:
            return self._refuse()
        return web.json_response({"type": "model", "object": "list", "data": [], "id": "m"})

    async def _write(self, response: web.StreamResponse, request: web.Request) -> None:
        for sent, event in enumerate(self.wire.events(self.script)):
            if self.conduct.cuts(sent):
                assert request.transport is not None
                request.transport.abort()
                return
            text = self.conduct.instead if self.conduct.instead and sent else event
            await response.write(f"{text}\n".encode())
            await asyncio.sleep(self.conduct.drip)

    def _note_key(self, request: web.Request) -> None:
        self.conduct.keys.append(request.headers[self.wire.key_header])

    def _refuse(self) -> web.Response:
        after = self.conduct.retry_after
        headers = {} if after is None else {"retry-after": str(after)}
        body = self.wire.refusal(self.conduct.status)
        return web.json_response(body, status=self.conduct.status, headers=headers)


@asynccontextmanager
async def serving(
    wire: Wire, *script: str | Tool, tls: SSLContext | None = None
) -> AsyncIterator[Server]:
    """A server on a port of its own that gives every request the answer `script`."""
    server = Server(wire, script)
    application = web.Application()
    application.router.add_post(wire.path, server.answer)
    for path in wire.models:
        application.router.add_get(path, server.models)
    server.runner = web.AppRunner(application, handler_cancellation=True)
    await server.runner.setup()
    try:
        await web.TCPSite(server.runner, "127.0.0.1", 0, ssl_context=tls).start()
        scheme = "http" if tls is None else "https"
        server.address = "{}://{}:{}".format(scheme, *server.runner.addresses[0])
        yield server
    finally:
        await server.runner.cleanup()
