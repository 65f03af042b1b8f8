"""Whether a text is a finished thought."""

import pytest

from gateway.conversation.completeness import Completeness, judge
from gateway.conversation.question import Expected, expected_after

ANSWER, COMPLETE, OPEN, NUMBER, UNFINISHED = (
    Completeness.ANSWER,
    Completeness.COMPLETE,
    Completeness.OPEN,
    Completeness.NUMBER_GOES_ON,
    Completeness.UNFINISHED,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What are your opening hours?", COMPLETE),
        ("I need to renew my prescription.", COMPLETE),
        ("What is it about?", COMPLETE),
        ("Can I speak to a person please", COMPLETE),
        ("No,", COMPLETE),
        ("Good-by,", COMPLETE),
        ("I have a question.", COMPLETE),
        ("I want to help you.", COMPLETE),
        ("On Tuesday,", OPEN),
        ("Tomorrow.", OPEN),
        ("where are you", OPEN),
        ("I'd like to.", UNFINISHED),
        ("I was wondering.", UNFINISHED),
        ("I was wondering if you could tell me.", UNFINISHED),
        ("Could you tell me?", UNFINISHED),
        ("Hello, I need", UNFINISHED),
        ("It's at the", UNFINISHED),
        ("I want to book an appointment and", UNFINISHED),
        ("I am John and I", UNFINISHED),
        ("Well...", UNFINISHED),
        ("My phone number is", UNFINISHED),
        ("Ich möchte", UNFINISHED),
        ("My number is four seven.", NUMBER),
        ("It's order number 4 7 1", NUMBER),
        ("At five.", COMPLETE),
        ("You entered seven-four.", NUMBER),
        ("The code was 7 4", NUMBER),
        ("It is five thirty.", COMPLETE),
        ("I have two.", NUMBER),
        ("It was sent.", COMPLETE),
        ("Your call cannot be completed as dialed.", COMPLETE),
        ("The number is shown as entered.", COMPLETE),
        ("Your telephone number.", UNFINISHED),
        ("Extension.", UNFINISHED),
        ("You have two new,", UNFINISHED),
        ("That one is in use.", COMPLETE),
        ("What is the cost", OPEN),
        ("Twenty-four.", OPEN),
        ("To hear it again, press.", UNFINISHED),
        ("This message lasts.", UNFINISHED),
        ("Which one should I press?", COMPLETE),
        ("I know what to press.", COMPLETE),
        ("That is all I need.", COMPLETE),
        ("The waiting time is currently.", UNFINISHED),
        ("It is early.", COMPLETE),
        ("You are currently caller number,", UNFINISHED),
        ("I will give you my number.", COMPLETE),
        ("If that is not possible,", UNFINISHED),
        ("If that is possible, then Tuesday,", OPEN),
        ("To call this number,", UNFINISHED),
        ("To the main station,", OPEN),
        ("几点开门？", COMPLETE),
        ("我想预约", OPEN),
        ("我想要的", UNFINISHED),
        ("", OPEN),
    ],
)
def test_without_a_question(text: str, expected: Completeness) -> None:
    assert judge(text).completeness is expected


@pytest.mark.parametrize("text", ["Yes.", "No, thanks.", "Yeah", "Sure.", "Yes please"])
def test_yes_and_no_answer_a_yes_no_question(text: str) -> None:
    assert judge(text, Expected.YES_NO).completeness is ANSWER


def test_yes_but_is_not_all() -> None:
    assert judge("Yes, but", Expected.YES_NO).completeness is UNFINISHED


@pytest.mark.parametrize(
    ("text", "expected"),
    [("four seven", NUMBER), ("4719", NUMBER), ("555 01 32", OPEN), ("It's", UNFINISHED)],
)
def test_when_a_number_was_asked_for(text: str, expected: Completeness) -> None:
    assert judge(text, Expected.NUMBER).completeness is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Can I help you with anything else?", Expected.YES_NO),
        ("Shall I connect you to Anna?", Expected.YES_NO),
        ("You want Friday at ten, is that right?", Expected.YES_NO),
        ("Is 4711 your order number?", Expected.YES_NO),
        ("What is your order number?", Expected.NUMBER),
        ("Could you tell me your phone number?", Expected.NUMBER),
        ("Please say or key in your PIN.", Expected.NUMBER),
        ("How can I help you?", Expected.ANYTHING),
        ("When would you like to come?", Expected.ANYTHING),
        ("We open at nine.", Expected.ANYTHING),
        ("Do you mean us? We open at nine.", Expected.ANYTHING),
        ("您的电话号码是多少？", Expected.NUMBER),
        ("", Expected.ANYTHING),
    ],
)
def test_what_the_agent_asks_for(text: str, expected: Expected) -> None:
    assert expected_after(text) is expected
