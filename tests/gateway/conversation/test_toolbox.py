"""Tools are run only as their schema says; anything else is answered to the model in words."""

from collections.abc import Mapping

import pytest

from gateway.conversation.toolbox import Toolbox
from gateway.providers.base import Json, Message, ModelRequest, Role, ToolCall, ToolSpec
from gateway.providers.tool_input import tool_call
from gateway.tools.base import Reply, ToolContext, ToolResult
from tests.gateway.providers.vendor_models import MODELS, Model
from tests.vendors.sse import Tool

SPEC = ToolSpec(
    "book",
    "Books a table.",
    {
        "type": "object",
        "properties": {"people": {"type": "integer", "minimum": 1}},
        "required": ["people"],
        "additionalProperties": False,
    },
)


REQUEST = ModelRequest("clinic", "Be brief.", "en-US", (Message(Role.USER, "A table"),), (SPEC,))


class Book:
    """A tool that keeps what it was run with."""

    spec = SPEC

    def __init__(self) -> None:
        self.ran: list[Mapping[str, Json]] = []

    async def run(self, arguments: Mapping[str, Json], context: ToolContext, /) -> ToolResult:
        self.ran.append(arguments)
        return Reply("booked")


def toolbox(tool: Book) -> Toolbox:
    return Toolbox({"book": tool}, ToolContext("c1", "clinic", "en-US", ""))


WRITTEN = {
    "": "'people' is a required property",
    '{"people": 2': "no JSON object",
    '{"people": 2}}': "no JSON object",
    "[2]": "no JSON object",
    "null": "no JSON object",
    '{"people": NaN}': "no JSON object",
    '{"people": "two"}': "is not of type 'integer'",
    '{"people": 0}': "minimum",
    '{"people": 2, "when": "now"}': "when",
    "[" * 100_000: "no JSON object",
}


@pytest.mark.parametrize(("written", "problem"), WRITTEN.items(), ids=lambda text: text[:20])
async def test_a_bad_call_is_answered_and_not_run(written: str, problem: str) -> None:
    tool = Book()
    answer = await toolbox(tool).run(tool_call("1", "book", (written,)))
    assert isinstance(answer, Reply)
    assert answer.text.startswith("Not run")
    assert problem in answer.text
    assert tool.ran == []


async def test_an_unknown_tool_is_answered_with_those_there_are() -> None:
    answer = await toolbox(Book()).run(ToolCall("1", "fly", {}))
    assert answer == Reply("There is no tool fly. Tools: book.")


async def test_a_good_call_is_run_as_it_was_written() -> None:
    tool = Book()
    assert await toolbox(tool).run(tool_call("1", "book", ('{"peo', 'ple": 2}'))) == Reply("booked")
    assert tool.ran == [{"people": 2}]


def test_what_cannot_be_run_waits_for_nothing() -> None:
    tools = toolbox(Book())
    assert tools.has_effect(ToolCall("1", "book", {"people": 2}))
    assert not tools.has_effect(ToolCall("1", "book", {}, unreadable=True))
    assert not tools.has_effect(ToolCall("1", "fly", {}))


@pytest.mark.parametrize("vendor", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize(
    ("name", "pieces"),
    [("book", ('{"peo', 'ple": ')), ("book", ('{"people"', ": 0}")), ("fly", ("{", "}"))],
    ids=["malformed", "against the schema", "unknown"],
)
async def test_a_bad_call_of_any_model_is_answered_and_not_run(
    vendor: Model, name: str, pieces: tuple[str, ...]
) -> None:
    if vendor.writes_no_json and name == "book":
        pieces = ('{"people": 0}',)
    tool = Book()
    async with vendor.answering(Tool("call_1", name, pieces)) as (model, _):
        calls = [event async for event in model.respond(REQUEST) if isinstance(event, ToolCall)]
    (call,) = calls
    answer = await toolbox(tool).run(call)
    assert isinstance(answer, Reply)
    assert answer.text.startswith(("Not run", "There is no tool"))
    assert tool.ran == []
