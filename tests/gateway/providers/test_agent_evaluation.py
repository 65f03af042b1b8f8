"""How well the embedded agent understands: counted on what callers say, not claimed."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from gateway.profile import Profile, load_profiles
from gateway.providers.base import (
    Json,
    Message,
    ModelRequest,
    Role,
    StateUpdate,
    TextDelta,
    ToolCall,
    ToolSpec,
)
from gateway.providers.local_agent import LocalAgent
from tests.gateway.providers.agent_utterances import (
    CLINIC_DEVELOPMENT,
    CLINIC_HELD_OUT,
    SHOP,
    Case,
)

PROFILES = load_profiles(Path(__file__).parents[3] / "profiles")


@pytest.fixture(scope="module")
def agent() -> LocalAgent:
    return LocalAgent(PROFILES)


async def understood(agent: LocalAgent, profile: Profile, text: str) -> str:
    """What the agent made of `text`, in the words of the evaluation set."""
    tools = tuple(ToolSpec(tool.value, "", {}) for tool in profile.tools)
    request = ModelRequest(profile.name, "", "en-US", (Message(Role.USER, text),), tools)
    spoken, state = "", dict[str, Json]()
    async for event in agent.respond(request):
        match event:
            case ToolCall(_, "hang_up", _):
                return "goodbye"
            case ToolCall(_, _, arguments):
                return f"person:{arguments['target']}"
            case TextDelta(said):
                spoken += said
            case StateUpdate(remembered):
                state = dict(remembered)
            case _:
                pass
    if state["intent"]:
        return f"intent:{state['intent']}"
    if str(state["offer"]).startswith("topic:"):
        return f"asks:{str(state['offer']).removeprefix('topic:')}"
    told = [topic for topic in profile.topics if topic.answer in spoken]
    told.sort(key=lambda topic: spoken.index(topic.answer))
    return " + ".join(topic.title for topic in told) or "none"


async def count(agent: LocalAgent, profile: Profile, cases: Sequence[Case]) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    for text, wanted in cases:
        got = await understood(agent, profile, text)
        asked = got.startswith("asks:")
        if wanted == "none":
            outcomes["strange: " + ("refused" if got == "none" else "asked" if asked else got)] += 1
        elif got == wanted:
            outcomes["right"] += 1
        elif asked or got == "none":
            outcomes["asked back" if got == f"asks:{wanted}" else "not understood"] += 1
        else:
            outcomes["wrong"] += 1
    return outcomes


@pytest.mark.parametrize(
    ("name", "cases", "right", "wrong"),
    [
        ("clinic", CLINIC_DEVELOPMENT, 0.90, 0.04),
        ("clinic", CLINIC_HELD_OUT, 0.80, 0.05),
        ("shop", SHOP, 0.80, 0.10),
    ],
)
async def test_most_is_understood_little_is_wrong_and_nothing_strange_is_answered(
    agent: LocalAgent, name: str, cases: Sequence[Case], right: float, wrong: float
) -> None:
    outcomes = await count(agent, PROFILES[name], cases)
    known = sum(wanted != "none" for _, wanted in cases)
    assert outcomes["right"] / known >= right, outcomes
    assert outcomes["wrong"] / known <= wrong, outcomes
    strange = {outcome for outcome in outcomes if outcome.startswith("strange")}
    assert strange <= {"strange: refused", "strange: asked"}, outcomes
    assert outcomes["strange: asked"] <= 1, outcomes
