"""What an HTTP status says about a provider that speaks HTTP, the same for all of them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

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
SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")


def error_of(
    provider: str, status: int, headers: Mapping[str, str], kind: str = ""
) -> ProviderError:
    """The error of an answer with `status` (>= 400); `headers` may say when to come again.

    `kind` is the vendor's own word for it. Its message is left out: it may quote the request.
    """
    message = f"{status} {kind}".rstrip()
    if status == TOO_MANY_REQUESTS:
        return ProviderRateLimited(provider, message, retry_after(headers, datetime.now(UTC)))
    if status in (REQUEST_TIMEOUT, GATEWAY_TIMEOUT):
        return ProviderTimeout(provider, message)
    if status == CONFLICT or status >= SERVER_ERROR:
        return ProviderUnavailable(provider, message)
    return ProviderRefused(provider, message)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds until the time that `Retry-After` gives (RFC 9110 §10.2.3), None where it gives none.

    It is a number, from some vendors with a fraction, or a date. A date is one of the vendor's
    clock: what that shows is in the answer's own `Date`, and `now` stands in for it. What is past
    is 0.
    """
    value = headers.get("retry-after", "")
    if SECONDS.fullmatch(value):
        return float(value)
    then = _date(value)
    if then is None:
        return None
    return max(0.0, (then - (_date(headers.get("date", "")) or now)).total_seconds())


def _date(value: str) -> datetime | None:
    """An HTTP date (RFC 9110 §5.6.7) in any of its three forms; without a zone it is UTC."""
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
