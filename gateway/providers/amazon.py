"""What Amazon's two speech services have in common: signed requests and the names of errors.

Signing (Signature Version 4) and the search for credentials are botocore's; the requests are
made here, because its clients block a thread each and cannot be cancelled.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.session import Session

from gateway.errors import ProviderError, ProviderRefused
from gateway.providers.status import SERVER_ERROR, TOO_MANY_REQUESTS, error_of

NAME = "amazon"
VALID_SECONDS = 300
"""How long a signed address may be used; Amazon allows no more."""
TOO_MANY = ("Throttling", "TooManyRequests", "LimitExceeded", "RequestLimit", "SlowDown")
"""Amazon says so with status 400 as well."""
ERRORS: Mapping[str, int] = {
    "InternalFailureException": SERVER_ERROR,
    "InternalServerException": SERVER_ERROR,
    "ServiceUnavailableException": SERVER_ERROR,
    "ServiceFailureException": SERVER_ERROR,
}
"""Errors in mid-stream have a name and no status; all others are refusals."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key with its secret, and a token where both are only lent."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


FindCredentials: TypeAlias = Callable[[], Credentials]
"""May block: credentials can be in a file, or come from the machine's own role."""


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """Signs requests in a `region`."""

    region: str
    find: FindCredentials

    async def address(self, service: str, url: str) -> str:
        """`url` with the signature in its query (for a WebSocket)."""
        request = AWSRequest("GET", url)
        auth = SigV4QueryAuth(await self._credentials(), service, self.region, VALID_SECONDS)
        auth.add_auth(request)
        return str(request.url)

    async def headers(self, service: str, method: str, url: str, body: bytes) -> dict[str, str]:
        """The headers of a request with the signature among them."""
        about = {"Content-Type": "application/json"} if body else {}
        request = AWSRequest(method, url, headers=about, data=body)
        SigV4Auth(await self._credentials(), service, self.region).add_auth(request)
        return dict(request.headers.items())

    async def _credentials(self) -> Credentials:
        return await asyncio.to_thread(self.find)


def usual_credentials() -> FindCredentials:
    """Amazon's own order: variables of the environment, its files, the machine's role."""
    session = Session()

    def find() -> Credentials:
        try:
            found = session.get_credentials()
        except BotoCoreError as error:
            raise ProviderRefused(NAME, f"no credentials ({type(error).__name__})") from None
        if found is None:
            fix = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            raise ProviderRefused(NAME, f"there are no credentials: {fix}")
        frozen = found.get_frozen_credentials()
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token)

    return find


def refusal(status: int, headers: Mapping[str, str]) -> ProviderError:
    """The error of an answer with `status`; its name is in a header, and may tell more."""
    name = headers.get("x-amzn-errortype", "").partition(":")[0]
    return error_of(NAME, TOO_MANY_REQUESTS if name.startswith(TOO_MANY) else status, headers, name)


def exception(name: str) -> ProviderError:
    """The error called `name` in a stream."""
    return refusal(ERRORS.get(name, 400), {"x-amzn-errortype": name})
