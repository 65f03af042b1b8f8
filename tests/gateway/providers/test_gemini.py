"""Gemini's own ways: whose turn it is, what it withholds, and when it wants to be asked again."""

from collections.abc import Iterator, Mapping

import pytest

from gateway.errors import (
    ProviderError,
    ProviderProtocol,
    ProviderRateLimited,
    ProviderRefused,
    ProviderUnavailable,
)
from gateway.providers.base import Message, ModelEvent, ModelRequest, Role, ToolCall, ToolSpec
from gateway.providers.gemini import NO_SIGNATURE, Gemini, contents_of
from gateway.providers.instructions import CALL_BEGINS, SILENCE
from tests.vendors import gemini
from tests.vendors.gemini import GeminiWire
from tests.vendors.sse import Script, Server, serving

END = ToolSpec("end_call", "Hangs up.", {"type": "object", "properties": {}})


class Raw(GeminiWire):
    """An answer of these events."""

    def __init__(self, *events: str) -> None:
        self._events = events

    def events(self, script: Script) -> Iterator[str]:
        yield from self._events


async def ask(
    server: Server, model: str = "gemini-2.5-flash", budget: int = 0, *said: Message
) -> list[ModelEvent]:
    gemini = Gemini(
        api_key="k",
        model=model,
        max_tokens=77,
        thinking_budget=budget,
        base_url=server.address,
    )
    history = said or (Message(Role.USER, "Hallo"),)
    request = ModelRequest("clinic", "Be brief.", "de-DE", history, (END,))
    try:
        return [event async for event in gemini.respond(request)]
    finally:
        await gemini.close()


async def test_what_is_asked() -> None:
    async with serving(GeminiWire(), "Hallo.") as server:
        await ask(server)
        await ask(server, budget=-1)
    first, second = server.conduct.requests
    config = first["generationConfig"]
    assert isinstance(config, dict)
    assert config["maxOutputTokens"] == 77
    assert [*config["thinkingConfig"].values()] == [0]
    assert "thinkingConfig" not in str(second)
    assert first["contents"] == [{"role": "user", "parts": [{"text": "Hallo"}]}]
    assert "Be brief." in str(first["systemInstruction"])
    assert server.conduct.keys == ["k", "k"]


async def test_thoughts_are_not_spoken() -> None:
    thought = gemini.chunk({"text": "Hm.", "thought": True})
    async with serving(Raw(thought, gemini.chunk({"text": "Hi."}, "STOP"))) as server:
        events = await ask(server)
    assert [event for event in events if "Hm." in str(event)] == []


@pytest.mark.parametrize(
    ("event", "meant"),
    [
        (gemini.chunk({"text": "H"}, "SAFETY"), ProviderRefused),
        (gemini.chunk({"text": ""}, "MALFORMED_FUNCTION_CALL"), ProviderProtocol),
        (gemini.event({"promptFeedback": {"blockReason": "OTHER"}}), ProviderRefused),
        (gemini.chunk({"text": "H"}), ProviderUnavailable),
        (gemini.event(gemini.refusal(529)), ProviderUnavailable),
    ],
    ids=["withheld", "malformed", "blocked", "cut", "error in mid-stream"],
)
async def test_an_answer_that_is_none(event: str, meant: type[ProviderError]) -> None:
    async with serving(Raw(event)) as server:
        with pytest.raises(ProviderError) as caught:
            await ask(server)
    assert type(caught.value) is meant
    assert "private words" not in str(caught.value)


@pytest.mark.parametrize(("delay", "seconds"), [("38.5s", 38.5), ("²s", None), ("", None)])
async def test_when_to_come_again_stands_in_the_body(delay: str, seconds: float | None) -> None:
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}

    class Busy(GeminiWire):
        def refusal(self, status: int) -> Mapping[str, object]:
            return gemini.refusal(status, {"@type": "other"}, info)

    async with serving(Busy()) as server:
        server.conduct.status = 429
        with pytest.raises(ProviderRateLimited) as caught:
            await ask(server)
    assert caught.value.retry_after == seconds


async def test_calls_without_an_id_get_one_of_their_own() -> None:
    call = gemini.chunk({"functionCall": {"name": "end_call", "args": {"x": 1}}})
    async with serving(Raw(call, call, gemini.chunk({"text": ""}, "STOP"))) as server:
        first, second = [each for each in await ask(server) if isinstance(each, ToolCall)]
    assert (first.name, first.arguments) == ("end_call", {"x": 1})
    assert first.id != second.id


HISTORY = (
    Message(Role.ASSISTANT, "Welcome."),
    Message(Role.USER, "Bye."),
    Message(Role.ASSISTANT, "", (ToolCall("a", "end_call", {}), ToolCall("b", "look", {}))),
    Message(Role.TOOL, "done", tool_call_id="a"),
    Message(Role.TOOL, "seen", tool_call_id="b"),
    Message(Role.ASSISTANT, "Well."),
)


def test_the_sides_alternate_and_the_caller_is_first_and_last() -> None:
    contents = list(contents_of(HISTORY, None))
    assert [each.role for each in contents] == ["user", "model"] * 3 + ["user"]
    texts = [[part.text for part in each.parts or ()] for each in contents]
    assert (texts[0], texts[-1]) == ([CALL_BEGINS], [SILENCE])
    answers = [part.function_response for part in contents[4].parts or ()]
    assert [(each.id, each.name) for each in answers if each] == [("a", "end_call"), ("b", "look")]


async def test_models_that_want_signatures_get_one() -> None:
    async with serving(GeminiWire(), "Hallo.") as server:
        await ask(server, "gemini-3-flash", -1, *HISTORY)
        await ask(server, "gemini-2.5-flash", -1, *HISTORY)
    new, old = (str(each["contents"]) for each in server.conduct.requests)
    assert new.count("thoughtSignature") == 2
    assert "thoughtSignature" not in old
    assert [
        part.thought_signature for part in list(contents_of(HISTORY, NO_SIGNATURE))[3].parts or ()
    ] == [NO_SIGNATURE] * 2
