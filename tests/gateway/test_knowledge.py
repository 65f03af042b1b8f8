"""Knowledge as an administrator writes it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ConfigError
from gateway.knowledge import Topic, parse_knowledge, read_knowledge

TEXT = """
<!-- notes for whoever writes this
# are no topic -->
# Opening hours
- When are you open?
* What time do you *close*?

We are open **daily**,
from [eight](https://example.org/hours) to six.

Come early.

## Parking ##
Parking is free:
- behind the house
- and in front of it
"""


def test_topics_have_titles_questions_and_an_answer_to_be_spoken() -> None:
    assert parse_knowledge(TEXT) == (
        Topic(
            "Opening hours",
            ("When are you open?", "What time do you close?"),
            "We are open daily, from eight to six. Come early.",
        ),
        Topic("Parking", (), "Parking is free: behind the house and in front of it"),
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "holds no topic"),
        ("<!-- # Nothing -->", "holds no topic"),
        ("Hello\n# A\nanswer", "line 1 comes before the first heading"),
        ("# A\n- question?\n# B\nanswer", "line 1: “A” has no answer"),
        ("# A\nx\n\n# a\ny", "two topics named “a”"),
    ],
)
def test_what_cannot_be_understood_is_named(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_knowledge(text)


@given(st.text())
def test_any_text_is_topics_or_a_value_error(text: str) -> None:
    try:
        topics = parse_knowledge(text)
    except ValueError:
        return
    assert all(topic.title and topic.answer for topic in topics)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_knowledge(tmp_path / "hours.md", field="clinic.toml: knowledge")
    assert str(caught.value) == (
        f"clinic.toml: knowledge = {tmp_path}/hours.md: no such file; create it or correct the name"
    )


def test_a_folder_in_place_of_a_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read: .*; correct its permissions or name"):
        read_knowledge(tmp_path, field="knowledge")


def test_another_encoding_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "hours.md"
    file.write_bytes("# Zeiten\nGeöffnet".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"is not UTF-8 text \(byte 11\); save it as UTF-8"):
        read_knowledge(file, field="knowledge")
