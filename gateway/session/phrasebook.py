"""What an agent says word for word, so that it can be made audio before anybody calls. Pure."""

from collections.abc import Iterator

from gateway.profile import Phrases, Profile, placeholders


def first_words(profile: Profile) -> tuple[str, ...]:
    """What a call can begin with: no caller waits for it."""
    return (
        (profile.greeting, profile.phrases.welcome_back)
        if _returns(profile)
        else (profile.greeting,)
    )


def fixed_phrases(profile: Profile) -> tuple[str, ...]:
    """All the rest that needs nothing filled in, what is urgent first."""
    urgent = (
        *profile.phrases.fillers,
        profile.phrases.apology,
        *(_connecting(profile)),
        profile.goodbye,
    )
    rest = (phrase for phrase in _all(profile) if phrase and not placeholders(phrase))
    unused = () if _returns(profile) else (profile.phrases.welcome_back,)
    return tuple(p for p in dict.fromkeys((*urgent, *rest)) if p not in unused)


def _returns(profile: Profile) -> bool:
    return profile.resume_seconds > 0


def _connecting(profile: Profile) -> Iterator[str]:
    for person in profile.people.values():
        yield profile.phrases.connecting.format(person=person.description)


def _all(profile: Profile) -> Iterator[str]:
    for name in Phrases.model_fields:
        said = getattr(profile.phrases, name)
        yield from (said,) if isinstance(said, str) else said
    for intent in profile.intents:
        yield from (slot.ask for slot in intent.slots)
        yield from (intent.confirm or "", intent.done)
