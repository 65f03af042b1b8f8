"""What the tools ask of a call, and what the model and the caller are told."""

from collections.abc import Mapping

import pytest
from jsonschema import Draft202012Validator

from gateway.call.requests import (
    HangUp,
    RequestOutcome,
    SendDigits,
    TransferToExtension,
    TransferToPerson,
)
from gateway.profile import Extension, Person, Profile, ToolName
from gateway.providers.base import Json
from gateway.tools.base import Ask, Reply, ToolContext
from gateway.tools.registry import tools_for

CALL = ToolContext("call-1", "clinic", "en-US", "+15550100")
PROFILE = Profile(
    name="clinic",
    greeting="Hello.",
    goodbye="Bye now.",
    people={
        "desk": Person(endpoint="PJSIP/1001", description="our front desk", timeout=12),
        "billing": Person(endpoint="PJSIP/1002", description="our billing office"),
    },
    extensions={
        "queue": Extension(context="queues", extension="600", description="the waiting line")
    },
    tools=tuple(ToolName),
)


def test_an_agent_has_the_tools_its_profile_names() -> None:
    assert set(tools_for(PROFILE)) == {tool.value for tool in ToolName}
    assert set(tools_for(PROFILE.model_copy(update={"tools": (ToolName.HANG_UP,)}))) == {"hang_up"}


@pytest.mark.parametrize("name", list(ToolName))
def test_every_tool_has_a_schema_and_says_what_it_is_for(name: ToolName) -> None:
    spec = tools_for(PROFILE)[name].spec
    Draft202012Validator.check_schema(dict(spec.parameters))
    assert spec.name == name
    assert spec.effect
    assert len(spec.description) > 60


@pytest.mark.parametrize(
    ("arguments", "valid"),
    [
        ({"target": "desk"}, True),
        ({"target": "desk", "summary": "wants an appointment"}, True),
        ({"target": "queue"}, False),
        ({}, False),
        ({"target": "desk", "number": "911"}, False),
        ({"target": "desk", "summary": "x" * 201}, False),
    ],
)
def test_only_listed_people_fit_the_schema(arguments: Mapping[str, Json], *, valid: bool) -> None:
    spec = tools_for(PROFILE)["transfer_to_person"].spec
    assert Draft202012Validator(dict(spec.parameters)).is_valid(arguments) is valid


async def test_a_person_is_announced_and_dialled() -> None:
    tool = tools_for(PROFILE)["transfer_to_person"]
    result = await tool.run({"target": "desk", "summary": "an appointment"}, CALL)
    assert isinstance(result, Ask)
    assert result.request == TransferToPerson("desk", "PJSIP/1001", 12, "an appointment")
    assert result.announcement == "One moment please, I'm connecting you to our front desk."


async def test_every_way_to_fail_has_words_for_the_caller() -> None:
    result = await tools_for(PROFILE)["transfer_to_person"].run({"target": "billing"}, CALL)
    assert isinstance(result, Ask)
    assert result.on_failure == {
        RequestOutcome.BUSY.value: (
            "busy: I'm sorry, our billing office is on another call right now."
        ),
        RequestOutcome.NO_ANSWER.value: (
            "no_answer: I'm sorry, nobody is answering at our billing office right now."
        ),
        RequestOutcome.UNREACHABLE.value: (
            "unreachable: I'm sorry, I can't reach our billing office at the moment."
        ),
    }


async def test_an_extension_is_one_of_the_profiles() -> None:
    result = await tools_for(PROFILE)["transfer_to_extension"].run({"target": "queue"}, CALL)
    assert isinstance(result, Ask)
    assert result.request == TransferToExtension("queue", "queues", "600", 1)


@pytest.mark.parametrize("name", ["transfer_to_person", "transfer_to_extension"])
async def test_an_unknown_target_is_answered_to_the_model_and_goes_nowhere(name: str) -> None:
    result = await tools_for(PROFILE)[name].run({"target": "from-internal"}, CALL)
    assert isinstance(result, Reply)
    assert result.text.startswith("unknown target from-internal; known are: ")


async def test_the_call_ends_after_the_goodbye() -> None:
    result = await tools_for(PROFILE)["hang_up"].run({}, CALL)
    assert result == Ask(HangUp(), announcement="Bye now.")


async def test_digits_are_sent_as_asked_and_their_times_may_be_left_out() -> None:
    tool = tools_for(PROFILE)["send_digits"]
    plain = await tool.run({"digits": "42#"}, CALL)
    slow = await tool.run({"digits": "1", "tone_ms": 200, "pause_ms": 300}, CALL)
    assert isinstance(plain, Ask)
    assert isinstance(slow, Ask)
    assert plain.request == SendDigits("42#")
    assert slow.request == SendDigits("1", 200, 300)
    assert slow.request.seconds == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("arguments", "valid"),
    [
        ({"digits": "0123456789*#"}, True),
        ({"digits": "1", "tone_ms": 40, "pause_ms": 2000}, True),
        ({"digits": "12 34"}, False),
        ({"digits": "w1"}, False),
        ({"digits": ""}, False),
        ({"digits": "1" * 33}, False),
        ({"digits": 12}, False),
        ({"digits": "1", "tone_ms": 5}, False),
        ({}, False),
    ],
)
def test_only_keys_of_a_telephone_are_sent(arguments: Mapping[str, Json], *, valid: bool) -> None:
    spec = tools_for(PROFILE)["send_digits"].spec
    assert Draft202012Validator(dict(spec.parameters)).is_valid(arguments) is valid
