"""What a language model is told was said."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.history import MOST_MESSAGES, History
from gateway.providers.base import Role, ToolCall

CALL = ToolCall("1", "look", {})


def test_what_nobody_heard_was_not_said() -> None:
    history = History()
    history.agent_said("", interrupted=True)
    assert history.messages == ()


def test_a_cut_answer_shows_that_it_was_cut() -> None:
    history = History()
    history.agent_said("We are open", interrupted=True)
    [message] = history.messages
    assert (message.text, message.interrupted) == ("We are open…", True)


def test_the_caller_s_words_without_an_answer_between_are_one_message() -> None:
    history = History()
    history.caller_said("I need a taxi.")
    history.caller_said("To the airport.")
    assert [m.text for m in history.messages] == ["I need a taxi. To the airport."]


def test_looking_ahead_remembers_nothing() -> None:
    history = History()
    history.agent_said("Hello.")
    ahead = history.with_caller("Are you open?")
    assert [m.text for m in ahead] == ["Hello.", "Are you open?"]
    assert [m.text for m in history.messages] == ["Hello."]
    history.caller_said("Are you open?")
    assert history.messages == ahead


def test_a_tool_s_result_follows_its_call() -> None:
    history = History()
    history.tools_ran("One moment.", [(CALL, "sunny")])
    said, result = history.messages
    assert said.tool_calls == (CALL,)
    assert (result.role, result.text, result.tool_call_id) == (Role.TOOL, "sunny", "1")


@given(st.lists(st.sampled_from(["caller", "agent", "tool"]), max_size=3 * MOST_MESSAGES))
def test_a_long_call_is_forgotten_in_whole_exchanges(entries: list[str]) -> None:
    history = History()
    for entry in entries:
        match entry:
            case "caller":
                history.caller_said("yes")
            case "agent":
                history.agent_said("no")
            case _:
                history.tools_ran("", [(CALL, "done")])
    messages = history.messages
    assert len(messages) <= MOST_MESSAGES + 1
    for before, message in zip((None, *messages), messages, strict=False):
        if message.role is Role.TOOL:
            assert before is not None
            assert before.tool_calls
