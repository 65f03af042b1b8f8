"""Fixed phrases in the languages that come along: a TOML file each. English phrases stand in the
profile's own defaults.

A profile's own words go before these.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from gateway.languages import spoken_language

FOLDER = Path(__file__).parent


def languages() -> frozenset[str]:
    """Languages (`es`) in which all phrases come along."""
    return frozenset(file.stem for file in FOLDER.glob("*.toml"))


@cache
def shipped(language: str) -> Mapping[str, object]:
    """`greeting`, `goodbye` and a table of `phrases` for a BCP 47 tag; nothing for others."""
    file = FOLDER / f"{spoken_language(language)}.toml"
    return tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
