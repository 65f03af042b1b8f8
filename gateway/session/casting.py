"""Who hears and speaks each language of each agent.

A profile may name providers for a language; otherwise those of the settings, of whom who does not
declare the language is asked last (`gateway.providers.resilience`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.config import Settings
from gateway.kinds import Kind
from gateway.languages import bcp47
from gateway.profile import Profile, choice_of, has_words
from gateway.providers import registry
from gateway.providers.base import SpeechToText, TextToSpeech
from gateway.providers.coverage import serves
from gateway.providers.resilience.board import Board

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Casting:
    """`usual` are the names of the settings; `ears` and `voices` those that only profiles name."""

    usual: Mapping[Kind, Names]
    ears: Mapping[Names, SpeechToText] = field(default_factory=dict)
    voices: Mapping[Names, TextToSpeech] = field(default_factory=dict)

    def ear(self, profile: Profile, language: str, usual: SpeechToText) -> SpeechToText:
        """Who understands `language`."""
        return self.ears.get(choice_of(profile, language).stt, usual)

    def voice(self, profile: Profile, language: str, usual: TextToSpeech) -> TextToSpeech:
        """Who speaks `language`."""
        return self.voices.get(choice_of(profile, language).tts, usual)

    def missing(self, profile: Profile, language: str) -> Sequence[str]:
        """What there is not for `language`, in words; empty for one that can be spoken."""
        choice = choice_of(profile, language)
        names = {
            Kind.STT: choice.stt or self.usual[Kind.STT],
            Kind.LLM: self.usual[Kind.LLM],
            Kind.TTS: choice.tts or self.usual[Kind.TTS],
        }
        missing = [
            f"no {kind.value} provider declares it"
            for kind, listed in names.items()
            if not any(serves(kind, name, language) for name in listed)
        ]
        if not has_words(profile, language):
            missing.append("the profile has no words in it")
        return missing

    def spoken(self, profile: Profile) -> Names:
        """The languages that callers can switch to: those that can be spoken, the own one first."""
        others = (tag for tag in profile.also if tag != profile.language)
        return (profile.language, *(tag for tag in others if not self.missing(profile, tag)))

    def beginning(self, profile: Profile, wanted: str | None) -> tuple[str, str]:
        """The language that a call begins in, and why it is not the one that the dialplan wanted
        (a name or tag); empty if it is."""
        if not wanted:
            return profile.language, ""
        tag = bcp47(wanted)
        missing = ("that is no language",) if tag is None else self.missing(profile, tag)
        if tag is None or missing:
            return profile.language, "; ".join(missing)
        return tag, ""

    @property
    def extra(self) -> tuple[SpeechToText | TextToSpeech, ...]:
        """All that has to be warmed and closed besides the usual ones."""
        return (*self.ears.values(), *self.voices.values())


def casting(settings: Settings, profiles: Iterable[Profile], board: Board) -> Casting:
    """Makes what profiles name. Raises ConfigError for a provider that is not there."""
    choices = [choice for profile in profiles for choice in profile.languages.values()]
    ears = {choice.stt for choice in choices if choice.stt}
    voices = {choice.tts for choice in choices if choice.tts}
    return Casting(
        usual_names(settings),
        {names: registry.speech_to_text(_with(settings, Kind.STT, names), board) for names in ears},
        {
            names: registry.text_to_speech(_with(settings, Kind.TTS, names), board)
            for names in voices
        },
    )


def usual_names(settings: Settings) -> Mapping[Kind, Names]:
    """The providers of the settings."""
    return {
        Kind.STT: settings.stt.provider,
        Kind.LLM: settings.llm.provider,
        Kind.TTS: settings.tts.provider,
    }


def _with(settings: Settings, kind: Kind, names: Names) -> Settings:
    """Limits of providers that are not in this list are for others."""
    section = getattr(settings, kind.value)
    limits = tuple(entry for entry in section.limits if entry.partition("=")[0] in names)
    changed = section.model_copy(update={"provider": names, "limits": limits})
    return settings.model_copy(update={kind.value: changed})
