"""A vendor's local WebSocket: what it refuses, how long it waits and when it breaks off."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.vendors.conduct import Conduct


@dataclass(slots=True)
class SocketServer:
    """A running one. `sockets` counts connections, `open` those that have something to do."""

    key_header: str
    conduct: Conduct = field(default_factory=Conduct)
    address: str = ""
    texts: list[str] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    told: list[dict[str, object]] = field(default_factory=list)
    open: int = 0
    sockets: int = 0
    dialled: int = 0
    runner: web.AppRunner | None = None

    async def stop(self) -> None:
        assert self.runner is not None
        await self.runner.cleanup()

    async def refused(self, request: web.Request) -> web.Response | None:
        """The answer to a request that is not accepted."""
        self.conduct.keys.append(request.headers[self.key_header])
        async with self.busy():
            await asyncio.sleep(self.conduct.delay)
        if self.conduct.status == web.HTTPOk.status_code:
            return None
        after = self.conduct.retry_after
        headers = {} if after is None else {"retry-after": str(after)}
        return web.Response(status=self.conduct.status, headers=headers, text="private words")

    @asynccontextmanager
    async def accepted(self, request: web.Request) -> AsyncIterator[web.WebSocketResponse]:
        """The WebSocket of a request."""
        self.queries.append(dict(request.query))
        self.paths.append(request.path)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets += 1
        self.dialled += 1
        try:
            yield socket
        finally:
            self.sockets -= 1

    @asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        """Something to do; a client that goes away meanwhile is noted."""
        self.open += 1
        try:
            yield
        except (ConnectionError, asyncio.CancelledError):
            self.conduct.abandoned.set()
            raise
        finally:
            self.open -= 1

    def cut(self, request: web.Request) -> None:
        """Break the connection without a goodbye."""
        assert request.transport is not None
        request.transport.abort()


Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def running(server: SocketServer, **routes: Handle) -> AsyncIterator[None]:
    """`server` on a port of its own, with its routes by method and path (`get /v1/models`)."""
    application = web.Application()
    for route, handle in routes.items():
        method, path = route.split(" ")
        application.router.add_route(method, path, handle)
    server.runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
    await server.runner.setup()
    try:
        await web.TCPSite(server.runner, "127.0.0.1", 0).start()
        server.address = "http://{}:{}".format(*server.runner.addresses[0])
        yield
    finally:
        await server.runner.cleanup()
