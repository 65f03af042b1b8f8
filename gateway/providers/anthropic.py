"""Claude through Anthropic's Messages API, streamed (docs.anthropic.com, Streaming messages).

Tool input arrives as it is written (`eager_input_streaming`), which Anthropic does not check: it
is parsed strictly. The instructions and tools are cached by Anthropic for five minutes
after each turn, so only the conversation itself is read anew.

The SDK knows the service: its address, its version, how a key is shown. What is asked and what is
answered is read and written here, as JSON: the SDK copies every request and builds models of every
event, which costs more than all the rest (docs/decisions/0005-what-a-call-costs.md).
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from itertools import groupby

import anthropic
import httpx2
from anthropic import types
from pydantic_core import from_json, to_json

from gateway.errors import ProviderProtocol, ProviderTimeout, ProviderUnavailable
from gateway.providers.base import (
    Message,
    ModelEvent,
    ModelRequest,
    Role,
    TextDelta,
    ToolSpec,
    Usage,
)
from gateway.providers.http import Transport
from gateway.providers.instructions import CALL_BEGINS, SILENCE, instructions_of
from gateway.providers.status import error_of
from gateway.providers.tool_input import tool_call

NAME = "anthropic"
TIMEOUT = httpx2.Timeout(connect=3.0, read=15.0, write=5.0, pool=3.0)
PATH = "v1/messages"
DATA = b"data:"
LONGEST_LINE = 1 << 20
STATUS_OF_ERROR = {
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""Errors in mid-stream come with HTTP status 200; these are the ones Anthropic documents."""


class Anthropic:
    """LanguageModel by one of Anthropic's models, over connections that all calls share."""

    name = NAME

    def __init__(self, *, api_key: str, model: str, max_tokens: int, base_url: str) -> None:
        self.model = model
        self._max_tokens = max_tokens
        self._transport = Transport()
        self._client = anthropic.AsyncAnthropic(
            api_key=api_key,
            base_url=base_url,
            max_retries=0,
            timeout=TIMEOUT,
            http_client=anthropic.DefaultAsyncHttpxClient(
                transport=self._transport, timeout=TIMEOUT
            ),
        )
        self._url = self._client.base_url.join(PATH)

    async def warm(self) -> None:
        """Connect; see that the key is accepted and the model is there. Costs no tokens."""
        with _translated():
            await self._client.models.retrieve(self.model)

    async def respond(self, request: ModelRequest, /) -> AsyncIterator[ModelEvent]:
        """One answer as it is written; Usage comes last. Closing it closes the connection.

        Raises the errors of the HTTP status. A tool call that was cut off at `max_tokens` is
        unreadable.
        """
        answer, lines = Answer(), Lines()
        with _translated():
            async with self._asked(request) as response:
                async for piece in response.aiter_bytes():
                    for line in lines.push(piece):
                        if line.startswith(DATA):
                            for result in answer.take(_event(line[len(DATA) :])):
                                yield result
        if not answer.complete:
            raise ProviderUnavailable(NAME, "the answer was cut off")

    @asynccontextmanager
    async def _asked(self, request: ModelRequest) -> AsyncIterator[httpx2.Response]:
        """The answer as it comes, if it is one. Leaving it closes the connection."""
        body = {
            "model": self.model,
            "max_tokens": self._max_tokens,
            "system": [_cached(instructions_of(request))],
            "messages": messages_of(request.messages),
            "tools": [_tool(spec) for spec in request.tools],
            "stream": True,
        }
        asked = httpx2.Request(
            "POST",
            self._url,
            headers={name: str(value) for name, value in self._client.default_headers.items()},
            content=to_json(body),
            extensions={"timeout": TIMEOUT.as_dict()},
        )
        response = await self._transport.handle_async_request(asked)
        try:
            if response.status_code != httpx2.codes.OK:
                raise error_of(NAME, response.status_code, response.headers, await _kind(response))
            yield response
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Close the idle connections."""
        await self._client.close()


class Answer:
    """The events of one answer, translated one by one."""

    def __init__(self) -> None:
        self.complete = False
        self._read = self._cached = 0
        self._written = 0
        self._tool: tuple[str, str] | None = None
        self._input: list[str] = []

    def take(self, event: object) -> Iterator[ModelEvent]:
        """One event's data. Thinking and citations are not for the caller's ear."""
        match event:
            case {
                "type": "content_block_delta",
                "delta": {"type": "text_delta", "text": str(text)},
            }:
                yield TextDelta(text)
            case {
                "type": "content_block_delta",
                "delta": {"type": "input_json_delta", "partial_json": str(piece)},
            }:
                self._input.append(piece)
            case {"type": "message_start", "message": {"usage": dict(usage)}}:
                self._cached = usage.get("cache_read_input_tokens") or 0
                created = usage.get("cache_creation_input_tokens") or 0
                self._read = usage.get("input_tokens", 0) + created
                self._written = usage.get("output_tokens", 0)
            case {
                "type": "content_block_start",
                "content_block": {"type": "tool_use", "id": str(id), "name": str(name)},
            }:
                self._tool = id, name
                self._input.clear()
            case {"type": "content_block_stop"} if self._tool is not None:
                yield tool_call(*self._tool, self._input)
                self._tool = None
            case {"type": "message_delta", "usage": {"output_tokens": int(written)}}:
                self._written = written
            case {"type": "message_stop"}:
                self.complete = True
                yield Usage(self._read + self._cached, self._cached, self._written)
            case {"type": "error", "error": {"type": str(kind)}}:
                raise error_of(NAME, STATUS_OF_ERROR.get(kind, 500), {}, kind)
            case _:
                pass


class Lines:
    """The lines of a stream that comes in pieces (WHATWG HTML §9.2)."""

    def __init__(self) -> None:
        self._rest = b""

    def push(self, piece: bytes) -> Sequence[bytes]:
        """The lines that are whole now. Raises ProviderProtocol for one that does not end."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            raise ProviderProtocol(NAME, "a line without an end")
        return lines


def _event(data: bytes) -> object:
    try:
        return from_json(data)
    except ValueError:
        raise ProviderProtocol(NAME, "an event that is no JSON") from None


def messages_of(messages: Sequence[Message]) -> list[types.MessageParam]:
    """The history as Anthropic takes it: the sides alternate, the caller's first and last."""
    turns: list[types.MessageParam] = [
        {"role": "assistant", "content": blocks} if is_ours else {"role": "user", "content": blocks}
        for is_ours, side in groupby(messages, lambda each: each.role is Role.ASSISTANT)
        if (blocks := [block for message in side for block in _blocks(message)])
    ]
    if not turns or turns[0]["role"] == "assistant":
        turns.insert(0, {"role": "user", "content": CALL_BEGINS})
    if turns[-1]["role"] == "assistant":
        turns.append({"role": "user", "content": SILENCE})
    return turns


def _blocks(message: Message) -> Iterator[types.ContentBlockParam]:
    match message.role:
        case Role.TOOL:
            yield {
                "type": "tool_result",
                "tool_use_id": message.tool_call_id or "",
                "content": message.text,
            }
        case Role.USER | Role.ASSISTANT:
            # an empty text block is refused
            if message.text.strip():
                yield {"type": "text", "text": message.text.strip()}
    for call in message.tool_calls:
        yield {
            "type": "tool_use",
            "id": call.id,
            "name": call.name,
            "input": dict(call.arguments),
        }


def _cached(text: str) -> types.TextBlockParam:
    """Tools come before the instructions in what the model reads, so both are cached."""
    return {"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}


def _tool(spec: ToolSpec) -> types.ToolParam:
    return {
        "name": spec.name,
        "description": spec.description,
        "input_schema": dict(spec.parameters),
        "eager_input_streaming": True,
    }


async def _kind(response: httpx2.Response) -> str:
    """Anthropic's own word for what is wrong. Its message is left out: it may quote the request."""
    try:
        told = from_json(await response.aread())
    except ValueError:
        return ""
    match told:
        case {"error": {"type": str(kind)}}:
            return kind
        case _:
            return ""


@contextmanager
def _translated() -> Iterator[None]:
    """The errors of the SDK and of the HTTP library beneath it, as ours."""
    try:
        yield
    except (anthropic.APITimeoutError, httpx2.TimeoutException) as error:
        raise ProviderTimeout(NAME, type(error).__name__) from None
    except (anthropic.APIConnectionError, httpx2.TransportError) as error:
        raise ProviderUnavailable(NAME, type(error).__name__) from None
    except anthropic.APIStatusError as error:
        kind = error.type or ""
        raise error_of(NAME, error.status_code, error.response.headers, kind) from None
    except anthropic.APIError as error:
        raise ProviderProtocol(NAME, f"not understood ({type(error).__name__})") from None
