"""Ids we choose for the channels and bridges of a call, before Asterisk makes them.

Asterisk refuses a channel id that is a case-insensitive prefix of a live one, so all our ids
have the same length. An id tells its call, its role there, and which one of that role it is:
`vg-5f3c0a9b1e77-media_-01`.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

PREFIX = "vg"
_ROLE_LENGTH = 6
_SHAPE = re.compile(r"vg-([0-9a-f]{12})-([a-z]+)_*-(\d\d)")


class Role(StrEnum):
    """What a resource is for in its call. At most six letters each."""

    BRIDGE = "bridge"
    MEDIA = "media"
    PERSON = "person"
    SNOOP = "snoop"
    RECORD = "record"
    PLAY = "play"


def new_call_id(token_hex: Callable[[int], str] = secrets.token_hex) -> str:
    """Twelve hex digits that name a call."""
    return token_hex(6)


@dataclass(frozen=True, slots=True)
class ResourceId:
    """A chosen id taken apart. `ordinal` counts resources of one role in one call, 1 to 99."""

    call: str
    role: Role
    ordinal: int = 1

    def __post_init__(self) -> None:
        if not re.fullmatch("[0-9a-f]{12}", self.call) or not 1 <= self.ordinal <= 99:
            raise ValueError(f"no resource id can be made of {self.call!r} and {self.ordinal}")

    def __str__(self) -> str:
        role = self.role.ljust(_ROLE_LENGTH, "_")
        return f"{PREFIX}-{self.call}-{role}-{self.ordinal:02}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The parts of `text`, or None when it is not an id we chose."""
        match = _SHAPE.fullmatch(text)
        if match is None:
            return None
        call, role, ordinal = match.groups()
        if role not in set(Role) or ordinal == "00":
            return None
        parsed = cls(call, Role(role), int(ordinal))
        return parsed if str(parsed) == text else None
