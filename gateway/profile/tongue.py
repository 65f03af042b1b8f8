"""The agent as it is in each of its languages."""

from gateway.languages import spoken_language
from gateway.phrasebook import shipped
from gateway.profile.agent import Profile
from gateway.profile.phrases import Phrases
from gateway.profile.spoken import LanguageChoice, VoiceChoice


def in_own_words(phrases: Phrases, language: str) -> Phrases:
    """The phrases that were given, and for the others those that come along for the language."""
    words = shipped(language).get("phrases", {})
    if not isinstance(words, dict):
        raise TypeError("phrases are a table")
    given = {name: getattr(phrases, name) for name in phrases.model_fields_set}
    return Phrases.model_validate({**words, **given})


def in_language(profile: Profile, language: str) -> Profile:
    """The agent as it is in `language` (BCP 47), one of those it speaks."""
    choice = choice_of(profile, language)
    if spoken_language(language) == spoken_language(profile.language):
        voice = profile.voice if choice.voice is None else choice.voice
        return profile.model_copy(update={"language": language, "voice": voice})
    words = shipped(language)
    phrases = in_own_words(choice.phrases, language)
    return profile.model_copy(
        update={
            "language": language,
            "greeting": choice.greeting or words.get("greeting", profile.greeting),
            "goodbye": choice.goodbye or words.get("goodbye", profile.goodbye),
            "instructions": f"{profile.instructions}\n{choice.instructions}".strip(),
            "voice": choice.voice or VoiceChoice(speed=profile.voice.speed),
            "phrases": phrases,
            "people": {
                name: who.model_copy(
                    update={"description": choice.called.get(name, phrases.somebody)}
                )
                for name, who in profile.people.items()
            },
            "extensions": {
                name: place.model_copy(
                    update={"description": choice.called.get(name, phrases.somebody)}
                )
                for name, place in profile.extensions.items()
            },
        }
    )


def choice_of(profile: Profile, language: str) -> LanguageChoice:
    """What the profile says of a language: of this very tag, else of another region of it."""
    if language in profile.languages:
        return profile.languages[language]
    wanted = spoken_language(language)
    same = (c for tag, c in profile.languages.items() if spoken_language(tag) == wanted)
    return next(same, LanguageChoice())


def has_words(profile: Profile, language: str) -> bool:
    """Whether the agent has something to say in `language`: it is its own, it is in the profile, or
    its words come along."""
    wanted = spoken_language(language)
    listed = {spoken_language(tag) for tag in (profile.language, *profile.languages)}
    return wanted in listed or bool(shipped(language))
