"""Agents as an administrator writes them, and what is said when something is wrong."""

from pathlib import Path

import pytest

from gateway.errors import ConfigError
from gateway.profile import (
    SlotKind,
    ToolName,
    choose_profile,
    load_profile,
    load_profiles,
    placeholders,
)

SHIPPED = Path(__file__).parents[2] / "profiles"

MINIMAL = 'greeting = "Hello."\n'
PEOPLE = '[people.anna]\nendpoint = "PJSIP/1001"\ndescription = "Anna"\n'


def written(folder: Path, text: str, name: str = "clinic") -> Path:
    file = folder / f"{name}.toml"
    file.write_text(text)
    return file


def test_a_greeting_is_enough(tmp_path: Path) -> None:
    profile = load_profile(written(tmp_path, MINIMAL))
    assert (profile.name, profile.language, profile.greeting) == ("clinic", "en-US", "Hello.")
    assert profile.tools == (ToolName.HANG_UP,)
    assert profile.default_person is None
    assert profile.briefing == ""


def test_people_allow_transfers_and_the_first_one_is_the_default(tmp_path: Path) -> None:
    profile = load_profile(written(tmp_path, MINIMAL + PEOPLE))
    assert ToolName.TRANSFER_TO_PERSON in profile.tools
    assert profile.default_person == "anna"
    assert "anna: Anna" in profile.briefing


def test_named_tools_are_all_there_are(tmp_path: Path) -> None:
    profile = load_profile(written(tmp_path, MINIMAL + "tools = []\n" + PEOPLE))
    assert profile.tools == ()


def test_language_names_become_tags(tmp_path: Path) -> None:
    profile = load_profile(written(tmp_path, MINIMAL + 'language = "british english"\n'))
    assert profile.language == "en-GB"


def test_knowledge_lies_beside_the_profile(tmp_path: Path) -> None:
    (tmp_path / "hours.md").write_text("# Hours\n- When?\n\nAlways.")
    profile = load_profile(written(tmp_path, MINIMAL + 'knowledge = ["hours.md"]\n'))
    assert [topic.title for topic in profile.topics] == ["Hours"]
    assert "- Hours: Always." in profile.briefing


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "clinic.toml: greeting = <missing>: is needed; add it"),
        (
            MINIMAL + 'greting = "x"',
            "clinic.toml: greting = <not shown>: there is no such setting; did you mean greeting?",
        ),
        (
            MINIMAL + 'topics = "x"',
            "clinic.toml: topics = <not shown>: there is no such setting; remove it",
        ),
        (
            MINIMAL + 'language = "klingon"',
            "clinic.toml: language = klingon: is no language; "
            "give a name or tag, like english or en-US",
        ),
        (
            MINIMAL + 'tools = ["fly"]',
            "clinic.toml: tools.0 = fly: Input should be 'transfer_to_person', "
            "'transfer_to_extension', 'hang_up' or 'send_digits'",
        ),
        (
            MINIMAL + 'tools = ["transfer_to_person"]',
            "clinic.toml: tools = transfer_to_person: needs [people.<name>] to connect to",
        ),
        (
            MINIMAL + 'default_person = "bob"\n' + PEOPLE,
            "clinic.toml: default_person = bob: is not in [people]; there are: anna",
        ),
        (
            MINIMAL + '[people.anna]\nendpoint = "1001"\ndescription = "Anna"',
            "clinic.toml: people.anna.endpoint = 1001: "
            "cannot be dialled; give technology and resource, like PJSIP/1001",
        ),
        (
            MINIMAL + '[people."the boss"]\nendpoint = "PJSIP/1"\ndescription = "x"',
            "clinic.toml: people.the boss.[key] = the boss: "
            "is no name; use letters, digits, _ and -",
        ),
        (
            MINIMAL
            + '[[intents]]\nname = "call"\nexamples = ["Call Bob"]\ntool = "transfer_to_person"\n'
            + 'arguments = { target = "bob" }\n'
            + PEOPLE,
            "clinic.toml: intents.call.arguments.target = bob: is not in [people]; there are: anna",
        ),
        (
            MINIMAL + '[phrases]\nconnecting = "Calling {who}."',
            "clinic.toml: phrases.connecting = Calling {who}.: "
            "{who} is unknown here; only {person} is filled in",
        ),
    ],
)
def test_what_is_wrong_is_one_line_with_field_value_and_fix(
    tmp_path: Path, text: str, line: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_profile(written(tmp_path, text))
    assert str(caught.value) == line


@pytest.mark.parametrize(
    ("intent", "problem"),
    [
        ('done = "Bye, {name}."', "done names {name}, which is none of its slots"),
        ("", "does nothing; give it a tool, or words in done"),
        ('done = "x"\narguments = { target = "a" }', "has arguments but no tool; name the tool"),
    ],
)
def test_an_intent_that_cannot_work_is_refused(tmp_path: Path, intent: str, problem: str) -> None:
    text = f'{MINIMAL}[[intents]]\nname = "call"\nexamples = ["Call"]\n{intent}\n'
    with pytest.raises(ConfigError) as caught:
        load_profile(written(tmp_path, text))
    assert caught.value.field == "clinic.toml: intents.0"
    assert caught.value.fix == problem


def test_what_is_not_toml_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not TOML") as caught:
        load_profile(written(tmp_path, "greeting = Hello"))
    assert "\n" not in str(caught.value)


def test_unreadable_knowledge_names_the_profile_and_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_profile(written(tmp_path, MINIMAL + 'knowledge = ["gone.md"]\n'))
    assert caught.value.field == "clinic.toml: knowledge"
    assert caught.value.value == str(tmp_path / "gone.md")


def test_all_profiles_of_a_folder_are_loaded_by_name(tmp_path: Path) -> None:
    written(tmp_path, MINIMAL, "shop")
    written(tmp_path, MINIMAL, "bank")
    assert list(load_profiles(tmp_path)) == ["bank", "shop"]


@pytest.mark.parametrize("missing", [True, False])
def test_a_folder_without_profiles_is_refused(tmp_path: Path, missing: bool) -> None:  # noqa: FBT001
    folder = tmp_path / "profiles"
    if not missing:
        folder.mkdir()
    with pytest.raises(ConfigError) as caught:
        load_profiles(folder)
    assert caught.value.field == "profiles.folder"


def test_a_missing_profile_is_named_with_those_there_are(tmp_path: Path) -> None:
    written(tmp_path, MINIMAL, "shop")
    with pytest.raises(ConfigError) as caught:
        choose_profile(load_profiles(tmp_path), "clinc", field="profiles.default")
    assert str(caught.value) == (
        "profiles.default = clinc: there is no such profile; there are: shop"
    )


def test_the_shipped_profiles_are_right_and_know_something() -> None:
    profiles = load_profiles(SHIPPED)
    assert set(profiles) >= {"clinic", "default", "shop"}
    assert len(profiles["clinic"].topics) >= 15
    kinds = {slot.kind for intent in profiles["clinic"].intents for slot in intent.slots}
    assert {SlotKind.NAME, SlotKind.DAY, SlotKind.TIME, SlotKind.NUMBER} <= kinds


def test_placeholders_are_found_and_stray_braces_refused() -> None:
    assert placeholders("{name}, on {day}") == ("name", "day")
    with pytest.raises(ValueError, match=r"brace|'}'"):
        placeholders("a } b")
