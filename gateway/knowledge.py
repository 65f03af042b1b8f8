"""What an agent knows, written as markdown that an administrator can read aloud.

A topic is a heading, a list of ways callers ask about it, and the answer that is spoken:

    # Opening hours
    - When are you open?
    - What time do you close on Saturday?

    We are open Monday to Friday, from eight to six.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing the agent can answer: its title, example questions and the spoken answer."""

    title: str
    questions: tuple[str, ...]
    answer: str


def read_knowledge(file: Path, *, field: str) -> tuple[Topic, ...]:
    """The topics of `file`. Raises ConfigError, naming `field`, if it cannot be understood."""
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        raise ConfigError(field, str(file), "no such file; create it or correct the name") from None
    except OSError as error:
        raise ConfigError(
            field, str(file), f"cannot be read: {error.strerror}; correct its permissions or name"
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            field, str(file), f"is not UTF-8 text (byte {error.start}); save it as UTF-8"
        ) from None
    try:
        return parse_knowledge(text)
    except ValueError as error:
        raise ConfigError(field, str(file), str(error)) from None


def parse_knowledge(text: str) -> tuple[Topic, ...]:
    """The topics of a knowledge text; raises ValueError with a line number and the fix."""
    topics = tuple(_topics(text))
    if not topics:
        raise ValueError("holds no topic; write `# Topic`, `- question?` lines and an answer")
    seen: set[str] = set()
    for topic in topics:
        if topic.title.lower() in seen:
            raise ValueError(f"has two topics named “{topic.title}”; join or rename them")
        seen.add(topic.title.lower())
    return topics


_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*")
_BULLET = re.compile(r"[-*+]\s+(.*)")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_EMPHASIS = re.compile(r"\*\*|__|[*`]")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def _topics(text: str) -> Iterator[Topic]:
    uncommented = _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)
    draft: _Draft | None = None
    for number, line in enumerate(uncommented.splitlines(), 1):
        line = line.strip()
        if heading := _HEADING.fullmatch(line):
            if draft is not None:
                yield draft.topic()
            draft = _Draft(_spoken(heading[1]), number)
        elif draft is not None:
            draft.add(line)
        elif line:
            raise ValueError(
                f"line {number} comes before the first heading; put `# Topic` above it"
            )
    if draft is not None:
        yield draft.topic()


class _Draft:
    """A topic whose lines are still being read."""

    def __init__(self, title: str, line: int) -> None:
        self._title, self._line = title, line
        self._questions: list[str] = []
        self._answer: list[str] = []

    def add(self, line: str) -> None:
        bullet = _BULLET.fullmatch(line)
        if bullet and not self._answer:
            self._questions.append(_spoken(bullet[1]))
        elif line:
            self._answer.append(_spoken(bullet[1] if bullet else line))

    def topic(self) -> Topic:
        if not self._title:
            raise ValueError(f"line {self._line} is a heading without a title; give it one")
        if not self._answer:
            raise ValueError(
                f"line {self._line}: “{self._title}” has no answer; write it below the questions"
            )
        return Topic(self._title, tuple(self._questions), " ".join(self._answer))


def _spoken(text: str) -> str:
    """Without the marks of markdown, which nobody wants to hear."""
    return _EMPHASIS.sub("", _LINK.sub(r"\1", text)).strip()
