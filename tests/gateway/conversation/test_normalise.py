"""What is said for what is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation import normalise as module
from gateway.conversation.normalise import normalise, pieces


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        (
            "Call +1 (415) 555-0132.",
            "Call plus one, four one five, five five five, zero one three two.",
        ),
        ("or 555-0132", "or five five five, zero one three two"),
        ("Order A47-19B is ready", "Order A four seven, one nine B is ready"),
        ("order number 48213", "order number four eight two one three"),
        ("account 1234567890", "account one two three four five six seven eight nine zero"),
        ("$42.15", "42 dollars and 15 cents"),
        ("$1.00 or $0.99", "1 dollar or 99 cents"),
        ("£3.5 million", "3.5 million pounds"),
        ("$1,000,000, and €5", "1000000 dollars, and 5 euros"),
        ("at 10:30 a.m.", "at 10 30 A M."),
        ("We open 8:00–18:00.", "We open 8 o'clock to 18 hundred."),
        ("From 9:00 a.m. - 5:30 p.m. daily", "From 9 A M to 5 30 P M daily"),
        ("at 2:05pm or 00:00", "at 2 oh 5 P M or midnight"),
        ("It is 5°C, or 41 °F.", "It is 5 degrees Celsius, or 41 degrees Fahrenheit."),
        ("on 5th Ave.", "on 5th Avenue."),
        ("at 9:05 or 14:00 or 12:00", "at 9 oh 5 or 14 hundred or 12 o'clock"),
        ("from 9 am to 5 pm", "from 9 A M to 5 P M"),
        ("9-5, 10-12 people", "9 to 5, 10 to 12 people"),
        ("Dr. Smith, 12 Main St.", "Doctor Smith, 12 Main Street."),
        ("St. Mary's", "Saint Mary's"),
        ("20% off, e.g. shoes", "20 percent off, for example shoes"),
        ("joe@acme.com", "joe at acme dot com"),
        ("see https://www.acme.com/help.", "see acme dot com slash help."),
        ("in 1999.", "in 19 99."),
        ("Plain text stays.", "Plain text stays."),
        ("1,234 items, room 101, A4", "1,234 items, room 101, A4"),
    ],
)
def test_english(written: str, spoken: str) -> None:
    assert normalise(written, "en-US") == spoken


def test_other_languages_still_hear_telephone_numbers_digit_by_digit() -> None:
    assert normalise("Rufen Sie 030 1234567 an", "de-DE") == "Rufen Sie 0 3 0, 1 2 3 4 5 6 7 an"
    assert normalise("um 10:30 Uhr", "nl-NL") == "um 10:30 Uhr"


@given(st.text(max_size=200), st.sampled_from(["en", "es", "fr", "de", "pt", "zh"]))
def test_the_pieces_are_the_text(text: str, language: str) -> None:
    assert "".join(piece.written for piece in pieces(text, language)) == text


@given(st.text(st.sampled_from("abc ,.XY$%:-+()#@059"), max_size=60))
def test_a_number_is_never_dropped(text: str) -> None:
    assert bool(normalise(text, "en").strip()) == bool(text.strip())


TRIGGERS = [
    *(
        "Dr.",
        "Mr",
        "etc.",
        "vs.",
        "e.g.",
        "i.e.",
        "Main",
        "St",
        "Ave",
        "a",
        "No.",
        "ext.",
        "approx.",
    ),
    *("acme.com", "x&y", "5", "$", "hello", "Www", "www.x", "24/7", "#1", "A1", "“Dr"),
]


@given(
    st.lists(
        st.sampled_from(TRIGGERS),
        max_size=6,
    ).map(" ".join)
)
def test_text_that_is_passed_over_has_nothing_to_rewrite(text: str) -> None:
    if not module._REWRITTEN.search(text):
        for position in range(len(text)):
            assert module._rewritten(text, position, module._ENGLISH) is None
