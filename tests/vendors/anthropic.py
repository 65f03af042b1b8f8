"""Anthropic's Messages API as it streams (docs.anthropic.com, Streaming messages)."""

import json
from collections.abc import Iterator, Mapping, Sequence

from tests.vendors.sse import Script, Tool

READ, CACHED, WRITTEN = 25, 1800, 15
"""The tokens it charges for every answer."""


KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


class AnthropicWire:
    path = "/v1/messages"
    models: tuple[str, ...] = ("/v1/models/{model}",)
    key_header = "authorization"

    def pieces(self, text: str) -> Sequence[str]:
        """What the deltas of `text` are: its lines."""
        return text.splitlines(keepends=True)

    def events(self, script: Script) -> Iterator[str]:
        yield _event("message_start", message=_message())
        yield _event("ping")
        for index, part in enumerate(script):
            if isinstance(part, Tool):
                yield from _tool(index, part)
            else:
                yield from _text(index, self.pieces(part))
        stopped = "tool_use" if any(isinstance(part, Tool) for part in script) else "end_turn"
        delta = {"stop_reason": stopped, "stop_sequence": None}
        yield _event("message_delta", delta=delta, usage={"output_tokens": WRITTEN})
        yield _event("message_stop")

    def refusal(self, status: int) -> Mapping[str, object]:
        return {"type": "error", "error": _error(KINDS[status])}


def error(kind: str) -> str:
    """The event of an error in mid-stream."""
    return _event("error", error=_error(kind))


def _error(kind: str) -> Mapping[str, str]:
    return {"type": kind, "message": "private words"}


def _event(kind: str, **fields: object) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n"


def _message() -> Mapping[str, object]:
    usage = {"input_tokens": READ, "cache_read_input_tokens": CACHED, "output_tokens": 1}
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "content": [],
        "model": "claude-haiku-4-5",
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }


def _text(index: int, pieces: Sequence[str]) -> Iterator[str]:
    block = {"type": "text", "text": ""}
    yield _event("content_block_start", index=index, content_block=block)
    for piece in pieces:
        delta = {"type": "text_delta", "text": piece}
        yield _event("content_block_delta", index=index, delta=delta)
    yield _event("content_block_stop", index=index)


def _tool(index: int, tool: Tool) -> Iterator[str]:
    block = {"type": "tool_use", "id": tool.id, "name": tool.name, "input": {}}
    yield _event("content_block_start", index=index, content_block=block)
    for piece in tool.pieces:
        delta = {"type": "input_json_delta", "partial_json": piece}
        yield _event("content_block_delta", index=index, delta=delta)
    yield _event("content_block_stop", index=index)
