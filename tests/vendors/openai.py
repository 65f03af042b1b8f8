"""OpenAI's Chat Completions as they stream (platform.openai.com, Streaming), and those alike."""

import json
from collections.abc import Iterator, Mapping

from tests.vendors.sse import Script, Tool

READ, CACHED, WRITTEN = 1825, 1800, 15
"""The tokens it charges for every answer; those read hold those from the cache."""


class OpenAiWire:
    path = "/v1/chat/completions"
    models: tuple[str, ...] = ("/v1/models/{model}", "/v1/models")
    key_header = "authorization"

    def events(self, script: Script) -> Iterator[str]:
        yield _chunk({"role": "assistant", "content": "", "refusal": None})
        calls = 0
        for part in script:
            if isinstance(part, Tool):
                yield from _tool(calls, part)
                calls += 1
            else:
                for piece in part.splitlines(keepends=True):
                    yield _chunk({"content": piece})
        yield _chunk({}, finish_reason="tool_calls" if calls else "stop")
        yield _data(
            {
                **_frame(),
                "choices": [],
                "usage": {
                    "prompt_tokens": READ,
                    "completion_tokens": WRITTEN,
                    "total_tokens": READ + WRITTEN,
                    "prompt_tokens_details": {"cached_tokens": CACHED, "audio_tokens": 0},
                },
            }
        )
        yield "data: [DONE]\n"

    def refusal(self, status: int) -> Mapping[str, object]:
        return refusal(status)


def refusal(status: int, code: str | None = None) -> Mapping[str, object]:
    """The body of an error."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    return {"error": {"message": "private words", "type": kind, "param": None, "code": code}}


def error(code: str) -> str:
    """The event of an error in mid-stream."""
    return _data({"error": {"message": "private words", "type": "server_error", "code": code}})


def _frame() -> Mapping[str, object]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "gpt-4.1-mini",
        "system_fingerprint": "fp_1",
    }


def _chunk(delta: Mapping[str, object], finish_reason: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return _data({**_frame(), "choices": [choice], "usage": None})


def _data(body: Mapping[str, object]) -> str:
    return f"data: {json.dumps(body)}\n"


def _tool(index: int, tool: Tool) -> Iterator[str]:
    function = {"name": tool.name, "arguments": ""}
    begun = {"index": index, "id": tool.id, "type": "function", "function": function}
    yield _chunk({"tool_calls": [begun]})
    for piece in tool.pieces:
        yield _chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
