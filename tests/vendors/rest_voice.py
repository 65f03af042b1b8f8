"""An HTTP server of voices that answers a POST with audio, chunk by chunk, as it is made."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import web

from tests.vendors.conduct import Conduct
from tests.vendors.sound import spoken


class Wire(Protocol):
    """A vendor's paths and forms."""

    path: str
    sign_of_life: str
    key_header: str
    content_type: str

    def text(self, request: web.Request, body: bytes) -> str:
        """What is to be said; raises ValueError for a request the vendor would refuse."""
        ...


@dataclass(slots=True)
class Server:
    """A running one: every character sounds for 80 ms, by a byte of its own."""

    wire: Wire
    conduct: Conduct = field(default_factory=Conduct)
    address: str = ""
    texts: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    open: int = 0
    runner: web.AppRunner | None = None

    async def stop(self) -> None:
        assert self.runner is not None
        await self.runner.cleanup()

    async def speak(self, request: web.Request) -> web.StreamResponse:
        self.open += 1
        try:
            return await self._speak(request)
        except (ConnectionError, asyncio.CancelledError):
            self.conduct.abandoned.set()
            raise
        finally:
            self.open -= 1

    async def life(self, request: web.Request) -> web.StreamResponse:
        return await self._refused(request) or web.json_response({})

    async def _speak(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if (refusal := await self._refused(request)) is not None:
            return refusal
        try:
            text = self.wire.text(request, body)
        except ValueError as error:
            return web.Response(status=400, text=f"private words {error}")
        self.texts.append(text)
        self.bodies.append(body)
        response = web.StreamResponse(headers={"content-type": self.wire.content_type})
        response.enable_chunked_encoding()
        await response.prepare(request)
        for sent, chunk in enumerate(spoken(text)):
            if self.conduct.cuts(sent):
                assert request.transport is not None
                request.transport.abort()
                return response
            await response.write(chunk)
            await asyncio.sleep(self.conduct.drip)
        return response

    async def _refused(self, request: web.Request) -> web.Response | None:
        self.conduct.keys.append(request.headers[self.wire.key_header])
        await asyncio.sleep(self.conduct.delay)
        if self.conduct.status == web.HTTPOk.status_code:
            return None
        after = self.conduct.retry_after
        headers = {} if after is None else {"retry-after": str(after)}
        return web.Response(status=self.conduct.status, headers=headers, text="private words")


@asynccontextmanager
async def serving(wire: Wire) -> AsyncIterator[Server]:
    """A server on a port of its own."""
    server = Server(wire)
    application = web.Application()
    application.router.add_post(wire.path, server.speak)
    application.router.add_get(wire.sign_of_life, server.life)
    server.runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
    await server.runner.setup()
    try:
        await web.TCPSite(server.runner, "127.0.0.1", 0).start()
        server.address = "http://{}:{}".format(*server.runner.addresses[0])
        yield server
    finally:
        await server.runner.cleanup()
