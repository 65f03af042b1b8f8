"""Anthropic's own ways: what is cached, whose turn it is, and errors in mid-stream."""

from typing import cast

import pytest
from anthropic import AsyncAnthropic
from anthropic.types import TextBlock, TextBlockParam, ToolParam, ToolUseBlock

from gateway.errors import ProviderError, ProviderRateLimited, ProviderUnavailable
from gateway.providers.anthropic import Anthropic, messages_of
from gateway.providers.base import (
    Message,
    ModelEvent,
    ModelRequest,
    Role,
    TextDelta,
    ToolCall,
    ToolSpec,
)
from gateway.providers.instructions import CALL_BEGINS, SILENCE, SPOKEN
from tests.vendors.anthropic import AnthropicWire, error
from tests.vendors.sse import Server, Tool, serving

END = ToolSpec("end_call", "Hangs up.", {"type": "object", "properties": {}})


def claude(server: Server) -> Anthropic:
    return Anthropic(api_key="k", model="claude-haiku-4-5", max_tokens=77, base_url=server.address)


async def ask(model: Anthropic) -> list[ModelEvent]:
    request = ModelRequest("clinic", "Be brief.", "de-DE", (Message(Role.USER, "Hallo"),), (END,))
    try:
        return [event async for event in model.respond(request)]
    finally:
        await model.close()


async def test_instructions_are_cached_and_tools_stream_eagerly() -> None:
    async with serving(AnthropicWire(), "Guten Tag.") as server:
        await ask(claude(server))
    (asked,) = server.conduct.requests
    assert asked["model"] == "claude-haiku-4-5"
    assert asked["max_tokens"] == 77
    assert asked["stream"] is True
    assert asked["system"] == [
        {
            "type": "text",
            "text": f"Be brief.\n\n{SPOKEN.format(language='de-DE')}",
            "cache_control": {"type": "ephemeral"},
        }
    ]
    assert asked["tools"] == [
        {
            "name": "end_call",
            "description": "Hangs up.",
            "input_schema": {"type": "object", "properties": {}},
            "eager_input_streaming": True,
        }
    ]


async def test_anthropics_own_sdk_asks_the_same_and_reads_the_same_answer() -> None:
    async with serving(
        AnthropicWire(), "Guten Tag.", Tool("call_1", "end_call", ("{}",))
    ) as server:
        ours = await ask(claude(server))
        async with AsyncAnthropic(api_key="k", base_url=server.address, max_retries=0) as sdk:
            (asked,) = server.conduct.requests
            async with sdk.messages.stream(
                model="claude-haiku-4-5",
                max_tokens=77,
                system=cast(list[TextBlockParam], asked["system"]),
                messages=messages_of((Message(Role.USER, "Hallo"),)),
                tools=cast(list[ToolParam], asked["tools"]),
            ) as stream:
                theirs = await stream.get_final_message()
    assert server.conduct.requests[1] == asked
    assert server.conduct.keys[0] == server.conduct.keys[1]
    text, tool = theirs.content
    assert isinstance(text, TextBlock)
    assert isinstance(tool, ToolUseBlock)
    assert ours[:2] == [TextDelta(text.text), ToolCall(tool.id, tool.name, {})]


@pytest.mark.parametrize(
    ("kind", "meant"),
    [
        ("overloaded_error", ProviderUnavailable),
        ("rate_limit_error", ProviderRateLimited),
        ("something_new", ProviderUnavailable),
    ],
)
async def test_an_error_in_mid_stream(kind: str, meant: type[ProviderError]) -> None:
    async with serving(AnthropicWire(), "Hello.") as server:
        server.conduct.instead = error(kind)
        with pytest.raises(ProviderError) as caught:
            await ask(claude(server))
    assert type(caught.value) is meant
    assert kind in str(caught.value)
    assert "private words" not in str(caught.value)


def test_the_sides_alternate_and_the_caller_is_first_and_last() -> None:
    messages = messages_of(
        (
            Message(Role.ASSISTANT, "Welcome."),
            Message(Role.ASSISTANT, "Are you there?"),
            Message(Role.USER, "Yes."),
            Message(Role.ASSISTANT, "Good."),
        )
    )
    assert [message["role"] for message in messages] == ["user", "assistant"] * 2 + ["user"]
    assert messages[0]["content"] == CALL_BEGINS
    assert messages[-1]["content"] == SILENCE


def test_results_of_tools_are_in_one_message_before_what_the_caller_says() -> None:
    calls = tuple(ToolCall(f"call_{n}", "end_call", {}) for n in (1, 2))
    messages = messages_of(
        (
            Message(Role.USER, "Bye."),
            Message(Role.ASSISTANT, " ", tool_calls=calls),
            Message(Role.TOOL, "done", tool_call_id="call_1"),
            Message(Role.TOOL, "done too", tool_call_id="call_2"),
            Message(Role.USER, "Wait!"),
        )
    )
    assert [message["role"] for message in messages] == ["user", "assistant", "user"]
    kinds = [[block["type"] for block in message["content"]] for message in messages]  # type: ignore[index]
    assert kinds == [["text"], ["tool_use", "tool_use"], ["tool_result", "tool_result", "text"]]


def test_nothing_said_yet_is_a_call_that_begins() -> None:
    assert messages_of(()) == [{"role": "user", "content": CALL_BEGINS}]
