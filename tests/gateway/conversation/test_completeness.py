"""Whether a text is a finished thought."""

import pytest

from gateway.conversation.completeness import Completeness, judge
from gateway.conversation.question import Expected, expected_after

ANSWER, COMPLETE, STATEMENT, OPEN, FRAGMENT, NUMBER, UNFINISHED = (
    Completeness.ANSWER,
    Completeness.COMPLETE,
    Completeness.STATEMENT,
    Completeness.OPEN,
    Completeness.FRAGMENT,
    Completeness.NUMBER_GOES_ON,
    Completeness.UNFINISHED,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What are your opening hours?", COMPLETE),
        ("I need to renew my prescription.", STATEMENT),
        ("What is it about?", COMPLETE),
        ("Can I speak to a person please", COMPLETE),
        ("No,", COMPLETE),
        ("Good-by,", COMPLETE),
        ("I have a question.", STATEMENT),
        ("I want to help you.", STATEMENT),
        ("On Tuesday,", FRAGMENT),
        ("Tomorrow.", FRAGMENT),
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
        ("My number is four seven.", NUMBER),
        ("It's order number 4 7 1", NUMBER),
        ("At five.", FRAGMENT),
        ("You entered seven-four.", NUMBER),
        ("The code was 7 4", NUMBER),
        ("It is five thirty.", STATEMENT),
        ("I have two.", NUMBER),
        ("It was sent.", OPEN),
        ("Your call cannot be completed as dialed.", STATEMENT),
        ("The number is shown as entered.", STATEMENT),
        ("Your telephone number.", UNFINISHED),
        ("Extension.", UNFINISHED),
        ("You have two new,", UNFINISHED),
        ("That one is in use.", STATEMENT),
        ("What is the cost", OPEN),
        ("Twenty-four.", FRAGMENT),
        ("To hear it again, press.", UNFINISHED),
        ("This message lasts.", UNFINISHED),
        ("Which one should I press?", COMPLETE),
        ("I know what to press.", STATEMENT),
        ("That is all I need.", STATEMENT),
        ("The waiting time is currently.", UNFINISHED),
        ("It is early.", OPEN),
        ("You are currently caller number,", UNFINISHED),
        ("I will give you my number.", STATEMENT),
        ("If that is not possible,", UNFINISHED),
        ("If that is possible, then Tuesday,", OPEN),
        ("To call this number,", UNFINISHED),
        ("Take me to the main station,", OPEN),
        ("Is the parking?", UNFINISHED),
        ("Is the office open?", COMPLETE),
        ("Can I bring?", UNFINISHED),
        ("What can I bring?", COMPLETE),
        ("The reason I'm calling is.", UNFINISHED),
        ("I wanted to ask.", UNFINISHED),
        ("There are currently twelve.", NUMBER),
        ("We have two nice old.", UNFINISHED),
        ("The one we have is new.", STATEMENT),
        ("It begins with M. T.", NUMBER),
        ("We come at ten a m.", STATEMENT),
        ("My appointment,", FRAGMENT),
        ("Next Tuesday.", FRAGMENT),
        ("A friend of mine.", FRAGMENT),
        ("Information about the last call.", FRAGMENT),
        ("Call waiting.", FRAGMENT),
        ("Good morning.", FRAGMENT),
        ("What about tomorrow", OPEN),
        ("The operator.", STATEMENT),
        ("I understand you.", OPEN),
        ("No idea.", COMPLETE),
        ("Perfect.", OPEN),
        ("", OPEN),
    ],
)
def test_without_a_question(text: str, expected: Completeness) -> None:
    assert judge(text).completeness is expected


@pytest.mark.parametrize(
    "text",
    [
        "My son has a fever.", "The pain started.", "Somebody called me.", "Call my doctor.",
        "Please call me back later.", "I'd like a table.", "They stopped.", "He tries again.",
        "Tuesday suits me.", "It hurts.", "I work here.",
    ],
)  # fmt: skip
def test_what_has_a_verb_is_no_fragment(text: str) -> None:
    assert judge(text).completeness in (OPEN, STATEMENT)


@pytest.mark.parametrize(
    ("asked", "text", "expected"),
    [
        ("Which day would suit you?", "Next Tuesday.", STATEMENT),
        ("Which day would suit you?", "Tuesday.", OPEN),
        ("Which day would suit you?", "It hurts.", STATEMENT),
        ("All right.", "It hurts.", OPEN),
        ("Please tell me your name.", "Maria Gonzalez.", STATEMENT),
        ("Would you like the morning or the afternoon?", "The morning.", STATEMENT),
        ("Hello, this is the clinic. How can I help you?", "My appointment.", FRAGMENT),
        ("What can I do for you?", "My appointment.", FRAGMENT),
        ("All right.", "Next Tuesday.", FRAGMENT),
    ],
)
def test_a_few_words_are_all_where_they_were_asked_for(
    asked: str, text: str, expected: Completeness
) -> None:
    assert judge(text, expected_after(asked)).completeness is expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("pl", "Umówić wizytę na jutro.", STATEMENT),
        ("pl", "Moja wizyta.", OPEN),
        ("pl", "Kiedy państwo otwierają?", COMPLETE),
        ("pl", "chciałbym umówić wizytę na", OPEN),
        ("pl", "Chciałbym...", UNFINISHED),
        ("pl", "and then because", OPEN),
        ("ja", "明日の予約をお願いします。", STATEMENT),
        ("ja", "何時に開きますか？", COMPLETE),
        ("ja", "予約", OPEN),
    ],
)
def test_without_a_grammar_marks_and_length_decide(
    language: str, text: str, expected: Completeness
) -> None:
    assert judge(text, language=language).completeness is expected


def test_figures_that_were_asked_for_go_on_in_any_language() -> None:
    assert judge("47", Expected.NUMBER, "pl").completeness is NUMBER


def test_a_name_that_is_spelt_goes_on() -> None:
    spelt = judge("G o n", expected_after("Could you spell your name for me?"))
    assert spelt.completeness is NUMBER


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
        ("When would you like to come?", Expected.PHRASE),
        ("We open at nine.", Expected.ANYTHING),
        ("Do you mean us? We open at nine.", Expected.ANYTHING),
        ("", Expected.ANYTHING),
    ],
)
def test_what_the_agent_asks_for(text: str, expected: Expected) -> None:
    assert expected_after(text) is expected
