"""Agents as an administrator writes them: `profiles/<name>.toml`, parsed once, frozen.

Whatever is wrong leaves here as one ConfigError that names the file, the field, its value and
the fix.
"""

from gateway.profile.agent import (
    Extension,
    Keys,
    Person,
    Profile,
    Sound,
    Unheard,
    Waiting,
)
from gateway.profile.budget import ProfileBudget
from gateway.profile.forms import placeholders
from gateway.profile.intents import Intent, Slot, SlotKind, ToolName
from gateway.profile.phrases import Phrases
from gateway.profile.reading import choose_profile, load_profile, load_profiles
from gateway.profile.recordings import Recording
from gateway.profile.spoken import LanguageChoice, VoiceChoice
from gateway.profile.tongue import choice_of, has_words, in_language

__all__ = [
    "Extension",
    "Intent",
    "Keys",
    "LanguageChoice",
    "Person",
    "Phrases",
    "Profile",
    "ProfileBudget",
    "Recording",
    "Slot",
    "SlotKind",
    "Sound",
    "ToolName",
    "Unheard",
    "VoiceChoice",
    "Waiting",
    "choice_of",
    "choose_profile",
    "has_words",
    "in_language",
    "load_profile",
    "load_profiles",
    "placeholders",
]
