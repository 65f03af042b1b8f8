"""Who may ask the admin port: the holder of the token, or this machine where there is none.

Without a token only names of this machine are accepted as `Host`, so that a web page cannot reach
the port through a visitor's browser by rebinding its own name (DNS rebinding).
"""

import hmac
from collections.abc import Awaitable, Callable
from ipaddress import ip_address

from aiohttp import web
from pydantic import SecretStr
from yarl import URL

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

OPEN_PATHS = frozenset({"/healthz", "/readyz"})
"""Health checks: they tell nothing of calls, and orchestrators hold no token."""


class Guard:
    """The admin port's only door."""

    def __init__(self, token: SecretStr | None) -> None:
        self._token = token

    @property
    def has_token(self) -> bool:
        return self._token is not None

    async def check(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The handler's answer, never to be kept; or 401 or 403."""
        if request.path not in OPEN_PATHS:
            self._admit(request)
        response = await handler(request)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    def _admit(self, request: web.Request) -> None:
        if self._token is None:
            if not _is_this_machine(request.host):
                raise web.HTTPForbidden(text="without ADMIN_TOKEN only this machine may ask\n")
        elif not _is_bearer(request, self._token.get_secret_value()):
            raise web.HTTPUnauthorized(
                text="Authorization: Bearer <ADMIN_TOKEN>\n", headers={"WWW-Authenticate": "Bearer"}
            )


def _is_bearer(request: web.Request, token: str) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    same = hmac.compare_digest(given.strip().encode(), token.encode())
    return scheme.lower() == "bearer" and same


def _is_this_machine(host: str) -> bool:
    try:
        name = URL(f"http://{host}").host or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
