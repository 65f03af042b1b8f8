"""What the operator decides: `gateway.toml` and the environment, parsed once, frozen.

The environment wins over the file. Whatever is wrong leaves here as one ConfigError that names
the field, its value and the fix; values of secrets are never shown. No other package reads the
environment. `values` has the forms, `reading` the way in; the settings are in `sections`,
`services`, `vendors` and `engines`.
"""

from gateway.config.engines import SherpaFamily
from gateway.config.reading import (
    MISSING,
    NOT_SHOWN,
    Loaded,
    Setting,
    every_section,
    every_setting,
    load,
    load_with_origins,
    load_without_asterisk,
)
from gateway.config.sections import (
    Admin,
    Ari,
    Cache,
    Calls,
    Logging,
    Money,
    Profiles,
    Records,
    Rtp,
    Settings,
    Store,
)
from gateway.config.services import EndOfTurn, LanguageModel, SpeechToText, TextToSpeech
from gateway.config.values import Address, LogFormat, LogLevel

__all__ = [
    "MISSING",
    "NOT_SHOWN",
    "Address",
    "Admin",
    "Ari",
    "Cache",
    "Calls",
    "EndOfTurn",
    "LanguageModel",
    "Loaded",
    "LogFormat",
    "LogLevel",
    "Logging",
    "Money",
    "Profiles",
    "Records",
    "Rtp",
    "Setting",
    "Settings",
    "SherpaFamily",
    "SpeechToText",
    "Store",
    "TextToSpeech",
    "every_section",
    "every_setting",
    "load",
    "load_with_origins",
    "load_without_asterisk",
]
