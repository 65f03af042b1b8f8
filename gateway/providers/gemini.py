"""Gemini through Google's Gemini API, streamed (ai.google.dev, Text generation: streaming).

The SDK closes a stream that is left early only when its garbage is collected, and asks twice with
a pause of seconds on the HTTP library it prefers. So it is given another one, whose responses are
closed here.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from itertools import groupby
from uuid import uuid4

import httpx2
from google import genai
from google.genai import types
from google.genai.errors import APIError

from gateway.errors import (
    ProviderError,
    ProviderProtocol,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from gateway.providers.base import (
    Message,
    ModelEvent,
    ModelRequest,
    Role,
    TextDelta,
    ToolCall,
    ToolSpec,
    Usage,
)
from gateway.providers.http import Transport
from gateway.providers.instructions import CALL_BEGINS, SILENCE, instructions_of
from gateway.providers.status import error_of

NAME = "gemini"
TIMEOUT_MILLISECONDS = 15_000
MODEL_DECIDES = -1
"""A thinking budget that Gemini chooses itself."""
WITHOUT_SIGNATURES = ("gemini-1", "gemini-2")
NO_SIGNATURE = b"skip_thought_signature_validator"
"""Later models want the signature of the thought behind a call, which is not kept: what the
caller heard of an answer is not what was thought. Google names this value for such histories."""
FINISHED = frozenset({types.FinishReason.STOP, types.FinishReason.MAX_TOKENS})

_opened: ContextVar[list[httpx2.Response]] = ContextVar("opened")


class Gemini:
    """LanguageModel by one of Google's Gemini models, over connections that all calls share."""

    name = NAME

    def __init__(
        self, *, api_key: str, model: str, max_tokens: int, thinking_budget: int, base_url: str
    ) -> None:
        self.model = model
        self._max_tokens = max_tokens
        self._thinking_budget = thinking_budget
        self._http = httpx2.AsyncClient(
            transport=Transport(),
            event_hooks={"response": [_remember]},
        )
        self._client = genai.Client(
            api_key=api_key,
            vertexai=False,
            http_options=types.HttpOptions(
                base_url=base_url,
                timeout=TIMEOUT_MILLISECONDS,
                httpx_async_client=self._http,
            ),
        )

    async def warm(self) -> None:
        """Connect; see that the key is accepted and the model is there. Costs no tokens."""
        with _translated():
            await self._client.aio.models.get(model=self.model)

    async def respond(self, request: ModelRequest, /) -> AsyncIterator[ModelEvent]:
        """One answer as it is written; Usage comes last. Closing it closes the connection.

        Raises ProviderRefused for what a filter of Google's withholds, ProviderProtocol for a tool
        call that Gemini itself calls malformed, and the errors of the HTTP status.
        """
        answer = Answer()
        with _translated():
            async with self._asked(request) as chunks:
                async for chunk in chunks:
                    for event in answer.take(chunk):
                        yield event
        if not answer.complete:
            raise ProviderUnavailable(NAME, "the answer was cut off")
        yield answer.usage

    async def close(self) -> None:
        """Close the idle connections."""
        await self._client.aio.aclose()
        self._client.close()
        await self._http.aclose()

    @asynccontextmanager
    async def _asked(
        self, request: ModelRequest
    ) -> AsyncIterator[AsyncIterator[types.GenerateContentResponse]]:
        """The answer's chunks; its response is closed at the end, wherever that is."""
        opened: list[httpx2.Response] = []

        async def chunks() -> AsyncIterator[types.GenerateContentResponse]:
            token = _opened.set(opened)
            try:
                stream = await self._client.aio.models.generate_content_stream(
                    model=self.model,
                    contents=list(contents_of(request.messages, self._signature())),
                    config=self._config(request),
                )
                first = await anext(stream, None)
            finally:
                _opened.reset(token)
            if first is not None:
                yield first
            async for chunk in stream:
                yield chunk

        try:
            yield chunks()
        finally:
            for response in opened:
                await response.aclose()

    def _config(self, request: ModelRequest) -> types.GenerateContentConfig:
        off = types.AutomaticFunctionCallingConfig(disable=True)
        budget = self._thinking_budget
        thinking = types.ThinkingConfig(thinking_budget=budget)
        return types.GenerateContentConfig(
            system_instruction=instructions_of(request),
            max_output_tokens=self._max_tokens,
            tools=[types.Tool(function_declarations=[_declared(s) for s in request.tools])]
            if request.tools
            else None,
            automatic_function_calling=off,
            automatic_continuation=False,
            thinking_config=None if budget == MODEL_DECIDES else thinking,
        )

    def _signature(self) -> bytes | None:
        return None if self.model.startswith(WITHOUT_SIGNATURES) else NO_SIGNATURE


class Answer:
    """The chunks of one answer, translated one by one."""

    def __init__(self) -> None:
        self.complete = False
        self.usage = Usage()

    def take(self, chunk: types.GenerateContentResponse) -> Iterator[ModelEvent]:
        if (used := chunk.usage_metadata) is not None:
            read = (used.prompt_token_count or 0) + (used.tool_use_prompt_token_count or 0)
            written = (used.candidates_token_count or 0) + (used.thoughts_token_count or 0)
            self.usage = Usage(read, used.cached_content_token_count or 0, written)
        if chunk.prompt_feedback is not None and chunk.prompt_feedback.block_reason is not None:
            raise ProviderRefused(NAME, "the request was withheld by a filter")
        for candidate in chunk.candidates or ():
            for part in (candidate.content.parts if candidate.content else None) or ():
                yield from _events(part)
            if candidate.finish_reason is not None:
                _check(candidate.finish_reason)
                self.complete = True


def _events(part: types.Part) -> Iterator[ModelEvent]:
    """What Gemini thinks is not for the caller's ear."""
    if part.text and not part.thought:
        yield TextDelta(part.text)
    if (call := part.function_call) is not None:
        yield ToolCall(call.id or f"call_{uuid4().hex}", call.name or "", call.args or {})


def _check(reason: types.FinishReason) -> None:
    if reason is types.FinishReason.MALFORMED_FUNCTION_CALL:
        raise ProviderProtocol(NAME, "a malformed tool call")
    if reason not in FINISHED:
        raise ProviderRefused(NAME, f"the answer was withheld ({reason.value})")


def contents_of(messages: Sequence[Message], signature: bytes | None) -> Iterator[types.Content]:
    """The history as Gemini takes it: the sides alternate, the caller's first and last."""
    names = {call.id: call.name for message in messages for call in message.tool_calls}
    sides = [
        (is_ours, [part for message in side for part in _parts(message, names, signature)])
        for is_ours, side in groupby(messages, lambda each: each.role is Role.ASSISTANT)
    ]
    spoken = [(is_ours, parts) for is_ours, parts in sides if parts]
    if not spoken or spoken[0][0]:
        yield _content("user", [types.Part(text=CALL_BEGINS)])
    for is_ours, parts in spoken:
        yield _content("model" if is_ours else "user", parts)
    if spoken and spoken[-1][0]:
        yield _content("user", [types.Part(text=SILENCE)])


def _content(role: str, parts: list[types.Part]) -> types.Content:
    return types.Content(role=role, parts=parts)


def _parts(
    message: Message, names: Mapping[str, str], signature: bytes | None
) -> Iterator[types.Part]:
    if message.role is Role.TOOL:
        asked = message.tool_call_id or ""
        response = types.FunctionResponse(
            id=asked, name=names.get(asked, ""), response={"result": message.text}
        )
        yield types.Part(function_response=response)
    elif message.text.strip():
        yield types.Part(text=message.text.strip())
    for call in message.tool_calls:
        yield types.Part(
            function_call=types.FunctionCall(id=call.id, name=call.name, args=dict(call.arguments)),
            thought_signature=signature,
        )


def _declared(spec: ToolSpec) -> types.FunctionDeclaration:
    return types.FunctionDeclaration(
        name=spec.name,
        description=spec.description,
        parameters_json_schema=dict(spec.parameters),
    )


async def _remember(response: httpx2.Response) -> None:
    if (opened := _opened.get(None)) is not None:
        opened.append(response)


@contextmanager
def _translated() -> Iterator[None]:
    """The SDK's errors as ours; it lets those of its HTTP library through."""
    try:
        yield
    except ProviderError:
        raise
    except httpx2.TimeoutException as error:
        raise ProviderTimeout(NAME, type(error).__name__) from None
    except httpx2.TransportError as error:
        raise ProviderUnavailable(NAME, type(error).__name__) from None
    except APIError as error:
        raise _refused(error) from None
    except (ValueError, AttributeError, TypeError) as error:
        # the SDK does not check what it reads
        raise ProviderProtocol(NAME, f"not understood ({type(error).__name__})") from None


def _refused(error: APIError) -> ProviderError:
    headers = getattr(error.response, "headers", {})
    if "retry-after" not in headers:
        headers = {"retry-after": _retry_delay(error.details)}
    return error_of(NAME, int(error.code or 500), headers, error.status or "")


def _retry_delay(body: object) -> str:
    """Seconds of a `google.rpc.RetryInfo` in the body of an error, where they are like `7s`."""
    details = body.get("error", {}).get("details", ()) if isinstance(body, dict) else ()
    delays = (str(detail.get("retryDelay", "")) for detail in details)
    return next((delay.removesuffix("s") for delay in delays if delay), "")
