"""What is made audio before anybody calls."""

from gateway.profile import Intent, Person, Phrases, Profile, Slot
from gateway.session.phrasebook import first_words, fixed_phrases

PROFILE = Profile(
    name="clinic",
    greeting="Hello.",
    goodbye="Bye.",
    people={"anna": Person(endpoint="PJSIP/1", description="Anna")},
    intents=(
        Intent(
            name="order",
            examples=("order",),
            slots=(Slot(name="size", ask="Which size?"),),
            confirm="{size}, right?",
            done="All done.",
        ),
    ),
)


def test_nobody_waits_for_the_first_words() -> None:
    assert first_words(PROFILE) == ("Hello.",)
    returning = PROFILE.model_copy(update={"resume_seconds": 60.0})
    assert first_words(returning) == ("Hello.", Phrases().welcome_back)


def test_all_that_needs_nothing_filled_in_is_there_once_and_the_urgent_first() -> None:
    phrases = fixed_phrases(PROFILE)
    assert phrases[:2] == Phrases().fillers
    assert "One moment please, I'm connecting you to Anna." in phrases[:5]
    assert {"Bye.", "Which size?", "All done.", Phrases().apology} <= set(phrases)
    assert len(phrases) == len(set(phrases))
    assert not [phrase for phrase in phrases if "{" in phrase or not phrase]
    assert Phrases().welcome_back not in phrases
