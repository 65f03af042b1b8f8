"""What Google's two speech services have in common: the errors of gRPC, as ours.

Where Google refuses a stream while we still write to it, grpc loses the reason and reports an
internal error of its own. A short request to the same service then gets the reason.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

import grpc
from google.api_core.exceptions import GoogleAPICallError, InternalServerError
from google.auth import jwt
from google.auth.exceptions import GoogleAuthError
from google.rpc.error_details_pb2 import RetryInfo

from gateway.errors import ProviderRefused, ProviderUnavailable
from gateway.providers.status import error_of

NAME = "google"
HTTPS = 443
MOST_CONNECTIONS = 10
"""As many as gRPC keeps to one server at most: a thousand streams."""
OPTIONS = (
    # as Google's own clients have it
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    # streams beyond what a server allows on one connection (Google: 100) get another one, instead
    # of waiting for an end of others (gRPC proposal A105)
    (
        "grpc.service_config",
        json.dumps({"connectionScaling": {"maxConnectionsPerSubchannel": MOST_CONNECTIONS}}),
    ),
)

Question: TypeAlias = Callable[[], Awaitable[object]]
"""A request to the same service that costs nothing and is answered in one piece."""
Headers: TypeAlias = Sequence[tuple[str, str]]
Client = TypeVar("Client")


@dataclass(frozen=True, slots=True)
class Access(Generic[Client]):
    """A service's client, and what each request to it shows."""

    client: Client
    project: str
    headers: Callable[[], Headers] = tuple


class Account:
    """The service account's key in `file`, for the service of Google's at `host`.

    Raises ProviderRefused for a file that is none.
    """

    def __init__(self, file: Path, host: str) -> None:
        try:
            key = json.loads(file.read_text("utf-8"))
            self.project = str(key["project_id"])
            audience = f"https://{host}/"
            self._credentials = jwt.Credentials.from_service_account_info(key, audience=audience)  # type: ignore[no-untyped-call]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ProviderRefused(
                NAME, f"the service account's file cannot be used ({type(error).__name__})"
            ) from None

    def headers(self) -> Headers:
        """Signed anew once an hour. Left to itself, gRPC starts a thread for that with each
        request, which costs a fifth of a spoken sentence."""
        shown: dict[str, str] = {}
        self._credentials.before_request(None, "", "", shown)
        return tuple(shown.items())


def channel(host: str) -> grpc.aio.Channel:
    """An HTTP/2 connection, made with the first request, and more where streams need them."""
    place = host if ":" in host else f"{host}:{HTTPS}"
    return grpc.aio.secure_channel(place, grpc.ssl_channel_credentials(), OPTIONS)


@contextmanager
def writing() -> Iterator[None]:
    """What cannot be written has a reason, and who reads the stream is told it."""
    with suppress(GoogleAPICallError, grpc.RpcError, asyncio.InvalidStateError):
        yield


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


def _headers(error: GoogleAPICallError) -> dict[str, str]:
    """When to come again, as HTTP says it (google.rpc.RetryInfo says it in gRPC)."""
    for detail in error.details:
        if isinstance(detail, RetryInfo):
            delay = detail.retry_delay
            return {"retry-after": f"{delay.seconds}.{delay.nanos:09d}"}
    return {}
