"""What every language model promises: the real SDKs against local servers, and the embedded one."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import cast

import pytest

from gateway.errors import (
    ProviderError,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from gateway.profile import load_profiles
from gateway.providers.base import (
    LanguageModel,
    Message,
    ModelEvent,
    ModelRequest,
    Role,
    TextDelta,
    ToolCall,
    ToolSpec,
    Usage,
)
from gateway.providers.local_agent import LocalAgent
from tests.gateway.providers.vendor_models import KEY, MODELS, Model
from tests.vendors.conduct import crowd
from tests.vendors.sse import Script, Tool
from tests.waiting import until

HOME = Path(__file__).parents[3]
TRANSFER = ToolSpec(
    "transfer_call",
    "Puts the caller through.",
    {"type": "object", "properties": {"person": {"type": "string"}}, "required": ["person"]},
)
LONG: Script = ("\n".join("word" for _ in range(500)),)


@pytest.fixture(params=MODELS)
def vendor(request: pytest.FixtureRequest) -> Model:
    return MODELS[cast(str, request.param)]


@pytest.fixture
def local() -> LocalAgent:
    return LocalAgent(load_profiles(HOME / "profiles"))


def request(*messages: Message, profile: str = "clinic") -> ModelRequest:
    said = messages or (Message(Role.USER, "When are you open?"),)
    return ModelRequest(profile, "You are Robin.", "en-US", said, (TRANSFER,))


async def answer(model: LanguageModel, asked: ModelRequest | None = None) -> list[ModelEvent]:
    return [event async for event in model.respond(asked or request())]


async def collect(model: LanguageModel, heard: list[ModelEvent]) -> None:
    async for event in model.respond(request()):
        heard.append(event)


def text_of(events: list[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


# --- what is streamed ---------------------------------------------------------------------------


async def test_text_and_tool_calls_come_as_they_are_written(vendor: Model) -> None:
    tool = Tool("call_1", "transfer_call", ('{"per', 'son": "An', 'na"}'))
    async with vendor.answering("One moment.\n Anna it is.", tool) as (model, _):
        events = await answer(model)
    texts = [event.text for event in events if isinstance(event, TextDelta)]
    assert texts == ["One moment.\n", " Anna it is."]
    assert ToolCall("call_1", "transfer_call", {"person": "Anna"}) in events
    usages = [event for event in events if isinstance(event, Usage)]
    assert usages == [Usage(1825, 1800, 15)]


async def test_a_tool_without_arguments(vendor: Model) -> None:
    async with vendor.answering(Tool("call_1", "end_call", ())) as (model, _):
        assert ToolCall("call_1", "end_call", {}) in await answer(model)


async def test_the_first_word_does_not_wait_for_the_last(vendor: Model) -> None:
    async with vendor.answering(*LONG) as (model, server):
        server.conduct.drip = 0.2
        async with aclosing(_generator(model)) as events, asyncio.timeout(30):
            assert await anext(events) == TextDelta("word\n")


async def test_any_script(vendor: Model) -> None:
    said = "Grüß Gott, señora; 您好 🙂"
    async with vendor.answering(said) as (model, server):
        assert text_of(await answer(model, request(Message(Role.USER, said)))) == said
        assert said in str(server.conduct.requests)


async def test_silence_is_an_answer_without_words(vendor: Model) -> None:
    async with vendor.answering("") as (model, _):
        assert text_of(await answer(model)) == ""


async def test_fifty_calls_at_once(vendor: Model) -> None:
    async with vendor.answering("Hello.") as (model, server):
        server.conduct.drip = 0.01
        answers = await asyncio.gather(*(answer(model) for _ in range(50)))
        assert [text_of(events) for events in answers] == ["Hello."] * 50
        assert len(server.conduct.requests) == 50


async def test_nobody_waits_for_the_calls_of_others_to_end(vendor: Model) -> None:
    async with vendor.answering("Hello.") as (model, server), asyncio.TaskGroup() as calls:
        server.conduct.delay = 60.0
        await crowd(calls, lambda: answer(model), lambda: len(server.conduct.requests))


async def test_connections_are_used_again(vendor: Model) -> None:
    async with vendor.answering("Hello.") as (model, server):
        await model.warm()
        await answer(model)
        await answer(model)
        assert server.connections == 1


# --- what is cancelled --------------------------------------------------------------------------


async def test_an_answer_that_is_closed_closes_its_connection(vendor: Model) -> None:
    async with vendor.answering(*LONG) as (model, server):
        server.conduct.drip = 0.01
        async with aclosing(_generator(model)) as events:
            await anext(events)
        async with asyncio.timeout(30):
            await server.conduct.abandoned.wait()


async def test_a_request_that_is_cancelled_before_its_first_word(vendor: Model) -> None:
    async with vendor.answering("Hello.") as (model, server):
        server.conduct.delay = 60.0
        async with asyncio.TaskGroup() as calls:
            asked = calls.create_task(answer(model))
            await until(lambda: len(server.conduct.requests) == 1)
            asked.cancel()
        assert asked.cancelled()
        assert len(server.conduct.requests) == 1


# --- what fails ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, ProviderRefused),
        (401, ProviderRefused),
        (404, ProviderRefused),
        (429, ProviderRateLimited),
        (500, ProviderUnavailable),
        (504, ProviderTimeout),
        (529, ProviderUnavailable),
    ],
)
async def test_what_a_refusal_means(vendor: Model, status: int, error: type[ProviderError]) -> None:
    async with vendor.answering("Hello.") as (model, server):
        server.conduct.status = status
        with pytest.raises(ProviderError) as caught:
            await answer(model)
    assert type(caught.value) is error
    assert str(status) in str(caught.value)
    assert "private words" not in str(caught.value)


async def test_when_to_come_again(vendor: Model) -> None:
    async with vendor.answering("Hello.") as (model, server):
        server.conduct.status, server.conduct.retry_after = 429, 7
        with pytest.raises(ProviderRateLimited) as caught:
            await answer(model)
        assert len(server.conduct.requests) == 1, "it was not asked again behind our back"
    assert caught.value.retry_after == 7


@pytest.mark.parametrize(("delay", "drip"), [(60.0, 0.0), (0.0, 60.0)], ids=["at once", "later"])
async def test_a_vendor_that_hangs(
    vendor: Model, delay: float, drip: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    for deadline, short in vendor.deadlines.items():
        monkeypatch.setattr(deadline, short)
    async with vendor.answering(*LONG) as (model, server):
        server.conduct.delay, server.conduct.drip = delay, drip
        with pytest.raises(ProviderTimeout):
            await answer(model)
        server.conduct.delay = server.conduct.drip = 0.0


async def test_a_connection_that_breaks_in_mid_answer(vendor: Model) -> None:
    heard: list[ModelEvent] = []
    async with vendor.answering(*LONG) as (model, server):
        server.conduct.cut_after = 20
        with pytest.raises(ProviderUnavailable):
            await collect(model, heard)
    assert text_of(heard).startswith("word\n")


async def test_an_answer_that_is_not_understood(vendor: Model) -> None:
    async with vendor.answering(*LONG) as (model, server):
        server.conduct.instead = vendor.nonsense
        with pytest.raises(ProviderUnavailable):
            await answer(model)


@pytest.mark.parametrize("vendor", [each for each in MODELS.values() if not each.writes_no_json])
@pytest.mark.parametrize("written", ['{"person": "An', "[1]", "Anna"])
async def test_a_tool_call_that_is_no_object_has_no_arguments(vendor: Model, written: str) -> None:
    async with vendor.answering(Tool("call_1", "transfer_call", (written,))) as (model, _):
        events = await answer(model)
    calls = [event for event in events if isinstance(event, ToolCall)]
    assert calls == [ToolCall("call_1", "transfer_call", {}, unreadable=True)]


async def test_nobody_is_there(vendor: Model) -> None:
    async with vendor.answering("Hello.") as (model, server):
        await server.stop()
        for ask in (answer(model), model.warm()):
            with pytest.raises(ProviderUnavailable):
                await ask


# --- what is asked ------------------------------------------------------------------------------


async def test_the_key_is_sent_and_shown_nowhere(vendor: Model) -> None:
    async with vendor.answering("Hello.") as (model, server):
        await model.warm()
        server.conduct.status = 401
        with pytest.raises(ProviderRefused) as caught:
            await model.warm()
        assert KEY in server.conduct.keys[0]
    assert KEY not in f"{caught.value!r} {model!r} {vars(model)}"


async def test_tools_and_instructions_reach_the_model(vendor: Model) -> None:
    async with vendor.answering("Hello.") as (model, server):
        await answer(model)
        asked = str(server.conduct.requests)
    for expected in ("You are Robin.", "en-US", "transfer_call", "'required': ['person']"):
        assert expected in asked


async def test_a_call_that_we_opened_and_that_ran_a_tool(vendor: Model) -> None:
    call = ToolCall("call_7", "transfer_call", {"person": "Anna"})
    history = (
        Message(Role.ASSISTANT, "Welcome."),
        Message(Role.USER, "Anna, please."),
        Message(Role.ASSISTANT, "", tool_calls=(call,)),
        Message(Role.TOOL, "busy", tool_call_id="call_7"),
    )
    async with vendor.answering("She is busy.") as (model, server):
        assert text_of(await answer(model, request(*history))) == "She is busy."
        asked = str(server.conduct.requests)
    assert asked.count("call_7") == 2
    assert asked.index("Welcome.") < asked.index("Anna, please.") < asked.index("busy")


# --- the embedded one ---------------------------------------------------------------------------


async def test_the_embedded_agent_answers_twenty_at_once(local: LocalAgent) -> None:
    profile = next(iter(load_profiles(HOME / "profiles")))
    asked = request(profile=profile)
    answers = await asyncio.gather(*(answer(local, asked) for _ in range(20)))
    assert text_of(answers[0])
    assert len({text_of(events) for events in answers}) == 1


async def test_the_embedded_agent_can_be_closed_early(local: LocalAgent) -> None:
    profile = next(iter(load_profiles(HOME / "profiles")))
    async with aclosing(_generator(local, request(profile=profile))) as events:
        assert isinstance(await anext(events), TextDelta)


async def test_the_embedded_agent_refuses_what_it_does_not_know(local: LocalAgent) -> None:
    with pytest.raises(ProviderRefused):
        await answer(local, request(profile="nobody"))


def _generator(
    model: LanguageModel, asked: ModelRequest | None = None
) -> AsyncGenerator[ModelEvent, None]:
    events = model.respond(asked or request())
    assert isinstance(events, AsyncGenerator)
    return events
