"""Language models over OpenAI's Chat Completions, streamed (platform.openai.com, Streaming).

OpenAI's own, and whoever speaks like it: Groq, and servers of one's own (Ollama, vLLM, llama.cpp).
They differ in little, which a Dialect says.
"""

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import openai
from openai.types.chat import (
    ChatCompletionChunk,
    ChatCompletionFunctionToolParam,
    ChatCompletionMessageFunctionToolCallParam,
    ChatCompletionMessageParam,
)
from openai.types.chat.chat_completion_chunk import ChoiceDeltaToolCall
from openai.types.completion_usage import CompletionUsage

from gateway.errors import ProviderProtocol, ProviderRefused, ProviderUnavailable
from gateway.providers.base import (
    Json,
    Message,
    ModelEvent,
    ModelRequest,
    Role,
    TextDelta,
    ToolCall,
    ToolSpec,
    Usage,
)
from gateway.providers.instructions import CALL_BEGINS, SILENCE, instructions_of
from gateway.providers.openai_client import client_of, translated
from gateway.providers.tool_input import tool_call


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one provider's Chat Completions differ.

    `names_models` says that it can be asked for one model by name, and refuses one that it does
    not have; servers of one's own have what they were started with. `limit` is what it calls the
    longest answer.
    """

    name: str
    names_models: bool = False
    limit: str = "max_tokens"


OPENAI = Dialect("openai", names_models=True, limit="max_completion_tokens")
GROQ = Dialect("groq", names_models=True, limit="max_completion_tokens")


class ChatModel:
    """LanguageModel by a server that speaks OpenAI's Chat Completions.

    `extra` are further fields of the request's body, as the provider names them.
    """

    def __init__(
        self,
        dialect: Dialect,
        *,
        api_key: str,
        model: str,
        max_tokens: int,
        base_url: str,
        extra: Mapping[str, Json] | None = None,
    ) -> None:
        self.name = dialect.name
        self._dialect = dialect
        self.model = model
        self._extra = {dialect.limit: max_tokens, **(extra or {})}
        self._client = client_of(api_key, base_url)

    async def warm(self) -> None:
        """Connect; see that the key is accepted and the model is there. Costs no tokens."""
        with translated(self.name):
            if self._dialect.names_models:
                await self._client.models.retrieve(self.model)
            else:
                await self._client.models.list()

    async def respond(self, request: ModelRequest, /) -> AsyncIterator[ModelEvent]:
        """One answer as it is written; Usage comes last. Closing it closes the connection.

        Raises the errors of the HTTP status. A tool call that was cut off at the longest answer
        is unreadable.
        """
        answer = Answer(self.name)
        with translated(self.name):
            stream = await self._client.chat.completions.create(
                model=self.model,
                messages=messages_of(request),
                tools=[_tool(spec) for spec in request.tools] or openai.omit,
                stream=True,
                stream_options={"include_usage": True},
                extra_body=self._extra,
            )
            async with stream:
                async for chunk in stream:
                    for event in answer.take(chunk):
                        yield event
        if not answer.complete:
            raise ProviderUnavailable(self.name, "the answer was cut off")

    async def close(self) -> None:
        """Close the idle connections."""
        await self._client.close()


@dataclass(slots=True)
class WrittenCall:
    """A tool call as it is being written."""

    call_id: str
    name: str = ""
    pieces: list[str] = field(default_factory=list)

    def done(self) -> ToolCall:
        # some servers give no id, and history needs one that it can find again
        return tool_call(self.call_id or f"call_{uuid4().hex}", self.name, self.pieces)


class Answer:
    """The chunks of one answer, translated one by one."""

    def __init__(self, name: str) -> None:
        self.complete = False
        self._name = name
        self._calls: dict[int, WrittenCall] = {}
        self._written: list[WrittenCall] = []

    def take(self, chunk: ChatCompletionChunk) -> Iterator[ModelEvent]:
        try:
            for choice in chunk.choices or ():
                if choice.delta is not None and choice.delta.content:
                    yield TextDelta(choice.delta.content)
                for piece in (choice.delta.tool_calls if choice.delta else None) or ():
                    self._more(piece)
                if choice.finish_reason is not None:
                    self._check(choice.finish_reason)
                    self.complete = True
                    yield from self._called()
        except (AttributeError, TypeError):
            # the SDK does not check what it reads
            raise ProviderProtocol(self._name, "a chunk that is none") from None
        if chunk.usage is not None:
            yield _usage(chunk.usage)

    def _more(self, piece: ChoiceDeltaToolCall) -> None:
        """Pieces belong together by index; some servers give all calls the same, with ids."""
        index = piece.index or 0
        call = self._calls.get(index)
        if call is None or (piece.id and call.call_id and piece.id != call.call_id):
            call = self._calls[index] = WrittenCall(piece.id or "")
            self._written.append(call)
        if piece.function is not None:
            call.name += piece.function.name or ""
            call.pieces.append(piece.function.arguments or "")

    def _called(self) -> Iterator[ToolCall]:
        for call in self._written:
            yield call.done()
        self._written.clear()
        self._calls.clear()

    def _check(self, reason: str) -> None:
        if reason == "content_filter":
            raise ProviderRefused(self._name, "the answer was withheld by a filter")


def _usage(usage: CompletionUsage) -> Usage:
    details = usage.prompt_tokens_details
    cached = (details.cached_tokens if details else None) or 0
    return Usage(usage.prompt_tokens or 0, cached, usage.completion_tokens or 0)


def messages_of(request: ModelRequest) -> list[ChatCompletionMessageParam]:
    """The history as Chat Completions take it: the caller's side is the first and the last one,
    which the templates of many open models demand."""
    messages = request.messages
    turns: list[ChatCompletionMessageParam] = [
        {"role": "system", "content": instructions_of(request)}
    ]
    if not messages or messages[0].role is Role.ASSISTANT:
        turns.append({"role": "user", "content": CALL_BEGINS})
    turns += [_message(message) for message in _joined(messages)]
    if messages and messages[-1].role is Role.ASSISTANT:
        turns.append({"role": "user", "content": SILENCE})
    return turns


def _joined(messages: Sequence[Message]) -> Iterator[Message]:
    """What one side said in several pieces is one message."""
    last: Message | None = None
    for message in messages:
        if last is not None and last.role is message.role is not Role.TOOL and not last.tool_calls:
            text = f"{last.text}\n{message.text}".strip()
            last = Message(message.role, text, message.tool_calls)
            continue
        if last is not None:
            yield last
        last = message
    if last is not None:
        yield last


def _message(message: Message) -> ChatCompletionMessageParam:
    match message.role:
        case Role.USER:
            return {"role": "user", "content": message.text}
        case Role.TOOL:
            return {
                "role": "tool",
                "tool_call_id": message.tool_call_id or "",
                "content": message.text,
            }
        case Role.ASSISTANT if message.tool_calls:
            return {
                "role": "assistant",
                "content": message.text or None,
                "tool_calls": [_called(call) for call in message.tool_calls],
            }
        case Role.ASSISTANT:
            return {"role": "assistant", "content": message.text}


def _called(call: ToolCall) -> ChatCompletionMessageFunctionToolCallParam:
    arguments = json.dumps(call.arguments, ensure_ascii=False)
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": arguments},
    }


def _tool(spec: ToolSpec) -> ChatCompletionFunctionToolParam:
    return {
        "type": "function",
        "function": {
            "name": spec.name,
            "description": spec.description,
            "parameters": dict(spec.parameters),
        },
    }
