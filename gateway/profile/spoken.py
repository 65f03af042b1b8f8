"""What changes with the language of an agent."""

from collections.abc import Mapping

from pydantic import Field

from gateway.profile.forms import Name, Spoken, Table, Text, tag
from gateway.profile.phrases import Phrases


class VoiceChoice(Table):
    """How the agent sounds."""

    name: str | None = None
    """The voice's name at the speech provider; its default if unset."""
    speed: float = Field(1.0, ge=0.5, le=2.0)
    """Speed factor: 1.1 is a tenth faster."""


class LanguageChoice(Table):
    """One more language of this agent, by its name or tag (`[languages.spanish]`). What is not said
    here comes along for English, Spanish, French, German, Portuguese and Chinese; for other
    languages give the greeting and the phrases. The agent's own language may stand here, too, to
    choose its providers."""

    greeting: Spoken | None = None
    """The first thing a caller hears who comes with this language."""
    goodbye: Spoken | None = None
    """The last thing."""
    instructions: str = ""
    """For a language model, besides the profile's own."""
    voice: VoiceChoice | None = None
    """The voice; the provider's default for the language if unset."""
    stt: tuple[Text, ...] = ()
    """Instead of `stt.provider`: who understands this language."""
    tts: tuple[Text, ...] = ()
    """Instead of `tts.provider`: who speaks it."""
    phrases: Phrases = Phrases()
    """Fixed phrases, with the keys of `[phrases]`."""
    called: Mapping[Name, Text] = {}
    """What `people` and `extensions` are described as, by their names."""


def by_tag(languages: object) -> object:
    """`{"spanish": …}` by BCP 47 tag."""
    if not isinstance(languages, dict):
        return languages
    return {tag(str(name)): choice for name, choice in languages.items()}
