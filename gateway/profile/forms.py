"""What the tables of a profile are made of: names, words to be spoken, checks of single values."""

import re
import string
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from gateway.languages import bcp47
from gateway.profile.recordings import Recordings, is_wav

Text: TypeAlias = Annotated[str, Field(min_length=1)]


def _words_of(said: object, info: ValidationInfo) -> object:
    """Where a wav file stands for words: the words that it says."""
    if isinstance(said, str) and is_wav(said) and isinstance(info.context, Recordings):
        return info.context.words_of(said)
    return said


Spoken: TypeAlias = Annotated[str, Field(min_length=1), BeforeValidator(_words_of)]
"""What the agent says: words, or a wav file beside the profile with its words in a .txt."""
SpokenOrNothing: TypeAlias = Annotated[str, BeforeValidator(_words_of)]


def _plain_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
        raise ValueError("is no name; use letters, digits, _ and -")
    return name


def dialable(endpoint: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*/\S+", endpoint):
        raise ValueError("cannot be dialled; give technology and resource, like PJSIP/1001")
    return endpoint


def tag(language: str) -> str:
    if (tag := bcp47(language)) is None:
        raise ValueError("is no language; give a name or tag, like english or en-US")
    return tag


Name: TypeAlias = Annotated[str, AfterValidator(_plain_name)]
"""A name that goes into JSON, the dialplan and SIP headers."""


class Table(BaseModel):
    """One table of a profile. The docstring below each field is its documentation."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, arbitrary_types_allowed=True
    )


def placeholders(template: str) -> tuple[str, ...]:
    """The `{names}` in `template`; raises ValueError for a stray brace."""
    return tuple(name for _, name, _, _ in string.Formatter().parse(template) if name is not None)
