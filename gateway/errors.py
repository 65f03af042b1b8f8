"""Every error that may leave a package of the gateway, as one small tree.

Foreign exceptions (aiohttp, SDKs, Redis) are translated into these once, at the edge that
talks to the foreign part. Anything else that escapes is a bug and is not caught.
"""

from dataclasses import dataclass


class GatewayError(Exception):
    """Base of all errors that come from input, configuration or a foreign part."""


@dataclass(eq=False)
class ConfigError(GatewayError):
    """A setting, profile or knowledge file is wrong. Prints as one line: field, value, fix."""

    field: str
    value: str
    fix: str

    def __str__(self) -> str:
        return f"{self.field} = {self.value}: {self.fix}"


@dataclass(eq=False)
class AriError(GatewayError):
    """Asterisk's REST interface refused or failed an operation (`operation` is ARI's name)."""

    operation: str
    status: int | None
    message: str

    def __str__(self) -> str:
        status = "no answer" if self.status is None else str(self.status)
        return f"ARI {self.operation}: {status} {self.message}"


class AriUnreachable(AriError):
    """No TCP connection, a deadline passed, or the connection broke."""


class AriNotUp(AriError):
    """404 or 503 on /ari/events: Asterisk is still starting; try again."""


class AriUnauthorized(AriError):
    """401: wrong user name or password."""


class AriForbidden(AriError):
    """403: the ARI user is read-only, or the origin is not allowed."""


class AriNotFound(AriError):
    """404 (or 400 for an unknown channel): the resource is not, or no longer, there."""


class AriConflict(AriError):
    """409 or 422: the resource exists in another state than the operation needs."""


class AriFailed(AriError):
    """Any other refusal (400, 500, 501)."""


@dataclass(eq=False)
class ProviderError(GatewayError):
    """A speech or language provider failed. `message` never holds keys, audio or text."""

    provider: str
    message: str

    def __str__(self) -> str:
        return f"{self.provider}: {self.message}"


class ProviderUnavailable(ProviderError):
    """Unreachable, 5xx, or cut in mid-stream: another try or another provider may work."""


class ProviderTimeout(ProviderUnavailable):
    """A connect, first-byte, idle or total deadline passed."""


@dataclass(eq=False)
class ProviderRateLimited(ProviderUnavailable):
    """429: over the provider's limit; `retry_after` in seconds if it said so."""

    retry_after: float | None = None


class ProviderRefused(ProviderError):
    """401, 403 or 4xx: trying again with the same request cannot help."""


class ProviderProtocol(ProviderUnavailable):
    """The provider answered something its own documentation does not allow."""


class StoreError(GatewayError):
    """Redis is unreachable, slow beyond the deadline, or answered nonsense."""


class MediaError(GatewayError):
    """The media plane cannot do what was asked (no free row, unknown codec)."""


def first_of(group: BaseExceptionGroup[GatewayError]) -> GatewayError:
    """The first error in a group of ours, however deep task groups wrapped it."""
    error = group.exceptions[0]
    return first_of(error) if isinstance(error, BaseExceptionGroup) else error
