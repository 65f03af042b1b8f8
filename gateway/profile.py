"""Agents as an administrator writes them: `profiles/<name>.toml`, parsed once, frozen.

Whatever is wrong leaves here as one ConfigError that names the file, the field, its value and
the fix.
"""

import re
import string
import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from gateway.errors import ConfigError
from gateway.knowledge import Topic, read_knowledge
from gateway.languages import bcp47

MISSING = "<missing>"
SHOWN_CHARACTERS = 80

Text: TypeAlias = Annotated[str, Field(min_length=1)]
Amount: TypeAlias = Annotated[Decimal, Field(gt=0)]
"""Of money."""


def _plain_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
        raise ValueError("is no name; use letters, digits, _ and -")
    return name


def _dialable(endpoint: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*/\S+", endpoint):
        raise ValueError("cannot be dialled; give technology and resource, like PJSIP/1001")
    return endpoint


def _tag(language: str) -> str:
    if (tag := bcp47(language)) is None:
        raise ValueError("is no language; give a name or tag, like english or en-US")
    return tag


Name: TypeAlias = Annotated[str, AfterValidator(_plain_name)]
"""A name that goes into JSON, the dialplan and SIP headers."""


class Table(BaseModel):
    """One table of a profile. The docstring below each field is its documentation."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, arbitrary_types_allowed=True
    )


class ToolName(StrEnum):
    """What an agent may be allowed to do."""

    TRANSFER_TO_PERSON = "transfer_to_person"
    TRANSFER_TO_EXTENSION = "transfer_to_extension"
    HANG_UP = "hang_up"


class VoiceChoice(Table):
    """How the agent sounds."""

    name: str | None = None
    """The voice's name at the speech provider; its default if unset."""
    speed: float = Field(1.0, ge=0.5, le=2.0)
    """Speed factor: 1.1 is a tenth faster."""


class Person(Table):
    """Somebody a caller can be put through to; the agent stays until they talk."""

    endpoint: Annotated[str, AfterValidator(_dialable)] = Field(examples=["PJSIP/1001"])
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


class SlotKind(StrEnum):
    """What a caller is asked for, and so how the answer is understood."""

    NAME = "name"
    TEXT = "text"
    NUMBER = "number"
    """Digits said one by one: an order number, a date of birth, a phone number."""
    DAY = "day"
    TIME = "time"
    YES_NO = "yes_no"


class Slot(Table):
    """One thing an intent needs to know."""

    name: Name
    """What confirm, arguments and done call it: `{name}`."""
    ask: Text
    """The question the caller hears."""
    kind: SlotKind = SlotKind.TEXT
    """name, text, number, day, time or yes_no."""
    digits: int | None = Field(None, ge=1, le=30)
    """How many digits a number has, if that is known."""


class Intent(Table):
    """Something the embedded agent can do for a caller: ask, confirm, then act."""

    name: Name
    """What the call's record calls it."""
    examples: tuple[Text, ...] = Field(min_length=1)
    """Ways callers ask for it."""
    slots: tuple[Slot, ...] = ()
    """What is asked, in this order; what the caller said already is not asked again."""
    confirm: Text | None = None
    """A question repeating what was understood; only a yes leads on."""
    tool: ToolName | None = None
    """The tool that is run."""
    arguments: Mapping[str, str] = {}
    """The tool's arguments; `{slot}` stands for an answer."""
    done: str = ""
    """What is said at the end, if the tool itself says nothing."""

    @model_validator(mode="after")
    def _names_its_own_slots(self) -> Self:
        known = {slot.name for slot in self.slots}
        templates = {"confirm": self.confirm or "", "done": self.done}
        templates |= {f"arguments.{key}": value for key, value in self.arguments.items()}
        for where, template in templates.items():
            for name in placeholders(template):
                if name not in known:
                    raise ValueError(f"{where} names {{{name}}}, which is none of its slots")
        if self.tool is None and self.arguments:
            raise ValueError("has arguments but no tool; name the tool")
        if self.tool is None and not self.done:
            raise ValueError("does nothing; give it a tool, or words in done")
        return self


FILLED_IN: Mapping[str, str] = {
    "connecting": "person",
    "busy": "person",
    "no_answer": "person",
    "nobody_available": "person",
    "did_you_mean": "topic",
}
"""The name in braces that a phrase may have."""


class Phrases(Table):
    """What the agent says in its own words. The defaults are English."""

    did_not_understand: tuple[Text, ...] = Field(
        (
            "I'm sorry, I didn't get that. Could you say it in other words?",
            "I still don't understand, I'm sorry.",
        ),
        min_length=1,
    )
    """For each time in a row that the caller was not understood; the last one stays."""
    no_input: tuple[Text, ...] = Field(
        ("Are you still there?", "I can't hear you. Please call again. Goodbye."), min_length=2
    )
    """When the caller says nothing: the last of them ends the call."""
    still_there: Text = "Hello? I can't hear you very well."
    """When speech was heard but no words were understood."""
    fillers: tuple[Text, ...] = ("One moment.", "Let me see.")
    """When an answer takes long."""
    connecting: Text = "One moment please, I'm connecting you to {person}."
    """Before a transfer; {person} is the description of who is called."""
    busy: Text = "I'm sorry, {person} is on another call right now."
    """When whoever was called is busy."""
    no_answer: Text = "I'm sorry, nobody is answering at {person} right now."
    """When it rang to the end."""
    nobody_available: Text = "I'm sorry, I can't reach {person} at the moment."
    """When a transfer fails for another reason."""
    alternatives: Text = "Shall I try again, or is there something else I can help you with?"
    """After a transfer that failed."""
    apology: Text = "I'm sorry, something went wrong on my side."
    """When a part of the agent fails."""
    limit_reached: Text = "I'm sorry, I can't go on with our conversation."
    """When the call may cost no more; a person is called, or the goodbye follows."""
    sorry: Text = "I'm sorry, I didn't get that."
    """Before a question is asked again."""
    did_you_mean: Text = "Do you want to know about {topic}?"
    """When the caller may have asked about a topic; {topic} is its title."""
    how_can_i_help: Text = "How can I help you?"
    """After "hello"."""
    go_on: Text = "What would you like to know?"
    """After a yes to "anything else?"."""
    take_your_time: Text = "Take your time."
    """After "one moment"."""
    welcome: Text = "You're welcome."
    """After "thank you"."""
    anything_else: Text = "Is there anything else I can help you with?"
    """After small talk, and after what was cancelled."""
    help: Text = "Just ask me your question, or say that you'd like to speak to a person."
    """After "help"."""
    nothing_to_repeat: Text = "I haven't said anything yet."
    """When there is nothing to say again."""
    yes_or_no: Text = "Please say yes or no."
    """When a confirmation was answered with something else."""
    what_to_change: Text = "All right, what should I change?"
    """After a no to a confirmation."""
    cancelled: Text = "All right, never mind then."
    """After "never mind"."""
    no_person: Text = "I'm sorry, there is nobody I can connect you to."
    """When a person is wanted and the agent may call none."""

    @field_validator("*")
    @classmethod
    def _fills_in_what_it_knows(cls, phrase: str | tuple[str, ...], info: ValidationInfo) -> object:
        known = FILLED_IN.get(info.field_name or "", "")
        for template in (phrase,) if isinstance(phrase, str) else phrase:
            for name in placeholders(template):
                if name != known:
                    fills = f"only {{{known}}} is" if known else "nothing is"
                    raise ValueError(f"{{{name}}} is unknown here; {fills} filled in")
        return phrase


class ProfileBudget(Table):
    """What this agent may cost; amounts are in the price table's currency (docs/costs.md)."""

    call_soft_limit: Amount | None = None
    """Instead of `money.call_soft_limit`: from here on the cheapest providers are asked first."""
    call_hard_limit: Amount | None = None
    """Instead of `money.call_hard_limit`: here the agent says goodbye, with a person to go on."""
    day_soft_limit: Amount | None = None
    """Soft limit of all calls of this agent in a day (UTC)."""
    day_hard_limit: Amount | None = None
    """Hard limit of all calls of this agent in a day."""


class Profile(Table):
    """One agent."""

    name: str
    """The file's name, and what `AI_CONTEXT` chooses."""
    language: Annotated[str, AfterValidator(_tag)] = "en-US"
    """What is spoken if the dialplan's `AI_LANGUAGE` says nothing."""
    greeting: Text
    """The first thing a caller hears."""
    goodbye: Text = "Thank you for calling. Goodbye."
    """The last thing."""
    instructions: str = ""
    """Who the agent is and how it behaves: for a language model."""
    voice: VoiceChoice = VoiceChoice()
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


def placeholders(template: str) -> tuple[str, ...]:
    """The `{names}` in `template`; raises ValueError for a stray brace."""
    return tuple(name for _, name, _, _ in string.Formatter().parse(template) if name is not None)


# --- reading ----------------------------------------------------------------------------------


def load_profiles(folder: Path) -> Mapping[str, Profile]:
    """Every `<name>.toml` in `folder` by name. Raises ConfigError for the first thing wrong."""
    if not folder.is_dir():
        raise ConfigError("profiles.folder", str(folder), "no such folder; create it or correct it")
    profiles = {file.stem: load_profile(file) for file in sorted(folder.glob("*.toml"))}
    if not profiles:
        raise ConfigError("profiles.folder", str(folder), "holds no profile; add <name>.toml")
    return profiles


def choose_profile(profiles: Mapping[str, Profile], name: str, *, field: str) -> Profile:
    """The profile called `name`; raises ConfigError, naming `field`, if there is none."""
    if name not in profiles:
        known = ", ".join(profiles)
        raise ConfigError(field, name, f"there is no such profile; there are: {known}")
    return profiles[name]


def load_profile(file: Path) -> Profile:
    """One profile with its knowledge; raises ConfigError for the first thing wrong."""
    table = _read_toml(file)
    for derived in ("name", "topics"):
        if derived in table:
            raise _unknown(file, derived)
    try:
        profile = Profile.model_validate({**table, "name": file.stem})
    except ValidationError as error:
        raise _translated(file, error.errors()[0]) from None
    _check_references(file, profile)
    return profile.model_copy(
        update={
            "topics": _read_topics(file, profile.knowledge),
            "tools": profile.tools if "tools" in table else _possible_tools(profile),
            "default_person": profile.default_person or next(iter(profile.people), None),
        }
    )


def _read_toml(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(
            "profile", str(file), f"cannot be read: {error.strerror}; correct its permissions"
        ) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError("profile", str(file), f"is not TOML: {error}") from None


def _read_topics(file: Path, knowledge: Iterable[Path]) -> tuple[Topic, ...]:
    field = f"{file.name}: knowledge"
    return tuple(
        topic for path in knowledge for topic in read_knowledge(file.parent / path, field=field)
    )


def _possible_tools(profile: Profile) -> tuple[ToolName, ...]:
    tools = [ToolName.HANG_UP]
    if profile.people:
        tools.append(ToolName.TRANSFER_TO_PERSON)
    if profile.extensions:
        tools.append(ToolName.TRANSFER_TO_EXTENSION)
    return tuple(tools)


def _check_references(file: Path, profile: Profile) -> None:
    """Whatever one part of a profile says of another is true."""
    if profile.default_person is not None:
        _check_name(file, "default_person", profile.default_person, profile.people, "[people]")
    if ToolName.TRANSFER_TO_PERSON in profile.tools and not profile.people:
        raise _wrong(file, "tools", "transfer_to_person", "needs [people.<name>] to connect to")
    if ToolName.TRANSFER_TO_EXTENSION in profile.tools and not profile.extensions:
        raise _wrong(file, "tools", "transfer_to_extension", "needs [extensions.<name>] to go to")
    for intent in profile.intents:
        _check_target(file, profile, intent)


def _check_target(file: Path, profile: Profile, intent: Intent) -> None:
    where = f"intents.{intent.name}.arguments.target"
    target = intent.arguments.get("target")
    match intent.tool:
        case ToolName.TRANSFER_TO_PERSON:
            _check_name(file, where, target or MISSING, profile.people, "[people]")
        case ToolName.TRANSFER_TO_EXTENSION:
            _check_name(file, where, target or MISSING, profile.extensions, "[extensions]")
        case ToolName.HANG_UP | None:
            pass


def _check_name(file: Path, field: str, name: str, known: Iterable[str], table: str) -> None:
    if name not in known:
        listed = ", ".join(known) or "none yet"
        raise _wrong(file, field, name, f"is not in {table}; there are: {listed}")


def _wrong(file: Path, field: str, value: str, fix: str) -> ConfigError:
    return ConfigError(f"{file.name}: {field}", value, fix)


def _translated(file: Path, error: ErrorDetails) -> ConfigError:
    """pydantic's finding in the administrator's words."""
    field = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return _unknown(file, field)
    if error["type"] == "missing":
        return _wrong(file, field, MISSING, "is needed; add it")
    value = " ".join(str(error["input"]).split())[:SHOWN_CHARACTERS]
    return _wrong(file, field, value, error["msg"].removeprefix("Value error, "))


def _unknown(file: Path, field: str) -> ConfigError:
    known = {name for table in Table.__subclasses__() for name in table.model_fields}
    known -= {"topics"}
    nearest = get_close_matches(field.rpartition(".")[2], known, 1)
    hint = f"did you mean {nearest[0]}?" if nearest else "remove it"
    return _wrong(file, field, "<not shown>", f"there is no such setting; {hint}")
