"""HTTP and WebSockets to a vendor whose wire protocol is spoken here, without an SDK."""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp

from gateway.errors import ProviderTimeout, ProviderUnavailable
from gateway.providers.status import SERVER_ERROR, error_of

CONNECT_SECONDS = 3.0
KEPT_SECONDS = 120.0
"""An idle connection stays open so long, so that no handshake sits in a turn."""
REFUSED = 400


class Web:
    """The connections that all calls share, made in the loop that uses them."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_SECONDS)
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)
        return self._session

    async def close(self) -> None:
        """Close the idle connections."""
        if self._session is not None:
            await self._session.close()


def check(provider: str, response: aiohttp.ClientResponse) -> None:
    """Raise the error of an answer that is none. What it says is left out: it may quote us."""
    if response.status >= REFUSED:
        raise error_of(provider, response.status, response.headers)


@contextmanager
def translated(provider: str) -> Iterator[None]:
    """aiohttp's errors as ours."""
    try:
        yield
    except TimeoutError as error:
        raise ProviderTimeout(provider, type(error).__name__) from None
    except aiohttp.WSServerHandshakeError as error:
        status = error.status if error.status >= REFUSED else SERVER_ERROR
        raise error_of(provider, status, error.headers or {}) from None
    except (aiohttp.ClientError, OSError) as error:
        raise ProviderUnavailable(provider, type(error).__name__) from None
