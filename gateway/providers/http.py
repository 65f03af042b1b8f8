"""The HTTP under the vendors' SDKs: aiohttp, which is there for Asterisk anyway.

The SDKs speak through httpx2, whose own transport is written in Python throughout: a word of a
streamed answer costs several times as much with it (docs/decisions/0005-what-a-call-costs.md).
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from urllib.request import getproxies

import aiohttp
import httpx2
from yarl import URL

KEPT_SECONDS = 300.0
"""An idle connection stays open so long, so that no handshake sits in a turn."""
OWN_HEADERS = ("content-length", "transfer-encoding")
"""aiohttp writes them itself."""


class Transport(httpx2.AsyncBaseTransport):
    """Connections that are kept for whoever asks next; give it to an `httpx2.AsyncClient`.

    Takes its time limits from each request and raises httpx2's errors. What a request sends is
    read whole before it leaves, what comes back is streamed: to close a response that was not read
    to its end closes its connection.
    """

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        headers = [(n, v) for n, v in request.headers.multi_items() if n not in OWN_HEADERS]
        with _translated(request):
            response = await self._opened().request(
                request.method,
                URL(str(request.url), encoded=True),
                data=await request.aread() or None,
                headers=headers,
                timeout=_limits(request.extensions.get("timeout", {})),
                allow_redirects=False,
            )
        return httpx2.Response(
            response.status, headers=response.raw_headers, stream=_Body(request, response)
        )

    async def aclose(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _opened(self) -> aiohttp.ClientSession:
        """Made in the loop that uses it."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                # looking for a proxy costs a thread's work with every request
                trust_env=bool(getproxies()),
            )
        return self._session


class _Body(httpx2.AsyncByteStream):
    """What comes back, as it comes."""

    def __init__(self, request: httpx2.Request, response: aiohttp.ClientResponse) -> None:
        self._request = request
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translated(self._request):
            async for chunk in self._response.content.iter_any():
                yield chunk

    async def aclose(self) -> None:
        self._response.close()


def _limits(timeout: Mapping[str, float | None]) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=None,
        connect=timeout.get("pool"),
        sock_connect=timeout.get("connect"),
        sock_read=timeout.get("read"),
    )


@contextmanager
def _translated(request: httpx2.Request) -> Iterator[None]:
    """aiohttp's errors as httpx2's."""
    try:
        yield
    except aiohttp.ConnectionTimeoutError:
        raise httpx2.ConnectTimeout("no connection in time", request=request) from None
    except TimeoutError:
        raise httpx2.ReadTimeout("no answer in time", request=request) from None
    except aiohttp.ClientConnectorError as error:
        raise httpx2.ConnectError(type(error).__name__, request=request) from None
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError) as error:
        raise httpx2.RemoteProtocolError(type(error).__name__, request=request) from None
    except (aiohttp.ClientError, OSError) as error:
        raise httpx2.ReadError(type(error).__name__, request=request) from None
