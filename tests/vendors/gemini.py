"""Google's Gemini API as it streams (ai.google.dev: models.streamGenerateContent, alt=sse)."""

import json
from collections.abc import Iterator, Mapping

from tests.vendors.sse import Script, Tool

READ, CACHED, WRITTEN = 1825, 1800, 15
"""The tokens it charges for every answer; those read hold those from the cache."""
STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    504: "DEADLINE_EXCEEDED",
    529: "UNAVAILABLE",
}


class GeminiWire:
    path = "/{version}/models/{model}:streamGenerateContent"
    models: tuple[str, ...] = ("/{version}/models/{model}",)
    key_header = "x-goog-api-key"

    def events(self, script: Script) -> Iterator[str]:
        for part in script:
            if isinstance(part, Tool):
                yield chunk({"functionCall": _call(part)})
            else:
                for piece in part.splitlines(keepends=True):
                    yield chunk({"text": piece})
        yield chunk({"text": ""}, finish_reason="STOP")

    def refusal(self, status: int) -> Mapping[str, object]:
        return refusal(status)


def refusal(status: int, *details: Mapping[str, str]) -> Mapping[str, object]:
    """The body of an error."""
    words = {"code": status, "message": "private words", "status": STATUS[status]}
    return {"error": {**words, "details": list(details)}}


def chunk(part: Mapping[str, object], finish_reason: str | None = None) -> str:
    candidate: dict[str, object] = {"content": {"parts": [part], "role": "model"}, "index": 0}
    usage = {"promptTokenCount": READ, "cachedContentTokenCount": CACHED}
    if finish_reason is not None:
        candidate["finishReason"] = finish_reason
        usage["candidatesTokenCount"] = WRITTEN
    body = {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "m"}
    return event(body)


def event(body: Mapping[str, object]) -> str:
    return f"data: {json.dumps(body)}\n"


def _call(tool: Tool) -> Mapping[str, object]:
    """Calls come whole: as an object, and not as text."""
    return {"id": tool.id, "name": tool.name, "args": json.loads("".join(tool.pieces) or "{}")}
