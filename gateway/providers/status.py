"""What an HTTP status says about a provider that speaks HTTP, the same for all of them."""

from collections.abc import Mapping

from gateway.errors import (
    ProviderError,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)

REQUEST_TIMEOUT = 408
CONFLICT = 409
TOO_MANY_REQUESTS = 429
GATEWAY_TIMEOUT = 504
SERVER_ERROR = 500


def error_of(
    provider: str, status: int, headers: Mapping[str, str], kind: str = ""
) -> ProviderError:
    """The error of an answer with `status` (>= 400); `headers` may say when to come again.

    `kind` is the vendor's own word for it. Its message is left out: it may quote the request.
    """
    message = f"{status} {kind}".rstrip()
    if status == TOO_MANY_REQUESTS:
        return ProviderRateLimited(provider, message, retry_after(headers))
    if status in (REQUEST_TIMEOUT, GATEWAY_TIMEOUT):
        return ProviderTimeout(provider, message)
    if status == CONFLICT or status >= SERVER_ERROR:
        return ProviderUnavailable(provider, message)
    return ProviderRefused(provider, message)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, if `Retry-After` gives them (RFC 9110 §10.2.3); a date is not understood."""
    value = headers.get("retry-after", "")
    return float(value) if value.isascii() and value.isdigit() else None
