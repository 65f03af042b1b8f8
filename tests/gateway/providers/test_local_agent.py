"""Whole conversations with the embedded agent, as scripts: what is said, what follows."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.errors import ProviderRefused
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
from gateway.providers.local_agent_state import AgentState
from gateway.providers.resilience.routing import EASY

PROFILES = load_profiles(Path(__file__).parents[3] / "profiles")
CLINIC = PROFILES["clinic"]
HOURS = "We are open Monday to Friday, from eight in the morning until six in the evening."
PARKING = "Parking is free. The car park is behind the building, and you enter it from Mill Lane."


class Call:
    """A conversation: `say` gives what the agent says and which tool it then wants."""

    def __init__(self, agent: LocalAgent, profile: Profile, tools: tuple[str, ...] = ()) -> None:
        self.agent, self.profile = agent, profile
        names = tools or tuple(tool.value for tool in profile.tools)
        self.tools = tuple(ToolSpec(name, "", {}) for name in names)
        self.messages: list[Message] = []
        self.state: Mapping[str, Json] = {}
        self.tool_ids: list[str] = []

    async def say(self, text: str) -> tuple[str, ToolCall | None]:
        return await self._answer(Message(Role.USER, text))

    async def tool_says(self, text: str) -> tuple[str, ToolCall | None]:
        return await self._answer(Message(Role.TOOL, text, tool_call_id=self.tool_ids[-1]))

    async def _answer(self, message: Message) -> tuple[str, ToolCall | None]:
        self.messages.append(message)
        request = ModelRequest(
            self.profile.name, "", "en-US", tuple(self.messages), self.tools, self.state
        )
        events = [event async for event in self.agent.respond(request)]
        spoken = "".join(event.text for event in events if isinstance(event, TextDelta))
        calls = [event for event in events if isinstance(event, ToolCall)]
        (self.state,) = (event.state for event in events if isinstance(event, StateUpdate))
        self.tool_ids += [call.id for call in calls]
        self.messages.append(Message(Role.ASSISTANT, spoken, tuple(calls)))
        return spoken, calls[0] if calls else None


@pytest.fixture(scope="module")
def agent() -> LocalAgent:
    return LocalAgent(PROFILES)


@pytest.fixture
def call(agent: LocalAgent) -> Call:
    return Call(agent, CLINIC)


def arguments(tool: ToolCall | None) -> Mapping[str, Json]:
    assert tool is not None
    return {"tool": tool.name, **tool.arguments}


async def test_questions_are_answered_from_the_knowledge_and_nothing_else(call: Call) -> None:
    assert await call.say("Hi, um, when are you open?") == (HOURS, None)
    assert await call.say("is there somewhere to leave my car") == (PARKING, None)


async def test_two_questions_in_one_breath_are_both_answered(call: Call) -> None:
    assert await call.say("When are you open and where can I park?") == (f"{HOURS} {PARKING}", None)
    assert await call.say("Where can I park? And when are you open?") == (
        f"{PARKING} {HOURS}",
        None,
    )


async def test_a_question_can_lean_on_the_one_before(call: Call) -> None:
    await call.say("What time do you close on a weekday?")
    spoken, _ = await call.say("And on Sunday?")
    assert "On Sunday we are closed" in spoken


async def test_not_understood_twice_leads_to_a_person(call: Call) -> None:
    spoken, tool = await call.say("Purple monkeys juggle cheese.")
    assert spoken == CLINIC.phrases.did_not_understand[0]
    assert tool is None
    spoken, tool = await call.say("The moon is made of jelly.")
    assert spoken == CLINIC.phrases.did_not_understand[-1]
    assert arguments(tool)["tool"] == "transfer_to_person"
    assert arguments(tool)["target"] == "reception"


async def test_being_understood_in_between_starts_the_count_again(call: Call) -> None:
    await call.say("Purple monkeys juggle cheese.")
    await call.say("Where can I park?")
    _, tool = await call.say("The moon is made of jelly.")
    assert tool is None


@pytest.mark.parametrize(
    "wish",
    [
        "Can I talk to a real person?",
        "Representative.",
        "I don't want to talk to a robot!",
        "Please connect me to somebody.",
        "Could you put me through to the front desk, please?",
        "I want to speak to someone about my test results.",
    ],
)
async def test_whoever_asks_for_a_person_gets_one(call: Call, wish: str) -> None:
    _, tool = await call.say(wish)
    assert arguments(tool) == {"tool": "transfer_to_person", "target": "reception"}


async def test_a_person_who_is_named_is_the_one_called(call: Call) -> None:
    _, tool = await call.say("Transfer me to billing, please.")
    assert arguments(tool) == {"tool": "transfer_to_person", "target": "billing"}


async def test_a_place_in_the_dialplan_can_be_asked_for(call: Call) -> None:
    _, tool = await call.say("Connect me to the recorded opening hours.")
    assert arguments(tool) == {"tool": "transfer_to_extension", "target": "hours"}


async def test_without_anybody_to_call_the_caller_is_told(agent: LocalAgent) -> None:
    call = Call(agent, CLINIC, tools=("hang_up",))
    spoken, tool = await call.say("I want to speak to a human.")
    assert (spoken, tool) == (CLINIC.phrases.no_person, None)


async def test_a_transfer_that_fails_is_told_and_can_be_tried_again(call: Call) -> None:
    await call.say("I think there's a mistake on my invoice.")
    await call.say("Four seven one nine.")
    _, first = await call.say("Yes.")
    spoken, _ = await call.tool_says("busy: I'm sorry, billing is on another call.")
    assert spoken.startswith("I'm sorry, billing is on another call. Shall I try again")
    _, second = await call.say("Yes, please.")
    assert arguments(first) == arguments(second)
    assert len(set(call.tool_ids)) == 2
    await call.tool_says("no_answer: Nobody answers.")
    assert await call.say("No.") == (CLINIC.phrases.anything_else, None)
    assert await call.say("Where can I park?") == (PARKING, None)


async def test_a_tool_that_broke_is_an_apology_and_not_read_aloud(call: Call) -> None:
    await call.say("I want to speak to a human.")
    spoken, _ = await call.tool_says("The tool failed: KeyError.")
    assert spoken.startswith(CLINIC.phrases.apology)
    assert "KeyError" not in spoken


@pytest.mark.parametrize("farewell", ["Goodbye.", "Okay, bye.", "No, that's all, thank you."])
async def test_a_goodbye_ends_the_call(call: Call, farewell: str) -> None:
    spoken, tool = await call.say(farewell)
    assert (spoken, arguments(tool)) == ("", {"tool": "hang_up"})


async def test_thanks_leads_to_anything_else_and_no_to_the_end(call: Call) -> None:
    spoken, _ = await call.say("Thank you very much.")
    assert spoken == f"{CLINIC.phrases.welcome} {CLINIC.phrases.anything_else}"
    _, tool = await call.say("No, thanks.")
    assert arguments(tool) == {"tool": "hang_up"}


async def test_an_answer_is_repeated_when_it_was_not_heard(call: Call) -> None:
    await call.say("When are you open?")
    assert (await call.say("Sorry, what did you say?"))[0] == HOURS


async def test_everything_an_intent_needs_is_asked_confirmed_and_only_then_done(call: Call) -> None:
    ask_name, ask_day, ask_time = (slot.ask for slot in CLINIC.intents[0].slots)
    assert await call.say("I'd like to make an appointment.") == (ask_name, None)
    assert await call.say("It's John Smith.") == (ask_day, None)
    assert await call.say("Next Tuesday, please.") == (ask_time, None)
    spoken, tool = await call.say("At ten.")
    assert (
        spoken == "You'd like an appointment for John Smith on next Tuesday, at ten. Is that right?"
    )
    assert tool is None
    _, tool = await call.say("Yes, that's right.")
    assert arguments(tool) == {
        "tool": "transfer_to_person",
        "target": "reception",
        "summary": "New appointment for John Smith: next Tuesday, at ten",
    }


async def test_what_was_said_already_is_not_asked_again(call: Call) -> None:
    await call.say("My name is Ann Lee and I'd like to book an appointment on Friday at nine.")
    assert call.state["asking"] == "?confirm"
    assert call.state["filled"] == {"name": "Ann Lee", "day": "Friday", "time": "at nine"}


async def test_a_correction_changes_what_it_names_and_is_confirmed_again(call: Call) -> None:
    await call.say("I'd like to book an appointment on Monday.")
    await call.say("John Smith.")
    await call.say("No, Tuesday.")
    assert call.state["filled"] == {"name": "John Smith", "day": "Tuesday"}
    await call.say("In the morning.")
    spoken, tool = await call.say("No, in the afternoon.")
    assert "in the afternoon. Is that right?" in spoken
    assert tool is None


async def test_a_no_asks_what_to_change(call: Call) -> None:
    await call.say("There is a mistake on my invoice.")
    await call.say("4719")
    assert (await call.say("No."))[0] == CLINIC.phrases.what_to_change
    spoken, _ = await call.say("It's four seven two zero.")
    assert spoken == "Your invoice number is 4 7 2 0. Is that right?"


async def test_a_question_in_between_is_answered_and_the_own_one_asked_again(call: Call) -> None:
    ask_name = CLINIC.intents[0].slots[0].ask
    await call.say("I'd like to make an appointment.")
    spoken, _ = await call.say("Do I have to pay for parking?")
    assert spoken == f"{PARKING} {ask_name}"


async def test_never_mind_drops_what_was_being_arranged(call: Call) -> None:
    await call.say("I'd like to make an appointment.")
    spoken, _ = await call.say("Never mind.")
    assert spoken.startswith(CLINIC.phrases.cancelled)
    assert (await call.say("Where can I park?"))[0] == PARKING


async def test_an_answer_that_fits_not_is_asked_for_again_then_a_person_helps(call: Call) -> None:
    await call.say("I think there's a mistake on my invoice.")
    spoken, tool = await call.say("Four.")
    assert spoken.startswith(CLINIC.phrases.sorry)
    assert tool is None
    _, tool = await call.say("I have no idea what it could be.")
    assert arguments(tool)["tool"] == "transfer_to_person"


async def test_asking_for_a_person_works_in_the_middle_and_takes_along_what_is_known(
    call: Call,
) -> None:
    await call.say("I'd like to make an appointment.")
    await call.say("John Smith.")
    _, tool = await call.say("Can I just talk to somebody?")
    assert arguments(tool)["summary"] == "appointment: name John Smith"


async def test_a_guess_is_asked_back_before_it_is_answered(call: Call) -> None:
    spoken, _ = await call.say("where should i put my car")
    assert spoken == "Do you want to know about parking?"
    assert (await call.say("Yes."))[0] == PARKING


async def test_the_agent_itself_remembers_nothing(agent: LocalAgent) -> None:
    """Speculation is thrown away, and a call can go on in another process: all is in the state."""
    one, other = Call(agent, CLINIC), Call(LocalAgent({CLINIC.name: CLINIC}), CLINIC)
    await one.say("I'd like to make an appointment on Monday.")
    other.state = one.state
    assert await one.say("John Smith.") == await other.say("John Smith.")
    assert one.state == other.state


@pytest.mark.parametrize(
    "state",
    [
        {"missed": "many", "filled": 7, "intent": ["x"]},
        {"intent": "no_such_intent", "asking": "name"},
        {"offer": "topic:No such topic"},
        {"intent": "appointment", "asking": "no_such_slot", "filled": {"name": "x", "gone": "y"}},
    ],
)
async def test_a_state_of_another_version_does_no_harm(
    call: Call, state: Mapping[str, Json]
) -> None:
    call.state = state
    await call.say("Where can I park?")
    call.state = state
    await call.say("Yes.")


async def test_nothing_said_is_not_understood(call: Call) -> None:
    assert (await call.say(""))[0] == CLINIC.phrases.did_not_understand[0]


@pytest.mark.parametrize(("profile", "language"), [("clinic", "de-DE"), ("no_such", "en-US")])
async def test_what_it_cannot_do_is_refused(agent: LocalAgent, profile: str, language: str) -> None:
    request = ModelRequest(profile, "", language, (Message(Role.USER, "Hello"),), ())
    with pytest.raises(ProviderRefused):
        await anext(aiter(agent.respond(request)))


async def test_a_caller_who_asks_for_another_language_gets_it_where_it_can_be_had(
    agent: LocalAgent,
) -> None:
    call = Call(agent, CLINIC, ("hang_up", "switch_language"))
    said, tool = await call.say("En español, por favor.")
    assert said == ""
    assert tool is not None
    assert arguments(tool) == {"tool": "switch_language", "language": "es-ES"}
    said, tool = await call.tool_says("That language is not available now. Say so.")
    assert (said, tool) == (CLINIC.phrases.language_not_spoken, None)


@pytest.mark.parametrize("wish", ["Auf Deutsch bitte", "Can we speak Chinese?"])
async def test_a_language_that_the_agent_does_not_have_is_declined(
    agent: LocalAgent, wish: str
) -> None:
    call = Call(agent, CLINIC, ("hang_up", "switch_language"))
    assert await call.say(wish) == (CLINIC.phrases.language_not_spoken, None)


async def test_without_the_tool_no_language_is_promised(call: Call) -> None:
    assert await call.say("Spanish please") == (CLINIC.phrases.language_not_spoken, None)


async def test_back_in_its_language_the_agent_asks_what_it_can_do(agent: LocalAgent) -> None:
    call = Call(agent, CLINIC, ("switch_language",))
    await call.say("Español")
    said, _ = await call.tool_says("Done. Go on in English.")
    assert said == CLINIC.phrases.how_can_i_help


async def sureness(agent: LocalAgent, text: str, state: Mapping[str, Json] | None = None) -> float:
    request = ModelRequest("clinic", "", "en-US", (Message(Role.USER, text),), (), state or {})
    return await agent.sureness(request)


@pytest.mark.parametrize(
    "text", ["Hello.", "Thank you.", "When are you open?", "Can I park there?"]
)
async def test_it_is_sure_of_small_talk_and_of_what_it_knows(agent: LocalAgent, text: str) -> None:
    assert await sureness(agent, text) >= EASY


@pytest.mark.parametrize(
    "text",
    [
        *("I'd like to book an appointment.", "Put me through to billing, please.", "Goodbye."),
        *("My tooth has been hurting since I ate ice cream at a wedding.", "", "Yes."),
    ],
)
async def test_it_is_not_sure_of_what_leads_to_an_action_or_is_new_to_it(
    agent: LocalAgent, text: str
) -> None:
    assert await sureness(agent, text) < EASY


async def test_what_it_has_begun_or_offered_is_no_small_talk(agent: LocalAgent) -> None:
    begun = AgentState(intent="appointment", asking="name").to_json()
    assert await sureness(agent, "When are you open?", begun) == 0.0
    offered = AgentState(offer="more").to_json()
    assert await sureness(agent, "No.", offered) == 0.0
    assert await sureness(agent, "When are you open?", offered) >= EASY
