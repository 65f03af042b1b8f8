"""A caller hears one whole answer, whichever models fail on the way, and no word twice."""

import asyncio
from contextlib import aclosing

import pytest

from gateway.errors import (
    ProviderProtocol,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from gateway.kinds import Kind, Rule
from gateway.metrics import Metrics
from gateway.providers.base import (
    Message,
    ModelEvent,
    ModelRequest,
    Role,
    TextDelta,
    ToolCall,
    Usage,
)
from gateway.providers.resilience.board import Board
from gateway.providers.resilience.breaker import State
from gateway.providers.resilience.continuing import GO_ON
from gateway.providers.resilience.journal import Incident, What, telling
from gateway.providers.resilience.limiter import Limit
from gateway.providers.resilience.models import SteadyModel
from tests.fakes.providers import HANGS, ScriptedModel, candidates

pytestmark = pytest.mark.virtual_time

REQUEST = ModelRequest("clinic", "", "en-US", (Message(Role.USER, "When are you open?"),), ())
DOWN = ProviderUnavailable("x", "down")
CALL = ToolCall("1", "hang_up", {})


class Notes:
    """A call's journal."""

    def __init__(self) -> None:
        self.all: list[Incident] = []

    def incident(self, incident: Incident, /) -> None:
        self.all.append(incident)

    @property
    def said(self) -> list[tuple[str, What]]:
        return [(each.provider, each.what) for each in self.all]


async def answer(model: SteadyModel, request: ModelRequest = REQUEST) -> list[ModelEvent]:
    return [event async for event in model.respond(request)]


async def text(model: SteadyModel) -> str:
    return "".join(e.text for e in await answer(model) if isinstance(e, TextDelta))


def steady(*models: ScriptedModel, hedge: float | None = None, **options: object) -> SteadyModel:
    made = candidates(Kind.LLM, *models, **options)  # type: ignore[arg-type]
    return SteadyModel(made, Board(clock=made[0].health.clock), hedge=hedge)


@pytest.mark.parametrize(
    "error",
    [DOWN, ProviderTimeout("x", ""), ProviderRefused("x", ""), ProviderRateLimited("x", "", 9.0)],
)
async def test_the_next_one_answers_where_the_first_fails_at_once(error: Exception) -> None:
    first, second = ScriptedModel("first", [error]), ScriptedModel("second", ["Hello."])
    notes = Notes()
    with telling(notes):
        assert await text(steady(first, second)) == "Hello."
    assert notes.said == [("first", What.FAILED), ("second", What.STEPPED_IN)]
    assert second.requests == [REQUEST]


async def test_the_next_one_goes_on_behind_what_was_said() -> None:
    first = ScriptedModel("first", ["We are open ", "from nine ", DOWN])
    second = ScriptedModel("second", ["to five ", "on weekdays."])
    assert await text(steady(first, second)) == "We are open from nine to five on weekdays."
    (asked,) = second.requests
    assert isinstance(asked, ModelRequest)
    assert asked.messages == (
        *REQUEST.messages,
        Message(Role.ASSISTANT, "We are open from nine "),
        Message(Role.USER, GO_ON),
    )


async def test_what_the_next_one_repeats_is_not_said_twice() -> None:
    first = ScriptedModel("first", ["We are open from ", DOWN])
    second = ScriptedModel("second", ["We are ", "open from nine", " to five."])
    assert await text(steady(first, second)) == "We are open from nine to five."


async def test_the_embedded_one_is_asked_what_the_caller_asked() -> None:
    first, local = ScriptedModel("first", ["Well, ", DOWN]), ScriptedModel("local", ["From nine."])
    assert await text(steady(first, local, embedded=["local"])) == "Well, From nine."
    assert local.requests == [REQUEST]


async def test_behind_a_tool_call_nothing_needs_to_follow() -> None:
    first, second = ScriptedModel("first", ["Bye. ", CALL, DOWN]), ScriptedModel("second", ["No"])
    assert await answer(steady(first, second)) == [TextDelta("Bye. "), CALL]
    assert not second.requests


@pytest.mark.parametrize("pause", ["first", "idle"])
async def test_one_that_hangs_is_left_and_closed(pause: str) -> None:
    script = [HANGS] if pause == "first" else ["From nine ", HANGS]
    first, second = ScriptedModel("first", script), ScriptedModel("second", ["to five."])
    loop = asyncio.get_running_loop()
    begun = loop.time()
    assert (await text(steady(first, second))).endswith("to five.")
    assert loop.time() - begun == pytest.approx(2.0 if pause == "first" else 1.0)
    assert (first.running, first.closed_early) == (0, 1)


async def test_one_that_drips_for_ever_runs_into_the_whole_deadline() -> None:
    first = ScriptedModel("first", [0.9, "a "] * 30)
    with pytest.raises(ProviderTimeout, match="the whole answer"):
        await text(steady(first))
    assert first.closed_early == 1


async def test_an_answer_of_nothing_is_none() -> None:
    first, second = ScriptedModel("first", [Usage(5)]), ScriptedModel("second", ["Hello."])
    assert await text(steady(first, second)) == "Hello."
    with pytest.raises(ProviderProtocol):
        await text(steady(ScriptedModel("first", [])))


async def test_after_a_tools_result_a_model_may_be_silent() -> None:
    request = ModelRequest("clinic", "", "en-US", (Message(Role.TOOL, "Done."),), ())
    assert await answer(steady(ScriptedModel("first", [Usage(5)])), request) == [Usage(5)]


async def test_a_single_one_is_asked_once_more_where_that_costs_no_time() -> None:
    model = ScriptedModel("only", [DOWN], ["Hello."])
    notes = Notes()
    with telling(notes):
        assert await text(steady(model)) == "Hello."
    assert notes.said == [("only", What.FAILED), ("only", What.RETRIED)]
    for error in (ProviderRefused("x", ""), ProviderTimeout("x", "")):
        once = ScriptedModel("only", [error])
        with pytest.raises(type(error)):
            await text(steady(once))
        assert len(once.requests) == 1


async def test_all_that_fail_are_asked_twice_at_most() -> None:
    models = ScriptedModel("first", [DOWN]), ScriptedModel("second", ["One ", DOWN])
    with pytest.raises(ProviderUnavailable):
        await text(steady(*models))
    assert [len(model.requests) for model in models] == [2, 2]


async def test_one_that_keeps_failing_is_left_alone_and_comes_back() -> None:
    first = ScriptedModel("first", [DOWN], [DOWN], [DOWN], ["I am back."])
    second = ScriptedModel("second", ["Hello."])
    made = candidates(Kind.LLM, first, second)
    model = SteadyModel(made, Board(clock=made[0].health.clock))
    for _ in range(5):
        assert await text(model) == "Hello."
    assert (len(first.requests), made[0].health.state) == (3, State.OPEN)
    await asyncio.sleep(5.0)
    assert await text(model) == "I am back."
    assert made[0].health.state is State.CLOSED


async def test_when_all_rest_the_answer_is_an_error_at_once() -> None:
    model = steady(ScriptedModel("only", [DOWN]))
    for _ in range(2):
        with pytest.raises(ProviderUnavailable):
            await text(model)
    with pytest.raises(ProviderUnavailable, match="rests"):
        await text(model)


async def test_a_slow_one_is_overtaken_and_its_connection_closes() -> None:
    slow, quick = ScriptedModel("slow", [1.5, "Late."]), ScriptedModel("quick", [0.3, "Hello."])
    metrics, notes = Metrics(), Notes()
    with telling(notes):
        assert await text(steady(slow, quick, hedge=0.5, metrics=metrics)) == "Hello."
    assert asyncio.get_running_loop().time() == pytest.approx(0.8)
    assert (slow.running, slow.closed_early, quick.closed_early) == (0, 1, 0)
    assert notes.said == [("quick", What.HEDGED)]
    labels = {"kind": "llm", "provider": "quick", "outcome": "won"}
    assert metrics.registry.get_sample_value("voice_gateway_provider_hedges_total", labels) == 1


async def test_a_quick_one_is_never_raced() -> None:
    first, second = ScriptedModel("first", [0.2, "Hello."]), ScriptedModel("second", ["No."])
    assert await text(steady(first, second, hedge=0.5)) == "Hello."
    assert not second.requests


async def test_a_winner_that_fails_is_followed_by_the_slow_one() -> None:
    slow = ScriptedModel("slow", [5.0], ["to five."])
    quick = ScriptedModel("quick", ["From nine ", DOWN])
    assert await text(steady(slow, quick, hedge=0.5)) == "From nine to five."


async def test_leaving_the_answer_closes_all_connections() -> None:
    slow, quick = ScriptedModel("slow", [9.0]), ScriptedModel("quick", ["One ", 9.0, "two."])
    model = steady(slow, quick, hedge=0.5)
    async with aclosing(model.respond(REQUEST)) as events:  # type: ignore[type-var]
        async for _ in events:
            break
    assert (slow.running, quick.running) == (0, 0)


async def test_a_burst_goes_to_the_next_and_then_waits_in_line() -> None:
    first = ScriptedModel("first", [1.0, "first"])
    second = ScriptedModel("second", [1.0, "second"])
    model = steady(first, second, limit=Limit(concurrent=1))
    async with asyncio.TaskGroup() as tasks:
        answers = [tasks.create_task(text(model)) for _ in range(4)]
    assert [each.result() for each in answers] == ["first", "second", "first", "second"]


async def test_who_waits_in_line_too_long_is_told() -> None:
    model = steady(ScriptedModel("only", [0.9, "a ", 0.9, "b ", 0.9, "c"]), limit=Limit(1))
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(text(model))
        await asyncio.sleep(0.1)
        with pytest.raises(ProviderRateLimited):
            await text(model)
    assert first.result() == "a b c"


async def test_a_provider_that_says_when_is_not_asked_before() -> None:
    first = ScriptedModel("first", [ProviderRateLimited("first", "429", 30.0)], ["Back."])
    model = steady(first, ScriptedModel("second", ["Hello."]))
    assert [await text(model), await text(model)] == ["Hello.", "Hello."]
    assert len(first.requests) == 1
    await asyncio.sleep(30.0)
    assert await text(model) == "Back."


async def test_a_short_wait_for_the_only_one_is_waited() -> None:
    only = ScriptedModel("only", [ProviderRateLimited("only", "429", 1.0)], ["Hello."])
    with pytest.raises(ProviderRateLimited):
        await text(model := steady(only))
    assert await text(model) == "Hello."
    assert asyncio.get_running_loop().time() == pytest.approx(1.0)


class Sure:
    async def sureness(self, request: ModelRequest, /) -> float:
        return 0.9 if request.messages[-1].text == "When are you open?" else 0.2


async def test_what_the_embedded_one_is_sure_of_it_answers() -> None:
    cloud, local = ScriptedModel("cloud", ["Cloud."]), ScriptedModel("local", ["Local."])
    made = candidates(Kind.LLM, cloud, local, embedded=["local"])
    board = Board(clock=made[0].health.clock)
    model = SteadyModel(made, board, rules=(Rule.EASY_LOCAL,), judge=Sure())
    notes = Notes()
    with telling(notes):
        assert await text(model) == "Local."
    (note,) = notes.all
    assert (note.provider, note.what) == ("local", What.CHOSEN)
    assert "0.90" in note.because
    hard = ModelRequest("clinic", "", "en-US", (Message(Role.USER, "Why is the sky blue?"),), ())
    assert await answer(model, hard) == [TextDelta("Cloud.")]
