import pytest

from gateway.demo.errors import Step
from gateway.demo.gateway_process import PROFILES
from gateway.demo.script import PROFILE, script
from gateway.errors import ConfigError
from gateway.profile import Profile, load_profile


def clinic() -> Profile:
    return load_profile(PROFILES / f"{PROFILE}.toml")


def test_what_must_be_heard_is_what_the_clinic_says() -> None:
    profile = clinic()
    lines = dict(script(profile).agent_lines)
    assert list(lines) == [
        Step.GREETING, Step.FIRST_ANSWER, Step.SECOND_ANSWER, Step.ANNOUNCEMENT,
    ]  # fmt: skip
    assert lines[Step.GREETING] == profile.greeting
    answers = {topic.title: topic.answer for topic in profile.topics}
    assert lines[Step.FIRST_ANSWER] == answers["Opening hours"]
    assert lines[Step.SECOND_ANSWER] == answers["Address"]
    assert "{" not in lines[Step.ANNOUNCEMENT]


def test_a_clinic_that_has_no_address_cannot_be_shown() -> None:
    topics = tuple(topic for topic in clinic().topics if topic.title != "Address")
    with pytest.raises(ConfigError, match="Address"):
        script(clinic().model_copy(update={"topics": topics}))


def test_a_clinic_without_people_cannot_be_shown() -> None:
    with pytest.raises(ConfigError, match="person"):
        script(clinic().model_copy(update={"default_person": None, "people": {}}))
