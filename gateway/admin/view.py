"""What the admin port may see of the gateway. The application implements it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.providers.base import Json


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the gateway takes calls; `problems` say in a few words each why it does not."""

    problems: tuple[str, ...] = ()

    @property
    def is_ready(self) -> bool:
        return not self.problems


class CallsView(Protocol):
    """The live calls, as JSON objects. All methods return at once."""

    def active(self) -> Sequence[Mapping[str, Json]]:
        """Facts of every live call; nothing of what is said."""
        ...

    def find(self, call_id: str) -> Mapping[str, Json] | None:
        """One live call with its turns so far, or None."""
        ...

    def costs(self) -> Mapping[str, Json]:
        """What today has cost, by profile and altogether, and the limits; empty before a start."""
        ...

    def providers(self) -> Sequence[Mapping[str, Json]]:
        """How each provider is: its breaker, its latest failures, how quick it is, its load."""
        ...

    def ready(self) -> Readiness: ...
