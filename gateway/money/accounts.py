"""What all calls of a day cost, by profile and altogether: shared by gateways over their store.

Sums are kept in whole billionths. What could not be told to the store waits here and counts here
all the same: a gateway without its Redis goes on with what it knows. A store that counted and
whose answer was lost counts twice: limits then come too early, never too late.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from gateway.money.budget import Spent
from gateway.money.prices import NANO

TOLD_EVERY_SECONDS = 1.0
KEPT_SECONDS = 2 * 24 * 3600.0


class Counters(Protocol):
    """Whole numbers that several gateways add to."""

    async def add(self, key: str, amount: int, /, *, seconds: float) -> int | None:
        """The sum with `amount`, kept for `seconds`; None when the store cannot tell in time."""
        ...


@dataclass(slots=True)
class _Sum:
    """Billionths: what the store said last, and what it does not know yet."""

    known: int = 0
    waiting: int = 0


class Accounts:
    """`today` tells the date that budgets are for (UTC). `run` belongs to a task of its own."""

    def __init__(self, counters: Counters, today: Callable[[], date]) -> None:
        self._counters = counters
        self._today = today
        self._day = today()
        self._sums: dict[str, _Sum] = {}
        self.untold = 0
        """Times the store could not be told."""

    def __repr__(self) -> str:
        return f"<Accounts {self._day} {self.day()}>"

    def spend(self, profile: str, amount: Decimal) -> None:
        """Add to the day and, if it is named, to the profile. Returns at once."""
        billionths = int((amount / NANO).to_integral_value())
        for name in ("", profile) if profile else ("",):
            self._sum(name).waiting += billionths

    def day(self) -> Decimal:
        """What today has cost, as far as is known here."""
        return self._known("")

    def profile(self, name: str) -> Decimal:
        """What today's calls of a profile have cost."""
        return self._known(name)

    def spent(self, profile: str, call: Decimal) -> Spent:
        return Spent(call, self.profile(profile), self.day())

    async def meet(self, profile: str) -> None:
        """Learn what others have spent on `profile` today, before its first call here is judged."""
        self._sum("")
        self._sum(profile)
        await self.tell()

    async def tell(self) -> None:
        """Bring the store up to date, and learn from it what other gateways spent."""
        self._turn_the_page()
        for name, waits in list(self._sums.items()):
            amount = waits.waiting
            key = f"money:{self._day.isoformat()}:{name}"
            known = await self._counters.add(key, amount, seconds=KEPT_SECONDS)
            if known is None:
                self.untold += 1
                return
            waits.known = known
            waits.waiting -= amount

    async def run(self) -> None:
        """Tell the store regularly until cancelled, and once more then."""
        try:
            while True:
                await asyncio.sleep(TOLD_EVERY_SECONDS)
                await self.tell()
        finally:
            await self.tell()

    def _known(self, name: str) -> Decimal:
        found = self._sum(name)
        return (found.known + found.waiting) * NANO

    def _sum(self, name: str) -> _Sum:
        self._turn_the_page()
        return self._sums.setdefault(name, _Sum())

    def _turn_the_page(self) -> None:
        """A new day begins with nothing; what yesterday's was not told of stays untold."""
        if (today := self._today()) != self._day:
            self._day = today
            self._sums = {}
