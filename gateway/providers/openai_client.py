"""The client of OpenAI's API and of all that speak like it, and its errors as ours."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import openai

from gateway.errors import (
    ProviderProtocol,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from gateway.providers.http import Transport
from gateway.providers.status import error_of

TIMEOUT = httpx2.Timeout(connect=3.0, read=15.0, write=5.0, pool=3.0)
WITHOUT_KEY = "none"
"""Servers of one's own ask for none, but the client sends one."""
QUOTA = "insufficient_quota"
"""A 429 that no waiting helps: the account has no money left."""
TOO_FAST = "rate_limit_exceeded"


def client_of(api_key: str, base_url: str) -> openai.AsyncOpenAI:
    """A client with connections of its own; it never asks twice."""
    return openai.AsyncOpenAI(
        api_key=api_key or WITHOUT_KEY,
        base_url=base_url,
        max_retries=0,
        timeout=TIMEOUT,
        http_client=openai.DefaultAsyncHttpxClient(transport=Transport(), timeout=TIMEOUT),
    )


@contextmanager
def translated(name: str) -> Iterator[None]:
    """The SDK's errors as those of the provider `name`; what they quote is left out."""
    try:
        yield
    except (openai.APITimeoutError, httpx2.TimeoutException) as error:
        raise ProviderTimeout(name, type(error).__name__) from None
    except (openai.APIConnectionError, httpx2.TransportError) as error:
        raise ProviderUnavailable(name, type(error).__name__) from None
    except openai.APIStatusError as error:
        if error.code == QUOTA:
            raise ProviderRefused(name, f"{error.status_code} {QUOTA}") from None
        headers = error.response.headers
        raise error_of(name, error.status_code, headers, error.code or error.type or "") from None
    except openai.APIError as error:
        # an error in mid-stream comes with HTTP status 200
        kind = error.code or error.type or type(error).__name__
        if kind == TOO_FAST:
            raise ProviderRateLimited(name, kind) from None
        raise ProviderUnavailable(name, kind) from None
    except (json.JSONDecodeError, openai.OpenAIError) as error:
        raise ProviderProtocol(name, f"not understood ({type(error).__name__})") from None
