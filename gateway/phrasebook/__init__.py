"""Fixed phrases in the languages that come along: a TOML file each. English stands in the profile.

A profile's own words go before these.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from gateway.languages import spoken_language

FOLDER = Path(__file__).parent
ENGLISH = "en"


def languages() -> frozenset[str]:
    """Languages (`es`) in which all phrases come along."""
    return frozenset({ENGLISH, *(file.stem for file in FOLDER.glob("*.toml"))})


@cache
def shipped(language: str) -> Mapping[str, object]:
    """`greeting`, `goodbye` and a table of `phrases` for a BCP 47 tag; empty where the profile's
    own defaults (English) are all there is."""
    file = FOLDER / f"{spoken_language(language)}.toml"
    return tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
