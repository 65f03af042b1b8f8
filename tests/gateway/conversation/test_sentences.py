"""Clauses from deltas: the same wherever the deltas were cut, and nothing lost but what is mute."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversation.sentences import (
    LONGEST_CLAUSE_CHARACTERS,
    ClauseSplitter,
    speakable,
)


def clauses(text: str, step: int = 1000) -> list[str]:
    splitter = ClauseSplitter()
    out: list[str] = []
    for start in range(0, len(text), step):
        out += splitter.feed(text[start : start + step])
    return [*out, *splitter.finish()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "We open at 9 a.m. and close at 5 p.m. on weekdays. Dr. Smith is in at 10:30.",
            ["We open at 9 a.m. and close at 5 p.m. on weekdays.", "Dr. Smith is in at 10:30."],
        ),
        ("It costs $42.15. That is 3.5% more.", ["It costs $42.15.", "That is 3.5% more."]),
        ("The U.S. Army is big. Yes.", ["The U.S. Army is big.", "Yes."]),
        ("Ask J. Smith. He knows.", ["Ask J. Smith.", "He knows."]),
        ("Visit www.acme.com today. Bye.", ["Visit www.acme.com today.", "Bye."]),
        ('He said "Stop!" Then he left.', ['He said "Stop!"', "Then he left."]),
        ("Really?! Yes. Well... maybe.", ["Really?!", "Yes.", "Well...", "maybe."]),
        ("您好！我们九点开门。还有问题吗？", ["您好！", "我们九点开门。", "还有问题吗？"]),
        ("1. First\n2. Second\n- third", ["1. First", "2. Second", "third"]),
        ("Tel. 555-0132 or ext. 12. Thanks.", ["Tel. 555-0132 or ext. 12.", "Thanks."]),
    ],
)
def test_sentences_end_where_a_speaker_would_pause(text: str, expected: list[str]) -> None:
    assert clauses(text) == expected


def test_the_first_clause_is_short_on_purpose_and_only_the_first() -> None:
    text = "Let me see what I can do, then I will call the office, and tell you what they say."
    assert clauses(text) == [
        "Let me see what I can do,",
        "then I will call the office, and tell you what they say.",
    ]


def test_a_clause_comes_out_as_soon_as_its_end_is_certain() -> None:
    splitter = ClauseSplitter()
    assert splitter.feed("We are open. ") == ()
    assert splitter.feed("A") == ("We are open.",)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("**Sure**, *really* nice 😀!", "Sure, really nice!"),
        ("*laughs* Of course (chuckles softly).", "Of course."),
        ("[sighs] See [our site](https://x.y/z).", "See our site."),
        ("# Hours\n> nine to five", "Hours nine to five"),
        ("`code` and snake_case and 2*3", "code and snake_case and 2*3"),
        ("Use <b>bold</b> tags", "Use bold tags"),
        ("```python\nprint(1)\n```", ""),
        ("👍🏽 ✅", ""),
        ("---", ""),
        ("(the second one) is fine", "(the second one) is fine"),
        ("~sighs~ Well. _whispers_ Hi.", "Well. Hi."),
        ("Sure :-) see you <3!", "Sure see you!"),
        ("Ratio 3:1 stays", "Ratio 3:1 stays"),
    ],
)
def test_what_has_no_sound_is_not_spoken(text: str, spoken: str) -> None:
    assert speakable(text) == spoken


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("zh-CN", "您好！我们九点开门，五点关门。要预约吗？", 3),
        ("ja-JP", "こんにちは。「はい」と言ってください。", 2),
        ("ko-KR", "안녕하세요. 도와드릴까요?", 2),
        ("de-DE", "Am 3. Mai kommt Hr. Dr. Müller, d.h. bald. Der 1. Termin ist frei.", 3),
        ("fr-FR", "M. Dupont arrive. Mme Durand, p. ex., est là. Ça va ?", 3),
        ("es-ES", "El Sr. García está, p.ej. a las 10.30, aquí. ¿Quiere hablar con él?", 3),
        ("ar-SA", "هل تريد موعدا؟ نعم. شكرا لك.", 3),
        ("hi-IN", "नमस्ते। आप कैसे हैं? ठीक है।", 3),
        ("en-US", "It takes 3. Then we go.", 2),
        ("en-US", 'He said "Come in!" and left. Then it ended.', 2),
        ("en-US", "It costs $12.50. Or €1,299.99 at https://a.example/b?x=1. Fine.", 3),
        ("en-US", "Here:\n```python\nprint('a. B')\n\nx = 1.\n```\nThat was it.", 2),
    ],
)
def test_sentences_end_where_their_language_ends_them(
    language: str, text: str, expected: int
) -> None:
    for size in (1, 4, 1000):
        splitter = ClauseSplitter((), language)
        pieces = [text[start : start + size] for start in range(0, len(text), size)]
        ready = [clause for piece in pieces for clause in splitter.feed(piece)]
        assert len([*ready, *splitter.finish()]) == expected


def test_text_without_any_punctuation_is_cut_between_words() -> None:
    text = "word " * 200
    out = clauses(text, 7)
    assert all(len(clause) <= LONGEST_CLAUSE_CHARACTERS for clause in out)
    assert " ".join(out) == text.strip()


prose = st.text(
    st.sampled_from(list("abcDEF .,!?;:-\n\"'()[]*_`0123$%。，！？中文é…")), max_size=300
)


@given(prose, st.integers(1, 9))
def test_the_clauses_do_not_depend_on_how_the_text_arrived(text: str, step: int) -> None:
    assert clauses(text, step) == clauses(text, 1)


@given(st.lists(st.sampled_from(["alpha", "bravo", "42", "3.5", "Dr.", "Smith"]), max_size=60))
def test_no_word_is_lost_or_invented(words: list[str]) -> None:
    text = " ".join(words) + "."
    assert re.findall(r"\w+", " ".join(clauses(text, 5))) == re.findall(r"\w+", text)


@given(prose)
def test_every_clause_can_be_spoken(text: str) -> None:
    for clause in clauses(text, 4):
        assert re.search(r"\w", clause)
        assert "\n" not in clause
        assert clause == clause.strip()
