"""Who pays for what a provider does: the call on whose behalf it was asked.

The asker is known by context, as in tracing: a call sets its purse for itself and its tasks
(`paying`), and whoever measures a provider charges the purse of the task that asks. What is asked
outside of calls (phrases prepared at the start) is paid by the house.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal

from gateway.money.accounts import Accounts
from gateway.money.bill import Bill
from gateway.money.budget import Budget, Scope, Spent, Standing
from gateway.money.prices import PriceTable
from gateway.money.usage import Source, Used


class Purse:
    """One call's money, or the house's (`profile` is empty). `limit_reached` hears when the
    standing gets worse, once for each step."""

    def __init__(
        self,
        prices: PriceTable,
        accounts: Accounts | None = None,
        *,
        budget: Budget | None = None,
        profile: str = "",
        limit_reached: Callable[[Standing, Scope], None] = lambda standing, scope: None,
    ) -> None:
        self.bill = Bill(prices)
        self._accounts = accounts
        self._budget = budget or Budget()
        self._profile = profile
        self._limit_reached = limit_reached
        self._reached: set[Standing] = set()

    def __repr__(self) -> str:
        return f"<Purse {self.bill}, {self.standing}>"

    def charge(self, source: Source, used: Used) -> Decimal | None:
        """Take note of a use; by how much it made the call dearer, None without a price."""
        added = self.bill.add(source, used)
        if self._accounts is not None and added is not None:
            self._accounts.spend(self._profile, added)
        return added

    @property
    def standing(self) -> Standing:
        """How the limits stand now, by all that is known of the call, its profile and the day."""
        call = self.bill.total
        known = self._accounts
        spent = Spent(call) if known is None else known.spent(self._profile, call)
        standing, scope = self._budget.judge(spent)
        if scope is not None and standing not in self._reached:
            self._reached.add(standing)
            self._limit_reached(standing, scope)
        return standing

    @property
    def thrifty(self) -> bool:
        """Whether the cheaper route is to be taken."""
        return self.standing is not Standing.FREE

    @property
    def spent(self) -> bool:
        """Whether the call is to come to its end."""
        return self.standing is Standing.SPENT


_PURSE: ContextVar[Purse | None] = ContextVar("purse", default=None)


def purse_of_asker() -> Purse | None:
    """Who pays for what is asked now."""
    return _PURSE.get()


@contextmanager
def paying(purse: Purse | None) -> Iterator[None]:
    """Inside, and in the tasks begun inside, `purse` pays."""
    token = _PURSE.set(purse)
    try:
        yield
    finally:
        _PURSE.reset(token)
