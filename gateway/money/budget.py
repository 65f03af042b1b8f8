"""How much a call, an agent's day and the whole day may cost, and what follows from it. Pure."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Standing(StrEnum):
    """FREE: below all limits. THRIFTY: a soft limit is reached, the cheaper route is taken.
    SPENT: a hard limit is reached, the agent says goodbye."""

    FREE = "free"
    THRIFTY = "thrifty"
    SPENT = "spent"


class Scope(StrEnum):
    """Whose limit it is."""

    CALL = "call"
    PROFILE = "profile"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Limits:
    """Amounts at which `soft` and `hard` limits are reached; None: no limit."""

    soft: Decimal | None = None
    hard: Decimal | None = None

    def standing(self, spent: Decimal) -> Standing:
        if self.hard is not None and spent >= self.hard:
            return Standing.SPENT
        if self.soft is not None and spent >= self.soft:
            return Standing.THRIFTY
        return Standing.FREE


@dataclass(frozen=True, slots=True)
class Spent:
    """What a call has cost, and what its profile and all calls have cost today."""

    call: Decimal = Decimal(0)
    profile: Decimal = Decimal(0)
    day: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Budget:
    """The limits that hold for one call."""

    call: Limits = field(default_factory=Limits)
    profile: Limits = field(default_factory=Limits)
    day: Limits = field(default_factory=Limits)

    def judge(self, spent: Spent) -> tuple[Standing, Scope | None]:
        """The strictest standing, and whose limit is the reason."""
        judged = (
            (self.call.standing(spent.call), Scope.CALL),
            (self.profile.standing(spent.profile), Scope.PROFILE),
            (self.day.standing(spent.day), Scope.DAY),
        )
        for standing in (Standing.SPENT, Standing.THRIFTY):
            for found, scope in judged:
                if found is standing:
                    return standing, scope
        return Standing.FREE, None
