"""What an agent can be asked for, and how close an utterance comes to each of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from gateway.profile import Profile
from gateway.providers.local_agent_words import EXAMPLES
from gateway.providers.minilm import Vectors

Embed = Callable[[Sequence[str]], Vectors]


class Kind(StrEnum):
    TOPIC = "topic"
    INTENT = "intent"
    PERSON = "person"
    EXTENSION = "extension"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing a caller may mean: a topic by title, an intent, person or act by name."""

    kind: Kind
    name: str


@dataclass(frozen=True, slots=True)
class Match:
    """How close a text comes to `subject`: the cosine to the closest of its phrases."""

    subject: Subject
    score: float


class Index:
    """All phrases of a profile as vectors, embedded once."""

    def __init__(self, profile: Profile, embed: Embed) -> None:
        phrases = _phrases(profile)
        self._subjects = tuple(phrases)
        self._owner = np.repeat(np.arange(len(phrases)), [len(texts) for texts in phrases.values()])
        self._vectors = embed([text for texts in phrases.values() for text in texts])
        self._embed = embed

    def matches(self, text: str) -> tuple[Match, ...]:
        """Every subject, the closest first."""
        likeness = self._vectors @ self._embed([text])[0]
        best = np.full(len(self._subjects), -1.0, np.float32)
        np.maximum.at(best, self._owner, likeness)
        order = np.argsort(-best)
        return tuple(Match(self._subjects[at], float(best[at])) for at in order)


def _phrases(profile: Profile) -> dict[Subject, tuple[str, ...]]:
    """What callers say for each subject."""
    topics = {
        Subject(Kind.TOPIC, topic.title): (topic.title, *topic.questions)
        for topic in profile.topics
    }
    intents = {Subject(Kind.INTENT, intent.name): intent.examples for intent in profile.intents}
    people = {
        Subject(Kind.PERSON, name): _ways_to_reach(name, person.called)
        for name, person in profile.people.items()
    }
    extensions = {
        Subject(Kind.EXTENSION, name): _ways_to_reach(name, extension.called)
        for name, extension in profile.extensions.items()
    }
    acts = {Subject(Kind.ACT, act.value): examples for act, examples in EXAMPLES.items()}
    return topics | intents | people | extensions | acts


def _ways_to_reach(name: str, called: tuple[str, ...]) -> tuple[str, ...]:
    names = called or (name.replace("_", " ").replace("-", " "),)
    ways = ("Transfer me to {}", "Can I speak to {}?", "{} please")
    return tuple(way.format(spoken) for spoken in names for way in ways)
