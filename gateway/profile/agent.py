"""One agent: who it is, how it sounds, what it knows and may do, and how it treats callers."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from gateway.knowledge import Topic
from gateway.profile.budget import ProfileBudget
from gateway.profile.forms import Name, Spoken, Table, Text, dialable, tag
from gateway.profile.intents import Intent, ToolName
from gateway.profile.phrases import Phrases
from gateway.profile.recordings import Recording, Recordings, is_wav
from gateway.profile.spoken import LanguageChoice, VoiceChoice, by_tag


class Person(Table):
    """Somebody a caller can be put through to; the agent stays until they talk."""

    endpoint: Annotated[str, AfterValidator(dialable)] = Field(examples=["PJSIP/1001"])
    """What Asterisk dials, like PJSIP/1001."""
    description: Text
    """Who this is, in words that go into "I'm connecting you to …": "our reception desk"."""
    called: tuple[Text, ...] = ()
    """Other names callers use for them, and what they take care of: "front desk", "billing"."""
    timeout: float = Field(30.0, gt=0, le=300)
    """Seconds it may ring."""


class Extension(Table):
    """A place in the dialplan a caller can be sent on to: a queue, a voice mail box."""

    context: Text
    """Dialplan context."""
    extension: Text
    """Extension in that context."""
    description: Text
    """What this is, in words that go into "I'm connecting you to …"."""
    called: tuple[Text, ...] = ()
    """Other names callers use for it."""
    priority: int = Field(1, ge=1)
    """Priority in that extension."""


class Sound(StrEnum):
    """What a caller can hear who has to wait."""

    TYPING = "typing"
    MUSIC = "music"
    RINGING = "ringing"
    """The ringing tone of the caller's country."""
    SILENCE = "silence"


def _sound(chosen: object, info: ValidationInfo) -> object:
    if isinstance(chosen, str):
        if is_wav(chosen) and isinstance(info.context, Recordings):
            return info.context.sound(chosen)
        if chosen not in tuple(Sound):
            raise ValueError(f"is no sound; there are {', '.join(Sound)}, or name a wav file")
        return Sound(chosen)
    return chosen


AnySound = Annotated[Sound | Recording, BeforeValidator(_sound)]


class Waiting(Table):
    """What a caller hears who has to wait: never nothing. A sound is typing, music, ringing,
    silence or the name of a wav file beside the profile."""

    filler_seconds: float = Field(1.6, ge=0.3, le=30)
    """Seconds without an answer, from the caller's last sound, before one of `phrases.fillers` is
    said; but not within 0.6 s after it is sure that the caller has finished."""
    next_filler_seconds: float = Field(6.0, ge=1, le=120)
    """Seconds until the next of them is."""
    sound: AnySound = Sound.TYPING
    """What is heard between them."""
    sound_seconds: float = Field(0.8, ge=0, le=30)
    """Seconds of quiet after a filler before that is heard."""
    longest_seconds: float = Field(20.0, ge=2, le=300)
    """The longest an answer may take; then the agent apologises and a person helps."""
    transfer: AnySound = Sound.RINGING
    """What is heard while a person is called."""


class Keys(Table):
    """Digits a caller keys: at any time, also mixed with spoken ones."""

    cut_through: bool = True
    """A key stops what the agent says (but never what is `protected`). If false, keys wait."""
    inter_digit_seconds: float = Field(2.5, ge=0.3, le=30)
    """So long after the last digit an entry is complete."""
    terminator: str = Field("#", pattern=r"^[0-9A-D*#]?$")
    """The key that completes an entry at once; "" for none."""


class Unheard(StrEnum):
    """What becomes of a caller who says nothing, again and again."""

    HANG_UP = "hang_up"
    PERSON = "person"


class Profile(Table):
    """One agent."""

    name: str
    """The file's name, and what `AI_CONTEXT` chooses."""
    language: Annotated[str, AfterValidator(tag)] = "en-US"
    """What is spoken if the dialplan's `AI_LANGUAGE` says nothing."""
    greeting: Spoken
    """The first thing a caller hears."""
    goodbye: Spoken = "Thank you for calling. Goodbye."
    """The last thing."""
    instructions: str = ""
    """Who the agent is and how it behaves: for a language model."""
    voice: VoiceChoice = VoiceChoice()
    languages: Annotated[Mapping[str, LanguageChoice], BeforeValidator(by_tag)] = {}
    """Other languages it speaks, to which callers can switch."""
    also: tuple[str, ...] = ()
    """All languages that callers can switch to, its own first."""
    phrases: Phrases = Phrases()
    knowledge: tuple[Path, ...] = ()
    """Markdown files of topics, beside the profile."""
    topics: tuple[Topic, ...] = ()
    """What those files hold."""
    tools: tuple[ToolName, ...] = ()
    """What the agent may do; if unset, whatever `people` and `extensions` allow, and hanging up."""
    people: Mapping[Name, Person] = {}
    """Who callers can be put through to, by name."""
    extensions: Mapping[Name, Extension] = {}
    """Where callers can be sent on to, by name."""
    default_person: str | None = None
    """Who gets callers that name nobody; the first one if unset."""
    intents: tuple[Intent, ...] = ()
    """What the embedded agent can do besides answering."""
    budget: ProfileBudget = ProfileBudget()
    no_match_limit: int = Field(2, ge=1, le=10)
    """So often in a row a caller is not understood before a person is called."""
    no_input_seconds: float = Field(7.0, ge=2, le=60)
    """Silence after which the caller is asked for a sign of life."""
    no_input_leads_to: Unheard = Unheard.HANG_UP
    """After the last of `phrases.no_input`: hang_up, or the default person."""
    protected: tuple[Text, ...] = ()
    """Sentences that no caller can interrupt, wherever they are said: a legal notice in the
    greeting, say. Word for word as they stand there."""
    resume_seconds: float = Field(0.0, ge=0, le=30 * 86400)
    """A caller (known by the number) who calls again so soon goes on with the conversation; it is
    kept as long. 0: every call begins anew."""
    waiting: Waiting = Waiting()
    keys: Keys = Keys()
    recordings: Mapping[str, Recording] = {}
    """The wav files, by the words they say."""

    @property
    def briefing(self) -> str:
        """Instructions for a language model: who it is, what it knows, whom it can call."""
        parts = [self.instructions.strip()] if self.instructions.strip() else []
        if self.topics:
            known = "\n".join(f"- {topic.title}: {topic.answer}" for topic in self.topics)
            parts.append(
                f"What you know (answer from this only; if it is not here, say so):\n{known}"
            )
        if self.people:
            listed = "\n".join(f"- {name}: {who.description}" for name, who in self.people.items())
            parts.append(f"People you can connect callers to:\n{listed}")
        return "\n\n".join(parts)
