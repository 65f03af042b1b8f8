"""Whether Amazon would accept a request: Signature Version 4, computed anew from what arrived.

Written after docs.aws.amazon.com, "Create a signed AWS API request", and not with botocore.
"""

import hashlib
import hmac
import re
from urllib.parse import parse_qsl, quote

from aiohttp import web

SECRET = "very-secret"
ALGORITHM = "AWS4-HMAC-SHA256"


def access_key(request: web.Request) -> str:
    """Whose request it is."""
    given = request.query.get("X-Amz-Credential") or request.headers["authorization"]
    return given.split("Credential=")[-1].split("/")[0]


def is_signed(request: web.Request, body: bytes = b"") -> bool:
    """Whether the signature in the query or in the headers is the one of SECRET."""
    if "X-Amz-Signature" in request.query:
        about = request.query
        return (
            _signature(
                request,
                about["X-Amz-Credential"],
                about["X-Amz-Date"],
                about["X-Amz-SignedHeaders"],
                hashlib.sha256(b"").hexdigest(),
            )
            == about["X-Amz-Signature"]
        )
    found = re.fullmatch(
        rf"{ALGORITHM} Credential=(\S+), SignedHeaders=(\S+), Signature=(\S+)",
        request.headers["authorization"],
    )
    assert found is not None
    payload = hashlib.sha256(body).hexdigest()
    date = request.headers["x-amz-date"]
    return _signature(request, found[1], date, found[2], payload) == found[3]


def _signature(request: web.Request, credential: str, date: str, signed: str, payload: str) -> str:
    pairs = parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True)
    query = "&".join(
        f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"
        for name, value in sorted(pairs)
        if name != "X-Amz-Signature"
    )
    headers = "".join(f"{name}:{request.headers[name].strip()}\n" for name in signed.split(";"))
    canonical = "\n".join((request.method, request.path, query, headers, signed, payload))
    scope = credential.partition("/")[2]
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = "\n".join((ALGORITHM, date, scope, hashed))
    return hmac.digest(key, text.encode(), "sha256").hex()
