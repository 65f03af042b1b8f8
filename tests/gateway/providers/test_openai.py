"""Chat Completions' own ways: how calls are put together, whose turn it is, what errors mean."""

import json
from collections.abc import Iterator, Mapping
from itertools import islice

import pytest

from gateway.errors import (
    ProviderError,
    ProviderRateLimited,
    ProviderRefused,
    ProviderUnavailable,
)
from gateway.providers.base import (
    Json,
    Message,
    ModelEvent,
    ModelRequest,
    Role,
    ToolCall,
    ToolSpec,
    Usage,
)
from gateway.providers.instructions import CALL_BEGINS, SILENCE, SPOKEN
from gateway.providers.openai import GROQ, OPENAI, ChatModel, Dialect, messages_of
from tests.vendors import openai
from tests.vendors.openai import OpenAiWire
from tests.vendors.sse import Script, Server, Tool, serving

END = ToolSpec("end_call", "Hangs up.", {"type": "object", "properties": {}})


def request(*messages: Message, tools: tuple[ToolSpec, ...] = (END,)) -> ModelRequest:
    said = messages or (Message(Role.USER, "Hallo"),)
    return ModelRequest("clinic", "Be brief.", "de-DE", said, tools)


async def ask(
    server: Server,
    dialect: Dialect = OPENAI,
    asked: ModelRequest | None = None,
    extra: Mapping[str, Json] | None = None,
) -> list[ModelEvent]:
    model = ChatModel(
        dialect,
        api_key="k",
        model="m",
        max_tokens=77,
        base_url=f"{server.address}/v1",
        extra=extra,
    )
    try:
        return [event async for event in model.respond(asked or request())]
    finally:
        await model.close()


class Raw(OpenAiWire):
    """An answer of chunks with these deltas, as servers of one's own write them."""

    def __init__(self, *deltas: Mapping[str, object], reason: str = "tool_calls") -> None:
        self._deltas = deltas
        self._reason = reason

    def events(self, script: Script) -> Iterator[str]:
        choices: list[Mapping[str, object]] = [
            {"index": 0, "delta": delta, "finish_reason": None} for delta in self._deltas
        ]
        choices.append({"index": 0, "delta": {}, "finish_reason": self._reason})
        bodies = [{"id": "1", "object": "chat.completion.chunk", "choices": [c]} for c in choices]
        yield from (f"data: {json.dumps(body)}\n" for body in bodies)


def piece(**fields: object) -> Mapping[str, object]:
    return {"tool_calls": [fields]}


async def test_what_is_asked() -> None:
    async with serving(OpenAiWire(), "Hallo.") as server:
        await ask(server, extra={"reasoning_effort": "none"})
        await ask(server, Dialect("ollama"), request(tools=()))
    first, second = server.conduct.requests
    assert first["messages"] == [
        {"role": "system", "content": f"Be brief.\n\n{SPOKEN.format(language='de-DE')}"},
        {"role": "user", "content": "Hallo"},
    ]
    assert first["stream_options"] == {"include_usage": True}
    assert first["max_completion_tokens"] == 77
    assert first["reasoning_effort"] == "none"
    assert "max_tokens" not in first
    assert second["max_tokens"] == 77
    assert "max_completion_tokens" not in second
    assert "tools" not in second
    assert server.conduct.keys == ["Bearer k"] * 2


async def test_calls_in_parallel_are_kept_apart() -> None:
    tools = (Tool("a", "end_call", ("{", "}")), Tool("b", "end_call", ('{"x": ', "1}")))
    async with serving(OpenAiWire(), *tools) as server:
        events = await ask(server)
    assert events[:2] == [ToolCall("a", "end_call", {}), ToolCall("b", "end_call", {"x": 1})]
    assert isinstance(events[2], Usage)


async def test_calls_without_an_index_are_told_apart_by_their_ids() -> None:
    wire = Raw(
        piece(index=0, id="a", function={"name": "end_call", "arguments": "{}"}),
        piece(index=0, id="b", function={"name": "end_call", "arguments": '{"x": 1}'}),
    )
    async with serving(wire) as server:
        events = await ask(server, GROQ)
    assert events == [ToolCall("a", "end_call", {}), ToolCall("b", "end_call", {"x": 1})]


async def test_calls_without_an_id_get_one_of_their_own() -> None:
    begun = piece(index=0, id="", function={"name": "end_call", "arguments": ""})
    async with serving(Raw(begun, piece(index=0, function={"arguments": "{}"}))) as server:
        first, second = [call for _ in range(2) for call in await ask(server)]
    assert isinstance(first, ToolCall)
    assert isinstance(second, ToolCall)
    assert first.id
    assert first.id != second.id


async def test_an_answer_without_an_end_was_cut() -> None:
    class Cut(OpenAiWire):
        def events(self, script: Script) -> Iterator[str]:
            yield from islice(super().events(script), 2)
            yield "data: [DONE]\n"

    async with serving(Cut(), "Hallo.") as server:
        with pytest.raises(ProviderUnavailable):
            await ask(server)


async def test_an_answer_that_a_filter_withheld() -> None:
    async with serving(Raw({"content": "H"}, reason="content_filter")) as server:
        with pytest.raises(ProviderRefused):
            await ask(server)


@pytest.mark.parametrize(
    ("code", "meant"),
    [("rate_limit_exceeded", ProviderRateLimited), ("server_error", ProviderUnavailable)],
)
async def test_an_error_in_mid_stream(code: str, meant: type[ProviderError]) -> None:
    async with serving(OpenAiWire(), "Hello.") as server:
        server.conduct.instead = openai.error(code)
        with pytest.raises(ProviderError) as caught:
            await ask(server)
    assert type(caught.value) is meant
    assert code in str(caught.value)
    assert "private words" not in str(caught.value)


async def test_an_account_without_money_is_not_asked_again() -> None:
    class Broke(OpenAiWire):
        def refusal(self, status: int) -> Mapping[str, object]:
            return openai.refusal(status, "insufficient_quota")

    async with serving(Broke(), "Hello.") as server:
        server.conduct.status = 429
        with pytest.raises(ProviderRefused):
            await ask(server)


def test_the_callers_side_is_the_first_and_the_last() -> None:
    turns = messages_of(
        request(
            Message(Role.ASSISTANT, "Welcome."),
            Message(Role.ASSISTANT, "Are you there?"),
            Message(Role.USER, "Yes."),
            Message(Role.ASSISTANT, "Good."),
        )
    )
    roles = [turn["role"] for turn in turns]
    assert roles == ["system", "user", "assistant", "user", "assistant", "user"]
    said = [turn.get("content") for turn in turns[1:]]
    assert said == [CALL_BEGINS, "Welcome.\nAre you there?", "Yes.", "Good.", SILENCE]


def test_results_of_tools_stay_apart() -> None:
    calls = tuple(ToolCall(f"call_{n}", "end_call", {"ö": n}) for n in (1, 2))
    turns = messages_of(
        request(
            Message(Role.USER, "Bye."),
            Message(Role.ASSISTANT, "", tool_calls=calls),
            Message(Role.TOOL, "done", tool_call_id="call_1"),
            Message(Role.TOOL, "done too", tool_call_id="call_2"),
        )
    )
    assert [turn["role"] for turn in turns] == ["system", "user", "assistant", "tool", "tool"]
    assert turns[2].get("content") is None
    assert '{"ö": 2}' in str(turns[2])
