"""Reading `profiles/<name>.toml`. Whatever is wrong leaves here as one ConfigError."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gateway.errors import ConfigError
from gateway.knowledge import Topic, read_knowledge
from gateway.languages import spoken_language
from gateway.phrasebook import shipped
from gateway.profile.agent import Profile
from gateway.profile.forms import Table
from gateway.profile.intents import Intent, ToolName
from gateway.profile.recordings import Recordings, is_wav
from gateway.profile.tongue import in_own_words

DERIVED = ("name", "topics", "recordings", "also")
MISSING = "<missing>"
SHOWN_CHARACTERS = 80


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
    for derived in DERIVED:
        if derived in table:
            raise _unknown(file, derived)
    recordings = Recordings(file.parent)
    try:
        profile = Profile.model_validate({**table, "name": file.stem}, context=recordings)
    except ValidationError as error:
        raise _translated(file, error.errors()[0]) from None
    _check_references(file, profile)
    return profile.model_copy(
        update={
            "topics": _read_topics(file, profile.knowledge, recordings),
            "recordings": recordings.by_words,
            "tools": profile.tools if "tools" in table else _possible_tools(profile),
            "default_person": profile.default_person or next(iter(profile.people), None),
            "also": _languages(profile),
            "phrases": in_own_words(profile.phrases, profile.language),
            **_shipped_goodbye(profile, table),
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


def _read_topics(
    file: Path, knowledge: Iterable[Path], recordings: Recordings
) -> tuple[Topic, ...]:
    field = f"{file.name}: knowledge"
    topics = (t for path in knowledge for t in read_knowledge(file.parent / path, field=field))
    return tuple(_as_recorded(file, topic, recordings) for topic in topics)


def _as_recorded(file: Path, topic: Topic, recordings: Recordings) -> Topic:
    """An answer that is a wav file beside the profile is what that says."""
    if not is_wav(topic.answer):
        return topic
    try:
        return replace(topic, answer=recordings.words_of(topic.answer))
    except ValueError as error:
        raise _wrong(file, f"knowledge: {topic.title}", topic.answer, str(error)) from None


def _languages(profile: Profile) -> tuple[str, ...]:
    """Each spoken language once, the profile's own first."""
    tags = {spoken_language(tag): tag for tag in reversed((profile.language, *profile.languages))}
    tags[spoken_language(profile.language)] = profile.language
    first = profile.language
    return (first, *sorted(tag for tag in tags.values() if tag != first))


def _shipped_goodbye(profile: Profile, table: Mapping[str, object]) -> Mapping[str, object]:
    """In the agent's own language, if it names none."""
    words = shipped(profile.language)
    return {} if "goodbye" in table or not words else {"goodbye": words["goodbye"]}


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
    for language, choice in profile.languages.items():
        for name in choice.called:
            known = {**profile.people, **profile.extensions}
            where = f"languages.{language}.called"
            _check_name(file, where, name, known, "[people] or [extensions]")
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
        case ToolName.SEND_DIGITS if "digits" not in intent.arguments:
            raise _wrong(
                file, f"intents.{intent.name}.arguments.digits", MISSING, "is needed; add it"
            )
        case ToolName.HANG_UP | ToolName.SEND_DIGITS | None:
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
    known -= {"topics", "recordings", "also"}
    nearest = get_close_matches(field.rpartition(".")[2], known, 1)
    hint = f"did you mean {nearest[0]}?" if nearest else "remove it"
    return _wrong(file, field, "<not shown>", f"there is no such setting; {hint}")
