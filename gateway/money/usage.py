"""What was used of a provider, in the units it charges for, in whole numbers. Pure."""

from dataclasses import dataclass

from gateway.kinds import Kind

CHARACTERS_PER_TOKEN = 4
"""Of English text, roughly: for answers whose provider had no time to say how many they were."""


@dataclass(frozen=True, slots=True)
class Source:
    """Who provided it: `model` is empty where the provider has only one."""

    kind: Kind
    provider: str
    model: str = ""


@dataclass(frozen=True, slots=True)
class Used:
    """Amounts. `cached_tokens` are those of `input_tokens` that came from the provider's cache.

    `estimated` says that something in it is our count and not the provider's.
    """

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    milliseconds: int = 0
    characters: int = 0
    estimated: bool = False

    def __add__(self, other: "Used") -> "Used":
        return Used(
            self.input_tokens + other.input_tokens,
            self.cached_tokens + other.cached_tokens,
            self.output_tokens + other.output_tokens,
            self.milliseconds + other.milliseconds,
            self.characters + other.characters,
            self.estimated or other.estimated,
        )

    def __bool__(self) -> bool:
        return any(
            (self.input_tokens, self.output_tokens, self.milliseconds, self.characters),
        )


def tokens_of(characters: int) -> int:
    """About how many tokens a text of so many characters has; at least one."""
    return max(1, -(-characters // CHARACTERS_PER_TOKEN))
