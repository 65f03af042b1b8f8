"""What Google's two speech services have in common: the errors of gRPC, as ours.

Where Google refuses a stream while we still write to it, grpc loses the reason and reports an
internal error of its own. A short request to the same service then gets the reason.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeAlias

import grpc
from google.api_core.exceptions import GoogleAPICallError, InternalServerError
from google.auth.exceptions import GoogleAuthError
from google.rpc.error_details_pb2 import RetryInfo

from gateway.errors import ProviderRefused, ProviderUnavailable
from gateway.providers.status import error_of

NAME = "google"

Question: TypeAlias = Callable[[], Awaitable[object]]
"""A request to the same service that costs nothing and is answered in one piece."""


@contextmanager
def translated() -> Iterator[None]:
    """Google's errors as ours. Its messages are left out: they may quote the request."""
    try:
        yield
    except GoogleAPICallError as error:
        status, kind = int(error.code or 500), type(error).__name__
        raise error_of(NAME, status, _headers(error), kind) from None
    except GoogleAuthError as error:
        raise ProviderRefused(NAME, type(error).__name__) from None
    except grpc.RpcError as error:
        raise ProviderUnavailable(NAME, type(error).__name__) from None


@asynccontextmanager
async def explained(ask: Question) -> AsyncIterator[None]:
    """`translated`, for streams: a reason that grpc lost is asked for."""
    with translated():
        try:
            yield
        except InternalServerError:
            await ask()
            raise


def unusable(error: Exception) -> ProviderRefused:
    """The service account's file cannot be read, or is none."""
    return ProviderRefused(
        NAME, f"the service account's file cannot be used ({type(error).__name__})"
    )


def _headers(error: GoogleAPICallError) -> dict[str, str]:
    """When to come again, as HTTP says it (google.rpc.RetryInfo says it in gRPC)."""
    for detail in error.details:
        if isinstance(detail, RetryInfo):
            return {"retry-after": str(detail.retry_delay.seconds)}
    return {}
