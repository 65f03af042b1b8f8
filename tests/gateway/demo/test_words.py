import pytest

from gateway.demo.words import content_words, share_heard

HOURS = "We are open from 8 a.m. to 6:30 p.m., Monday to Friday."


def test_a_sentence_hears_itself() -> None:
    assert share_heard(HOURS, HOURS) == 1.0


@pytest.mark.parametrize(
    "heard",
    [
        "we're open from eight AM to six thirty PM Monday to Friday",
        "We are open from 8am to 6 30 pm, Mondays to Fridays.",
        "WE ARE OPEN FROM EIGHT A M TO SIX THIRTY P M MONDAY TO FRIDAY",
    ],
)
def test_numbers_spelling_and_case_do_not_matter(heard: str) -> None:
    assert share_heard(HOURS, heard) == 1.0


def test_another_answer_is_not_this_answer() -> None:
    parking = "There is a free car park behind the building."
    assert share_heard(HOURS, parking) < 0.2


def test_half_of_a_sentence_is_half() -> None:
    assert share_heard("red green blue white", "red blue") == 0.5


def test_a_word_heard_once_counts_once() -> None:
    assert share_heard("yes yes", "yes") == 0.5


def test_empty_words_prove_nothing() -> None:
    assert share_heard("the of and", "the of and") == 0.0
    assert share_heard("parking", "") == 0.0


def test_what_a_number_becomes() -> None:
    assert content_words("24 rooms, 405, 07") == (
        "twenty", "four", "rooms", "four", "zero", "five", "zero", "seven",
    )  # fmt: skip
