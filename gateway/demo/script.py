"""What is said in the demonstration, and what must be heard in return: data, no deeds.

The agent's lines are taken from its profile, so an administrator who rewrites the clinic's
knowledge sees a demonstration of the clinic as it is now.
"""

from dataclasses import dataclass

from gateway.demo.errors import Step
from gateway.errors import ConfigError
from gateway.lab.speech import Utterance, utterance
from gateway.profile import Profile

NUMBER = "100"
"""What the caller dials; the dialplan gives it to PROFILE."""
PROFILE = "clinic"
PERSON_EXTENSION = "1001"

PAUSE = 0.5
"""Seconds of silence after which whoever listens takes the other side's turn to be over."""
ANSWER_WITHIN = 15.0
"""Seconds after which even a patient caller would think that the line is dead: a small machine that
is busy may be slow."""
RINGING_SECONDS = 1.2
"""How long the person lets it ring."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the caller says, and the agent's answer that `step` waits for."""

    step: Step
    speech: Utterance
    answer: str


@dataclass(frozen=True, slots=True)
class Script:
    """The call from greeting to goodbye."""

    greeting: str
    questions: tuple[Question, ...]
    wish: Question
    """The caller's wish for a person; its answer is the announcement."""
    person_says: Utterance
    caller_says: Utterance

    @property
    def agent_lines(self) -> tuple[tuple[Step, str], ...]:
        """What the caller must hear from the agent, in order, and the steps this proves."""
        answers = ((question.step, question.answer) for question in (*self.questions, self.wish))
        return ((Step.GREETING, self.greeting), *answers)


def script(profile: Profile) -> Script:
    """The demonstration with `profile`; ConfigError if it lacks a topic or person asked about."""
    hours, location, wish = (
        utterance(f"michael-{name}") for name in ("hours", "location", "person")
    )
    return Script(
        greeting=profile.greeting,
        questions=(
            Question(Step.FIRST_ANSWER, hours, _answer(profile, "Opening hours")),
            Question(Step.SECOND_ANSWER, location, _answer(profile, "Address")),
        ),
        wish=Question(Step.ANNOUNCEMENT, wish, _announcement(profile)),
        person_says=utterance("emma-hello"),
        caller_says=utterance("michael-form"),
    )


def _answer(profile: Profile, title: str) -> str:
    for topic in profile.topics:
        if topic.title == title:
            return topic.answer
    raise ConfigError(
        f"{profile.name}: knowledge", title, "the demonstration asks about this topic"
    )


def _announcement(profile: Profile) -> str:
    if profile.default_person is None:
        raise ConfigError(f"{profile.name}: people", "none", "the demonstration asks for a person")
    person = profile.people[profile.default_person]
    return profile.phrases.connecting.format(person=person.description)
