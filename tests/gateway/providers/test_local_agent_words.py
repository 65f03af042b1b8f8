"""Words that say something by themselves, and values in what a caller says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.profile import Slot, SlotKind
from gateway.providers.local_agent_slots import digits, extract, spoken
from gateway.providers.local_agent_words import (
    Act,
    act_of,
    asks_for_a_person,
    clauses,
    elliptic,
    is_correction,
    only_yes_or_no,
    sentences,
    yes_or_no,
)


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("Goodbye.", Act.GOODBYE),
        ("Thank you, bye!", Act.GOODBYE),
        ("No, that's all, thanks.", Act.GOODBYE),
        ("Thank you so much.", Act.THANKS),
        ("Sorry, what did you say?", Act.REPEAT),
        ("Pardon me?", Act.REPEAT),
        ("Um, never mind.", Act.CANCEL),
        ("Just a second.", Act.WAIT),
        ("Hello?", Act.GREETING),
        ("help", Act.HELP),
        ("Cancel my appointment.", None),
        ("Hello, when are you open?", None),
        ("Thank you, and where can I park?", None),
        ("", None),
    ],
)
def test_an_act_is_the_whole_of_what_was_said(text: str, act: Act | None) -> None:
    assert act_of(text) is act


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Yes.", True),
        ("Yeah, sure.", True),
        ("That's right.", True),
        ("Mm-hmm.", True),
        ("No problem.", True),
        ("No.", False),
        ("Nope, that's wrong.", False),
        ("Not really.", False),
        ("Yes, but no, wait.", False),
        ("I don't know.", None),
        ("Tuesday.", None),
        ("Yesterday.", None),
        ("Noah.", None),
    ],
)
def test_yes_and_no(text: str, answer: bool | None) -> None:  # noqa: FBT001
    assert yes_or_no(text) is answer


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("Yes, please.", True),
        ("No, thank you.", True),
        ("Yeah that's right", True),
        ("No, Tuesday.", False),
        ("Yes, and where can I park?", False),
    ],
)
def test_whether_there_is_more_than_a_yes_or_no(text: str, *, only: bool) -> None:
    assert only_yes_or_no(text) is only


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("I want to speak to a human being.", True),
        ("Could you get me somebody?", True),
        ("Operator!", True),
        ("Is there a real person?", True),
        ("I hate talking to machines.", True),
        ("I'm calling about a person I know.", False),
        ("Does somebody speak Spanish there?", False),
        ("When are you open?", False),
    ],
)
def test_asking_for_a_person(text: str, *, asks: bool) -> None:
    assert asks_for_a_person(text) is asks


def test_corrections_begin_like_corrections() -> None:
    assert is_correction("No, Tuesday.")
    assert is_correction("Actually, at ten.")
    assert not is_correction("Tuesday.")


def test_what_was_said_is_cut_into_questions() -> None:
    assert sentences("Hi. When are you open? ...") == ("Hi.", "When are you open?")
    assert clauses("When are you open and where can I park?") == (
        "When are you open",
        "where can I park?",
    )
    assert clauses("I lost my hat and coat.") == ("I lost my hat and coat.",)
    assert elliptic("And on Saturday?") == "on saturday?"
    assert elliptic("When are you open?") is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("4719", "4719"),
        ("It's 47-19.", "4719"),
        ("four seven one nine", "4719"),
        ("forty seven nineteen", "4719"),
        ("double five one two", "5512"),
        ("triple oh seven", "0007"),
        ("for seven to one", "4721"),
        ("I have to go for it", ""),
        ("no numbers", ""),
    ],
)
def test_digits_are_found_however_they_are_said(text: str, found: str) -> None:
    assert digits(text) == found


@given(st.text(alphabet="0123456789", min_size=1, max_size=12))
def test_digits_said_one_by_one_come_back(number: str) -> None:
    names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    assert digits(" ".join(names[int(digit)] for digit in number)) == number


def slot(kind: SlotKind, digits: int | None = None) -> Slot:
    return Slot(name="x", ask="?", kind=kind, digits=digits)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (SlotKind.NAME, "It's Smith, S-M-I-T-H.", "Smith"),
        (SlotKind.NAME, "Yes, my name is Maria Gonzalez, please.", "Maria Gonzalez"),
        (SlotKind.NAME, "o'brien", "O'brien"),
        (SlotKind.NAME, "What do you need it for?", None),
        (SlotKind.NAME, "I'd like to speak to a person", None),
        (SlotKind.DAY, "On Tuesday, please.", "Tuesday"),
        (SlotKind.DAY, "not Monday, Tuesday", "Tuesday"),
        (SlotKind.DAY, "March the third", "March the third"),
        (SlotKind.DAY, "tomorrow morning", "tomorrow"),
        (SlotKind.DAY, "I may come", None),
        (SlotKind.TIME, "At 10:30.", "at 10:30"),
        (SlotKind.TIME, "three p.m.", "three p.m."),
        (SlotKind.TIME, "Ten.", "ten"),
        (SlotKind.TIME, "half past nine", "half past nine"),
        (SlotKind.TIME, "in two weeks", None),
        (SlotKind.YES_NO, "Sure.", "yes"),
        (SlotKind.YES_NO, "Maybe.", None),
        (SlotKind.TEXT, " It's broken. ", "It's broken."),
        (SlotKind.TEXT, "...", None),
    ],
)
def test_values_asked_for(kind: SlotKind, text: str, value: str | None) -> None:
    assert extract(slot(kind), text, asked=True) == value


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (SlotKind.NAME, "John Smith.", None),
        (SlotKind.NAME, "My name is John Smith and I am new.", "John Smith"),
        (SlotKind.DAY, "I can't make it on Tuesday.", None),
        (SlotKind.TIME, "I have three questions.", None),
        (SlotKind.NUMBER, "I have 3 questions.", None),
        (SlotKind.NUMBER, "My number is 47191.", "47191"),
        (SlotKind.TEXT, "Anything.", None),
    ],
)
def test_values_nobody_asked_for_must_be_unmistakable(
    kind: SlotKind, text: str, value: str | None
) -> None:
    assert extract(slot(kind), text, asked=False) == value


def test_a_number_has_as_many_digits_as_it_should() -> None:
    assert extract(slot(SlotKind.NUMBER, 4), "471", asked=True) is None
    assert extract(slot(SlotKind.NUMBER, 4), "4719", asked=True) == "4719"
    assert spoken(slot(SlotKind.NUMBER), "4719") == "4 7 1 9"


@given(st.text(), st.sampled_from(SlotKind), st.booleans())
def test_anything_can_be_said(text: str, kind: SlotKind, asked: bool) -> None:  # noqa: FBT001
    value = extract(slot(kind), text, asked=asked)
    assert value is None or value.strip()
    act_of(text)
    yes_or_no(text)
    sentences(text)
