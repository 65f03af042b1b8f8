"""The admin port: health, metrics and live calls over HTTP.

| path | answers |
| --- | --- |
| `/healthz` | 200 while the event loop runs |
| `/readyz` | 200 while calls are taken, else 503 and why |
| `/metrics` | Prometheus' text format |
| `/calls` | facts of the live calls |
| `/costs` | what today has cost, by profile and altogether, and the limits |
| `/providers` | how each provider is, with its circuit breaker |
| `/calls/{id}` | one live call with what was said: only to the holder of a token |
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from gateway.admin.guard import Guard, Handler
from gateway.admin.view import CallsView
from gateway.config import Address, Admin
from gateway.errors import ConfigError
from gateway.metrics import Metrics
from gateway.providers.base import Json

SHUTDOWN_SECONDS = 1.0


@asynccontextmanager
async def serve(settings: Admin, view: CallsView, metrics: Metrics) -> AsyncIterator[Address]:
    """The admin port while the context is open; yields the address it listens on.

    Raises ConfigError when the address cannot be listened on.
    """
    admin = application(Guard(settings.token), view, metrics)
    runner = web.AppRunner(admin, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        yield await _listen(runner, settings.bind)
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, bind: Address) -> Address:
    site = web.TCPSite(runner, bind.host, bind.port)
    try:
        await site.start()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigError(
            "admin.bind", str(bind), f"cannot listen there ({reason}); choose another ADMIN_BIND"
        ) from None
    host, port, *_ = runner.addresses[0]
    return Address(host, port)


def application(guard: Guard, view: CallsView, metrics: Metrics) -> web.Application:
    """The admin port's routes behind `guard`."""

    @web.middleware
    async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await guard.check(request, handler)

    async def healthz(_request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_request: web.Request) -> web.Response:
        readiness = view.ready()
        return web.json_response(
            {"ready": readiness.is_ready, "problems": readiness.problems},
            status=200 if readiness.is_ready else 503,
        )

    async def exposition(_request: web.Request) -> web.Response:
        headers = {"Content-Type": CONTENT_TYPE_LATEST}
        return web.Response(body=metrics.exposition(), headers=headers)

    async def call(request: web.Request) -> web.Response:
        if not guard.has_token:
            raise web.HTTPForbidden(text="what callers say is shown with ADMIN_TOKEN only\n")
        found = view.find(request.match_info["id"])
        if found is None:
            raise web.HTTPNotFound(text="no such live call\n")
        return web.json_response(found)

    admin = web.Application(middlewares=[admit])
    admin.add_routes(
        [
            web.get("/healthz", healthz),
            web.get("/readyz", readyz),
            web.get("/metrics", exposition),
            web.get("/calls", _shown(lambda: {"calls": view.active()})),
            web.get("/calls/{id}", call),
            web.get("/costs", _shown(view.costs)),
            web.get("/providers", _shown(lambda: {"providers": view.providers()})),
        ]
    )
    return admin


def _shown(read: Callable[[], Mapping[str, Json]]) -> Handler:
    """A handler that answers what `read` gives."""

    async def handler(_request: web.Request) -> web.Response:
        return web.json_response(read())

    return handler
