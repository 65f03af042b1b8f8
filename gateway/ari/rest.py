"""ARI's REST half: one operation, one answer, one typed error.

Every request carries a deadline that includes waiting for one of the few connections: Asterisk's
listen backlog is 10 and its idle timeout 15 s. Errors leave as `gateway.errors.Ari*` only.
Nothing is sent twice, except what HTTP calls idempotent (GET, PUT, DELETE) when Asterisk closed
a kept connection under it: a repeated POST could ring a phone twice.
"""

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self, TypeAlias, TypeVar
from urllib.parse import quote

import aiohttp
from pydantic_core import from_json
from yarl import URL

from gateway.ari.decoding import Undecodable, decode
from gateway.ari.settings import AriSettings
from gateway.errors import (
    AriConflict,
    AriError,
    AriFailed,
    AriForbidden,
    AriNotFound,
    AriNotUp,
    AriUnauthorized,
    AriUnreachable,
)

T = TypeVar("T")
Parameter: TypeAlias = str | int | bool | Sequence[str]
Parameters: TypeAlias = Mapping[str, Parameter | None]
Body: TypeAlias = Mapping[str, object]

# Below Asterisk's session_keep_alive of 15 s, so that it never closes a connection we reuse.
_KEEPALIVE_SECONDS = 10.0


class Rest:
    """The HTTP session to one Asterisk: an async context manager."""

    def __init__(self, settings: AriSettings) -> None:
        self.settings = settings
        self._session: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return f"Rest({self.settings.base})"

    async def __aenter__(self) -> Self:
        settings = self.settings
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                # the WebSocket holds one connection for itself
                limit=settings.connections + 1,
                keepalive_timeout=_KEEPALIVE_SECONDS,
            ),
            headers={
                "Authorization": aiohttp.encode_basic_auth(settings.username, settings.password)
            },
            timeout=aiohttp.ClientTimeout(
                total=settings.deadline, sock_connect=settings.connect_deadline
            ),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The open session. A RuntimeError means it was used outside its `async with`."""
        if self._session is None:
            raise RuntimeError("the ARI client is not open")
        return self._session

    def url(self, *path: str) -> URL:
        """The address of a resource; each part of the path may hold any character."""
        parts = "/".join(quote(part, safe="") for part in path)
        return URL(f"{self.settings.base}/{parts}", encoded=True)

    async def get(self, operation: str, *path: str, query: Parameters | None = None) -> bytes:
        return await self._send("GET", operation, path, query or {}, None)

    async def post(
        self,
        operation: str,
        *path: str,
        query: Parameters | None = None,
        body: Body | None = None,
    ) -> bytes:
        return await self._send("POST", operation, path, query or {}, body)

    async def put(
        self,
        operation: str,
        *path: str,
        query: Parameters | None = None,
        body: Body | None = None,
    ) -> bytes:
        return await self._send("PUT", operation, path, query or {}, body)

    async def delete(self, operation: str, *path: str, query: Parameters | None = None) -> bytes:
        return await self._send("DELETE", operation, path, query or {}, None)

    async def _send(
        self,
        method: str,
        operation: str,
        path: Sequence[str],
        query: Parameters,
        body: Body | None,
    ) -> bytes:
        async with (
            translated(operation),
            self.session.request(
                method, self.url(*path), params=_encoded(query), json=body, allow_redirects=False
            ) as response,
        ):
            answer = await response.read()
        if response.status < 300:
            return answer
        raise refusal(operation, response.status, answer)


def _encoded(query: Parameters) -> dict[str, str]:
    """Parameters as ARI writes them: lists with commas, booleans in words, None left out."""
    return {name: _text(value) for name, value in query.items() if value is not None}


def _text(value: Parameter) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int():
            return str(value)
        case _:
            return ",".join(value)


@asynccontextmanager
async def translated(operation: str) -> AsyncIterator[None]:
    """Turn what aiohttp raises into AriError. Chains nothing: its errors carry our headers."""
    try:
        yield
    except aiohttp.WSServerHandshakeError as error:
        raise handshake_refusal(operation, error.status) from None
    except TimeoutError:
        raise AriUnreachable(operation, None, "no answer within the deadline") from None
    except aiohttp.ClientConnectorError as error:
        raise AriUnreachable(operation, None, _why_not_connected(error)) from None
    except (aiohttp.ClientError, OSError) as error:
        raise AriUnreachable(operation, None, type(error).__name__) from None


def _why_not_connected(error: aiohttp.ClientConnectorError) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "the host name does not resolve"
        case aiohttp.ClientConnectorSSLError() | aiohttp.ClientConnectorCertificateError():
            return "TLS failed: no TLS there, or a certificate that is not trusted"
        case _:
            # asyncio's own texts name addresses; the plain reason is in the number
            return os.strerror(error.errno) if error.errno else "cannot connect"


def refusal(operation: str, status: int, answer: bytes) -> AriError:
    """What a status and a body mean. A 404 that is not JSON is not ARI's: it is not loaded yet."""
    message = _message(answer)
    match status:
        case 401:
            return AriUnauthorized(operation, status, message or "wrong user name or password")
        case 403:
            return AriForbidden(operation, status, message or "forbidden")
        case 404 if message is None:
            return AriNotUp(operation, status, "ARI is not there (yet)")
        case 503:
            return AriNotUp(operation, status, message or "Asterisk is starting or stopping")
        case 404:
            return AriNotFound(operation, status, message or "not found")
        case 400 if message is not None and message.endswith("not found"):
            return AriNotFound(operation, status, message)
        case 409 | 412 | 422:
            return AriConflict(operation, status, message or "conflict")
        case _:
            return AriFailed(operation, status, message or "refused")


def handshake_refusal(operation: str, status: int) -> AriError:
    """What a refused WebSocket means: while Asterisk starts it is 404, then 503."""
    match status:
        case 401:
            return AriUnauthorized(operation, status, "wrong user name or password")
        case 403:
            return AriForbidden(operation, status, "forbidden")
        case 404 | 503:
            return AriNotUp(operation, status, "not up yet")
        case _:
            return AriFailed(operation, status, "no WebSocket")


def _message(answer: bytes) -> str | None:
    """ARI's own words: under `message`, or `error` for some 500s. None when it is not ARI's."""
    try:
        fields = from_json(answer)
    except ValueError:
        return None
    if not isinstance(fields, dict):
        return None
    return str(fields.get("message") or fields.get("error") or "")


def read(operation: str, kind: type[T], answer: bytes) -> T:
    """An answer's body as a `kind`. Raises AriFailed when Asterisk's answer is not one."""
    try:
        return decode(kind, from_json(answer))
    except Undecodable as error:
        raise AriFailed(operation, 200, f"unexpected answer: {error}") from None
    except ValueError:
        raise AriFailed(operation, 200, "the answer is not JSON") from None
